"""The next turn of a conversation with thoughts and tools, on another replica: the vendor gets back what it needs."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import httpx
import pytest
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

THINKING = {"type": "thinking", "thinking": "Let me look. é", "signature": "c2lnbmF0dXJl+/=="}
SECRET = {"type": "redacted_thinking", "data": "cmVkYWN0ZWQ="}
USE = {"type": "tool_use", "id": "toolu_01", "name": "now", "input": {"zone": "UTC"}}
CLAUDE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": [THINKING, SECRET, USE],
    "stop_reason": "tool_use", "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 2},
}  # fmt: skip
GEMINI = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [{"functionCall": {"name": "now", "args": {"zone": "UTC"}}, "thoughtSignature": "c2lnbmVk"}],
            },
            "finishReason": "STOP",
        }
    ],
    "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3},
}
DEEPSEEK = {
    "id": "d", "object": "chat.completion", "created": 1, "model": "deepseek",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": "",
                "reasoning_content": "Let me look. é",
                "tool_calls": [
                    {"id": "call_00", "type": "function", "function": {"name": "now", "arguments": '{"zone":"UTC"}'}}
                ],
            },
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}  # fmt: skip


def claudes_turn(sent: Json) -> Any:
    return next(message["content"] for message in sent["messages"] if message["role"] == "assistant")


def geminis_turn(sent: Json) -> Any:
    parts: list[Json] = next(content["parts"] for content in sent["contents"] if content["role"] == "model")
    for part in parts:
        # calls have got ids of ours, by which their results are told apart
        assert part["functionCall"].pop("id").startswith("call_")
    return parts


def deepseeks_turn(sent: Json) -> Any:
    return next(m["reasoning_content"] for m in sent["messages"] if m["role"] == "assistant")


# provider: model, first answer, where the second request repeats the turn, what must stand there
TURNS: dict[str, tuple[str, Json, Callable[[Json], Any], Any]] = {
    "anthropic": ("claude-opus-4-5", CLAUDE, claudes_turn, [THINKING, SECRET, USE]),
    "gemini": (
        "gemini-3-pro-preview",
        GEMINI,
        geminis_turn,
        GEMINI["candidates"][0]["content"]["parts"],  # type: ignore[index]
    ),
    "deepseek": ("deepseek-reasoner", DEEPSEEK, deepseeks_turn, "Let me look. é"),
}
TOOL = {"type": "function", "function": {"name": "now", "parameters": {"type": "object"}}}
SCHEMA_IN_A_RESULT = '{"$ref":"#/$defs/x","$defs":{}}'


@asynccontextmanager
async def replica(provider: str, native: Json) -> AsyncIterator[tuple[Any, list[Json]]]:
    """A new adapter, and what its vendor is sent."""
    sent: list[Json] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return httpx.Response(404, json={})
        sent.append(loads(request.content))
        return httpx.Response(200, json=native)

    settings = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
    access = VendorSettings(key=Secret("made-up-key"), base_url="https://vendor.example")
    record = importlib.import_module(f"unigate_{provider}").PROVIDER
    async with open_adapter(record, settings, access, client=HttpxClient(httpx.MockTransport(vendor))) as adapter:
        server, _, port = await start(adapter, Telemetry(provider, CollectorRegistry()), settings)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield provider_pb2_grpc.ProviderServiceStub(channel), sent
        await server.stop(0)


async def ask(provider: str, messages: list[Json], replay: Any = None) -> tuple[pb.InvokeResponse, Json]:
    """One turn on a replica of its own: the answer, and what the vendor got."""
    model, native, _, _ = TURNS[provider]
    call = pb.Call(operation=pb.OPERATION_CHAT, model=model, created=1, replay=replay)
    body = dumps({"model": f"{provider}/{model}", "messages": messages, "tools": [TOOL], "reasoning_effort": "high"})
    async with replica(provider, native) as (stub, sent):
        answer = await stub.Invoke(pb.InvokeRequest(call=call, body=body))
    assert not answer.HasField("error"), answer.error
    return answer, sent[-1]


USER: Json = {"role": "user", "content": "what time is it?"}


def result(message: Json) -> Json:
    return {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": SCHEMA_IN_A_RESULT}


def of_openai(message: Json) -> Json:
    """What a client keeps that knows OpenAI's fields only."""
    calls = [{name: call[name] for name in ("id", "type", "function")} for call in message["tool_calls"]]
    return {"role": "assistant", "content": message["content"], "tool_calls": calls}


@pytest.mark.parametrize("name", TURNS)
async def test_thoughts_come_back_though_the_client_drops_them(name: str) -> None:
    _, _, turn, expected = TURNS[name]
    first, _ = await ask(name, [USER])
    message = loads(first.body)["choices"][0]["message"]
    _, sent = await ask(name, [USER, of_openai(message), result(message)], first.summary.keep.replay)
    assert turn(sent) == expected


@pytest.mark.parametrize("name", TURNS)
async def test_thoughts_come_back_from_a_client_that_keeps_them(name: str) -> None:
    _, _, turn, expected = TURNS[name]
    first, _ = await ask(name, [USER])
    message = loads(first.body)["choices"][0]["message"]
    _, sent = await ask(name, [USER, message, result(message)])
    assert turn(sent) == expected


@pytest.mark.parametrize("name", TURNS)
async def test_a_turn_whose_thoughts_are_lost_is_served_all_the_same(name: str) -> None:
    first, _ = await ask(name, [USER])
    message = loads(first.body)["choices"][0]["message"]
    _, sent = await ask(name, [USER, of_openai(message), result(message)])
    assert "c2lnbm" not in dumps(sent).decode()


@pytest.mark.parametrize("name", TURNS)
@pytest.mark.parametrize("former", TURNS)
async def test_a_conversation_changes_its_provider_without_the_formers_thoughts(name: str, former: str) -> None:
    if name == former:
        pytest.skip("no change")
    first, _ = await ask(former, [USER])
    message = loads(first.body)["choices"][0]["message"]
    _, sent = await ask(name, [USER, message, result(message)])
    assert not [word for word in ("c2lnbm", "cmVkYWN0ZWQ", "Let me look") if word in dumps(sent).decode()]


@pytest.mark.parametrize("name", TURNS)
async def test_a_schema_in_a_result_is_only_text(name: str) -> None:
    first, _ = await ask(name, [USER])
    message = loads(first.body)["choices"][0]["message"]
    _, sent = await ask(name, [USER, of_openai(message), result(message)])
    assert dumps(SCHEMA_IN_A_RESULT)[1:-1] in dumps(sent)


async def test_results_of_two_merged_turns_are_one_turn_with_results_first() -> None:
    def said(call_id: str) -> Json:
        function = {"name": "now", "arguments": "{}"}
        return {"role": "assistant", "tool_calls": [{"id": call_id, "type": "function", "function": function}]}

    def got(call_id: str) -> Json:
        return {"role": "tool", "tool_call_id": call_id, "content": call_id}

    both = {"role": "assistant", "content": None, "tool_calls": [*said("a")["tool_calls"], *said("b")["tool_calls"]]}
    messages = [USER, both, got("b"), got("a"), {"role": "user", "content": "and?"}]
    _, sent = await ask("anthropic", messages)
    last = sent["messages"][-1]
    assert last["role"] == "user"
    assert [block["type"] for block in last["content"]] == ["tool_result", "tool_result", "text"]
    assert [block.get("tool_use_id") for block in last["content"]] == ["a", "b", None]
