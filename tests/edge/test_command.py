"""`unigate` on the command line, and the published schema."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from unigate_edge.cli.command import command, schema_text

SCHEMA = Path("docs/unigate.schema.json")
FULL = """
providers: {openai: {target: "dns:///openai:50051"}}
default_provider: openai
aliases: {fast: openai/a, chain: [openai/a, openai/b], split: [{model: openai/a, weight: 3}, openai/b]}
retries: {attempts: 2, when: [unreachable]}
timeouts: {first_byte: 20, whole: null}
circuit: {failures: 0}
"""


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return command(arguments, out, err), out.getvalue(), err.getvalue()


def test_a_good_file_is_good(tmp_path: Path) -> None:
    file = tmp_path / "unigate.yaml"
    file.write_text(FULL)
    assert run("config", "check", str(file)) == (0, f"{file}: good: 1 providers, 0 keys\n", "")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("retries: {attempts: many}", ":2: retries.attempts: "),
        ("aliases: {a: []}", ":2: aliases.a: "),
        ("aliases: {a: [{model: nobody/b}]}", ":2: aliases.a: 'nobody/b' names no provider"),
        ("aliases:\n  a:\n  - {model: openai/b, weight: -1}", ":4: aliases.a.0.weight: "),
        ("timeouts: {idel: 3}", ":2: timeouts.idel: there is no such setting"),
    ],
)
def test_a_bad_one_is_told_by_line_and_field(tmp_path: Path, text: str, place: str) -> None:
    file = tmp_path / "unigate.yaml"
    file.write_text(f"providers: {{openai: {{target: 'x:1'}}}}\n{text}\n")
    status, out, err = run("config", "check", str(file))
    assert (status, out) == (2, "")
    assert place in err


def test_the_published_schema_is_that_of_the_code() -> None:
    assert SCHEMA.read_text() == schema_text(), "run: .venv/bin/unigate config schema > docs/unigate.schema.json"


def test_the_schema_takes_what_the_edge_takes() -> None:
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(yaml.safe_load(FULL))


def test_the_schema_refuses_what_is_unknown() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    assert not validator.is_valid({"providers": {"a": {"target": "x"}}, "nonsense": 1})
