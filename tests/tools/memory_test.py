"""What the commands take of memory on the whole registry, with the least budget that is allowed."""
import os
import subprocess
import unittest

from qipu_runner import BINARY, QipuTest, registry_folder

BUDGET_MIB = 32
# Beside the budget: the program, one window of the input, what a batch of records collects, and
# what the allocator keeps.
BESIDE_MIB = 160


class Memory(QipuTest):
    def peak(self, *words, db=None):
        """Runs a command that has to succeed; its peak resident memory, MiB."""
        command = [BINARY, *map(str, words), "--db", str(db or self.db), "--memory", f"{BUDGET_MIB}MiB"]
        with open(self.folder / "output", "wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, (words, (self.folder / "output").read_text()[-2000:]))
        return usage.ru_maxrss / 1024

    def test_every_command_keeps_to_the_budget(self):
        registry = sorted(registry_folder(self).rglob("*.csv"))
        dump, copy = self.folder / "dump", self.folder / "copy.db"
        steps = [
            (["init"], None),
            (["import", "--source", "cn-registry", *registry], None),
            (["index", "make", "Company", "founded"], None),
            (["index", "make", "Company", "name", "--kind", "text"], None),
            (["verify"], None),
            (["stats", "--bytes"], None),
            (["backup", self.folder / "backups"], None),
            (["restore", self.folder / "backups"], self.folder / "restored.db"),
            (["export", dump, "--as", "ndjson"], None),
            (["init", "--schema", dump / "schema.json", "--reference", "none"], copy),
            (["import", "--dump", dump], copy),
            (["density"], None),
        ]
        for words, db in steps:
            with self.subTest(words=[str(word) for word in words[:3]]):
                peak = self.peak(*words, db=db)
                print(f"{peak:7.0f} MiB  {' '.join(map(str, words[:2]))}")
                self.assertLess(peak, BUDGET_MIB + BESIDE_MIB)


if __name__ == "__main__":
    unittest.main()
