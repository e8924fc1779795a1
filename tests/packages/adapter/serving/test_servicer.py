"""The RPCs of an adapter, over a real gRPC connection, in front of a made-up vendor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.provider import Provider
from unigate_core.json import dumps, loads
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.neutral.translation import Context, NativeCall, Translation


class Recorder:
    """A vendor that remembers what it was asked; `answer` gets the number of requests so far."""

    def __init__(self, answer: Callable[[int], httpx.Response]) -> None:
        self.metadata: list[httpx.Request] = []
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.metadata.append(request)
        return self._answer(len(self.metadata))


CHAT = pb.Call(operation=pb.OPERATION_CHAT, model="toy-1", created=1_700_000_000, request_id="req_1")


def body(**more: Any) -> bytes:
    return dumps({"model": "toy/toy-1", "messages": [{"role": "user", "content": "hi"}], **more})


async def invoke(stub: Any, **more: Any) -> pb.InvokeResponse:
    answer: pb.InvokeResponse = await stub.Invoke(pb.InvokeRequest(call=CHAT, body=body(**more)))
    return answer


async def stream(stub: Any, **more: Any) -> list[pb.InvokeStreamResponse]:
    request = pb.InvokeStreamRequest(call=CHAT, body=body(stream=True, **more))
    return [frame async for frame in stub.InvokeStream(request)]


async def test_a_whole_answer_is_a_chat_completion(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("hello", id="1")) as stub:
        answer = await invoke(stub)
    completion = loads(answer.body)
    assert completion["object"] == "chat.completion"
    assert completion["id"] == "chatcmpl-1"
    assert completion["model"] == "toy/toy-1"
    assert completion["choices"][0]["message"]["content"] == "hello"
    assert completion["usage"]["total_tokens"] == 5


async def test_metering_comes_beside_the_answer(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("hello")) as stub:
        answer = await invoke(stub)
    assert (answer.summary.usage.input_tokens, answer.summary.usage.output_tokens) == (2, 3)
    assert list(answer.summary.finish_reasons) == ["stop"]
    assert answer.head.upstream_request_id == "up-1"
    assert answer.summary.timings.total_us >= answer.summary.timings.upstream_total_us


async def test_a_dropped_parameter_is_told(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("hello")) as stub:
        answer = await invoke(stub, seed=7)
    assert list(answer.head.dropped_params) == ["seed"]
    assert list(answer.head.notes) == ["toy_note"]


async def test_a_refused_parameter_is_named_before_the_vendor_hears_of_it(with_stub: Any, say: Any) -> None:
    vendor = Recorder(lambda count: say("hello"))
    async with with_stub(vendor) as stub:
        answer = await invoke(stub, logit_bias={"1": 5})
    assert (answer.error.status, answer.error.code, answer.error.param) == (400, "unsupported_parameter", "logit_bias")
    assert answer.error.origin == pb.ORIGIN_REQUEST
    assert vendor.metadata == []


async def test_an_unknown_parameter_is_named(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("hello")) as stub:
        answer = await invoke(stub, temprature=1)
    assert (answer.error.code, answer.error.param) == ("unknown_parameter", "temprature")


async def test_the_operator_may_widen_the_drop_list(with_stub: Any, say: Any) -> None:
    call = pb.Call(operation=pb.OPERATION_CHAT, model="toy-1", drop_unsupported=True)
    async with with_stub(lambda request: say("hello")) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=call, body=body(temperature=0.5)))
    assert list(answer.head.dropped_params) == ["temperature"]


async def test_a_vendor_error_keeps_status_and_request_id(with_stub: Any) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        return httpx.Response(418, text="teapot", headers={"x-toy-id": "up-9"})

    async with with_stub(vendor) as stub:
        answer = await invoke(stub)
    assert (answer.error.status, answer.error.message, answer.error.upstream_request_id) == (418, "teapot", "up-9")
    assert answer.error.origin == pb.ORIGIN_UPSTREAM


async def test_an_unreachable_vendor_is_a_502(with_stub: Any) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    async with with_stub(vendor) as stub:
        answer = await invoke(stub)
    assert (answer.error.status, answer.error.code) == (502, "upstream_unreachable")
    assert answer.error.retryable


async def test_malformed_json_is_a_502(with_stub: Any) -> None:
    async with with_stub(lambda request: httpx.Response(200, text="<html>")) as stub:
        answer = await invoke(stub)
    assert (answer.error.status, answer.error.code) == (502, "upstream_protocol")


async def test_a_bug_tells_the_request_id_only(with_stub: Any, toy: Provider, say: Any) -> None:
    def fail(chat: ChatRequest, context: Context) -> NativeCall:
        raise TypeError("a bug")

    chat = toy.operations[Operation.CHAT]
    assert isinstance(chat, Translation)
    buggy = replace(toy, operations={**toy.operations, Operation.CHAT: replace(chat, request=fail)})
    async with with_stub(lambda request: say("hello"), provider=buggy) as stub:
        answer = await invoke(stub)
    assert answer.error.status == 500
    assert "req_1" in answer.error.message
    assert "TypeError" not in answer.error.message


async def test_a_missing_key_is_the_operators_fault(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("hello"), key="") as stub:
        answer = await invoke(stub)
    assert (answer.error.status, answer.error.code) == (502, "upstream_auth_error")


async def test_the_operators_key_goes_to_the_vendor(with_stub: Any, say: Any) -> None:
    vendor = Recorder(lambda count: say("hello"))
    async with with_stub(vendor, key="secret") as stub:
        await invoke(stub)
    assert vendor.metadata[0].headers["x-toy-key"] == "secret"
    assert str(vendor.metadata[0].url) == "https://toy.example/v1/say"


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_a_limit_of_nothing_is_refused_by_name(with_stub: Any, say: Any, name: str) -> None:
    async with with_stub(lambda request: say("hello")) as stub:
        answer = await invoke(stub, **{name: 0})
    assert (answer.error.status, answer.error.code) == (400, "integer_below_min_value")


async def test_an_operation_the_provider_lacks_is_a_404(with_stub: Any, say: Any) -> None:
    call = pb.Call(operation=pb.OPERATION_IMAGES_EDITS, model="toy-1")
    async with with_stub(lambda request: say("hello")) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=call, body=b"{}"))
    assert (answer.error.status, answer.error.code) == (404, "unsupported_endpoint")


async def test_a_paused_answer_is_resumed_and_its_usage_added_up(with_stub: Any, say: Any) -> None:
    def vendor(request: httpx.Request) -> Any:
        return say(" world") if b"again" in request.content else say("hello", pause=True)

    async with with_stub(vendor) as stub:
        answer = await invoke(stub)
    assert loads(answer.body)["choices"][0]["message"]["content"] == "hello world"
    assert answer.summary.usage.total_tokens == 10


async def test_a_vendor_that_always_pauses_ends_as_length(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("x", pause=True)) as stub:
        answer = await invoke(stub)
    assert loads(answer.body)["choices"][0]["finish_reason"] == "length"


async def test_a_repairable_error_is_repaired_once(with_stub: Any, say: Any) -> None:
    def vendor(request: httpx.Request) -> Any:
        return say("better") if b"repaired" in request.content else httpx.Response(400, text="repairable")

    async with with_stub(vendor) as stub:
        answer = await invoke(stub)
    assert loads(answer.body)["choices"][0]["message"]["content"] == "better"


async def test_several_choices_are_several_calls(with_stub: Any, say: Any) -> None:
    vendor = Recorder(lambda count: say(f"answer {count}"))
    async with with_stub(vendor) as stub:
        answer = await invoke(stub, n=3)
    completion = loads(answer.body)
    assert [choice["index"] for choice in completion["choices"]] == [0, 1, 2]
    assert completion["usage"]["total_tokens"] == 15
    assert all(loads(request.content)["n"] == 1 for request in vendor.metadata)


async def test_one_failure_fails_all_choices(with_stub: Any, say: Any) -> None:
    vendor = Recorder(lambda count: say("fine") if count != 2 else httpx.Response(429, text="slow down"))
    async with with_stub(vendor) as stub:
        answer = await invoke(stub, n=3)
    assert answer.error.status == 429


async def test_too_many_choices_are_refused(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("hello")) as stub:
        answer = await invoke(stub, n=9)
    assert (answer.error.code, answer.error.param) == ("invalid_value", "n")


async def test_a_stream_starts_with_the_role_and_ends_with_done(with_stub: Any, sse: Any, chunks: Any) -> None:
    async with with_stub(lambda request: sse({"say": "hel"}, {"say": "lo"}, {"end": True})) as stub:
        frames = await stream(stub)
    told = chunks(b"".join(frame.data for frame in frames))
    assert told[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in told[:-1]) == "hello"
    assert [c["choices"][0]["finish_reason"] for c in told[:-1]][-1] == "stop"
    assert told[-1] == "[DONE]"
    assert len({chunk["id"] for chunk in told[:-1]}) == 1
    assert not any("usage" in chunk for chunk in told[:-1])


async def test_usage_is_the_last_chunk_when_asked_for(with_stub: Any, sse: Any, chunks: Any) -> None:
    async with with_stub(lambda request: sse({"say": "hello"}, {"end": True})) as stub:
        frames = await stream(stub, stream_options={"include_usage": True})
    told = chunks(b"".join(frame.data for frame in frames))
    assert told[-2]["choices"] == []
    assert told[-2]["usage"]["total_tokens"] == 5
    assert all(chunk["usage"] is None for chunk in told[:-2])


async def test_the_head_comes_with_the_first_frame_and_the_summary_with_the_last(with_stub: Any, sse: Any) -> None:
    async with with_stub(lambda request: sse({"say": "hello"}, {"end": True})) as stub:
        frames = await stream(stub, seed=1)
    assert list(frames[0].head.dropped_params) == ["seed"]
    assert frames[-1].summary.usage.input_tokens == 2


async def test_an_error_before_the_first_event_comes_alone(with_stub: Any, sse: Any) -> None:
    async with with_stub(lambda request: sse({"error": "busy"})) as stub:
        frames = await stream(stub)
    assert [(frame.data, frame.error.status) for frame in frames] == [(b"", 503)]


async def test_an_error_after_text_is_told_in_the_stream_without_done(with_stub: Any, sse: Any, chunks: Any) -> None:
    async with with_stub(lambda request: sse({"say": "hel"}, {"error": "busy"})) as stub:
        frames = await stream(stub)
    told = chunks(b"".join(frame.data for frame in frames))
    assert told[1]["choices"][0]["delta"]["content"] == "hel"
    assert told[-1] == {"error": {"message": "busy", "type": "server_error", "param": None, "code": "overloaded"}}
    assert frames[-1].error.status == 503


async def test_a_truncated_stream_is_an_error_and_never_done(with_stub: Any, sse: Any) -> None:
    async with with_stub(lambda request: sse({"say": "hel"})) as stub:
        frames = await stream(stub)
    data = b"".join(frame.data for frame in frames)
    assert b"[DONE]" not in data
    assert frames[-1].error.code == "upstream_truncated"
    assert b'"finish_reason":"stop"' not in data


async def test_a_broken_event_is_an_error(with_stub: Any, sse: Any) -> None:
    async with with_stub(lambda request: sse({"say": "hel"}, b"{broken")) as stub:
        frames = await stream(stub)
    assert frames[-1].error.code == "upstream_protocol"


async def test_capabilities_tell_models_and_fates(with_stub: Any, say: Any) -> None:
    async with with_stub(lambda request: say("")) as stub:
        told = await stub.GetCapabilities(pb.GetCapabilitiesRequest())
    assert [model.id for model in told.models] == ["toy-1"]
    assert told.models_complete
    chat = next(operation for operation in told.operations if operation.operation == pb.OPERATION_CHAT)
    supports = {parameter.name: parameter.support for parameter in chat.parameters}
    assert (supports["seed"], supports["logit_bias"]) == (
        pb.PARAMETER_SUPPORT_DROPPED,
        pb.PARAMETER_SUPPORT_UNSUPPORTED,
    )


async def test_an_upload_is_passed_on_with_the_model_renamed(with_stub: Any) -> None:
    metadata: list[bytes] = []

    async def vendor(request: httpx.Request) -> httpx.Response:
        metadata.append(await request.aread())
        return httpx.Response(200, json={"text": "hi"})

    form = (
        b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\ntoy/toy-1\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\r\n--b--\r\n'
    )
    call = pb.Call(
        operation=pb.OPERATION_AUDIO_TRANSCRIPTIONS, model="toy-1", content_type="multipart/form-data; boundary=b"
    )

    async def requests() -> Any:
        yield pb.InvokeUploadRequest(call=call)
        for i in range(0, len(form), 7):
            yield pb.InvokeUploadRequest(chunk=form[i : i + 7])

    async with with_stub(vendor) as stub:
        frames = [frame async for frame in stub.InvokeUpload(requests())]
    (sent,) = metadata
    boundary = sent.partition(b"\r\n")[0][2:]
    assert boundary.startswith(b"unigate-")
    assert sent.replace(boundary, b"b") == form.replace(b"toy/toy-1", b"toy-1")
    assert [(frame.whole.body, frame.whole.content_type) for frame in frames] == [
        (b'{"text":"hi"}', "application/json")
    ]
