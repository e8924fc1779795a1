"""Responses that pass through: the id by which the vendor keeps one is told before the client can see it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.provider import Provider
from unigate_core.json import Json, dumps
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import PassThrough

USAGE = {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}
MADE: Json = {"id": "resp_0", "object": "response", "model": "toy-1", "status": "completed", "usage": USAGE}
BEGUN = {"type": "response.created", "response": MADE | {"status": "in_progress", "usage": None}}
DELTA = {"type": "response.output_text.delta", "delta": "Hi"}
DONE = {"type": "response.completed", "response": MADE}


@pytest.fixture
def keeping(toy: Provider) -> Provider:
    """The toy provider, which keeps responses itself."""
    routes = {
        Operation.RESPONSES: PassThrough("responses"),
        Operation.RESPONSES_RESOURCE: PassThrough("responses/"),
    }
    return replace(toy, operations={**toy.operations, **routes})


def call(operation: pb.Operation.ValueType = pb.OPERATION_RESPONSES, **more: Any) -> pb.Call:
    return pb.Call(operation=operation, model="toy-1", response_state=pb.ResponseState(store=True), **more)


def whole(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=MADE)


async def invoke(stub: Any, call: pb.Call) -> pb.InvokeResponse:
    answer: pb.InvokeResponse = await stub.Invoke(pb.InvokeRequest(call=call, body=dumps({"model": "toy/toy-1"})))
    return answer


async def stream(stub: Any, call: pb.Call) -> list[pb.InvokeStreamResponse]:
    request = pb.InvokeStreamRequest(call=call, body=dumps({"model": "toy/toy-1", "stream": True}))
    return [frame async for frame in stub.InvokeStream(request)]


async def test_a_whole_answer_tells_how_it_is_kept(with_stub: Any, keeping: Provider) -> None:
    async with with_stub(whole, provider=keeping) as stub:
        answer = await invoke(stub, call())
    assert answer.summary.keep == pb.Keep(provider_response_id="resp_0", provider_usage_told=True)


async def test_one_that_is_made_in_the_background_has_no_usage_yet(with_stub: Any, keeping: Provider) -> None:
    queued = httpx.Response(200, json=MADE | {"status": "queued", "usage": None})
    async with with_stub(lambda request: queued, provider=keeping) as stub:
        answer = await invoke(stub, call(created=1))
    assert answer.summary.keep == pb.Keep(provider_response_id="resp_0")


async def test_what_is_not_to_be_stored_is_not_kept(with_stub: Any, keeping: Provider) -> None:
    unstored = call(created=1)
    unstored.response_state.store = False
    async with with_stub(whole, provider=keeping) as stub:
        answer = await invoke(stub, unstored)
    assert not answer.summary.HasField("keep")


async def test_a_stream_tells_it_with_its_first_events_and_at_its_end(with_stub: Any, keeping: Provider) -> None:
    async def events() -> Any:
        for event in (BEGUN, DELTA, DELTA, DONE):
            yield b"data: " + dumps(event) + b"\n\n"

    def vendor(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=events(), headers={"content-type": "text/event-stream"})

    async with with_stub(vendor, provider=keeping) as stub:
        frames = await stream(stub, call())
    assert b"resp_0" in frames[0].data
    assert [frame.keep.provider_response_id for frame in frames if frame.HasField("keep")] == ["resp_0"]
    assert frames[0].HasField("keep")
    assert frames[-1].summary.keep == pb.Keep(provider_response_id="resp_0", provider_usage_told=True)


async def test_usage_that_was_told_before_is_left_out(with_stub: Any, keeping: Provider) -> None:
    async with with_stub(whole, provider=keeping) as stub:
        told = call(pb.OPERATION_RESPONSES_RESOURCE, path="responses/resp_0", method="GET", usage_told=True)
        again = await invoke(stub, told)
        told.usage_told = False
        first = await invoke(stub, told)
    assert (again.summary.HasField("usage"), first.summary.usage.input_tokens) == (False, 5)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "files"),
        ("GET", "responses/../files"),
        ("GET", "responses/resp_0/../../files/x"),
        ("GET", "responses/%2e%2e/files"),
        ("PUT", "responses/resp_0"),
        ("GET", "responses/resp_0?a=b#c"),
        ("GET", "https://elsewhere.example/responses/x"),
        ("GET", "responses/"),
    ],
)
async def test_the_operators_key_opens_nothing_but_responses(
    with_stub: Any, keeping: Provider, method: str, path: str
) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    async with with_stub(vendor, provider=keeping) as stub:
        answer = await invoke(stub, call(pb.OPERATION_RESPONSES_RESOURCE, path=path, method=method))
    assert answer.error.status == 404
