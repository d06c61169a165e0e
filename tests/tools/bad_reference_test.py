"""Mistakes in schemas/reference/: each ends `qipu init` with a message that names the place, and
without a database."""
import os
import pathlib
import shutil
import subprocess
import unittest

from qipu_runner import BINARY, SCHEMAS, Outcome, QipuTest


def typed(number, old, new):
    """What a typist makes of a line."""
    def spoil(path):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        assert old in lines[number - 1], lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        path.write_text("".join(lines), encoding="utf-8")
    return spoil


def cut(path):
    content = path.read_bytes()
    path.write_bytes(content[:content.rindex(b",")])


def emptied(path):
    path.write_bytes(b"")


def in_gbk(path):
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))


class BadReference(QipuTest):
    """What stands in schemas/reference/ arrives whole, or init says where it is wrong."""

    def init(self, schemas):
        done = subprocess.run([BINARY, "init", "--db", str(self.db)], capture_output=True, text=True,
                              timeout=600, env={**os.environ, "QIPU_SCHEMAS": str(schemas)})
        return Outcome(done)

    def refused(self, name, spoil, after, words):
        """Spoils a file of the reference: init says so, with `after` behind its name."""
        schemas = self.folder / "schemas"
        shutil.rmtree(schemas, ignore_errors=True)
        shutil.copytree(SCHEMAS, schemas)
        path = schemas / "reference" / name
        spoil(path)
        done = self.init(schemas)
        self.assertEqual(done.code, 2, done.err)
        for word in [f"{path}{after}", *words]:
            self.assertIn(word, done.err)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["schemas"])

    def test_tables_with_a_mistake(self):
        cases = [  # table, line, what stands there, what a typist makes of it, words of the message
            ("districts.csv", 2, "662030", "lots", ["population_2020", "lots"]),
            ("districts.csv", 2, "310101", "310199", ["REF_DANGLING", "District"]),
            ("cities.csv", 2, "310000", "999999", ["REF_DANGLING", "City"]),
            ("regions.csv", 5, "1981", "abcd", ["first_year", "abcd"]),
            ("regions.csv", 5, ",110000,", ",999999,", ["REF_DANGLING", "PART_OF"]),
            ("regions.csv", 7, ",county,", ",country,", ["level", "country"]),
            ("regions.csv", 9, "\n", ",more\n", ["CSV_WIDTH"]),
            ("districts.csv", 2, "662030", "-5", ["NUM_INVALID", "population_2020", "below 0"]),
            ("districts.csv", 2, "20.42", "-5", ["NUM_INVALID", "area_km2", "below 0"]),
            ("districts.csv", 2, ",1,", ",999,", ["NUM_INVALID", "urban_share", "above 1"]),
            ("districts.csv", 2, ",district,", ",distrikt,", ["kind", "did you mean 'district'"]),
            ("cities.csv", 2, "38700.58", "-5", ["NUM_INVALID", "gdp_2020_100m_cny", "below 0"]),
            ("regions.csv", 5, ",district,", ",distrikt,", ["kind", "did you mean 'district'"]),
            ("regions.csv", 5, ",110103,", ",,", ["'code'", "''", "110103"]),
            ("regions.csv", 5, ",110103,", ",zzz,", ["'code'", "'zzz'", "110103"]),
        ]
        for table, number, old, new, words in cases:
            with self.subTest(table=table, new=new):
                self.refused(table, typed(number, old, new), f":{number}:", words)

    def test_tables_without_records(self):
        def beheaded(path):
            path.write_bytes(path.read_bytes().partition(b"\n")[0] + b"\n")

        for name in ("regions.csv", "parts.csv", "cities.csv", "districts.csv", "place-aliases.csv"):
            with self.subTest(name=name):
                self.refused(name, beheaded, ": ", ["holds no records"])

    def test_tables_with_a_row_twice(self):
        def doubled(path):
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(lines[:5] + lines[4:]), encoding="utf-8")

        for name, words in (("regions.csv", "District '110103'"), ("cities.csv", "City '440100'"),
                            ("districts.csv", "District '310106'")):
            with self.subTest(name=name):
                self.refused(name, doubled, ":6: ", [words, "line 5 already"])

    def test_tables_with_the_header_once_more(self):
        def repeated(path):
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(lines[:3] + lines[:1] + lines[3:]), encoding="utf-8")

        for name in ("regions.csv", "parts.csv", "place-aliases.csv"):
            with self.subTest(name=name):
                self.refused(name, repeated, ":4: ", ["the header once more; remove this line"])

    def test_a_gazetteer_with_a_mistake(self):
        aliases, rules = "place-aliases.csv", "cn-place-rules.json"
        cases = [  # file, what becomes of it, what follows its name, words of the message
            (aliases, pathlib.Path.unlink, ": ", ["no such file"]),
            (aliases, emptied, ": ", ["empty"]),
            (aliases, in_gbk, ": ", ["looks like GB18030"]),
            (aliases, cut, ":", ["5 fields where the header has 6"]),
            (aliases, typed(5, "230624", "zzz"), ":5: ", ["杜蒙县", "code 'zzz'"]),
            (aliases, typed(5, ",,", ",zzz,"), ":5: ", ["杜蒙县", "within 'zzz'"]),
            (aliases, typed(5, "short_name", "shortname"), ":5: ", ["'kind'", "'shortname'"]),
            (aliases, typed(5, "high", "hihg"), ":5: ", ["'confidence'", "'hihg'", "'medium'"]),
            (aliases, typed(5, "杜蒙县", ""), ":5: ", ["'name' is empty"]),
            (aliases, typed(1, "within", "inside"), ":1: ", ["'within'"]),
            (rules, pathlib.Path.unlink, ": ", ["no such file"]),
            (rules, emptied, ":1: ", ["not JSON"]),
            (rules, in_gbk, ":1: ", ["not JSON"]),
            (rules, cut, ":", ["not JSON"]),
            ("regions.csv", typed(5, "110101", "110101;110101@20x5"), ":5: ", ["code@year"]),
        ]
        for number, (name, spoil, after, words) in enumerate(cases):
            with self.subTest(number=number, name=name):
                self.refused(name, spoil, after, words)

    def test_every_table_is_accounted_for(self):
        done = self.init(SCHEMAS)
        self.assertEqual(done.code, 0, done.err)
        for line in ("regions.csv: read 6833 = loaded 6833 + rejected 0 + ignored 0",
                     "districts.csv: read 288 = loaded 288 + rejected 0 + ignored 0",
                     "cities.csv: read 23 = loaded 23 + rejected 0 + ignored 0"):
            self.assertIn(line, done.err)


if __name__ == "__main__":
    unittest.main()
