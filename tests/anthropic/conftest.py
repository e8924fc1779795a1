"""Short ways through the translator: a chat request in, a native call or neutral events out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from unigate_anthropic import PROVIDER
from unigate_core.errors import RequestRefused
from unigate_core.json import Json
from unigate_formats.anthropic_messages.decode_answer import decode_answer
from unigate_formats.anthropic_messages.decode_stream import MessageStream
from unigate_formats.neutral.events import Event
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.parameters import check_parameters, without
from unigate_formats.neutral.translation import Context, NativeCall, Translation
from unigate_formats.openai_chat.decode_request import decode_request

Translate = Callable[..., NativeCall]
Refuse = Callable[..., RequestRefused]
Events = Callable[..., list[Event]]


def _translate(
    model: str = "claude-sonnet-4-5",
    *,
    features: str | None = None,
    replay: dict[str, bytes] | None = None,
    drop_unsupported: bool = False,
    **body: Any,
) -> NativeCall:
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}]} | body
    translation = PROVIDER.operations[Operation.CHAT]
    assert isinstance(translation, Translation)
    dropped = check_parameters(body, translation.parameters, provider="anthropic", drop_unsupported=drop_unsupported)
    info = ModelInfo(id=model, features=frozenset((features or "").split()))
    context = Context(model=info, new_id=lambda: "x" * 24, replay=replay or {}, drop_unsupported=drop_unsupported)
    return translation.request(decode_request(without(body, dropped)), context)


def _refuse(*args: Any, **body: Any) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        _translate(*args, **body)
    return caught.value


@pytest.fixture
def translate() -> Translate:
    """Model and body members → native call."""
    return _translate


@pytest.fixture
def refuse() -> Refuse:
    """Model and body members → the refusal they meet."""
    return _refuse


@pytest.fixture
def streamed() -> Events:
    """Native events → neutral events of the whole stream."""

    def run(*native: Json, state: Any = None) -> list[Event]:
        translator = MessageStream(state)
        return [event for item in native for event in translator.feed(item)] + list(translator.close())

    return run


@pytest.fixture
def whole() -> Events:
    """Content blocks and other members of a message → neutral events."""

    def run(*content: Json, state: Any = None, **members: Any) -> list[Event]:
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-4-5-20250929",
            "content": list(content),
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 3, "output_tokens": 5},
        }
        return list(decode_answer(message | members, state))

    return run


@pytest.fixture
def as_stream() -> Callable[..., list[Json]]:
    """Content blocks → the native events that would have streamed them, each text in single characters."""

    def run(*content: Json, stop_reason: str = "end_turn", **delta: Any) -> list[Json]:
        head = {"id": "msg_1", "model": "claude-sonnet-4-5-20250929", "usage": {"input_tokens": 3, "output_tokens": 1}}
        events: list[Json] = [{"type": "message_start", "message": head | {"type": "message", "content": []}}]
        for index, block in enumerate(content):
            events += _block_events(index, block)
        usage = {"output_tokens": 5}
        events.append({"type": "message_delta", "delta": {"stop_reason": stop_reason, **delta}, "usage": usage})
        return [*events, {"type": "message_stop"}]

    return run


def _block_events(index: int, block: Json) -> list[Json]:
    empty = dict(block)
    citations = empty.pop("citations", None) or []
    deltas: list[Json] = [{"type": "citations_delta", "citation": citation} for citation in citations]
    for key, kind in (("thinking", "thinking_delta"), ("text", "text_delta")):
        if key in block:
            empty[key] = ""
            deltas += [{"type": kind, key: character} for character in block[key]]
    if "signature" in block:
        empty["signature"] = ""
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
    if block["type"] in ("tool_use", "server_tool_use"):
        empty["input"] = {}
        text = json.dumps(block["input"], separators=(",", ":"), ensure_ascii=False) if block["input"] else ""
        deltas.append({"type": "input_json_delta", "partial_json": ""})
        deltas += [{"type": "input_json_delta", "partial_json": character} for character in text]
    start = {"type": "content_block_start", "index": index, "content_block": empty}
    middle = [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
    return [start, {"type": "ping"}, *middle, {"type": "content_block_stop", "index": index}]
