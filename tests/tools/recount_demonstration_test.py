"""Counts density and coverage again from the CSV and JSON files, with exact fractions and none of
qipu's code, and expects the same numbers to the last digit."""
import collections
import csv
import json
import unittest
from fractions import Fraction

from qipu_runner import SCHEMAS, QipuTest


def read(path):
    with open(SCHEMAS / path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Landscape:
    """The demonstration data as plain tables."""

    def __init__(self, day=None):
        self.rows = [row for row in read("demo/companies.csv")
                     if day is None or row["founded"] <= day.isoformat()]
        self.districts = {row["code"]: row for row in read("reference/districts.csv")}
        self.companies = {}  # identity -> (roles, segments, district)
        for row in self.rows:
            identity = row["uscc"] or row["listed_code"] or row["name"]
            roles, segments, districts = self.companies.setdefault(identity, (set(), set(), set()))
            roles.update(filter(None, row["roles"].split(";")))
            segments.update(filter(None, row["segments"].split(";")))
            districts.update(filter(None, [row["district_code"]]))
        chain = json.loads((SCHEMAS / "reference/chains/smart-manufacturing.json").read_text())
        self.segments = {s["id"]: s for s in chain["segments"]}
        self.links = [tuple(link) for link in chain["links"]]

    def count(self, wanted):
        """Companies per district that `wanted(roles, segments)` takes."""
        counts = collections.Counter()
        for roles, segments, districts in self.companies.values():
            if wanted(roles, segments):
                counts.update(districts)
        return counts

    def segment_counts(self):
        """(district, segment) -> companies."""
        return {s: self.count(lambda _, segments: s in segments) for s in self.segments}


def longest_path(links, present):
    """Links of the longest path through `present`."""
    ahead = collections.defaultdict(list)
    for source, target in links:
        if source in present and target in present:
            ahead[source].append(target)
    known = {}

    def length(at):
        if at not in known:
            known[at] = max((1 + length(next_) for next_ in ahead[at]), default=0)
        return known[at]

    return max((length(at) for at in present), default=0)


def disjoint_paths(links, present):
    """Vertex-disjoint paths from the chain's sources to its sinks through `present`: augmenting
    paths over split vertices of capacity one."""
    sources = {s for s, _ in links} - {t for _, t in links}
    sinks = {t for _, t in links} - {s for s, _ in links}
    room = collections.defaultdict(int)
    ahead = collections.defaultdict(set)

    def arc(a, b):
        room[a, b] += 1
        ahead[a].add(b)
        ahead[b].add(a)

    for vertex in present:
        arc((vertex, "in"), (vertex, "out"))
        if vertex in sources:
            arc("source", (vertex, "in"))
        if vertex in sinks:
            arc((vertex, "out"), "sink")
    for source, target in links:
        if source in present and target in present:
            arc((source, "out"), (target, "in"))
    paths = 0
    while True:
        came = {"source": None}
        queue = collections.deque(["source"])
        while queue and "sink" not in came:
            at = queue.popleft()
            for next_ in sorted(ahead[at], key=str):
                if next_ not in came and room[at, next_] > 0:
                    came[next_] = at
                    queue.append(next_)
        if "sink" not in came:
            return paths
        at = "sink"
        while came[at] is not None:
            room[came[at], at] -= 1
            room[at, came[at]] += 1
            at = came[at]
        paths += 1


CENSUS = "2020-11-01"


def changed_since_the_census():
    """Codes of units that gained or lost territory after the census, or began or ended."""
    changed = set()
    for row in read("reference/regions.csv"):
        for item in filter(None, row["successor_codes"].split(";")):
            code, _, year = item.partition("@")
            if f"{year or row['last_year']}-01-01" > CENSUS:
                changed.update((row["code"], code))
    return changed


class RecountDemonstration(QipuTest):
    def setUp(self):
        super().setUp()
        self.load_demonstration()
        self.world = Landscape()

    def test_density_per_km2(self):
        rows = {r["code"]: r for r in self.rows("density", "--by", "district", "--role",
                                                "device_supplier", "--per", "km2")}
        here = self.world.count(lambda roles, _: "device_supplier" in roles)
        everyone = self.world.count(lambda roles, _: True)
        total = sum(1 for roles, _, districts in self.world.companies.values()
                    if "device_supplier" in roles and districts)
        all_ = sum(1 for _, _, districts in self.world.companies.values() if districts)
        self.assertGreater(len(here), 50)
        retired = {row["code"] for row in read("reference/regions.csv") if row["last_year"]}
        in_force = set(self.world.districts) - retired
        changed = changed_since_the_census() & in_force
        self.assertEqual(changed, {"330102", "330105", "330109", "330110", "410184"})
        self.assertLessEqual(in_force - changed | {c for c in changed if here[c]}, set(rows))
        for code in sorted(in_force & set(rows)):
            district = self.world.districts[code]
            n = here[code]
            row = rows[code]
            with self.subTest(code=code):
                self.assertEqual(row["companies"], n)
                self.assertEqual(row["share"], float(Fraction(n, total)))
                area = district["area_km2"]
                if code in changed:
                    self.assertEqual((row["basis"], row["density"], row["rank"]), (None,) * 3)
                elif area:
                    self.assertEqual(row["density"], float(n / Fraction(float(area))))
                else:
                    self.assertIsNone(row["density"])
                if everyone[code]:
                    quotient = Fraction(n * all_, everyone[code] * total)
                    self.assertEqual(row["location_quotient"], float(quotient))
        self.assertEqual(sum(r["companies"] for r in rows.values()), sum(here.values()))
        ranked = sorted((r for r in rows.values() if r["rank"] is not None), key=lambda r: r["rank"])
        densities = [r["density"] for r in ranked]
        self.assertEqual(densities, sorted(densities, reverse=True))

    def test_figures_of_units_that_changed_since(self):
        words = ["density", "--role", "device_supplier", "--per", "km2"]
        for day, changed in ((CENSUS, 0), ("2020-12-31", 0), ("2021-01-01", 4), ("2022-01-01", 5),
                             (None, 5)):
            when = ["--as-of", day] if day else []
            with self.subTest(day=day):
                rows = {r["code"]: r for r in self.rows(*words, *when)}
                self.assertEqual(rows["330102"]["basis"], None if changed else 26.66)
                self.assertEqual(rows["330108"]["basis"], 71.68)  # Hangzhou's other units stay
                err = self.must(*words, *when).err
                note = f"figures of {changed} regions whose territory was another"
                self.assertEqual(note in err, changed > 0, err)
                for name in ("330102 上城区", "330105 拱墅区", "330109 萧山区", "330110 余杭区"):
                    self.assertEqual(name in err, changed > 0, err)
                self.assertEqual("410184 新郑市" in err, changed == 5, err)

    def test_density_agrees_with_query(self):
        by_query = {r["code"]: r["n"] for r in self.query(
            "MATCH (c:DeviceSupplier)-[:LOCATED_IN]->(d:District) "
            "RETURN d.code AS code, count(DISTINCT c) AS n")}
        rows = self.rows("density", "--by", "district", "--role", "device_supplier", "--per", "km2")
        by_metric = {r["code"]: r["companies"] for r in rows if r["companies"]}
        self.assertEqual(by_metric, by_query)

    def test_coverage_of_every_district(self):
        world, segments = self.world, self.world.segments
        counts = world.segment_counts()
        usual = {}
        for s, per_district in counts.items():
            having = sorted(per_district.values())
            usual[s] = having[(len(having) - 1) // 2] if having else 0
        weights = {s: Fraction(str(segments[s].get("weight", 1))) for s in segments}
        whole = sum(weights.values())
        longest = longest_path(world.links, set(segments))
        rows = {r["code"]: r for r in self.rows("coverage", "--chain", "smart-manufacturing", "--by",
                                                "district")}
        codes = {code for per in counts.values() for code in per}
        self.assertEqual(set(rows), codes)
        for code in sorted(codes):
            n = {s: counts[s][code] for s in segments}
            present = {s for s in segments if n[s] >= 1}
            row = rows[code]
            with self.subTest(code=code):
                self.assertEqual(row["present"], len(present))
                self.assertEqual(row["breadth"], float(sum(weights[s] for s in present) / whole))
                # In doubles, in the order of the chain: the parts of depth are no short decimals.
                depth = 0.0
                for s in segments:
                    if n[s]:
                        depth += float(weights[s]) * min(1.0, n[s] / usual[s])
                self.assertEqual(row["depth"], depth / float(whole))
                both = sum(1 for a, b in world.links if a in present and b in present)
                self.assertEqual(row["link_completeness"], float(Fraction(both, len(world.links))))
                self.assertEqual(row["continuity"],
                                 float(Fraction(longest_path(world.links, present), longest)))
                self.assertEqual(row["supply_paths"], disjoint_paths(world.links, present))
                single = sum(1 for s in present if n[s] == 1)
                self.assertEqual(row["single_source_share"], float(Fraction(single, len(present))))
                stages = collections.defaultdict(lambda: [Fraction(0), Fraction(0)])
                for s in segments:
                    stages[segments[s]["stage"]][1] += weights[s]
                    stages[segments[s]["stage"]][0] += weights[s] if s in present else 0
                breadths = [float(have) / float(all_) for have, all_ in stages.values()]
                if max(breadths):
                    self.assertEqual(row["stage_balance"], min(breadths) / max(breadths))

    def test_coverage_of_one_region_agrees(self):
        counts = self.world.segment_counts()
        rows = {r["segment"]: r for r in self.rows("coverage", "--chain", "smart-manufacturing",
                                                   "--region", "440306")}
        self.assertEqual(set(rows), set(self.world.segments))
        for s, row in rows.items():
            self.assertEqual(row["companies"], counts[s]["440306"], s)
            self.assertEqual(row["regions"], len(counts[s]), s)
        by_query = {r["id"]: r["n"] for r in self.query(
            "MATCH (:District {code: '440306'})<-[:LOCATED_IN]-(c)-[:OFFERS]->(s:Segment) "
            "RETURN s.id AS id, count(DISTINCT c) AS n")}
        self.assertEqual({s: r["companies"] for s, r in rows.items() if r["companies"]}, by_query)


if __name__ == "__main__":
    unittest.main()
