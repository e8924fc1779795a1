"""The messages of Anthropic's Messages API, as other vendors are told of them."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import RequestRefused
from unigate_formats.anthropic_messages.decode_request import decode_request
from unigate_formats.neutral.request import TextPart, ToolCallPart, ToolResultPart, Turn


def call(id_: str, name: str = "f") -> dict[str, Any]:
    return {"role": "assistant", "content": [{"type": "tool_use", "id": id_, "name": name, "input": {}}]}


def result(id_: str, text: str) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": id_, "content": text}


def turns(*messages: dict[str, Any], **more: Any) -> tuple[Turn, ...]:
    body = {"model": "m", "max_tokens": 9, "messages": list(messages), **more}
    return decode_request(body, lambda _: None, drop_unsupported=True).turns


def said(turn: Turn) -> list[str]:
    """The calls, results or texts of a turn."""
    found = []
    for part in turn.parts:
        if isinstance(part, ToolCallPart):
            found.append(part.id)
        elif isinstance(part, ToolResultPart):
            found.append(f"{part.call_id}={''.join(p.text for p in part.content if isinstance(p, TextPart))}")
        elif isinstance(part, TextPart):
            found.append(part.text)
    return found


ASKED = {"role": "user", "content": "Go."}


@pytest.mark.parametrize(
    "results",
    [
        [{"role": "user", "content": [result("a", "1"), result("b", "2")]}],
        [{"role": "user", "content": [result("b", "2")]}, {"role": "user", "content": [result("a", "1")]}],
    ],
)
def test_neighbours_of_one_role_are_one_turn(results: list[dict[str, Any]]) -> None:
    asked, calls, answered = turns(ASKED, call("a"), call("b"), *results)
    assert (calls.role, said(calls)) == ("assistant", ["a", "b"])
    assert (answered.role, said(answered)) == ("tool", ["a=1", "b=2"])
    assert said(asked) == ["Go."]


def test_what_is_said_beside_results_comes_after_them() -> None:
    given = {"role": "user", "content": [{"type": "text", "text": "Look:"}, result("a", "1")]}
    told = turns(ASKED, call("a"), given, {"role": "user", "content": "And?"})
    assert [turn.role for turn in told] == ["user", "assistant", "tool", "user"]
    assert said(told[-1]) == ["Look:", "And?"]


def test_calls_of_one_id_keep_their_own_results() -> None:
    given = {"role": "user", "content": [result("a", "1"), result("a", "2")]}
    _, calls, answered = turns(ASKED, call("a", "f"), call("a", "g"), given)
    assert said(calls) == ["a", "a_2"]
    assert said(answered) == ["a=1", "a_2=2"]


@pytest.mark.parametrize(
    "results", [[], [result("a", "1"), result("a", "2")], [result("x", "1")], [{"type": "text", "text": "no"}]]
)
def test_a_call_has_one_result(results: list[dict[str, Any]]) -> None:
    with pytest.raises(RequestRefused, match=r"tool_result|tool_use_id"):
        turns(ASKED, call("a"), {"role": "user", "content": results})
