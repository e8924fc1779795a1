"""Members beside the known ones of messages, parts, calls and tools: a vendor takes them, or the client is told."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import RequestRefused
from unigate_core.json import Json
from unigate_formats.neutral.drop_extensions import drop_extensions
from unigate_formats.neutral.extensions import KnownExtensions
from unigate_formats.neutral.request import TextPart, Tool
from unigate_formats.openai_chat.decode_request import decode_request
from unigate_formats.openai_responses.decode_request import decode_request as decode_response

ODD = {"x": 1}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CHAT: Json = {
    "model": "m",
    "tools": [{"type": "function", "function": {"name": "f", **ODD}, **ODD}],
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "t", **ODD}], **ODD},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://a/b", **ODD}}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL | ODD]},
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "t", **ODD}], **ODD},
    ],
}
PATHS = [
    "messages[0].content[0].x",
    "messages[0].x",
    "messages[1].content[0].image_url.x",
    "messages[2].tool_calls[0].x",
    "messages[3].content[0].x",
    "messages[3].x",
    "tools[0].function.x",
    "tools[0].x",
]


def test_every_unknown_member_of_a_chat_request_is_told() -> None:
    assert sorted(drop_extensions(decode_request(CHAT), {}, drop_unsupported=True)) == PATHS


def test_what_a_vendor_knows_is_not_told() -> None:
    known: KnownExtensions = {TextPart: frozenset({"x"}), Tool: frozenset({"x"})}
    told = drop_extensions(decode_request(CHAT), known, drop_unsupported=True)
    assert sorted(told) == [path for path in PATHS if "content[0].x" not in path and "tools" not in path]


def test_unknown_members_are_refused_where_nothing_may_be_dropped() -> None:
    with pytest.raises(RequestRefused) as refused:
        drop_extensions(decode_request(CHAT), {}, drop_unsupported=False)
    assert refused.value.code == "unknown_parameter"


def test_null_and_members_of_answers_are_nothing_new() -> None:
    answer: Json = {"role": "assistant", "content": "a", "refusal": None, "annotations": [], "reasoning_content": "r"}
    body: Json = {"model": "m", "messages": [answer, {"role": "user", "content": "q", "x": None}]}
    assert drop_extensions(decode_request(body), {}, drop_unsupported=False) == []


def test_every_unknown_member_of_a_responses_request_is_told() -> None:
    body: Any = {
        "model": "m",
        "tools": [{"type": "function", "name": "f", "parameters": {}, **ODD}],
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "t", **ODD}], **ODD},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", **ODD},
            {"type": "function_call_output", "call_id": "c", "output": "r", **ODD},
        ],
    }
    chat = decode_response(body, "p", chat_table={}, drop_unsupported=True)
    told = sorted(drop_extensions(chat, {}, drop_unsupported=True))
    assert told == ["input[0].content[0].x", "input[0].x", "input[1].x", "input[2].x", "tools[0].x"]
