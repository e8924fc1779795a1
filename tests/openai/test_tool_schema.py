"""Schemas of tools of other vendors' clients, as OpenAI takes them."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_formats.openai_chat.tool_schema import tool_schema

OBJECT = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}, "required": ["a"]}


def test_what_openai_takes_stays_as_it_is() -> None:
    assert tool_schema(OBJECT) == (OBJECT, False)


@pytest.mark.parametrize("schema", [{}, {"type": "object"}, {"properties": {}}])
def test_the_root_is_an_object_with_properties(schema: dict[str, Any]) -> None:
    assert tool_schema(schema)[0] == {"type": "object", "properties": {}}


def test_arrays_tell_of_their_items_wherever_they_are() -> None:
    inner = {"anyOf": [{"type": ["array", "null"]}, {"type": "array", "prefixItems": [{"type": "string"}]}]}
    schema = {"type": "object", "properties": {"a": {"type": "array"}, "b": inner}, "$defs": {"c": {"type": "array"}}}
    made, _ = tool_schema(schema)
    assert made["properties"]["a"] == {"type": "array", "items": {}}
    assert made["properties"]["b"]["anyOf"][0] == {"type": ["array", "null"], "items": {}}
    assert made["properties"]["b"]["anyOf"][1] == inner["anyOf"][1]
    assert made["$defs"]["c"] == {"type": "array", "items": {}}
    # the client's own stays as it was
    assert schema["properties"] == {"a": {"type": "array"}, "b": inner}


def test_alternatives_of_the_root_become_properties_of_one_object() -> None:
    made, relaxed = tool_schema(
        {"anyOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
                   {"type": "object", "properties": {"b": {"type": "array"}}}]}
    )  # fmt: skip
    assert relaxed
    assert made["type"] == "object"
    assert made["properties"] == {"a": {"type": "string"}, "b": {"type": "array", "items": {}}}
    assert "anyOf" not in made
    assert "anyOf" in made["description"]
