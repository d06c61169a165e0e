"""Every JSON file in schemas/ that names a JSON Schema must satisfy it; every schema must be one."""
import json
import pathlib
import sys

import jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas"


def complaints(path):
    """What is wrong with one JSON file, a line each."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if path.parent.name == "meta":
        jsonschema.Draft202012Validator.check_schema(document)
        return
    reference = document.get("$schema")
    if reference is None:
        yield f"{path}: names no $schema"
        return
    schema = json.loads((path.parent / reference).read_text(encoding="utf-8"))
    for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
        yield f"{path}: {error.json_path}: {error.message}"


def main():
    files = sorted(SCHEMAS.rglob("*.json"))
    if not files:
        sys.exit(f"no JSON files in {SCHEMAS}")
    wrong = [line for path in files for line in complaints(path)]
    print("\n".join(wrong) if wrong else f"{len(files)} files agree with their schemas")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
