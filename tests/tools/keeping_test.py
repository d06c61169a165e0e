"""Keeping a database: verify, backup, restore, stats, as a user runs them on the demonstration."""
import json
import unittest

from qipu_runner import ROOT, QipuTest


class Keeping(QipuTest):
    def setUp(self):
        super().setUp()
        self.load_demonstration()
        self.backups = self.folder / "backups"

    def test_verify_finds_nothing_wrong(self):
        done = self.must("verify")
        self.assertEqual(done.out, "")
        companies = self.query("MATCH (n) RETURN count(n) AS n")[0]["n"]
        edges = self.query("MATCH ()-[r]->() RETURN count(r) AS n")[0]["n"]
        self.assertIn(f"{companies} vertices, {edges} edges", done.err)
        self.assertIn("nothing is wrong", done.err)
        self.assertIn("nothing is wrong", self.must("verify", "--repair").err)

    def test_damaged_tables_are_found_and_not_backed_up(self):
        tables = sorted((self.db / "rocksdb").glob("*.sst"), key=lambda p: p.stat().st_size)
        content = bytearray(tables[-1].read_bytes())
        content[30] ^= 1  # in the first block of rows
        tables[-1].write_bytes(content)
        done = self.qipu("verify", "--format", "json")
        self.assertEqual(done.code, 1, done.err)
        self.assertIn(tables[-1].name, [row["place"] for row in done.rows()])
        self.assertIn("qipu restore", done.err)
        self.assertEqual(self.qipu("verify", "--repair").code, 1)
        done = self.qipu("backup", self.backups)
        self.assertEqual(done.code, 3, done.err)

    def test_damaged_tables_of_what_is_derived_are_made_anew(self):
        before = self.dump()
        self.must("index", "make", "Company", "name", "--kind", "text")
        damaged = 0
        for table in sorted((self.db / "rocksdb").glob("*.sst")):
            content = table.read_bytes()
            table.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
            done = self.qipu("verify", "--format", "json")
            told = done.rows() if done.out else []  # without the schema nothing can be read
            if done.code == 3 or any(row["severity"] == "lost" for row in told):
                table.write_bytes(content)
            else:
                self.assertIn(table.name, [row["place"] for row in told])
                damaged += 1
        self.assertGreaterEqual(damaged, 4)  # labels, keys, in and postings
        self.assertEqual(self.qipu("verify").code, 1)
        done = self.must("verify", "--repair")
        self.assertIn("rebuilt what was derived", done.err)
        self.must("verify")
        self.assertEqual(self.dump(), before)

    def test_backup_and_restore(self):
        before = self.dump()
        made = self.rows("backup", self.backups)
        self.assertEqual(made[0]["id"], 1)
        self.must("query", "RETURN 1")
        self.must("backup", self.backups)
        self.assertEqual([b["id"] for b in self.rows("backup", "--list", self.backups)], [1, 2])
        restored = self.folder / "restored.db"
        done = self.must("restore", self.backups, "--id", "1", db=restored)
        self.assertIn("verified", done.err)
        first, self.db = self.db, restored
        self.assertEqual(self.dump(), before)
        self.must("verify")
        self.db = first
        for words, db, word in [
            (["restore", self.backups], self.db, "not empty"),
            (["restore", self.backups, "--id", "9"], self.folder / "x.db", "no backup 9"),
            (["restore", self.folder / "none"], self.folder / "x.db", "no backups there"),
            (["backup", self.db], self.db, "name another"),
            (["backup", self.backups], self.folder / "none.db", "qipu init"),
            (["backup", self.db / "backups"], self.db, "lies in the database"),
            (["backup", self.db / "FORMAT"], self.db, "lies in the database"),
            (["backup", ROOT / "README.md"], self.db, "is a file"),
            (["export", ROOT / "README.md"], self.db, "is a file"),
            (["restore", self.backups], ROOT / "README.md", "is a file"),
            (["restore", self.backups], self.folder / "none/x.db", "is not there"),
            (["restore", self.backups, "--id", "0"], self.folder / "x.db", "not in range 1 to"),
            (["verify", "--limit", "-1"], self.db, "not in range 0 to"),
        ]:
            with self.subTest(words=words):
                done = self.qipu(*words, db=db)
                self.assertEqual(done.code, 2, done.err)
                self.assertIn(word, done.err)
        self.assertFalse((self.folder / "x.db").exists())
        self.assertEqual(self.dump(), before)

    def test_regions_know_since_when_they_are_part_of_another(self):
        """The figures of the census are added to the regions and take nothing from them."""
        parts = self.query("MATCH (a)-[p:PART_OF]->(b) WHERE a:District OR a:City "
                           "RETURN p.valid_from AS since, p.valid_to AS until, a.valid_from AS born, "
                           "a.valid_to AS died")
        self.assertGreater(len(parts), 6000)
        for part in parts:
            self.assertIsNotNone(part["since"])
            self.assertEqual((part["since"], part["until"]), (part["born"], part["died"]))
        rows = self.rows("why", "310101")
        self.assertEqual([r["source"] for r in rows if r["name"] == "PART_OF"], ["cn-regions"])

    def test_stats_by_label_type_and_family(self):
        counts = self.rows("stats")
        sized = self.rows("stats", "--bytes")
        self.assertEqual([(r["kind"], r["name"], r["count"]) for r in counts],
                         [(r["kind"], r["name"], r["count"]) for r in sized[:len(counts)]])
        families = {r["name"]: r["bytes"] for r in sized if r["kind"] == "column family"}
        self.assertEqual(set(families), {"default", "keys", "vertices", "labels", "out", "in",
                                         "ledger", "changes", "indexes", "postings"})
        on_disk = sum(p.stat().st_size for p in (self.db / "rocksdb").glob("*.sst"))
        self.assertEqual(sum(families.values()), on_disk)
        for row in sized[:len(counts)]:
            self.assertEqual(row["bytes"] > 0, row["count"] > 0, row)

    def test_changes_since_an_epoch(self):
        changes = self.rows("changes")
        self.assertEqual([c["epoch"] for c in changes], list(range(1, len(changes) + 1)))
        vertices = self.query("MATCH (n) RETURN count(n) AS n")[0]["n"]
        self.assertEqual(sum(c["vertices_created"] - c["vertices_deleted"] for c in changes),
                         vertices)
        self.assertEqual(self.rows("changes", "--since", len(changes) - 1), changes[-1:])
        self.assertEqual(self.rows("changes", "--since", len(changes)), [])

    def test_export_and_import_give_the_same_files_again(self):
        first, again = self.folder / "first", self.folder / "again"
        done = self.qipu("export", first, "--format", "json")
        files = done.rows()
        copy = self.folder / "copy.db"
        self.must("init", "--schema", first / "schema.json", "--reference", "none", db=copy)
        for row in files:
            imported = self.must("import", "--mapping", first / row["mapping"],
                                 first / row["file"], db=copy)
            self.assertIn(f"read {row['rows']} = loaded {row['rows']} + rejected 0", imported.err)
        self.assertEqual(self.qipu("export", again, db=copy).code, 0)
        names = sorted(p.name for p in first.iterdir())
        self.assertEqual(sorted(p.name for p in again.iterdir()), names)
        for name in names:
            self.assertEqual((again / name).read_bytes(), (first / name).read_bytes(), name)
        self.assertEqual(done.code, 0, done.err)
        self.must("verify", db=copy)
        counts = {r["name"]: r["count"] for r in self.rows("stats")}
        self.assertEqual(counts, {r["name"]: r["count"] for r in self.rows("stats", db=copy)})
        done = self.qipu("export", first)
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("not empty", done.err)

    def test_export_as_ndjson_has_everything(self):
        target = self.folder / "all"
        self.must("export", target, "--as", "ndjson")
        vertices = (target / "vertices.ndjson").read_text().splitlines()
        edges = (target / "edges.ndjson").read_text().splitlines()
        self.assertEqual(len(vertices), self.query("MATCH (n) RETURN count(n) AS n")[0]["n"])
        self.assertEqual(len(edges), self.query("MATCH ()-[r]->() RETURN count(r) AS n")[0]["n"])
        self.assertEqual(set(json.loads(edges[0])), {"type", "from", "to", "rank", "properties"})
        self.assertEqual(set(json.loads(vertices[0])), {"id", "labels", "properties"})
        copy, again = self.folder / "dumped.db", self.folder / "dumped"
        self.must("init", "--schema", target / "schema.json", "--reference", "none", db=copy)
        self.must("import", "--dump", target, db=copy)
        self.must("verify", db=copy)
        self.must("export", again, "--as", "ndjson", db=copy)
        for name in ("vertices.ndjson", "edges.ndjson", "schema.json", "dump.json"):
            self.assertEqual((again / name).read_bytes(), (target / name).read_bytes(), name)
        done = self.qipu("import", "--dump", target, "more.csv", db=copy)
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("stands alone", done.err)


if __name__ == "__main__":
    unittest.main()
