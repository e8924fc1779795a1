"""Members of JSON objects exchanged in their bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_core.json_splice import exchange_text, normalise_json, splice

PRETTY = b'{\n  "id" : 1 ,\n  "model": "m",\n  "list": [1, 2 ]\n}\n'
NAMES = st.sampled_from(["a", "b", "model", "usage", 'quo"te', "ünï"])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=3))


def test_what_is_not_named_stays_byte_for_byte() -> None:
    assert splice(PRETTY, {"model": b'"p/m"'}) == PRETTY.replace(b'"m"', b'"p/m"')


def test_a_member_is_removed_with_its_comma() -> None:
    assert splice(b'{"a":1,"b":2,"c":3}', {"b": None}) == b'{"a":1,"c":3}'


@pytest.mark.parametrize(("gone", "left"), [("a", b'{"b":2}'), ("b", b'{"a":1}')])
def test_the_first_and_the_last_member_can_go(gone: str, left: bytes) -> None:
    assert splice(b'{"a":1,"b":2}', {gone: None}) == left


def test_a_new_member_comes_last() -> None:
    assert splice(b'{"a":1}', {"b": b"2"}) == b'{"a":1,"b":2}'


def test_a_key_inside_a_value_is_not_mistaken_for_a_member() -> None:
    data = b'{"tools":[{"model":"m"}],"text":"\\"model\\":\\"m\\"","model":"m"}'
    assert splice(data, {"model": b'"x"'}) == data[:-4] + b'"x"}'


def test_a_member_told_twice_is_told_once() -> None:
    assert json.loads(splice(b'{"a":1,"a":2}', {"b": b"3"})) == {"a": 2, "b": 3}


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="object"):
        splice(b"[]", {})


def test_a_lone_surrogate_is_mended() -> None:
    assert normalise_json(b'{"a":"\\ud83d"}') == '{"a":"\ufffd"}'.encode()


@given(st.dictionaries(NAMES, VALUES), st.dictionaries(NAMES, VALUES), st.sampled_from([None, 1]))
def test_it_means_what_an_update_means(members: dict[str, Any], changes: dict[str, Any], indent: int | None) -> None:
    data = json.dumps(members, indent=indent).encode()
    edits = {key: None if value is None else json.dumps(value).encode() for key, value in changes.items()}
    expected = {key: value for key, value in members.items() if changes.get(key, 0) is not None}
    expected |= {key: value for key, value in changes.items() if value is not None}
    assert json.loads(splice(data, edits)) == expected


@pytest.mark.parametrize(
    ("data", "changed"),
    [
        (b'{"id":"x","model" : "m","n":[1, 2]}', b'{"id":"x","model" : "openai/m","n":[1, 2]}'),
        (b'{"choices":[{"text":"\\"model\\":\\"m\\""}],"model":"m"}', None),
        (b'{"choices":["model"],"model":"m"}', None),
        (b'{"used":{"model":"m"},"model":"m"}', None),
        (b'{"used":{"model":"m"},"mod\\u0065l":"m"}', None),
        ('{"text":"\u00fc","model":"m"}'.encode(), None),
    ],
)
def test_a_text_is_exchanged_where_it_is_the_members(data: bytes, changed: bytes | None) -> None:
    got = exchange_text(data, "model", "m", "openai/m")
    assert changed is None or got == changed
    assert json.loads(got) == {**json.loads(data), "model": "openai/m"}
