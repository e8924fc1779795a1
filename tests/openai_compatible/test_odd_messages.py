"""Answers of vendors that write messages otherwise than OpenAI: read, and passed on as OpenAI's SDKs read them."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.json import Json, dumps, loads
from unigate_core.sse import DONE, frame
from unigate_formats.neutral.events import Event, Finish, Reasoning, Text, ToolArguments, ToolCall, ToolEnd
from unigate_formats.neutral.operation import Operation
from unigate_formats.openai_chat.chat_state import ChatState
from unigate_formats.openai_chat.decode_answer import decode_answer
from unigate_formats.openai_chat.decode_stream import ChatStream
from unigate_formats.openai_passthrough.rewrite_request import UpstreamRequest, stream_bytes, whole

THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}, {"type": "text", "text": "m"}]}
TEXT = {"type": "text", "text": "hi"}
REFERENCE = {"type": "reference", "reference_ids": [1]}
PLAIN = {"role": "assistant", "content": "hi", "reasoning_content": "hmm", "content_parts": [REFERENCE]}


def call(index: int | None, id_: str | None, name: str | None, arguments: Any) -> Json:
    made: Json = {} if index is None else {"index": index}
    if id_ is not None:
        made["id"] = id_
    return {**made, "type": "function", "function": {"name": name, "arguments": arguments} if name else
            {"arguments": arguments}}  # fmt: skip


def answer(message: Json) -> Json:
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}


def chunks(*deltas: Json, reason: str = "stop", between: Any = None) -> list[Json]:
    ends = [*([between] * len(deltas)), reason]
    return [
        {"id": "c", "created": 1, "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": end}]}
        for delta, end in zip((*deltas, {}), ends, strict=True)
    ]


def passed(natives: list[Json]) -> list[Json]:
    """The deltas that the client gets."""
    stream = stream_bytes(Operation.CHAT, provider="p", sent=UpstreamRequest(b"", stream=True))
    told = b"".join(stream.feed(frame(dumps(each))) for each in natives) + stream.feed(DONE) + stream.close()
    events = [loads(part[6:]) for part in told.split(b"\n\n") if part.startswith(b"data: {")]
    return [event["choices"][0]["delta"] for event in events]


def read(natives: list[Json]) -> list[Event]:
    """The neutral events."""
    stream = ChatStream(ChatState(parallel=True, thought_format="text"))
    return [event for native in natives for event in stream.feed(native)] + list(stream.close())


def test_a_list_of_parts_in_a_whole_answer() -> None:
    body = dumps(answer({"role": "assistant", "content": [THINKING, TEXT, REFERENCE]}))
    assert loads(whole(body, provider="p", operation=Operation.CHAT).body)["choices"][0]["message"] == PLAIN
    events = list(decode_answer(loads(body), ChatState(parallel=True, thought_format="text")))
    assert Text("hi") in events
    assert Reasoning("hmm") in events


def test_a_list_of_parts_in_a_stream() -> None:
    natives = chunks({"role": "assistant", "content": [THINKING]}, {"content": [THINKING]}, {"content": "h"},
                     {"content": [TEXT]})  # fmt: skip
    deltas = passed(natives)
    assert deltas[:4] == [
        {"role": "assistant", "content": None, "reasoning_content": "hmm"},
        {"content": None, "reasoning_content": "hmm"},
        {"content": "h"},
        {"content": "hi"},
    ]
    events = read(natives)
    assert "".join(event.text for event in events if isinstance(event, Text)) == "hhi"
    assert "".join(event.text for event in events if isinstance(event, Reasoning)) == "hmmhmm"


@pytest.mark.parametrize(
    "deltas",
    [
        # Google, Ollama: every call has the same place
        [[call(0, "a", "f", "{}")], [call(0, "b", "g", '{"x":1}')]],
        # no place at all
        [[call(None, "a", "f", "{}")], [call(None, "b", "g", '{"x":1}')]],
        [[call(None, "a", "f", "{}"), call(None, "b", "g", '{"x":1}')]],
        # the second call's arguments come in pieces, at the place that both have
        [[call(0, "a", "f", "{}")], [call(0, "b", "g", '{"x')], [call(0, None, None, '":1')],
         [call(0, None, None, "}")]],
        # a place and an id in every piece
        [[call(0, "a", "f", "{}")], [call(1, "b", "g", '{"x')], [call(1, "b", "g", '":1}')]],
        # arguments as an object
        [[call(0, "a", "f", {}), call(1, "b", "g", {"x": 1})]],
        # places that do not begin at 0
        [[call(1, "a", "f", "{}")], [call(2, "b", "g", '{"x":1}')]],
    ],
)  # fmt: skip
def test_calls(deltas: list[list[Json]]) -> None:
    natives = chunks(*({"tool_calls": calls} for calls in deltas), reason="tool_calls")
    found: dict[int, Json] = {}
    for delta in passed(natives):
        for piece in delta.get("tool_calls", ()):
            made = found.setdefault(piece["index"], {"arguments": ""})
            made["id"] = made.get("id") or piece.get("id")
            made["name"] = made.get("name") or piece["function"].get("name")
            made["arguments"] += piece["function"]["arguments"]
    assert found == {
        0: {"id": "a", "name": "f", "arguments": "{}"},
        1: {"id": "b", "name": "g", "arguments": '{"x":1}'},
    }
    events = [event for event in read(natives) if isinstance(event, ToolCall | ToolArguments | ToolEnd)]
    assert [(event.index, event.id, event.name) for event in events if isinstance(event, ToolCall)] == [
        (0, "a", "f"),
        (1, "b", "g"),
    ]
    texts = ["".join(e.text for e in events if isinstance(e, ToolArguments) and e.index == i) for i in (0, 1)]
    assert texts == ["{}", '{"x":1}']
    assert [event.index for event in events if isinstance(event, ToolEnd)] == [0, 1]


def test_calls_without_an_id_get_one() -> None:
    natives = chunks({"tool_calls": [call(0, None, "f", "{}")]}, reason="tool_calls")
    (piece,) = passed(natives)[0]["tool_calls"]
    assert piece["id"].startswith("call_")
    message = {"role": "assistant", "content": None, "tool_calls": [call(None, "", "f", {"a": 1})]}
    body = whole(dumps(answer(message)), provider="p", operation=Operation.CHAT).body
    (made,) = loads(body)["choices"][0]["message"]["tool_calls"]
    assert made["id"].startswith("call_")
    assert made["function"] == {"name": "f", "arguments": '{"a":1}'}


def test_an_empty_finish_reason_is_none() -> None:
    natives = chunks({"content": "a"}, {"content": "b"}, between="")
    assert read(natives)[-1] == Finish("stop")
    assert [delta.get("content") for delta in passed(natives)] == ["a", "b", None]


def test_what_is_in_order_is_not_touched() -> None:
    calls = [call(None, "a", "f", '{"content":["x"]}')]
    body = dumps(answer({"role": "assistant", "content": '"content":[ "tool_calls":[{', "tool_calls": calls}))
    assert whole(body, provider="p", operation=Operation.CHAT).body == body.replace(b'"m"', b'"p/m"')
    logprobs = answer({"role": "assistant", "content": "a"})
    logprobs["choices"][0]["logprobs"] = {"content": [{"token": "a", "logprob": 0, "bytes": [1], "top_logprobs": []}]}
    body = dumps(logprobs)
    assert whole(body, provider="p", operation=Operation.CHAT).body == body.replace(b'"m"', b'"p/m"')
