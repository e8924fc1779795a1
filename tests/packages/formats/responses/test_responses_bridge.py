"""The Responses API of a provider that only knows chat, over gRPC."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from openai.types.responses import Response

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.provider import Provider
from unigate_core.errors import GatewayError, UpstreamError, unsupported_value
from unigate_core.json import dumps, loads
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import NativeCall, Translation

TOLD = ({"say": "Fine, "}, {"say": "thanks."}, {"end": True})


def call(*, store: bool = True, earlier: Any = None, response_id: str = "") -> pb.Call:
    state = pb.ResponseState(store=store, response_id=response_id, input_items=dumps(earlier) if earlier else b"")
    return pb.Call(
        operation=pb.OPERATION_RESPONSES, model="toy-1", created=1_700_000_000, request_id="req_1", response_state=state
    )


def body(**more: Any) -> bytes:
    return dumps({"model": "toy/toy-1", "input": "Hi", **more})


async def streamed(stub: Any, call: pb.Call, **more: Any) -> list[pb.InvokeStreamResponse]:
    return [
        frame async for frame in stub.InvokeStream(pb.InvokeStreamRequest(call=call, body=body(stream=True, **more)))
    ]


async def test_a_whole_answer_is_a_response_and_is_kept(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("Fine.")) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=call(response_id="resp_ugt1"), body=body()))
    response = Response.model_validate_json(answer.body, strict=True)
    assert (response.id, response.output_text, response.store) == ("resp_ugt1", "Fine.", True)  # type: ignore[attr-defined]
    assert loads(answer.summary.keep.response)["id"] == "resp_ugt1"
    assert loads(answer.summary.keep.input_items)[0]["content"] == [{"type": "input_text", "text": "Hi"}]


async def test_an_id_of_our_own_tells_who_answered(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("Fine.")) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=call(), body=body()))
    response_id = loads(answer.body)["id"]
    assert response_id.startswith("resp_ugt")
    assert len(response_id) == len("resp_ugt") + 40


async def test_what_is_to_be_kept_comes_with_the_final_event(with_stub: Any, sse: Any) -> None:
    async with with_stub(lambda request: sse(*TOLD)) as stub:
        frames = await streamed(stub, call())
    last = frames[-1]
    assert last.data.startswith(b"event: response.completed\n")
    assert loads(last.keep.response)["status"] == "completed"
    assert not any(frame.keep.response for frame in frames[:-1])


@pytest.mark.parametrize(("asked", "state"), [(False, True), (True, False)])
async def test_nothing_is_kept_when_either_side_does_not_store(
    with_stub: Any, say: Any, asked: Any, state: Any
) -> None:
    async with with_stub(lambda request: say("Fine.")) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=call(store=state), body=body(store=asked)))
    assert loads(answer.body)["store"] is False
    assert answer.summary.keep.response == b""


async def test_earlier_turns_reach_the_vendor(with_stub: Any, say: Any) -> None:
    seen: list[str] = []
    earlier = [{"role": "user", "content": "One."}, {"role": "assistant", "content": "Two."}]

    def vendor(request: httpx.Request) -> httpx.Response:
        seen.append(loads(request.content)["prompt"])
        return say("ok")  # type: ignore[no-any-return]

    async with with_stub(vendor) as stub:
        request = body(previous_response_id="resp_ugt0")
        answer = await stub.Invoke(pb.InvokeRequest(call=call(earlier=earlier), body=request))
    assert seen == ["One. Two. Hi"]
    assert loads(answer.body)["previous_response_id"] == "resp_ugt0"


async def test_a_stream_that_breaks_off_ends_failed(with_stub: Any, sse: Any) -> None:
    async with with_stub(lambda request: sse(*TOLD[:2])) as stub:
        frames = await streamed(stub, call())
    assert frames[-1].data.startswith(b"event: response.failed\n")
    assert frames[-1].error.code == "upstream_truncated"
    assert not frames[-1].HasField("keep")


async def test_a_parameter_is_refused_under_its_own_name(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("Fine.")) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=call(), body=body(background=True)))
    assert (answer.error.param, answer.error.code) == ("background", "unsupported_parameter")


def failing(toy: Provider, error: GatewayError) -> Provider:
    """The provider, refusing every chat."""

    def refuse(chat: Any, context: Any) -> NativeCall:
        raise error

    chat = toy.operations[Operation.CHAT]
    assert isinstance(chat, Translation)
    return replace(toy, operations={Operation.CHAT: replace(chat, request=refuse)})


@pytest.mark.parametrize("stream", [False, True])
async def test_what_chat_calls_messages_is_called_input(with_stub: Any, toy: Any, say: Any, stream: bool) -> None:
    provider = failing(toy, unsupported_value("messages", "there is nothing to answer."))
    async with with_stub(lambda request: say("x"), provider=provider) as stub:
        if stream:
            error = (await streamed(stub, call()))[-1].error
        else:
            error = (await stub.Invoke(pb.InvokeRequest(call=call(), body=body()))).error
    assert error.param == "input"
    assert error.message == "Unsupported value for 'input': there is nothing to answer."


async def test_a_vendors_error_names_the_parameter_of_responses(with_stub: Any, toy: Any) -> None:
    def too_long(status: int, headers: Any, data: bytes, *, client_key: bool) -> GatewayError:
        return UpstreamError("too long", status=400, type="t", code="context_length_exceeded", param="messages")

    provider = replace(toy, backend=replace(toy.backend, errors=too_long))
    async with with_stub(lambda request: httpx.Response(400), provider=provider) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=call(), body=body()))
    assert (answer.error.param, answer.error.code) == ("input", "context_length_exceeded")


async def test_chat_s_parameters_are_unknown_here(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("Fine.")) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=call(), body=body(messages=[])))
    assert (answer.error.param, answer.error.code) == ("messages", "unknown_parameter")


async def test_the_bridge_is_told_in_the_capabilities(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("Fine.")) as stub:
        told = await stub.GetCapabilities(pb.GetCapabilitiesRequest())
    responses = next(item for item in told.operations if item.operation == pb.OPERATION_RESPONSES)
    supports = {item.name: item.support for item in responses.parameters}
    assert responses.mode == pb.MODE_BRIDGED
    assert (supports["background"], supports["store"]) == (
        pb.PARAMETER_SUPPORT_UNSUPPORTED,
        pb.PARAMETER_SUPPORT_GATEWAY,
    )
