"""Vendors' answers that gateways get wrong, through the whole adapter: the client sees the same whole and streamed."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import httpx
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from prometheus_client import CollectorRegistry

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc
from unigate_adapter.adapter import open_adapter
from unigate_adapter.http.httpx_client import HttpxClient
from unigate_adapter.server import start
from unigate_adapter.settings import AdapterSettings, VendorSettings
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.environment import Secret
from unigate_core.json import Json, dumps, loads

CALL = pb.Call(operation=pb.OPERATION_CHAT, model="m", created=1_700_000_000)


@asynccontextmanager
async def stub_of(provider: str, vendor: Any) -> AsyncIterator[Any]:
    """The provider's adapter in front of a function that answers every POST."""

    def answer(request: httpx.Request) -> httpx.Response:
        return vendor(request) if request.method == "POST" else httpx.Response(404, json={})

    settings = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
    access = VendorSettings(key=Secret("made-up-key"), base_url="https://vendor.example")
    record = importlib.import_module(f"unigate_{provider}").PROVIDER
    client = HttpxClient(httpx.MockTransport(answer))
    async with open_adapter(record, settings, access, client=client) as adapter:
        server, _, port = await start(adapter, Telemetry(provider, CollectorRegistry()), settings)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield provider_pb2_grpc.ProviderServiceStub(channel)
        await server.stop(0)


def sse(events: list[Json]) -> httpx.Response:
    blocks = []
    for event in events:
        name = b"event: %b\n" % event["type"].encode() if "type" in event else b""
        blocks.append(name + b"data: " + dumps(event) + b"\n\n")
    return httpx.Response(200, content=b"".join(blocks), headers={"content-type": "text/event-stream"})


def body(**more: Any) -> bytes:
    return dumps({"model": "x/m", "messages": [{"role": "user", "content": "hi"}], **more})


@dataclass
class Told:
    """What a client understands of an answer."""

    content: str = ""
    refusal: str = ""
    finish: list[str] = field(default_factory=list)
    calls: dict[int, list[str]] = field(default_factory=dict)
    usage: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)


def usage_of(usage: Any) -> tuple[int, int, int, int, int]:
    """Prompt, cached, completion, reasoning, total."""
    assert usage is not None
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else 0
    reasoning = usage.completion_tokens_details.reasoning_tokens if usage.completion_tokens_details else 0
    return usage.prompt_tokens, cached or 0, usage.completion_tokens, reasoning or 0, usage.total_tokens


async def whole(provider: str, native: Json, **request: Any) -> Told:
    async with stub_of(provider, lambda _: httpx.Response(200, json=native)) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=CALL, body=body(**request)))
    assert not answer.HasField("error"), answer.error
    completion = ChatCompletion.model_validate(loads(answer.body), strict=True)
    message = completion.choices[0].message
    return Told(
        content=message.content or "",
        refusal=message.refusal or "",
        finish=[completion.choices[0].finish_reason],
        calls={
            index: [call.function.name, call.function.arguments]  # type: ignore[union-attr]
            for index, call in enumerate(message.tool_calls or [])
        },
        usage=usage_of(completion.usage),
    )


async def streamed(provider: str, events: list[Json], **request: Any) -> Told:
    asked = body(stream=True, stream_options={"include_usage": True}, **request)
    async with stub_of(provider, lambda _: sse(events)) as stub:
        frames = [frame async for frame in stub.InvokeStream(pb.InvokeStreamRequest(call=CALL, body=asked))]
    assert not frames[-1].HasField("error"), frames[-1].error
    datas = [block.removeprefix(b"data: ") for frame in frames for block in frame.data.split(b"\n\n") if block]
    assert datas.pop() == b"[DONE]"
    told = Told()
    for chunk in [ChatCompletionChunk.model_validate(loads(data), strict=True) for data in datas]:
        for choice in chunk.choices:
            told.content += choice.delta.content or ""
            told.refusal += choice.delta.refusal or ""
            told.finish += [choice.finish_reason] if choice.finish_reason else []
            for call in choice.delta.tool_calls or []:
                assert call.function is not None
                if call.id:
                    assert call.index not in told.calls
                    told.calls[call.index] = [call.function.name or "", ""]
                told.calls[call.index][1] += call.function.arguments or ""
        if chunk.usage is not None:
            assert chunk.choices == []
            told.usage = usage_of(chunk.usage)
    return told


