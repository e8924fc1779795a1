"""Tools of Anthropic's Messages API, as other vendors are told of them."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_formats.anthropic_messages.decode_tools import read_tools

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def told(tool: dict[str, Any]) -> list[str]:
    """The paths that reading the tool leaves out, or leaves to the vendor's own table."""
    box = read_tools([tool], None)
    return [*box.dropped, *(each.path for function in box.functions for each in function.extensions)]


@pytest.mark.parametrize("kind", ["bash_20250124", "text_editor_20250728", "memory_20250818"])
def test_what_the_client_runs_is_a_function_with_a_schema(kind: str) -> None:
    [tool] = read_tools([{"type": kind, "name": "t"}], None).functions
    assert tool.name == "t"
    assert tool.description
    assert tool.parameters is not None
    assert "command" in tool.parameters["properties"]


def test_a_web_search_has_its_limits() -> None:
    search = read_tools([{"type": "web_search_20250305", "name": "web_search", "max_uses": 3}], None).web_search
    assert search is not None
    assert (search.max_uses, search.limit_path) == (3, "tools[0].max_uses")


@pytest.mark.parametrize(
    ("tool", "paths"),
    [
        ({"name": "f", "input_schema": SCHEMA, "input_examples": [{}]}, ["tools[0].input_examples"]),
        ({"type": "text_editor_20250728", "name": "e", "max_characters": 9}, ["tools[0].max_characters"]),
        ({"type": "web_search_20250305", "name": "w", "blocked_domains": ["x"]}, ["tools[0].blocked_domains"]),
        (
            {"type": "code_execution_20250825", "name": "c", "cache_control": {"type": "ephemeral"}},
            ["tools[0].cache_control"],
        ),
        ({"type": "computer_20250124", "name": "computer", "display_width_px": 9}, ["tools[0]"]),
    ],
)
def test_what_no_other_vendor_knows_of_a_tool_is_told(tool: dict[str, Any], paths: list[str]) -> None:
    assert told(tool) == paths


HOSTED: list[Any] = [
    {"type": "web_search_20250305", "name": "web_search"},
    {"type": "code_execution_20250825", "name": "code_execution"},
]


def test_no_tool_is_used_where_none_may_be() -> None:
    box = read_tools(HOSTED, {"type": "none"})
    assert (box.web_search, box.builtins, box.choice) == (None, [], None)


@pytest.mark.parametrize(("name", "kind"), [("web_search", "web_search"), ("code_execution", "code_interpreter")])
def test_a_tool_of_the_vendors_can_be_chosen(name: str, kind: str) -> None:
    choice = read_tools(HOSTED, {"type": "tool", "name": name}).choice
    assert choice is not None
    assert (choice.mode, choice.names) == ("builtin", (kind,))
