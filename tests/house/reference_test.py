"""The reference and demonstration tables beside the files they were taken from: same rows, same values.

Those tests skip with a message where the shared folder is absent. Columns that were renamed are named here; what
differs on purpose is named in schemas/*/README.md and here.
"""
import collections
import csv
import json
import os
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("QIPU_SHARED", ROOT.parent / "shared")) / "data" / "demo"
SCHEMAS = ROOT / "schemas"

# Names put right: code -> (theirs, ours).
DISTRICT_NAMES = {"410182": ("荣阳市", "荥阳市"), "320614": ("海门市", "海门区")}


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Agreement(unittest.TestCase):
    """What the reference tables say twice, they say alike."""

    def test_districts_lie_in_the_city_that_regions_give(self):
        regions = {row["id"]: row for row in rows(SCHEMAS / "reference/regions.csv")}
        for row in rows(SCHEMAS / "reference/districts.csv"):
            region = regions[row["code"]]
            self.assertEqual((row["name"], row["city_code"]), (region["name"], region["parent_code"]))
        for row in rows(SCHEMAS / "reference/cities.csv"):
            self.assertIn(regions[row["code"]]["level"], ("city", "municipality"), row["code"])

    def test_parts_are_those_that_regions_name(self):
        regions = rows(SCHEMAS / "reference/regions.csv")
        holders = collections.defaultdict(list)
        for row in regions:
            holders[row["code"]].append(row)
        wanted = []
        for row in regions:
            for item in row["successor_codes"].split(";"):
                code, at, year = item.partition("@")
                if not at:
                    continue
                held = [r for r in holders[code]
                        if r["first_year"] <= year <= (r["last_year"] or "9999")]
                # Where a code passes on in that very year, the later unit took the part.
                wanted.append((row["id"], max(held, key=lambda r: r["first_year"])["id"], year))
        got = [tuple(row.values()) for row in rows(SCHEMAS / "reference/parts.csv")]
        self.assertEqual(got, sorted(wanted))


@unittest.skipUnless(SHARED.is_dir(), f"no source tables under {SHARED}")
class Reference(unittest.TestCase):
    maxDiff = 2000

    def same(self, ours, theirs, columns):
        """Each of their rows is ours in those columns, and no other is; `columns` maps theirs to ours."""
        wanted = collections.Counter(tuple(row[c] for c in columns) for row in theirs)
        got = collections.Counter(tuple(row[c] for c in columns.values()) for row in ours)
        self.assertEqual((wanted - got, got - wanted), (collections.Counter(), collections.Counter()))

    def test_companies(self):
        theirs = rows(SHARED / "companies.csv")
        columns = {c: c for c in theirs[0]}
        columns |= {"name_zh": "name", "name_full_zh": "legal_name", "segment_ids": "segments"}
        ours = rows(SCHEMAS / "demo" / "companies.csv")
        self.assertEqual(len(ours), 579)
        self.same(ours, theirs, columns)

    def test_districts(self):
        theirs = rows(SHARED / "districts.csv")
        ours = rows(SCHEMAS / "reference" / "districts.csv")
        cities = {row["code"]: row["name"] for row in rows(SCHEMAS / "reference" / "cities.csv")}
        for row in ours:
            row["city"] = cities[row["city_code"]]
        for row in theirs:
            before, after = DISTRICT_NAMES.get(row["code"], (row["name_zh"],) * 2)
            self.assertEqual(row["name_zh"], before)
            row["name_zh"] = after
        columns = {c: c.replace("_est", "_2020_est") for c in theirs[0]} | {"name_zh": "name"}
        self.assertEqual((len(theirs), len(ours)), (289, 288))
        # What 崇川 had taken up before the census is added to it.
        parts = [row for row in theirs if row["code"] in ("320611", "320613")]
        whole = next(row for row in ours if row["code"] == "320613")
        for column in ("population_2020", "area_km2", "manufacturing_workers_est", "software_workers_est",
                       "rd_workers_est", "professional_workers_est"):
            total = sum(float(row[column]) for row in parts)
            self.assertAlmostEqual(float(whole[columns[column]]), total, 2, column)
        for column in ("urban_share", "college_share", "bachelor_share", "schooling_years"):
            weighted = sum(float(row[column]) * float(row["population_2020"]) for row in parts)
            mean = weighted / float(whole["population_2020"])
            digits = len(whole[columns[column]].partition(".")[2])
            self.assertEqual(float(whole[columns[column]]), round(mean, digits), column)
        self.same([row for row in ours if row is not whole], [row for row in theirs if row not in parts],
                  columns)

    def test_cities(self):
        theirs = rows(SHARED / "cities.csv")
        ours = rows(SCHEMAS / "reference" / "cities.csv")
        self.assertEqual(len(ours), 23)
        self.same(ours, theirs, {c: c for c in theirs[0]} | {"name_zh": "name"})

    def test_regions(self):
        theirs = rows(SHARED / "regions.csv")
        ours = [r for r in rows(SCHEMAS / "reference" / "regions.csv") if r["kind"] != "zone"]
        self.assertEqual(len(ours), 6823)
        columns = {"code": "code", "name_zh": "name", "first_year": "first_year",
                   "last_year": "last_year", "parent_code": "parent_code",
                   "successor_codes": "successor_codes", "lon": "lon", "lat": "lat"}
        self.same(ours, theirs, columns)

    def test_chain(self):
        chain = json.loads((SCHEMAS / "reference/chains/smart-manufacturing.json").read_text("utf-8"))
        theirs = rows(SHARED / "segments.csv")
        groups = [row for row in theirs if row["parent"] == "root"]
        segments = [row for row in theirs if row["parent"] != "root"]
        self.assertEqual((len(chain["groups"]), len(chain["segments"]), len(chain["links"])),
                         (15, 86, 261))
        names = {"name_zh": "name", "name_en": "name_en", "segment_id": "id", "stage": "stage"}
        self.same(chain["groups"], groups, names)
        self.same(chain["segments"], segments, names | {"parent": "group"})
        links = rows(SHARED / "segment_links.csv")
        self.assertEqual({row["relation"] for row in links}, {"supplies"})
        self.assertEqual(collections.Counter(map(tuple, chain["links"])),
                         collections.Counter((r["from_segment"], r["to_segment"]) for r in links))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