def claude(content: list[Json], stop: str, usage: Json) -> Json:
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": content,
        "stop_reason": stop, "stop_sequence": None, "usage": usage,
    }  # fmt: skip


def claude_events(blocks: list[list[Json]], stop: str, early: Json, late: Json) -> list[Json]:
    """`blocks`: the block as it starts, then its deltas."""
    events: list[Json] = [{"type": "message_start", "message": {**claude([], "", early), "stop_reason": None}}]
    for index, (begin, *deltas) in enumerate(blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": begin})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    return [*events, {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": late}, {"type": "message_stop"}]


def gemini(parts: list[Json], usage: Json | None = None, finish: str = "") -> Json:
    candidate: Json = {"content": {"role": "model", "parts": parts} if parts else {}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "gemini", **({"usageMetadata": usage} if usage else {})}


def deepseek(message: Json, finish: str, usage: Json) -> Json:
    return {
        "id": "d", "object": "chat.completion", "created": 1, "model": "deepseek",
        "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}], "usage": usage,
    }  # fmt: skip


def deepseek_chunk(delta: Json, finish: str | None = None, **more: Any) -> Json:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "d",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "deepseek",
        "choices": [choice],
        **more,
    }


NOW = {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {}}
GOOGLE_USAGE = {
    "promptTokenCount": 427,
    "candidatesTokenCount": 324,
    "thoughtsTokenCount": 447,
    "totalTokenCount": 1198,
}
DEEP_USAGE = {
    "prompt_tokens": 30, "completion_tokens": 9, "total_tokens": 39, "prompt_cache_hit_tokens": 10,
    "prompt_cache_miss_tokens": 20, "completion_tokens_details": {"reasoning_tokens": 4},
}  # fmt: skip
CASES: dict[str, tuple[str, Json, list[Json], Told]] = {
    "a call without arguments has an empty object": (
        "anthropic",
        claude([NOW], "tool_use", {"input_tokens": 5, "output_tokens": 7}),
        claude_events(
            [[NOW, {"type": "input_json_delta", "partial_json": ""}]],
            "tool_use",
            {"input_tokens": 5, "output_tokens": 1},
            {"output_tokens": 7},
        ),
        Told(finish=["tool_calls"], calls={0: ["now", "{}"]}, usage=(5, 0, 7, 0, 12)),
    ),
    "late counts replace early ones, and cached tokens are part of the prompt": (
        "anthropic",
        claude(
            [{"type": "text", "text": "ok"}],
            "end_turn",
            {"input_tokens": 6, "cache_read_input_tokens": 204, "cache_creation_input_tokens": 50, "output_tokens": 9},
        ),
        claude_events(
            [[{"type": "text", "text": ""}, {"type": "text_delta", "text": "ok"}]],
            "end_turn",
            {"input_tokens": 2, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 0, "output_tokens": 1},
            {"input_tokens": 6, "cache_read_input_tokens": 204, "cache_creation_input_tokens": 50, "output_tokens": 9},
        ),
        Told(content="ok", finish=["stop"], usage=(260, 204, 9, 0, 269)),
    ),
    "an empty answer is an empty answer": (
        "anthropic",
        claude([], "end_turn", {"input_tokens": 5, "output_tokens": 2}),
        claude_events([], "end_turn", {"input_tokens": 5, "output_tokens": 1}, {"output_tokens": 2}),
        Told(finish=["stop"], usage=(5, 0, 2, 0, 7)),
    ),
    "a secret thought is no text": (
        "anthropic",
        claude(
            [{"type": "redacted_thinking", "data": "c2VjcmV0"}, {"type": "text", "text": "ok"}],
            "end_turn",
            {"input_tokens": 5, "output_tokens": 2},
        ),
        claude_events(
            [
                [{"type": "redacted_thinking", "data": "c2VjcmV0"}],
                [{"type": "text", "text": ""}, {"type": "text_delta", "text": "ok"}],
            ],
            "end_turn",
            {"input_tokens": 5, "output_tokens": 1},
            {"output_tokens": 2},
        ),
        Told(content="ok", finish=["stop"], usage=(5, 0, 2, 0, 7)),
    ),
    "a call before a plain stop ends in tool calls, with the last usage": (
        "gemini",
        gemini([{"functionCall": {"name": "now", "args": {"a": 1}}}], GOOGLE_USAGE, "STOP"),
        [
            gemini(
                [{"functionCall": {"name": "now", "args": {"a": 1}}}], {"promptTokenCount": 55, "totalTokenCount": 55}
            ),
            gemini([{"text": ""}], GOOGLE_USAGE, "STOP"),
        ],
        Told(finish=["tool_calls"], calls={0: ["now", '{"a":1}']}, usage=(427, 0, 771, 447, 1198)),
    ),
    "parallel calls are counted": (
        "gemini",
        gemini(
            [
                {"functionCall": {"name": "a", "args": {}}, "thoughtSignature": "c2ln"},
                {"functionCall": {"name": "b", "args": {}}},
                {"functionCall": {"name": "a", "args": {}}},
            ],
            GOOGLE_USAGE,
            "STOP",
        ),
        [
            gemini([{"functionCall": {"name": "a", "args": {}}, "thoughtSignature": "c2ln"}]),
            gemini([{"functionCall": {"name": "b", "args": {}}}, {"functionCall": {"name": "a", "args": {}}}]),
            gemini([{"text": ""}], GOOGLE_USAGE, "STOP"),
        ],
        Told(
            finish=["tool_calls"],
            calls={0: ["a", "{}"], 1: ["b", "{}"], 2: ["a", "{}"]},
            usage=(427, 0, 771, 447, 1198),
        ),
    ),
    "thoughts alone end by length": (
        "gemini",
        gemini([], {"promptTokenCount": 528, "thoughtsTokenCount": 2, "totalTokenCount": 530}, "MAX_TOKENS"),
        [gemini([], {"promptTokenCount": 528, "thoughtsTokenCount": 2, "totalTokenCount": 530}, "MAX_TOKENS")],
        Told(finish=["length"], usage=(528, 0, 2, 2, 530)),
    ),
    "thoughts are no content, usage splits": (
        "deepseek",
        deepseek({"content": "four", "reasoning_content": "2+2"}, "stop", DEEP_USAGE),
        [
            deepseek_chunk({"role": "assistant", "content": None, "reasoning_content": ""}),
            deepseek_chunk({"content": None, "reasoning_content": "2+2"}),
            deepseek_chunk({"content": "four", "reasoning_content": None}),
            deepseek_chunk({"content": ""}, "stop", usage=DEEP_USAGE),
        ],
        Told(content="four", finish=["stop"], usage=(30, 10, 9, 4, 39)),
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_the_whole_answer(case: str) -> None:
    provider, native, _, told = CASES[case]
    assert await whole(provider, native) == told


@pytest.mark.parametrize("case", CASES)
async def test_the_streamed_answer(case: str) -> None:
    provider, _, events, told = CASES[case]
    assert await streamed(provider, events) == told


REFUSALS: dict[str, tuple[str, Json, list[Json], str]] = {
    "a refusal keeps what was said": (
        "anthropic",
        claude([{"type": "text", "text": "Well"}], "refusal", {"input_tokens": 5, "output_tokens": 2}),
        claude_events(
            [[{"type": "text", "text": ""}, {"type": "text_delta", "text": "Well"}]],
            "refusal",
            {"input_tokens": 5, "output_tokens": 1},
            {"output_tokens": 2},
        ),
        "Well",
    ),
    "a filtered answer declines": (
        "gemini",
        gemini([], GOOGLE_USAGE, "SAFETY"),
        [gemini([], GOOGLE_USAGE, "SAFETY")],
        "",
    ),
    "a blocked prompt declines": (
        "gemini",
        {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": GOOGLE_USAGE},
        [{"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": GOOGLE_USAGE}],
        "",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_declining_is_the_same_whole_and_streamed(case: str) -> None:
    provider, native, events, content = REFUSALS[case]
    one, other = await whole(provider, native), await streamed(provider, events)
    assert one == other
    assert (one.finish, one.content) == (["content_filter"], content)
    assert one.refusal


STREAMS = {case: (provider, events) for case, (provider, _, events, _) in CASES.items()}


@pytest.mark.parametrize("case", STREAMS)
async def test_a_stream_cut_after_any_event_is_an_error_and_never_looks_finished(case: str) -> None:
    provider, events = STREAMS[case]
    for length in range(len(events)):
        kept = events[:length]
        asked = pb.InvokeStreamRequest(call=CALL, body=body(stream=True))
        async with stub_of(provider, lambda _, kept=kept: sse(kept)) as stub:
            frames = [frame async for frame in stub.InvokeStream(asked)]
        data = b"".join(frame.data for frame in frames)
        assert frames[-1].error.code == "upstream_truncated"
        assert b"[DONE]" not in data
        assert b'"finish_reason":"' not in data
