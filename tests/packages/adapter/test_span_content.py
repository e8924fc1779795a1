"""Requests and answers in OpenAI's formats become the conventions' messages."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_adapter.telemetry.span_content import LIMIT, Content
from unigate_core.json import dumps, loads
from unigate_core.sse import DONE, frame


def told(operation: str, request: Any, *answer: bytes) -> dict[str, Any]:
    content = Content(dumps(request), operation)
    for part in answer:
        content.add(part)
    return {name.removeprefix("gen_ai."): loads(value) for name, value in content.attributes().items()}


def text(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": content}]}


def test_a_conversation_with_tools() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"in":"Rome"}'}}
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Well?"}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
    ]
    asked = {"type": "tool_call", "id": "c1", "name": "weather", "arguments": '{"in":"Rome"}'}
    assert told("chat", {"messages": messages})["input.messages"] == [
        text("system", "Be brief."),
        text("user", "Well?"),
        {"role": "assistant", "parts": [asked]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "sunny"}]},
    ]


def test_media_is_named_without_its_bytes() -> None:
    parts = [
        {"type": "image_url", "image_url": {"url": "https://pictures.example/cat.png"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
        {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "wav"}},
        {"type": "file", "file": {"file_data": "QUJD"}},
    ]
    assert told("chat", {"messages": [{"role": "user", "content": parts}]})["input.messages"][0]["parts"] == [
        {"type": "uri", "modality": "image", "uri": "https://pictures.example/cat.png"},
        {"type": "blob", "modality": "image"},
        {"type": "blob", "modality": "audio"},
        {"type": "file"},
    ]


def test_a_whole_answer() -> None:
    message = {"role": "assistant", "content": "Sunny.", "reasoning_content": "Rome is warm."}
    answer = dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    assert told("chat", {}, answer)["output.messages"] == [
        {
            "role": "assistant",
            "parts": [{"type": "reasoning", "content": "Rome is warm."}, {"type": "text", "content": "Sunny."}],
            "finish_reason": "stop",
        }
    ]


def test_a_streamed_answer_is_put_together() -> None:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        return frame(dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}))

    def call(**function: str) -> dict[str, Any]:
        return {"tool_calls": [{"index": 0, "function": function}]}

    first = {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "weather", "arguments": ""}}]}
    parts: list[dict[str, Any]] = [
        {"role": "assistant", "content": "I "},
        {"content": "look."},
        first,
        call(arguments="{"),
        call(arguments="}"),
    ]
    stream = b"".join(chunk(part) for part in parts) + chunk({}, "tool_calls") + frame(dumps({"choices": []})) + DONE
    assert told("chat", {}, stream[:50], stream[50:])["output.messages"] == [
        {
            "role": "assistant",
            "parts": [
                {"type": "text", "content": "I look."},
                {"type": "tool_call", "id": "c1", "name": "weather", "arguments": "{}"},
            ],
            "finish_reason": "tool_call",
        }
    ]


RESPONSE = {
    "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "web_search_call", "id": "ws1"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Sunny."}]},
    ]
}
SAID = [
    {"role": "assistant", "parts": [{"type": "reasoning", "content": "Hm."}]},
    {"role": "assistant", "parts": [{"type": "web_search_call"}]},
    text("assistant", "Sunny."),
]


@pytest.mark.parametrize(
    "answer",
    [dumps(RESPONSE), frame(b'{"type":"x"}', "x") + frame(dumps({"response": RESPONSE}), "response.completed")],
)
def test_a_response_whole_or_streamed(answer: bytes) -> None:
    request = {
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "Well?"},
            {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
        ],
    }
    assert told("responses", request, answer) == {
        "system_instructions": [{"type": "text", "content": "Be brief."}],
        "input.messages": [
            text("user", "Well?"),
            {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "weather", "arguments": "{}"}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "sunny"}]},
        ],
        "output.messages": SAID,
    }


def test_a_responses_input_may_be_a_text() -> None:
    assert told("responses", {"input": "Well?"})["input.messages"] == [text("user", "Well?")]


@pytest.mark.parametrize("request_", [{}, {"messages": 7}, {"messages": [7]}, {"messages": [{"content": [7]}]}])
@pytest.mark.parametrize("answer", [b"", b"{}", b'{"choices":[7]}', b"RIFF", b"data: {\n\n"])
def test_what_cannot_be_read_is_left_out(request_: Any, answer: bytes) -> None:
    assert told("chat", request_, answer) == {}


@pytest.mark.parametrize(
    "answer",
    [
        b'{"choices":[{"index":0,"text":"two three","finish_reason":"stop"}]}',
        (
            b'data: {"choices":[{"index":0,"text":"two"}]}\n\n'
            b'data: {"choices":[{"index":0,"text":" three","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
        ),
    ],
)
def test_a_completion_whole_or_streamed(answer: bytes) -> None:
    content = Content(b'{"prompt":["one"]}', "completions")
    content.add(answer)
    asked, said = (loads(value.encode()) for value in content.attributes().values())
    assert asked == [{"role": "user", "parts": [{"type": "text", "content": "one"}]}]
    assert said[0]["parts"] == [{"type": "text", "content": "two three"}]
    assert said[0]["finish_reason"] == "stop"


def test_what_has_no_messages_tells_none() -> None:
    assert told("embeddings", {"input": "a"}, b'{"data":[]}') == {}


def test_an_answer_without_end_is_not_kept_without_end() -> None:
    piece = frame(dumps({"choices": [{"index": 0, "delta": {"content": "x" * 1000}}]}))
    said = told("chat", {}, *[piece] * (2 * LIMIT // len(piece)))["output.messages"][0]["parts"][0]["content"]
    assert LIMIT * 0.9 < len(said) < LIMIT
