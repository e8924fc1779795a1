"""docs/unigate.schema.json -> the part of the chart's values.schema.json about `edge.config` and `auth.keys`.

So helm itself refuses a setting that the edge does not know, before any pod has read it. `--check` writes nothing and
fails when the part is old.
"""

import json
import re
import sys
from typing import Any

from tools.discovery import ROOT
from tools.generated import write_or_check

SOURCE = ROOT / "docs" / "unigate.schema.json"
TARGET = ROOT / "deploy" / "helm" / "unigate" / "values.schema.json"
MARK = "edge.config:"
"""What the names of generated definitions begin with; each is one line."""
UNUSED = {"title", "description", "default"}

Schema = dict[str, Any]


def definitions(schema: Schema) -> dict[str, Schema]:
    """Return the edge's schema as definitions of another one, for values that are merged over what the chart writes."""
    whole = {key: part for key, part in schema.items() if key not in {"$schema", "$defs", "required"}}
    found = {MARK: whole} | {f"{MARK}{name}": part for name, part in schema["$defs"].items()}
    # a provider's target is the chart's to write
    found[f"{MARK}Provider"] = {key: part for key, part in found[f"{MARK}Provider"].items() if key != "required"}
    return {name: bare(part) for name, part in sorted(found.items())}


def bare(part: Any, *, names: bool = False) -> Any:
    """Return a part without what checks nothing; `names`: its keys are names of settings, not words of the schema."""
    if isinstance(part, list):
        return [bare(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {key: value for key, value in part.items() if names or key not in UNUSED}
    if reference := kept.get("$ref"):
        kept["$ref"] = reference.replace("#/$defs/", f"#/definitions/{MARK}")
    inner = {"properties", "patternProperties"}
    return {key: bare(value, names=not names and key in inner) for key, value in kept.items()}


def written(text: str, schema: Schema) -> str:
    """Return the text of a values.schema.json with its generated definitions written anew."""
    lines = "".join(f"    {json.dumps(name)}: {json.dumps(part)},\n" for name, part in definitions(schema).items())
    text = re.sub(rf'^    "{MARK}.*\n', "", text, flags=re.MULTILINE)
    return text.replace('  "definitions": {\n', f'  "definitions": {{\n{lines}', 1)


def main(arguments: list[str]) -> int:
    """Write the part, or with `--check` compare."""
    old = TARGET.read_text(encoding="utf-8")
    new = written(old, json.loads(SOURCE.read_text(encoding="utf-8")))
    return write_or_check({TARGET: new}, arguments, "python -m tools.chart_schema")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
