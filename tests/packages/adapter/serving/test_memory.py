"""A failed call leaves nothing behind: no frame, and so no body, waits for the garbage collector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.provider import Provider
from unigate_core.json import dumps
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import PassThrough

CHAT = pb.Call(operation=pb.OPERATION_CHAT, model="toy-1", request_id="req_1")
CHUNK = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": "a"}}]}
Held = Callable[[str], list[str]]


def body(**more: Any) -> bytes:
    return dumps({"model": "toy/toy-1", "messages": [{"role": "user", "content": "hi"}], **more})


def refusing(request: httpx.Request) -> httpx.Response:
    return httpx.Response(400, text="No.")


def unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route")


def senseless(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text="<html>", headers={"content-type": "application/json"})


@pytest.fixture(params=["translated", "passed through"])
def provider(request: pytest.FixtureRequest, toy: Provider) -> Provider:
    """The toy, or one that speaks OpenAI's format."""
    if request.param == "translated":
        return toy
    from msgspec.structs import replace  # noqa: PLC0415

    return replace(toy, operations={Operation.CHAT: PassThrough("chat/completions")})


@pytest.mark.parametrize("vendor", [refusing, unreachable, senseless])
async def test_a_whole_answer_that_fails(with_stub: Any, provider: Provider, vendor: Any, held: Held) -> None:
    async with with_stub(vendor, provider=provider) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=CHAT, body=body()))
        assert answer.HasField("error")
        assert held("unigate_adapter") == []


@pytest.mark.parametrize("vendor", [refusing, unreachable])
async def test_a_stream_that_does_not_begin(with_stub: Any, provider: Provider, vendor: Any, held: Held) -> None:
    async with with_stub(vendor, provider=provider) as stub:
        call = stub.InvokeStream(pb.InvokeStreamRequest(call=CHAT, body=body(stream=True)))
        assert [frame async for frame in call][-1].HasField("error")
        assert held("unigate_adapter") == []


@pytest.mark.parametrize("last", [{"error": {"message": "Busy."}}, b"{", None])
async def test_a_stream_that_breaks(with_stub: Any, provider: Provider, sse: Any, last: Any, held: Held) -> None:
    events = [event for event in ({**CHUNK, "say": "a"}, last) if event is not None]
    async with with_stub(lambda request: sse(*events), provider=provider) as stub:
        call = stub.InvokeStream(pb.InvokeStreamRequest(call=CHAT, body=body(stream=True)))
        assert [frame async for frame in call][-1].HasField("error")
        assert held("unigate_adapter") == []


@pytest.mark.parametrize("request_", [b"[]", body(stop=5), b"{"])
async def test_a_request_that_is_wrong(with_stub: Any, toy: Provider, request_: bytes, held: Held) -> None:
    async with with_stub(refusing, provider=toy) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=CHAT, body=request_))
        assert answer.HasField("error")
        assert held("unigate_adapter") == []


async def test_one_of_several_calls_that_fails(with_stub: Any, toy: Provider, held: Held) -> None:
    async with with_stub(refusing, provider=toy) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=CHAT, body=body(n=2)))
        assert answer.HasField("error")
        assert held("unigate_adapter") == []
