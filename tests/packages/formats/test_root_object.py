"""Answers that are no objects, where vendors make objects only."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_core.json import dumps, loads
from unigate_formats.neutral.events import Event, Finish, Text
from unigate_formats.neutral.request import ChatRequest, ResponseFormat
from unigate_formats.neutral.root_object import RootValue, with_root_object

LIST = {"type": "array", "items": {"$ref": "#/$defs/R"}, "$defs": {"R": {"type": "object"}}}


def chat(schema: Any) -> ChatRequest:
    form = None if schema is None else ResponseFormat(path="p", schema=schema)
    return ChatRequest(model="m", turns=(), response_format=form)


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def test_a_list_becomes_the_member_of_an_object() -> None:
    changed, root = with_root_object(chat(LIST))
    assert root is not None
    assert changed.response_format is not None
    assert changed.response_format.schema == {
        "$defs": {"R": {"type": "object"}},
        "type": "object",
        "properties": {"value": {"type": "array", "items": {"$ref": "#/$defs/R"}}},
        "required": ["value"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize("schema", [None, {}, {"type": "object"}, {"type": ["object"]}, {"properties": {}}])
def test_an_object_stays_one(schema: Any) -> None:
    request = chat(schema)
    assert with_root_object(request) == (request, None)


@pytest.mark.parametrize("schema", [{"enum": ["a"]}, {"type": "string"}, {"anyOf": [{"type": "object"}]}])
def test_anything_else_is_put_into_one(schema: Any) -> None:
    assert with_root_object(chat(schema))[1] is not None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
)


@given(VALUES, st.sampled_from(['{"value":%s}', '\n{ "value" : %s\n}\n']), st.integers(1, 40))
def test_the_value_comes_out_however_it_is_cut(value: Any, form: str, size: int) -> None:
    text = form % dumps(value).decode()
    root = RootValue()
    pieces: list[Event] = [Text(text[i : i + size], 0) for i in range(0, len(text), size)]
    got = [event for piece in pieces for event in root.unwrapped([piece])]
    got += root.unwrapped([Finish("stop", 0)])
    assert isinstance(got[-1], Finish)
    assert loads(text_of(got)) == value


@pytest.mark.parametrize("text", ["I cannot do that.", "[1, 2]", '{"other": 1}', "", "x" * 500, '{"value": [1, 2'])
def test_what_is_no_such_object_stays(text: str) -> None:
    root = RootValue()
    got = [event for letter in text for event in root.unwrapped([Text(letter, 1)])]
    got += root.unwrapped([Finish("length", 1)])
    assert text_of(got).lstrip() == text.removeprefix('{"value": ')
    assert got[-1] == Finish("length", 1)


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize(
    ("text", "bare"),
    [('{"value": "Percus\\nsion"}', "Percus\nsion"), ("Percussion", "Percussion"), ('{"value": 1}', "1")],
)
def test_a_bare_word_comes_without_quotes(text: str, bare: str, size: int) -> None:
    form = ResponseFormat(path="p", schema={"type": "string", "enum": ["Percussion"]}, bare=True)
    root = with_root_object(ChatRequest(model="m", turns=(), response_format=form))[1]
    assert root is not None
    got = [event for i in range(0, len(text), size) for event in root.unwrapped([Text(text[i : i + size], 2)])]
    got += root.unwrapped([Finish("stop", 2)])
    assert got == [Text(bare, 2), Finish("stop", 2)]
