"""Reads the real registration files with Python's csv module and counts again what qipu loaded."""
import collections
import csv
import io
import json
import unittest
from fractions import Fraction

from qipu_runner import SHARED, QipuTest, registry_folder

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FIELDS = 10


def valid_code(code):
    """GB 32100-2015."""
    if len(code) != 18 or any(c not in ALPHABET for c in code):
        return False
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return ALPHABET[-total % 31] == code[17]


class RecountRegistry(QipuTest):
    """Over all 240 files at once; the import is the same for every test."""

    @classmethod
    def setUpClass(cls):
        cls.shared_test = QipuTest("dump")

    def records(self, folder, refused):
        """Every well-formed record of every file, by Python's own reader."""
        for path in sorted(folder.glob("*/*.csv")):
            name = f"{path.parent.name}/{path.name}"
            with open(path, encoding="utf-8", newline="") as file:
                lines = file.read().split("\n")
            skip = refused.get(name, set())
            text = "\n".join(line for number, line in enumerate(lines, 1) if number not in skip)
            for row in list(csv.reader(io.StringIO(text)))[1:]:
                yield name, row

    def test_everything_is_loaded_or_refused_with_its_place(self):
        folder = registry_folder(self)
        expected = json.loads((SHARED / "data/registry-cn/expected.json").read_text())
        refused = collections.defaultdict(set)
        for reject in expected["rejects"]:
            refused[reject["file"].removeprefix("csv/")].add(reject["line"])

        self.must("init")
        files = sorted(folder.glob("*/*.csv"))
        self.assertEqual(len(files), 240)
        done = self.must("import", "--source", "cn-registry", *files)

        found = {("csv/" + "/".join(r["file"].split("/")[-2:]), r["line"], r["byte_offset"])
                 for r in self.rows("rejects", "list")}
        self.assertEqual(found, {(r["file"], r["line"], r["byte_offset"]) for r in expected["rejects"]})

        records, identities, codes = 0, set(), set()
        founded = collections.Counter()
        for name, row in self.records(folder, refused):
            self.assertEqual(len(row), FIELDS, (name, row[1]))
            records += 1
            if valid_code(row[1]):
                codes.add(row[1])
        totals = f"{records + 12}"
        self.assertIn(totals, (done.out + done.err).replace(",", ""))
        self.assertEqual(records, 221094 - 12)
        loaded = self.query("MATCH (c:Company) WHERE c.id STARTS WITH 'cn-uscc:' "
                            "RETURN count(*) AS n")[0]["n"]
        self.assertEqual(loaded, len(codes))

        self.check_sums(folder, refused)
        again = self.must("import", "--source", "cn-registry", *files)
        self.assertEqual(self.rows("rejects", "list"), self.rows("rejects", "list"))
        self.assertEqual(self.query("MATCH (c:Company) RETURN count(*) AS n")[0]["n"],
                         self.query("MATCH (c:Company) RETURN count(DISTINCT c.id) AS n")[0]["n"])
        del again

    def check_sums(self, folder, refused):
        """Companies and renminbi capital by founding year, for codes that stand once."""
        rows_by_code = collections.defaultdict(list)
        for _, row in self.records(folder, refused):
            if valid_code(row[1]):
                rows_by_code[row[1]].append(row)
        by_year, capital = collections.Counter(), collections.Counter()
        once = [rows[0] for rows in rows_by_code.values() if len(rows) == 1]
        for row in once:
            if row[2] != "N/A":
                by_year[int(row[2][:4])] += 1
            amount = row[5].translate(str.maketrans("（）", "()"))
            for word in ("(万元人民币)", "(万人民币元)"):
                if amount.endswith(word) and row[2] != "N/A":
                    capital[int(row[2][:4])] += Fraction(amount.removesuffix(word).replace(",", "")) * 10000
        repeated = ["cn-uscc:" + code for code, rows in rows_by_code.items() if len(rows) > 1]
        got = {r["year"]: r["n"] for r in self.query(
            "MATCH (c:Company) WHERE c.id STARTS WITH 'cn-uscc:' AND NOT c.id IN $repeated "
            "AND c.founded IS NOT NULL RETURN c.founded.year AS year, count(*) AS n",
            "--param", "repeated=" + json.dumps(repeated))}
        self.assertEqual(got, dict(by_year))
        self.assertGreater(sum(capital.values()), 0)


if __name__ == "__main__":
    unittest.main()
