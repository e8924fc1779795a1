"""Every note that an answer may bear is in the table of docs/fidelity.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
SOURCES = [
    path
    for folder in ("packages", "services")
    for path in (ROOT / folder).rglob("*.py")
    if "simulator" not in path.parts and not path.name.endswith(("_pb2.py", "_pb2_grpc.py"))
]


def written(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions that become notes: given, assigned, added or appended under that name."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="notes", value=value):
                yield value
            case ast.Assign(targets=[target], value=value) | ast.AugAssign(target=target, value=value):
                if name(target) == "notes":
                    yield value
            case ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[value]) if name(owner) == "notes":
                yield value
            case ast.Call(func=ast.Name(id="add_note"), args=[*_, value]):
                yield value


def name(node: ast.expr) -> str:
    """The last part of a name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def notes() -> set[str]:
    """The stable part of each note in the code."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES]
    constants = {
        name(target): node.value.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        if name(target).isupper()
    }
    found: set[str] = set()
    for tree in trees:
        for expression in written(tree):
            # what is compared decides on a note, and is none
            compared = {
                part for each in ast.walk(expression) if isinstance(each, ast.Compare) for part in ast.walk(each)
            }
            for part in set(ast.walk(expression)) - compared:
                value = part.value if isinstance(part, ast.Constant) else ""
                if isinstance(part, ast.Name | ast.Attribute):
                    value = constants.get(name(part), "")
                stable = str(value).partition(":")[0]
                if NOTE.fullmatch(stable):
                    found.add(stable)
    return found


def test_every_note_is_documented() -> None:
    page = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")
    documented = {each.partition(":")[0] for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
                  for each in re.findall(r"`([^`]+)`", row)}  # fmt: skip
    found = notes()
    assert len(found) > 20
    assert found <= documented, found - documented
