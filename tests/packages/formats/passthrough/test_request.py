"""The model that was allowed and priced is the model that the vendor gets, however the members are written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import PassThrough
from unigate_formats.openai_passthrough.rewrite_request import outgoing

ROUTE = PassThrough(path="/chat/completions")


def pairs(body: bytes) -> list[tuple[str, Any]]:
    """All members of the object, duplicates among them."""
    found: list[tuple[str, Any]] = json.loads(body, object_pairs_hook=list)
    return found


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"openai/cheap","model":"openai/allowed"}',
        b'{"\\u006dodel":"openai/dear","model":"openai/allowed"}',
        b'{"model":"openai/dear","n":1,"\\u006dodel":"openai/allowed"}',
        b'{"model":"openai/allowed","Model":"dear","MODEL":"dear"}',
        b'{"model":"openai/allowed","mode\\u004c":"dear"}',
        b' {"n":1, "n":2, "model" : "openai/allowed"}',
    ],
)
def test_a_member_goes_out_once_and_in_one_spelling(body: bytes) -> None:
    names = [name for name, _ in pairs(outgoing(ROUTE, Operation.CHAT, body, model="allowed").body)]
    assert [name for name in names if name.casefold() == "model"] == ["model"]
    assert len(set(names)) == len(names)
    assert dict(pairs(outgoing(ROUTE, Operation.CHAT, body, model="allowed").body))["model"] == "allowed"


def test_what_differs_in_case_is_reported_as_dropped() -> None:
    sent = outgoing(ROUTE, Operation.CHAT, b'{"model":"a/b","Max_Tokens":9,"topK":1,"N":2}', model="b")
    assert json.loads(sent.body) == {"model": "b", "topK": 1}
    assert sent.dropped == ("Max_Tokens", "N")


def test_letters_that_fold_into_others_do_not_hide_a_member() -> None:
    sent = outgoing(ROUTE, Operation.CHAT, '{"model":"a/b","\u017ftream":true}'.encode(), model="b")
    assert json.loads(sent.body) == {"model": "b"}
