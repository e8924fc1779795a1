"""Numbers in a query, and what of it goes on."""

from __future__ import annotations

import pytest

from unigate_core.errors import RequestRefused
from unigate_edge.http.query import forwarded_query, whole_number
from unigate_edge.responses.view import number


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("17", 17), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text: str, expected: int) -> None:
    assert whole_number(text) == expected


@pytest.mark.parametrize("text", ["", "-1", "1.5", "²", "٣", "9" * 19, "9" * 5000])
def test_all_else_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_a_number_of_a_response_that_is_none_is_refused() -> None:
    with pytest.raises(RequestRefused, match="whole number"):
        number({"limit": ["9" * 5000]}, "limit")


@pytest.mark.parametrize("query", [b"key=s&a=1", b"%6Bey=s&a=1", b"a=1&%6b%65%79=s"])
def test_a_key_does_not_go_on(query: bytes) -> None:
    assert forwarded_query(query, "key") == "a=1"
