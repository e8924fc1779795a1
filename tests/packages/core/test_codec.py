"""JSON keeps what it carries."""

from __future__ import annotations

import pytest

from unigate_core.json import dumps, loads, loads_object, with_members


def test_integers_keep_their_digits() -> None:
    text = b'{"a":9007199254740993,"b":123456789012345678901234567890}'
    assert dumps(loads(b'{"a":9007199254740993}')) == b'{"a":9007199254740993}'
    assert loads(text)["b"] == 123456789012345678901234567890


def test_a_float_stays_a_float() -> None:
    assert dumps(loads(b"[1.0,1]")) == b"[1.0,1]"


def test_keys_keep_their_order() -> None:
    assert list(loads(b'{"z":1,"a":2,"m":3}')) == ["z", "a", "m"]


def test_text_is_not_escaped() -> None:
    assert dumps("é😀") == '"é😀"'.encode()


def test_a_lone_surrogate_is_replaced() -> None:
    assert loads(b'"\\ud800x"') == "\ufffdx"


def test_a_number_beyond_a_double_stays_a_number() -> None:
    assert dumps(loads(b"[1e999,-1e999]")) == b"[1.7976931348623157e308,-1.7976931348623157e308]"


@pytest.mark.parametrize("odd", [b"1", b"1e999", b'"\\ud800"'])
@pytest.mark.parametrize("depth", [900, 5000])
def test_what_is_nested_too_deeply_is_a_value_error(odd: bytes, depth: int) -> None:
    text = b"[" + odd + b"," + b"[" * depth + b"]" * depth + b"]"
    try:
        loads(text)
    except ValueError as error:
        assert "nested" in str(error)  # noqa: PT017 - how deep is too deep depends on the decoder


@pytest.mark.parametrize("text", [b"", b"{", b"NaN", b'{"a":Infinity}', b"[1]"])
def test_what_is_no_object_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        loads_object(text)


def test_other_members_stay_byte_for_byte() -> None:
    changed = with_members(b'{"model":"a/b", "x":1.00, "y":[1, 2], "gone":1}', {"model": "b", "gone": None})
    assert changed == b'{"model":"b","x":1.00,"y":[1, 2]}'
