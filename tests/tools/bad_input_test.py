"""What users do wrong: each call ends with the right exit code and a message that names the place
and the remedy, and the database is as it was."""
import fcntl
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
import unittest

from qipu_runner import BINARY, METHOD, SCHEMAS, QipuTest, registry_folder

HEADER = "企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,所在省份,地区,注册地址\n"
ROW = ('甲乙机器人有限公司,91440300708461136T,2001-02-03,N/A,N/A,"100(万元人民币)","工业机器人制造",'
       "广东,深圳,深圳市宝安区新安街道1号\n")


class BadFiles(QipuTest):
    def setUp(self):
        super().setUp()
        self.load_demonstration()
        self.before = self.dump()

    def test_files_that_cannot_be_loaded(self):
        png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20
        cases = [
            ("unknown column", (HEADER.replace("地区", "辖区") + ROW).encode(), ["辖区", "地区"]),
            ("missing column", HEADER.replace(",注册地址", "").encode(), ["注册地址"]),
            ("column twice", HEADER.replace("地区", "所在省份").encode(), ["所在省份"]),
            ("no CSV", png, ["bad.csv"]),
            ("GBK declared UTF-8", (HEADER + ROW * 50).encode("gb18030"), ["gb18030"]),
            ("empty", b"", ["empty"]),
            ("zip archive", b"PK\x03\x04" + bytes(200), ["zip"]),
            ("prose", b"A letter, not a table.\nIt has two lines.\n", ["bad.csv:1"]),
        ]
        good = self.folder / "good.csv"
        good.write_text(HEADER + ROW, encoding="utf-8")
        for name, content, words in cases:
            path = self.folder / "bad.csv"
            path.write_bytes(content)
            for files in ([path], [good, path]):  # a bad file anywhere stops before the first row
                with self.subTest(name=name, files=len(files)):
                    done = self.qipu("import", "--source", "cn-registry", *files)
                    self.assertEqual(done.code, 2, done.err)
                    self.assertIn(str(path), done.err)
                    for word in words:
                        self.assertIn(word, done.err)
                    self.assertEqual(self.dump(), self.before)

    def test_mappings_that_name_nothing(self):
        rows = self.folder / "good.csv"
        rows.write_text(HEADER + ROW, encoding="utf-8")
        path = self.folder / "m.json"
        words = json.loads((SCHEMAS / "reference/cn-amount-words.json").read_text(encoding="utf-8"))["words"]
        cases = [
            (("columns", "capital", "words"), "none.json", ["none.json"]),
            (("columns", "founded", "formats"), ["Q-Z"], ["'Q-Z'", "Y-M-D"]),
            (("classify", "chain"), "smart", ["did you mean 'smart-manufacturing'?"]),
            (("source",), "cn registry !", ["letters"]),
        ]
        for keys, value, says in cases:
            with self.subTest(key=keys):
                mapping = json.loads((SCHEMAS / "sources/cn-registry.json").read_text(encoding="utf-8"))
                mapping["columns"]["capital"]["words"] = words
                *parents, last = keys
                node = mapping
                for key in parents:
                    node = node[key]
                node[last] = value
                path.write_text(json.dumps(mapping, ensure_ascii=False, indent=1), encoding="utf-8")
                done = self.qipu("import", "--mapping", path, rows)
                self.assertEqual(done.code, 2, done.err)
                for word in [f"{path}:", f"key '{'.'.join(keys)}", *says]:
                    self.assertIn(word, done.err)
                self.assertEqual(self.dump(), self.before)

    def test_missing_file_and_folder(self):
        for path in (self.folder / "none.csv", self.folder):
            done = self.qipu("import", "--source", "cn-registry", path)
            self.assertEqual(done.code, 2, done.err)
            self.assertIn(str(path), done.err)
        self.assertEqual(self.dump(), self.before)

    def test_file_that_may_not_be_read(self):
        if os.geteuid() == 0:
            self.skipTest("root may read every file")
        path = self.folder / "closed.csv"
        path.write_text(HEADER + ROW, encoding="utf-8")
        path.chmod(0)
        done = self.qipu("import", "--source", "cn-registry", path)
        self.assertEqual(done.code, 3, done.err)
        self.assertIn(str(path), done.err)
        self.assertIn("ask for permission", done.err)
        self.assertEqual(self.dump(), self.before)

    def test_file_with_a_header_only_holds_no_records(self):
        path = self.folder / "header.csv"
        path.write_text(HEADER, encoding="utf-8")
        done = self.must("import", "--source", "cn-registry", path)
        self.assertIn("read 0 = loaded 0 + rejected 0 + ignored 0", done.err)
        self.assertEqual(self.dump(), self.before)

    def test_database_that_another_process_writes(self):
        path = self.folder / "good.csv"
        path.write_text(HEADER + ROW, encoding="utf-8")
        with open(self.db / "rocksdb/LOCK", "r+b") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            done = self.qipu("import", "--source", "cn-registry", path)
            self.assertEqual(done.code, 3, done.err)
            self.assertIn(str(self.db), done.err)
            self.assertIn("another process", done.err)
            self.assertEqual(self.dump(), self.before)  # readers are not kept out

    def test_refused_row_is_kept_with_its_place(self):
        path = self.folder / "rows.csv"
        bad = ROW.replace("N/A,N/A", "N/A,N/A,N/A")
        path.write_text(HEADER + bad + ROW, encoding="utf-8")
        done = self.must("import", "--source", "cn-registry", path)
        self.assertRegex(done.out + done.err, r"2\D+1\D+1\D+0")
        rejects = self.rows("rejects", "list")
        self.assertEqual(len(rejects), 1)
        self.assertEqual((rejects[0]["line"], rejects[0]["byte_offset"], rejects[0]["code"]),
                         (2, len(HEADER.encode()), "CSV_WIDTH"))
        self.assertEqual(rejects[0]["byte_length"], len(bad.encode()) - 1)
        self.assertIn(str(path), rejects[0]["file"])

    def test_limit_on_rejects_leaves_nothing(self):
        path = self.folder / "rows.csv"
        path.write_text(HEADER + ROW.replace("N/A,N/A", "N/A,N/A,N/A") + ROW, encoding="utf-8")
        for words, code in ((["--on-error", "fail"], 1), (["--max-rejects", "0"], 1),
                            (["--max-rejects", "10%"], 1), (["--dry-run"], 0)):
            with self.subTest(words=words):
                done = self.qipu("import", "--source", "cn-registry", *words, path)
                self.assertEqual(done.code, code, done.err)
                self.assertEqual(self.dump(), self.before)


