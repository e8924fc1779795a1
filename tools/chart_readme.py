"""values.yaml and README.md.gotmpl -> README.md of the chart, as helm-docs would make it.

A comment that starts with `# --` describes the key below it; every leaf needs one. `--check` writes nothing and fails
when the README is not in step.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools.generated import write_or_check

CHART = Path(__file__).resolve().parent.parent / "deploy" / "helm" / "unigate"
PLACE = '{{ template "chart.valuesTable" . }}'


@dataclass(frozen=True, slots=True)
class Value:
    """One row of the table."""

    path: str
    default: str
    description: str


class Undescribed(Exception):
    """A value has no description; the message is its path."""


def values(text: str) -> Iterator[Value]:
    """Yield the described values of a values.yaml, in its order. Raises Undescribed."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise Undescribed("values.yaml is no mapping")
    yield from _of_mapping(root, text.splitlines(), "")


def _of_mapping(mapping: yaml.MappingNode, lines: list[str], prefix: str) -> Iterator[Value]:
    for key, node in mapping.value:
        path = prefix + key.value
        description = _description(lines, key.start_mark.line)
        if description is not None:
            yield Value(path, _default(node), description)
        elif isinstance(node, yaml.MappingNode) and node.value:
            yield from _of_mapping(node, lines, f"{path}.")
        else:
            raise Undescribed(path)


def _description(lines: list[str], line: int) -> str | None:
    """Join the comment above a key from its `# --` on; None when there is none."""
    comment: list[str] = []
    for above in reversed(lines[:line]):
        text = above.strip()
        if not text.startswith("#"):
            return None
        comment.insert(0, text.removeprefix("#").strip())
        if comment[0].startswith("-- "):
            return " ".join(comment).removeprefix("-- ")
    return None


def _default(node: yaml.Node) -> str:
    # node -> value without the document around it
    return json.dumps(yaml.safe_load(yaml.serialize(node)), ensure_ascii=False)


def table(rows: Iterator[Value]) -> str:
    """Write the rows as a Markdown table."""
    cells = ((row.path, f"`{row.default}`", row.description) for row in rows)
    lines = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in cells)
    return "\n".join(("| Key | Default | Description |", "| --- | --- | --- |", *(f"| {line} |" for line in lines)))


def readme() -> str:
    """Return the README as it should be."""
    rows = values((CHART / "values.yaml").read_text(encoding="utf-8"))
    return (CHART / "README.md.gotmpl").read_text(encoding="utf-8").replace(PLACE, table(rows))


def main(arguments: list[str]) -> int:
    """Write the README, or with `--check` compare."""
    path = CHART / "README.md"
    try:
        text = readme()
    except Undescribed as missing:
        print(f"{missing}: describe it in values.yaml with a comment that starts with `# --`", file=sys.stderr)
        return 1
    return write_or_check({path: text}, arguments, "python -m tools.chart_readme")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
