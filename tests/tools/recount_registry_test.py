"""Reads the real registration files with Python's csv module and counts again what qipu loaded."""
import collections
import csv
import io
import json
import math
import re
import unicodedata
import unittest
from fractions import Fraction

from qipu_runner import SCHEMAS, SHARED, QipuTest, registry_folder

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FIELDS = 10


def valid_code(code):
    """GB 32100-2015."""
    if len(code) != 18 or any(c not in ALPHABET for c in code):
        return False
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return ALPHABET[-total % 31] == code[17]


class RecountRegistry(QipuTest):
    """Over all 240 files at once."""

    def setUp(self):
        super().setUp()
        self.folder_of_files = registry_folder(self)
        expected = json.loads((SHARED / "data/registry-cn/expected.json").read_text())
        self.expected_rejects = {(r["file"].removeprefix("csv/"), r["line"], r["byte_offset"])
                                 for r in expected["rejects"]}
        self.by_code = collections.defaultdict(list)  # valid code -> its records
        self.records = 0
        for row in self.read_records():
            self.assertEqual(len(row), FIELDS, row[1])
            self.records += 1
            if valid_code(row[1]):
                self.by_code[row[1]].append(row)

    def read_records(self):
        """Every well-formed record of every file, by Python's own reader."""
        refused = collections.defaultdict(set)
        for file, line, _ in self.expected_rejects:
            refused[file].add(line)
        for path in sorted(self.folder_of_files.glob("*/*.csv")):
            skip = refused[f"{path.parent.name}/{path.name}"]
            lines = path.read_text(encoding="utf-8").split("\n")
            text = "\n".join(line for number, line in enumerate(lines, 1) if number not in skip)
            yield from list(csv.reader(io.StringIO(text)))[1:]

    def test_everything_is_loaded_or_refused_with_its_place(self):
        self.must("init")
        files = sorted(self.folder_of_files.glob("*/*.csv"))
        self.assertEqual(len(files), 240)
        per_file = self.rows("import", "--source", "cn-registry", *files)
        self.assertEqual(sum(r["read"] for r in per_file), self.records + len(self.expected_rejects))
        self.assertEqual(sum(r["loaded"] for r in per_file), self.records)
        rejects = self.rows("rejects", "list")
        self.assertEqual({("/".join(r["file"].split("/")[-2:]), r["line"], r["byte_offset"])
                          for r in rejects}, self.expected_rejects)
        loaded = self.query("MATCH (c:Company) WHERE c.id STARTS WITH 'cn-uscc:' "
                            "RETURN count(*) AS n")[0]["n"]
        self.assertEqual(loaded, len(self.by_code))
        self.check_years_and_capital()
        self.check_manufacturers()

        before = self.must("stats").out
        again = self.must("import", "--again", "--source", "cn-registry", *files)
        self.assertIn("vertices: 0 new, 0 changed; edges: 0 new, 0 changed", again.err)
        self.assertEqual(self.must("stats").out, before)

    def check_years_and_capital(self):
        """Companies and stated renminbi capital by founding year, for codes that stand once."""
        companies, stated = (collections.Counter() for _ in range(2))
        capital = collections.defaultdict(list)
        for rows in self.by_code.values():
            if len(rows) > 1 or rows[0][2] == "N/A":
                continue
            year = int(rows[0][2][:4])
            companies[year] += 1
            amount = renminbi(rows[0][5])
            if amount is not None:
                stated[year] += 1
                capital[year].append(float(amount))
        repeated = ["cn-uscc:" + code for code, rows in self.by_code.items() if len(rows) > 1]
        got = self.query("MATCH (c:Company) WHERE c.id STARTS WITH 'cn-uscc:' AND NOT c.id IN "
                         "$repeated AND c.founded IS NOT NULL RETURN c.founded.year AS year, "
                         "count(*) AS n, count(c.registered_capital_cny) AS stated, "
                         "sum(c.registered_capital_cny) AS capital",
                         "--param", "repeated=" + json.dumps(repeated))
        self.assertEqual({r["year"]: r["n"] for r in got}, dict(companies))
        self.assertEqual({r["year"]: r["stated"] for r in got if r["stated"]}, dict(stated))
        for row in got:
            # Each amount is a double; their sum is exact and rounded once, here and there.
            self.assertEqual(row["capital"], math.fsum(capital[row["year"]]), row["year"])
        texts = self.query("MATCH (c:Company) WHERE c.registered_capital_stated IS NOT NULL "
                           "RETURN DISTINCT c.registered_capital_stated AS text")
        self.assertGreater(len(texts), 1000)
        self.assertEqual([r["text"] for r in texts if not re.search(r"\d", r["text"])], [],
                         "what states no number may name a person")

    def check_manufacturers(self):
        """Whoever is said to make something says so in a word: 土特产 and 房地产 are none."""
        makers = {r["id"] for r in self.query("MATCH (c:Manufacturer) WHERE c.id STARTS WITH "
                                              "'cn-uscc:' RETURN c.id AS id")}
        self.assertGreater(len(makers), 10_000)
        wrong = [code for code, rows in self.by_code.items() if "cn-uscc:" + code in makers
                 and not any(says_it_makes(row[6]) for row in rows)]
        self.assertEqual(wrong, [])


def says_it_makes(scope):
    """Whether a verb of making stands in a scope, or 产 alone as one of a list's items."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", scope))
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return re.search("制造|生产|加工|制做|研制|试制|组装|装配|铸造|锻造|产销|自产自销|产供销"
                     "|(?<![^、,;:。和及与])产(?![^、,;:。和及与])", text) is not None


def renminbi(text):
    """The amount in CNY of a stated capital, exactly; None when it names another currency or none."""
    text = unicodedata.normalize("NFKC", text).strip()
    match = re.fullmatch(r"((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?![\d,])\s*(.*)", text)
    if match is None:  # also 10,1520000: whether that is 10.152 or 101,520 million, nobody knows
        return None
    word = re.sub(r"[()\s]", "", match[2])
    known = WORDS.get(word)
    return Fraction(match[1].replace(",", "")) * known["factor"] if known and known["currency"] == "CNY" else None


WORDS = {re.sub(r"[()\s]", "", unicodedata.normalize("NFKC", word)): meaning for word, meaning in
         json.loads((SCHEMAS / "reference/cn-amount-words.json").read_text())["words"].items()}


if __name__ == "__main__":
    unittest.main()
