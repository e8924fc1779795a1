"""DeepSeek's wire format in small, and what turns events back into something to compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from unigate_core.json import Json, dumps, loads
from unigate_core.sse import EventDecoder
from unigate_deepseek.profile import PROFILE
from unigate_deepseek.reasoning import FORMAT
from unigate_formats.neutral.events import (
    Event,
    Finish,
    Reasoning,
    ReasoningBlock,
    Refusal,
    ReplayBlob,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    Usage,
)
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.translation import Context, NativeCall
from unigate_formats.openai_chat.chat_state import ChatState
from unigate_formats.openai_chat.decode_request import decode_request
from unigate_formats.openai_chat.decode_stream import ChatStream
from unigate_formats.openai_chat.encode_request import encode_request

WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "Tells the weather.", "parameters": {"type": "object"}},
}


@pytest.fixture
def weather() -> Json:
    return WEATHER


@pytest.fixture
def translate() -> Callable[..., NativeCall]:
    """Translate a chat request given as keywords; `replay` is what the gateway kept."""

    def call(*, replay: dict[str, bytes] | None = None, **body: Any) -> NativeCall:
        chat = {"model": "deepseek-flash", "messages": [{"role": "user", "content": "hi"}], **body}
        context = Context(model=ModelInfo("deepseek-flash"), new_id=lambda: "x", replay=replay or {})
        return encode_request(PROFILE, decode_request(chat), context)

    return call


@pytest.fixture
def tool_turn() -> Callable[..., list[Json]]:
    """A user, an assistant that calls the weather, its result; keywords go into the assistant's message."""

    def messages(**assistant: Any) -> list[Json]:
        call = {"id": "call_00_a", "type": "function", "function": {"name": "weather", "arguments": '{"a":1}'}}
        return [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": None, "tool_calls": [call], **assistant},
            {"role": "tool", "tool_call_id": "call_00_a", "content": "sunny"},
        ]

    return messages


@pytest.fixture
def whole() -> Callable[..., Json]:
    """A whole answer of DeepSeek's; keywords go into the message."""

    def answer(*, finish_reason: str | None = "stop", **message: Any) -> Json:
        return {
            "id": "0b1c2d3e-0000-4000-8000-000000000001",
            "object": "chat.completion",
            "created": 1_780_000_000,
            "model": "deepseek-v4-flash",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": "", **message},
                    "logprobs": None,
                    "finish_reason": finish_reason,
                }
            ],
            "usage": {
                "prompt_tokens": 563,
                "completion_tokens": 116,
                "total_tokens": 679,
                "prompt_tokens_details": {"cached_tokens": 512},
                "completion_tokens_details": {"reasoning_tokens": 60},
                "prompt_cache_hit_tokens": 512,
                "prompt_cache_miss_tokens": 51,
            },
            "system_fingerprint": "fp_1",
        }

    return answer


@pytest.fixture
def chunks(whole: Callable[..., Json]) -> Callable[..., list[Json]]:
    """The chunks of a streamed answer: one for each delta, then one with finish reason and usage."""

    def stream(*deltas: Json, finish_reason: str | None = "stop") -> list[Json]:
        full = whole()
        base = {key: full[key] for key in ("id", "created", "model", "system_fingerprint")}
        base["object"] = "chat.completion.chunk"

        def chunk(delta: Json, finish: str | None, usage: Json | None) -> Json:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            return {**base, "choices": [choice], "usage": usage}

        out = [chunk(delta, None, None) for delta in ({"role": "assistant", "content": ""}, *deltas)]
        return out if finish_reason is None else [*out, chunk({"content": ""}, finish_reason, full["usage"])]

    return stream


@pytest.fixture
def run_stream() -> Callable[..., list[Event]]:
    """All events of a stream given as chunks."""

    def run(chunks: Iterable[Json], *, parallel: bool = True) -> list[Event]:
        stream = ChatStream(ChatState(parallel=parallel, thought_format=FORMAT))
        events = [event for chunk in chunks for event in stream.feed(chunk)]
        return [*events, *stream.close()]

    return run


@pytest.fixture
def run_bytes() -> Callable[[Sequence[bytes]], list[Event]]:
    """All events of a stream given as bytes in pieces."""

    def run(pieces: Sequence[bytes]) -> list[Event]:
        decoder, stream = EventDecoder(), ChatStream(ChatState(thought_format=FORMAT))
        events: list[Event] = []
        for data in [data for piece in pieces for data in decoder.feed(piece)] + decoder.flush():
            if data != b"[DONE]":
                events += stream.feed(loads(data))
        return [*events, *stream.close()]

    return run


@pytest.fixture
def wire() -> Callable[[Iterable[Json]], bytes]:
    """Chunks as DeepSeek sends them."""

    def encode(chunks: Iterable[Json]) -> bytes:
        return b"".join(b"data: %b\n\n" % dumps(chunk) for chunk in chunks) + b"data: [DONE]\n\n"

    return encode


@pytest.fixture
def fold() -> Callable[[Iterable[Event]], Json]:
    """What the events say, whatever pieces they come in."""

    def gather(events: Iterable[Event]) -> Json:
        said: Json = {"text": "", "thought": "", "blocks": [], "calls": {}, "finish": [], "keep": {}}
        for event in events:
            match event:
                case Start():
                    said["start"] = (event.id, event.model, event.created, event.system_fingerprint)
                case Text(text) | Refusal(text):
                    said["text"] += text
                case Reasoning(text):
                    said["thought"] += text
                case ReasoningBlock():
                    said["blocks"].append((event.format, event.text))
                case ToolCall(index, id, name):
                    said["calls"][index] = [id, name, ""]
                case ToolArguments(index, text):
                    said["calls"][index][2] += text
                case ReplayBlob(call_id, blob):
                    said["keep"][call_id] = blob
                case Finish(reason, choice):
                    said["finish"].append((choice, reason))
                case Usage():
                    said["usage"] = event
        return said

    return gather