class BadCalls(QipuTest):
    def test_wrong_words(self):
        self.load_demonstration()
        method = self.folder / "method.json"
        method.write_text(METHOD.read_text().replace('"potential"', '"potentail"', 1))
        (self.folder / "folder.svg").mkdir()
        role = self.folder / "role.json"
        role.write_text(METHOD.read_text().replace('"device_supplier"', '"device_suplier"', 1))
        cases = [
            ([], 2, "--help"),
            (["densty"], 2, "density"),
            (["density", "--by", "distrikt"], 2, "district"),
            (["density", "--by", "district", "--role", "device_suplier"], 2, "device_supplier"),
            (["density", "--by", "district", "--per", "km3"], 2, "km2"),
            (["density", "--by", "district", "--pre", "km2"], 2, "--per"),
            (["density", "--by", "district", "--segment", "robot_in"], 2, "robot_ind"),
            (["density", "--by", "district", "--as-of", "2021-02-30"], 2, "2021-02-30"),
            (["coverage", "--chain", "smart-manufactoring", "--region", "440306"], 2,
             "smart-manufacturing"),
            (["coverage", "--chain", "smart-manufacturing", "--region", "999999"], 2, "999999"),
            (["density", "--size", "name"], 2, "registered_capital_cny"),
            (["density", "--segment", "robot"], 2, "robot_ind"),
            (["density", "--chain", "cars"], 2, "smart-manufacturing"),
            (["density", "--min-n", "-1"], 2, "--min-n"),
            (["coverage", "--chain", "smart-manufacturing", "--nearest", "-1"], 2, "--nearest"),
            (["coverage", "--chain", "smart-manufacturing", "--region", "宝安区"], 2, "440306"),
            (["coverage", "--chain", "smart-manufacturing", "--region", "330104"], 2, "--as-of"),
            (["score", "--method", METHOD, "--top", "0"], 2, "--top"),
            (["score", "--method", METHOD, "--as-of", "2020-11-31"], 2, "2020-11-31"),
            (["score", "--method", METHOD, "--explain", "440306", "device_densty"], 2,
             "device_density"),
            (["score", "--method", role], 2, "role.json: key 'indicators"),
            (["score", "--method", self.folder / "none.json"], 2, "none.json"),
            (["score", "--method", method], 2, "method.json"),
            (["query", "MATCH (n RETURN n"], 2, "line 1"),
            (["query", "RETURN coutn(1)"], 2, "count"),
            (["query", "MATCH (n) RETURN m"], 2, "m"),
            (["query", "RETURN $x"], 2, "x"),
            (["query", "RETURN $x", "--param", "x=[1,"], 2, "--param x"),
            (["query", "RETURN $x", "--param", "x=9223372036854775808"], 2, "64 bits"),
            (["query", "CREATE (n:Company)"], 2, "CREATE"),
            (["import", "--source", "cn-registri", "x.csv"], 2, "cn-registry"),
            (["map", "--chain", "smart-manufacturing", "-o", self.folder / "map.gif"], 2, "map.gif"),
            (["why", "cn-uscc:nobody"], 2, "cn-uscc:nobody"),
            (["--format", "xml", "stats"], 2, "json"),
            (["--memory", "1kB", "stats"], 2, "--memory"),
            (["--memory", "much", "stats"], 2, "--memory"),
            (["import"], 2, "name the files"),
            (["import", "--source", "a", "--mapping", "b", "x.csv"], 2, "both given"),
            (["score", "--method", self.folder], 2, "is a folder"),
            (["score", "--method", "/dev/zero"], 2, "no regular file"),
            (["query", "--file", self.folder], 2, "is a folder"),
            (["import", "--mapping", self.folder, "x.csv"], 2, "is a folder"),
            (["init", "--schema", self.folder], 2, "is a folder"),
            (["init", "--reference", self.folder], 2, "is a folder"),
            (["map", "-o", self.folder / "a.svg", "-o", self.folder / "a.svg"], 2, "named twice"),
            (["map", "-o", self.folder / "a.svg", "-o", f"{self.folder}/./a.svg"], 2, "named twice"),
            (["map", "-o", self.folder / "folder.svg"], 2, "is a folder"),
            (["changes", "--since", "-1"], 2, "--since: '-1' is no epoch"),
            (["changes", "--since", "99999999999999999999"], 2, "is no epoch"),
            (["--memory", "1.5GiB", "--memory", "2GiB", "stats"], 2, "--memory"),
            (["--memory", "31MiB", "stats"], 2, "32MiB"),
        ]
        for words, code, word in cases:
            with self.subTest(words=words):
                db = self.folder / "new.db" if words[:1] == ["init"] else None
                done = self.qipu(*words, db=db)
                self.assertEqual(done.code, code, done.err)
                self.assertIn(word, done.err)
                self.assertEqual(done.out, "")

    def test_help_has_examples(self):
        for command in ("init", "import", "rejects", "why", "query", "density", "coverage", "score",
                        "map", "stats", "verify", "backup", "restore", "export", "changes"):
            done = self.qipu(command, "--help")
            self.assertEqual(done.code, 0)
            self.assertIn("qipu " + command, done.out)

    def test_output_that_does_not_arrive(self):
        self.load_demonstration()
        for words in (["stats"], ["query", "MATCH (c:Company) RETURN c"],
                      ["query", "--explain", "MATCH (c:Company) RETURN c"]):
            with self.subTest(words=words), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([BINARY, *words, "--db", str(self.db)], stdout=full,
                                      stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn("cannot write the output", done.stderr)

    def test_dry_run_holds_the_mapping_against_the_schema(self):
        self.must("init")
        text = (SCHEMAS / "sources/cn-demo-companies.json").read_text()
        mapping = self.folder / "m.json"
        mapping.write_text(text.replace('"founded": "founded"', '"founded": "name"')
                           .replace("../", str(SCHEMAS) + "/"))
        self.assertNotEqual(mapping.read_text(), text)
        for words in (["--dry-run"], []):
            done = self.qipu("import", "--mapping", mapping, *words, SCHEMAS / "demo/companies.csv")
            self.assertEqual(done.code, 2, done.err)
            self.assertRegex(done.err, r"m\.json:\d+: property 'founded'")
        done = self.must("import", "--source", "cn-demo-companies", "--dry-run",
                         SCHEMAS / "demo/companies.csv", db=self.folder / "none.db")
        self.assertIn("was not held against its schema", done.err)
        self.assertNotIn("vertices:", done.err)

    def test_database_without_its_first_file(self):
        self.must("init", "--reference", "none")
        (self.db / "rocksdb/CURRENT").unlink()
        done = self.qipu("stats")
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("CURRENT", done.err)
        self.assertIn("restore a backup", done.err)

    def test_databases_that_are_none(self):
        foreign = self.folder / "foreign"
        foreign.mkdir()
        (foreign / "CURRENT").write_text("MANIFEST-000001\n")
        newer = self.folder / "newer"
        self.must("init", "--reference", "none", db=newer)
        marker = (newer / "FORMAT").read_text()
        (newer / "FORMAT").write_text(re.sub(r"\d+", "999", marker))
        for db, words in ((self.folder / "absent", "qipu init"), (foreign, "not"), (newer, "999")):
            with self.subTest(db=db.name):
                done = self.qipu("stats", db=db)
                self.assertEqual(done.code, 2, done.err)
                self.assertIn(str(db), done.err)
                self.assertIn(words, done.err)
        done = self.qipu("init", db=foreign)
        self.assertEqual(done.code, 2, done.err)
        self.assertEqual(sorted(p.name for p in foreign.iterdir()), ["CURRENT"])


class KilledImport(QipuTest):
    def state(self, db):
        """All that a query and the lists of runs show."""
        return "".join(self.must(*words, db=db).out for words in (
            ["query", "MATCH (c:Company) RETURN c ORDER BY c.id", "--format", "ndjson"],
            ["query", "MATCH (c:Company)-[r]->(x) RETURN c.id, type(r), x.code, x.id, r "
                      "ORDER BY c.id, type(r), x.code, x.id", "--format", "ndjson"],
            ["stats"], ["rejects", "list"]))

    def test_whole_batches_only_and_the_next_import_completes(self):
        # 33,730 records: two commits of 16,384 and one of the rest.
        files = sorted(registry_folder(self).glob("19*/*.csv"))
        words = ["import", "--source", "cn-registry", *files]
        whole = self.folder / "whole.db"
        self.must("init", db=whole)
        started = time.monotonic()
        self.must(*words, db=whole)
        took = time.monotonic() - started
        undisturbed = self.state(whole)
        fresh = self.folder / "fresh.db"
        self.must("init", db=fresh)
        seed = random.SystemRandom().randrange(1 << 30)
        moments = random.Random(seed)
        killed = 0
        for attempt in range(int(os.environ.get("QIPU_KILLS", "6"))):
            moment = took * moments.random()
            with self.subTest(seed=seed, attempt=attempt, seconds=moment):
                shutil.rmtree(self.db, ignore_errors=True)
                shutil.copytree(fresh, self.db)
                process = subprocess.Popen(
                    [BINARY, *map(str, words), "--db", str(self.db), "--quiet"],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(moment)
                process.send_signal(signal.SIGKILL)
                killed += process.wait() == -signal.SIGKILL
                # Every company that is there is there whole, and counted.
                missing = self.query("MATCH (c:Company) WHERE c.name IS NULL OR c.id IS NULL "
                                     "RETURN count(*) AS n")
                self.assertEqual(missing[0]["n"], 0)
                counted = self.query("MATCH (c:Company) RETURN count(*) AS n")[0]["n"]
                stated = [r["count"] for r in self.rows("stats") if r["name"] == "Company"]
                self.assertEqual(stated or [0], [counted])
                self.must(*words)
                # Not assertEqual: its account of a difference would take minutes.
                self.assertTrue(self.state(self.db) == undisturbed, "differs from an undisturbed one")
        self.assertTrue(killed > 0 or attempt < 5, "no attempt struck")


if __name__ == "__main__":
    unittest.main()
