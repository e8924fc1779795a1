"""Conversations in the shape that a refusal wants."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_core.json import Json, dumps, loads
from unigate_formats.openai_passthrough.relax_history import BRIDGE
from unigate_formats.openai_passthrough.relax_request import relaxed_body

IDS = "Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9."
BETWEEN = "Unexpected role 'user' after role 'tool'"
LAST = "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant"
NONE = "Assistant message must have either content or tool_calls, but not none."
TURNS = "After the optional system message, conversation roles must alternate user and assistant roles"
FIRST = "System message must be at the beginning."
DEVELOPER = "messages[0].role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool`"


def user(content: Any = "hi") -> Json:
    return {"role": "user", "content": content}


def system(content: Any = "be kind", role: str = "system") -> Json:
    return {"role": role, "content": content}


def said(content: Any = "hello", **more: Any) -> Json:
    return {"role": "assistant", "content": content, **more}


def called(call_id: str) -> Json:
    return {"id": call_id, "type": "function", "function": {"name": "f", "arguments": "{}"}}


def result(call_id: str) -> Json:
    return {"role": "tool", "tool_call_id": call_id, "content": "ok"}


def relaxed(messages: Any, message: str) -> tuple[Any, tuple[str, ...]] | None:
    error = UpstreamError(message, status=400, type="invalid_request_error")
    found = relaxed_body(dumps({"model": "m", "messages": messages}), [error])
    return None if found is None else (loads(found[0])["messages"], found[1].notes)


@pytest.mark.parametrize(
    ("messages", "message", "expected", "note"),
    [
        (
            [user(), said(None, tool_calls=[called("c")]), result("c"), user()], BETWEEN,
            [user(), said(None, tool_calls=[called("c")]), result("c"), said(BRIDGE), user()], "assistant_inserted",
        ),
        ([user(), said("The")], LAST, [user(), said("The", prefix=True)], "prefix_added"),
        ([user(), said(""), user(), said(None), user()], NONE, [user()] * 3, "empty_assistant_dropped"),
        (
            [system("a"), system("b", "developer"), user("c"), user([{"type": "text", "text": "d"}]), said(), user()],
            TURNS,
            [system("a\n\nb"), user([{"type": "text", "text": "c"}, {"type": "text", "text": "d"}]), said(), user()],
            "messages_joined",
        ),
        ([user(), system("a"), said(), system("b")], FIRST, [system("a\n\nb"), user(), said()], "system_hoisted"),
        ([system("a", "developer"), user()], DEVELOPER, [system("a"), user()], "developer_as_system"),
    ],
)  # fmt: skip
def test_shapes(messages: Any, message: str, expected: Any, note: str) -> None:
    assert relaxed(messages, message) == (expected, (note,))


def test_ids_stay_pairs() -> None:
    calls = [called("call_1"), called("AbCdEf123"), called("call_2")]
    found = relaxed([user(), said(None, tool_calls=calls), result("call_2"), result("call_1")], IDS)
    assert found is not None
    messages, notes = found
    ids = [call["id"] for call in messages[1]["tool_calls"]]
    assert ids[1] == "AbCdEf123"
    assert [message["tool_call_id"] for message in messages[2:]] == [ids[2], ids[0]]
    assert all(len(each) == 9 and each.isalnum() for each in ids)
    assert len(set(ids)) == 3
    assert notes == ("tool_ids_shortened",)


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([user()], BETWEEN),
        ([user()], LAST),
        ([user(), said()], TURNS),
        ([system(), user()], FIRST),
        ([user(), "odd"], TURNS),
        ("odd", IDS),
        ([{"role": "assistant", "tool_calls": "odd"}], IDS),
        ([{"role": "user"}, {"role": "user"}], TURNS),
        ([user(), user()], "Something else."),
    ],
)
def test_what_stays_refused(messages: Any, message: str) -> None:
    assert relaxed(messages, message) is None


def test_a_limit_under_its_older_name() -> None:
    error = UpstreamError("property 'max_completion_tokens' is unsupported", status=400, type="invalid_request_error")
    found = relaxed_body(dumps({"max_completion_tokens": 5}), [error])
    assert found is not None
    assert loads(found[0]) == {"max_tokens": 5}
    assert (found[1].dropped, found[1].notes) == ((), ("max_tokens_renamed",))
