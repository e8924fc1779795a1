"""Calls served by a handler: what comes before a fault is told, and what clients name is fetched side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.provider import Provider
from unigate_core.errors import UpstreamError, UpstreamTruncated
from unigate_core.json import Json, dumps
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.parameters import Parameter, ParameterSupport
from unigate_formats.neutral.translation import Context, Handler, NativeCall, OperationResult

CALL = pb.Call(operation=pb.OPERATION_AUDIO_SPEECH, model="toy-1")


class Shouting:
    """Native text, in capitals."""

    content_type = "audio/pcm"
    usage: Usage | None = None

    def __init__(self, state: Any) -> None:
        self.ended = False

    def feed(self, native: Json) -> bytes:
        if "error" in native:
            raise UpstreamError(native["error"], status=503, type="server_error")
        self.ended = bool(native.get("end"))
        return str(native.get("say", "")).upper().encode()

    def close(self) -> bytes:
        if not self.ended:
            raise UpstreamTruncated("The provider's answer broke off.")
        return b"."


def calls(body: Json, context: Context) -> Sequence[NativeCall]:
    return [NativeCall("shout", {"text": body["input"]}, stream=True)]


@pytest.fixture
def shouting(toy: Provider) -> Provider:
    """The toy provider, with a handler that streams."""
    handler = Handler(
        parameters={"model": Parameter(ParameterSupport.SUPPORTED), "input": Parameter(ParameterSupport.SUPPORTED)},
        calls=calls,
        answer=lambda answers, state: OperationResult(b""),
        stream=Shouting,
    )
    return replace(toy, operations={**toy.operations, Operation.AUDIO_SPEECH: handler})


async def told(stub: Any) -> list[pb.InvokeStreamResponse]:
    request = pb.InvokeStreamRequest(call=CALL, body=dumps({"model": "toy/toy-1", "input": "hi"}))
    return [frame async for frame in stub.InvokeStream(request)]


def sound(frames: list[pb.InvokeStreamResponse]) -> bytes:
    return b"".join(frame.data for frame in frames)


async def test_what_came_before_an_error_in_the_same_read_is_told(with_stub: Any, sse: Any, shouting: Provider) -> None:
    vendor = sse({"say": "hel"}, {"error": "busy"})
    async with with_stub(lambda request: vendor, provider=shouting) as stub:
        frames = await told(stub)
    assert (sound(frames), frames[0].content_type, frames[-1].error.status) == (b"HEL", "audio/pcm", 503)


async def test_what_came_before_malformed_json_in_the_same_read_is_told(
    with_stub: Any, sse: Any, shouting: Provider
) -> None:
    vendor = sse({"say": "hel"}, b"{broken")
    async with with_stub(lambda request: vendor, provider=shouting) as stub:
        frames = await told(stub)
    assert (sound(frames), frames[-1].error.code) == (b"HEL", "upstream_protocol")


async def test_an_unfinished_last_event_is_told_before_the_stream_is_found_cut(
    with_stub: Any, shouting: Provider
) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b'data: {"say":"hel"}', headers={"content-type": "text/event-stream"})

    async with with_stub(vendor, provider=shouting) as stub:
        frames = await told(stub)
    assert (sound(frames), frames[-1].error.code) == (b"HEL", "upstream_truncated")


async def test_an_error_before_all_data_comes_alone(with_stub: Any, sse: Any, shouting: Provider) -> None:
    async with with_stub(lambda request: sse({"error": "busy"}), provider=shouting) as stub:
        frames = await told(stub)
    assert [(frame.data, frame.error.status) for frame in frames] == [(b"", 503)]


async def test_a_stream_ends_with_its_summary(with_stub: Any, sse: Any, shouting: Provider) -> None:
    async with with_stub(lambda request: sse({"say": "hel"}, {"say": "lo", "end": True}), provider=shouting) as stub:
        frames = await told(stub)
    assert (sound(frames), frames[-1].HasField("summary")) == (b"HELLO.", True)
