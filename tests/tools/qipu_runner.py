"""Runs the qipu binary as a user would. The binary is named by QIPU_BINARY."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas"
SHARED = pathlib.Path(os.environ.get("QIPU_SHARED") or ROOT.parent / "shared")
BINARY = os.environ.get("QIPU_BINARY", str(ROOT / "build/tools/qipu"))
METHOD = SCHEMAS / "methods/smart-manufacturing-district.json"


class Outcome:
    """What one call printed, and its exit code."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def rows(self):
        """The rows of a call with --format json."""
        return json.loads(self.out)


class QipuTest(unittest.TestCase):
    """A test with a folder of its own; `self.db` is where its database goes."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="qipu-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.db = self.folder / "test.db"

    def qipu(self, *words, db=None):
        command = [BINARY, *map(str, words), "--db", str(db or self.db)]
        return Outcome(subprocess.run(command, capture_output=True, text=True, timeout=600))

    def must(self, *words, db=None):
        """As qipu(), for calls that have to succeed."""
        done = self.qipu(*words, db=db)
        self.assertEqual(done.code, 0, f"{words}\n{done.out[-2000:]}{done.err[-2000:]}")
        return done

    def rows(self, *words, db=None):
        return self.must(*words, "--format", "json", db=db).rows()

    def query(self, text, *words, db=None):
        return self.rows("query", text, *words, db=db)

    def load_demonstration(self):
        self.must("init")
        return self.must("import", "--source", "cn-demo-companies", SCHEMAS / "demo/companies.csv")

    def dump(self):
        """All vertices and edges, to compare two states of a database."""
        vertices = self.must("query", "MATCH (n) RETURN n", "--format", "ndjson").out
        edges = self.must("query", "MATCH ()-[r]->() RETURN r", "--format", "ndjson").out
        return vertices + edges


def registry_folder(test):
    """The real registry's files, unpacked once per process; skips the test where they are absent."""
    archive = SHARED / "data/registry-cn/registry-cn.tar.zst"
    if not archive.exists():
        test.skipTest(f"no {archive}: set QIPU_SHARED to the folder with the shared data")
    if registry_folder.unpacked is None:
        registry_folder.unpacked = tempfile.mkdtemp(prefix="qipu-registry-")
        subprocess.run(["tar", "--zstd", "-xf", archive, "-C", registry_folder.unpacked], check=True)
        unittest.addModuleCleanup(shutil.rmtree, registry_folder.unpacked, ignore_errors=True)
    return pathlib.Path(registry_folder.unpacked)


registry_folder.unpacked = None
