"""Members that a vendor does not know, by the words in which vendors say so."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_core.json import Json, dumps, loads
from unigate_formats.openai_chat.errors import openai_error
from unigate_formats.openai_passthrough.relax_request import relaxed_body

USER: Json = {"role": "user", "content": "hi", "name": "bob"}
THOUGHT: Json = {"role": "assistant", "content": "a", "reasoning_content": "hm", "annotations": []}
PLAIN: Json = {"role": "assistant", "content": "a", "annotations": []}
CALL: Json = {"id": "c", "type": "function", "name": None, "function": {"name": "f", "arguments": "{}"}}
HISTORY = [USER, THOUGHT, USER, THOUGHT]
LEFT = [USER, PLAIN, USER, PLAIN]
GROQ = (
    "'messages.1' : for 'role:assistant' the following must be satisfied"
    "[('messages.1' : property 'reasoning_content' is unsupported)]"
)
CEREBRAS = "messages.1.assistant.reasoning_content: property 'messages.1.assistant.reasoning_content' is unsupported"


def forbidden(*keys: Any) -> Json:
    """A fault as Pydantic tells it."""
    return {"type": "extra_forbidden", "loc": ["body", *keys], "msg": "Extra inputs are not permitted", "input": 1}


def relaxed(body: Json, answer: Any, status: int = 400) -> tuple[Json, tuple[str, ...]] | None:
    """What is sent after that answer, and what is told of it."""
    error = openai_error("x", status, {}, dumps(answer), client_key=False)
    assert isinstance(error, UpstreamError)
    found = relaxed_body(dumps(body), [error])
    return None if found is None else (loads(found[0]), found[1].dropped)


def fault(message: str, **more: Any) -> Json:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None} | more}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (fault("Unknown parameter: 'messages[1].reasoning_content'.", code="unknown_parameter"), 400),
        (fault(GROQ), 400),
        ({"message": CEREBRAS, "type": "invalid_request_error", "param": "validation_error",
          "code": "wrong_api_format"}, 400),
        ({"object": "error", "message": {"detail": [forbidden("messages", 1, "assistant", "reasoning_content")]},
          "type": "invalid_request_error", "param": None, "code": None}, 422),
        ({"object": "Error", "message": [forbidden("messages", 3, "assistant", "reasoning_content")]}, 422),
        ({"detail": [forbidden("messages", 1, "assistant", "reasoning_content"),
                     forbidden("messages", 3, "assistant", "reasoning_content")]}, 422),
        (fault("Extra inputs are not permitted, field: 'messages[1].reasoning_content', value: 'hm'"), 400),
        (fault("messages[1].reasoning_content: reasoning_content is not supported with this model"), 400),
        (fault("Additional properties are not allowed ('reasoning_content' was unexpected) - 'messages.1'"), 400),
    ],
)  # fmt: skip
def test_thoughts_in_the_history(answer: Json, status: int) -> None:
    found = relaxed({"model": "m", "messages": HISTORY}, answer, status)
    assert found == ({"model": "m", "messages": LEFT}, ("messages[*].reasoning_content",))


@pytest.mark.parametrize(
    ("members", "answer", "left", "dropped"),
    [
        ({"thinking": 1, "seed": 1}, fault("Unrecognized request argument supplied: thinking"), {"seed": 1},
         ("thinking",)),
        ({"a": 1, "b": 2}, fault("Unrecognized request arguments supplied: a, b"), {}, ("a", "b")),
        ({"store": True}, fault("property 'store' is unsupported, did you mean 'stop'?"), {}, ("store",)),
        ({"thinking": 1}, {"message": "body.thinking: property 'body.thinking' is unsupported"}, {}, ("thinking",)),
        ({"presence_penalty": 0.1}, {"code": "Client specified an invalid argument",
         "error": "Argument not supported on this model: presencePenalty"}, {}, ("presence_penalty",)),
        ({"presence_penalty": 0}, fault("Model grok-4 does not support parameter presencePenalty."), {},
         ("presence_penalty",)),
        ({"stream_options": {"include_usage": True}}, {"detail": [forbidden("stream_options")]}, {},
         ("stream_options",)),
        ({"response_format": {"type": "json_object", "strict": True}},
         fault("Unknown parameter: 'response_format.strict'."), {"response_format": {"type": "json_object"}},
         ("response_format.strict",)),
        ({"tools": []}, {"detail": [forbidden("tools")]}, {}, ("tools",)),
        ({"input": [{"type": "web_search_call", "action": {"type": "search", "query": "q"}}]},
         fault("Unknown parameter: 'input[0].action.query'."),
         {"input": [{"type": "web_search_call", "action": {"type": "search"}}]}, ("input[*].action.query",)),
        ({"messages": [USER | {"content": [{"type": "text", "text": "a", "index": 0}]}]},
         fault("Extra inputs are not permitted, field: 'messages[0].content.list[ChatMessageContent][0].index'"),
         {"messages": [USER | {"content": [{"type": "text", "text": "a"}]}]}, ("messages[*].content[*].index",)),
        ({"messages": [{"role": "assistant", "content": "", "tool_calls": [CALL]}]},
         {"detail": [forbidden("messages", 0, "assistant", "tool_calls", 0, "name")]},
         {"messages": [{"role": "assistant", "content": "", "tool_calls": [CALL | {"name": None}]}]}, ()),
        ({"messages": [USER, PLAIN | {"name": "bot"}]}, {"detail": [forbidden("messages", 0, "user", "name")]},
         {"messages": [{"role": "user", "content": "hi"}, PLAIN | {"name": "bot"}]}, ("messages[*].name",)),
    ],
)  # fmt: skip
def test_other_members(members: Json, answer: Json, left: Json, dropped: tuple[str, ...]) -> None:
    found = relaxed(members, answer)
    assert found is not None
    if dropped:
        assert found == (left, dropped)
    else:
        call = {key: value for key, value in CALL.items() if key != "name"}
        assert found[0]["messages"][0]["tool_calls"] == [call]


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        # what decides the answer or its form
        ({"tools": [1]}, {"detail": [forbidden("tools")]}),
        ({"response_format": {"type": "json_object"}}, fault("Unknown parameter: 'response_format'.")),
        ({"messages": [{"role": "user", "content": "a"}]}, {"detail": [forbidden("messages", 0, "user", "content")]}),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]},
         fault("Unknown parameter: 'tools[0].function.name'.")),
        # what is not there
        ({"seed": 1}, fault("Unknown parameter: 'thinking'.")),
        ({"messages": ["odd", {"role": "user"}]}, fault("Unknown parameter: 'messages[0].x'.")),
        ({"messages": 1}, fault(GROQ)),
        ({"seed": 1}, fault("Unknown parameter: '...'.")),
        ({"seed": 1}, {"detail": [1, {"loc": 2}, {}]}),
    ],
)  # fmt: skip
def test_what_stays_refused(members: Json, answer: Json) -> None:
    assert relaxed(members, answer) is None


def test_every_fault_is_told_with_its_path() -> None:
    body = dumps({"detail": [forbidden("messages", 1, "user", "a"), forbidden("b")]})
    error = openai_error("x", 422, {}, body, client_key=False)
    expected = "messages[1].user.a: Extra inputs are not permitted; b: Extra inputs are not permitted"
    assert (error.status, error.message, error.param) == (422, expected, "messages[1].user.a")
