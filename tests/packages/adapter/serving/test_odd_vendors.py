"""Vendors that answer with anything but what was asked for: each ends in a clear error, never a leak or a bug."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.held_bytes import HeldBytes
from unigate_adapter.provider import Provider
from unigate_core.errors import GatewayError
from unigate_core.json import dumps
from unigate_formats.anthropic_messages.native_api import API
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import PassThrough
from unigate_formats.openai_chat.errors import openai_error

KEY = "sk-operators-own-key-0123456789"
ROUTES = {
    Operation.CHAT: PassThrough("chat/completions"),
    Operation.RESPONSES: PassThrough("responses"),
    Operation.EMBEDDINGS: PassThrough("embeddings"),
    Operation.IMAGES_GENERATIONS: PassThrough("images/generations"),
    Operation.AUDIO_SPEECH: PassThrough("audio/speech"),
}
NUMBERS = {
    "chat": pb.OPERATION_CHAT,
    "responses": pb.OPERATION_RESPONSES,
    "embeddings": pb.OPERATION_EMBEDDINGS,
    "images": pb.OPERATION_IMAGES_GENERATIONS,
}
ODD_BODIES = {
    "page": b"<!DOCTYPE html><html>Sign in</html>",
    "list": b"[]",
    "null": b"null",
    "empty": b"",
    "no members": b"{}",
    "number": b"7",
    "text": b"ok",
    "events": b'data: {"id":"x"}\n\n',
    "invalid UTF-8": b'{"choices":"\xff\xfe"}',
    "deep": b"[" * 100_000,
    "error": b'{"error":{"message":"No.","type":"server_error","param":null,"code":null}}',
    "error text": b'{"error":"No."}',
}


@pytest.fixture
def openai_like(toy: Provider) -> Provider:
    """The toy provider, which speaks OpenAI's format."""

    def errors(status: int, headers: Any, body: bytes, *, client_key: bool) -> GatewayError:
        return openai_error("Toy", status, headers, body, client_key=client_key)

    return replace(
        toy, operations=ROUTES, backend=replace(toy.backend, request_id_header="x-request-id", errors=errors)
    )


async def whole(stub: Any, operation: pb.Operation.ValueType) -> pb.InvokeResponse:
    call = pb.Call(operation=operation, model="toy-1", request_id="r")
    answer: pb.InvokeResponse = await stub.Invoke(pb.InvokeRequest(call=call, body=dumps({"model": "toy/toy-1"})))
    return answer


async def streamed(stub: Any, operation: pb.Operation.ValueType) -> list[pb.InvokeStreamResponse]:
    call = pb.Call(operation=operation, model="toy-1", request_id="r")
    request = pb.InvokeStreamRequest(call=call, body=dumps({"model": "toy/toy-1", "stream": True}))
    return [frame async for frame in stub.InvokeStream(request)]


@pytest.mark.parametrize("operation", NUMBERS)
@pytest.mark.parametrize("name", ODD_BODIES)
@pytest.mark.parametrize("content_type", ["application/json", "text/html", "text/event-stream"])
async def test_no_200_is_taken_for_success_by_its_status_alone(
    with_stub: Any, openai_like: Provider, operation: str, name: str, content_type: str
) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=ODD_BODIES[name], headers={"content-type": content_type})

    async with with_stub(vendor, provider=openai_like) as stub:
        answer = await whole(stub, NUMBERS[operation])
    assert answer.WhichOneof("result") == "error", answer
    assert 500 <= answer.error.status <= 599
    assert answer.error.origin != pb.ORIGIN_ADAPTER


@pytest.mark.parametrize("operation", ["chat", "responses"])
@pytest.mark.parametrize("name", ODD_BODIES)
@pytest.mark.parametrize("content_type", ["application/json", "text/html", "text/event-stream", "text/plain"])
async def test_no_stream_ends_well_without_its_end(
    with_stub: Any, openai_like: Provider, operation: str, name: str, content_type: str
) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=ODD_BODIES[name], headers={"content-type": content_type})

    async with with_stub(vendor, provider=openai_like) as stub:
        frames = await streamed(stub, NUMBERS[operation])
    assert frames[-1].HasField("error")
    assert frames[-1].error.origin != pb.ORIGIN_ADAPTER
    assert b"Sign in" not in b"".join(frame.data for frame in frames)


@pytest.mark.parametrize("status", [100, 101, 199, 204, 301, 302, 304, 600, 999])
async def test_a_status_that_is_neither_success_nor_error_is_an_error(
    with_stub: Any, openai_like: Provider, status: int
) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"location": "https://elsewhere.example/"})

    async with with_stub(vendor, provider=openai_like) as stub:
        answer = await whole(stub, pb.OPERATION_CHAT)
    assert answer.error.status == 502


async def test_done_alone_does_not_complete_a_stream(with_stub: Any, openai_like: Provider) -> None:
    chunk = b'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'

    def vendor(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=chunk + b"data: [DONE]\n\n", headers={"content-type": "text/event-stream"})

    async with with_stub(vendor, provider=openai_like) as stub:
        frames = await streamed(stub, pb.OPERATION_CHAT)
    assert frames[-1].error.code == "upstream_truncated"
    assert b"[DONE]" not in b"".join(frame.data for frame in frames)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e300", "-5", "soon", "1e5", "9" * 400])
@pytest.mark.parametrize("name", ["retry-after", "retry-after-ms"])
async def test_an_odd_time_to_wait_is_none_or_bounded(
    with_stub: Any, openai_like: Provider, name: str, value: str
) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, json={"error": {"message": "Slow down."}}, headers={name: value})

    async with with_stub(vendor, provider=openai_like) as stub:
        error = (await whole(stub, pb.OPERATION_CHAT)).error
    assert error.status == 429
    assert error.retry_after_ms <= 24 * 3600 * 1000
    assert name not in error.headers


@pytest.mark.parametrize("code", ["text", 7, ["list"], {"a": 1}, None, True])
async def test_an_odd_code_is_no_bug(with_stub: Any, openai_like: Provider, code: Any) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        fault = {"message": "No.", "type": code, "param": code, "code": code}
        return httpx.Response(400, json={"error": fault})

    async with with_stub(vendor, provider=openai_like) as stub:
        error = (await whole(stub, pb.OPERATION_CHAT)).error
    assert (error.status, error.message) == (400, "No.")


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("value", [f"req {KEY}".encode(), "r\u00e9q".encode(), b"\xff\xfe", b"x" * 5000])
async def test_a_request_id_is_shown_only_where_it_can_be(
    with_stub: Any, openai_like: Provider, status: int, value: bytes
) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        body = {"choices": [{"index": 0, "finish_reason": "stop"}]} if status == 200 else {"error": {"message": KEY}}
        return httpx.Response(status, json=body, headers=[(b"x-request-id", value)])

    async with with_stub(vendor, provider=openai_like, key=KEY) as stub:
        answer = await whole(stub, pb.OPERATION_CHAT)
    assert answer.error.status == (400 if status == 400 else 0)
    assert KEY not in str(answer)
    assert answer.head.upstream_request_id.isascii()
    assert len(answer.head.upstream_request_id) < 2000


async def test_speech_is_neither_a_page_nor_an_object(with_stub: Any, openai_like: Provider) -> None:
    async def made(content: bytes, content_type: str) -> pb.InvokeResponse:
        def vendor(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=content, headers={"content-type": content_type})

        async with with_stub(vendor, provider=openai_like) as stub:
            return await whole(stub, pb.OPERATION_AUDIO_SPEECH)

    assert (await made(b"RIFF", "audio/wav")).body == b"RIFF"
    for content, content_type in (
        (b"<html>", "text/html"),
        (b'{"error":"No."}', "application/json"),
        (b"", "audio/wav"),
    ):
        assert (await made(content, content_type)).error.status >= 500


def test_what_all_calls_hold_is_bounded() -> None:
    held = HeldBytes(100)
    with held.call() as one:
        one.add(60)
        with held.call() as two, pytest.raises(Exception, match="overloaded"):
            two.add(60)
        assert held.total == 60
    assert held.total == 0


async def test_text_that_is_no_utf8_is_cleaned(with_stub: Any, openai_like: Provider) -> None:
    choice = b'{"index":0,"delta":{"content":"a\xff"},"message":{"content":"a\xff"},"finish_reason":"stop"}'

    def vendor(request: httpx.Request) -> httpx.Response:
        body = b'{"id":"c","model":"m","choices":[' + choice + b"]}"
        if b"stream" in request.content:
            headers = {"content-type": "text/event-stream"}
            return httpx.Response(200, content=b"data: " + body + b"\n\ndata: [DONE]\n\n", headers=headers)
        return httpx.Response(200, content=body, headers={"content-type": "application/json"})

    async with with_stub(vendor, provider=openai_like) as stub:
        answer = await whole(stub, pb.OPERATION_CHAT)
        frames = await streamed(stub, pb.OPERATION_CHAT)
    assert "a\ufffd" in answer.body.decode()
    assert "a\ufffd" in b"".join(frame.data for frame in frames).decode()


@pytest.mark.parametrize("native", [{"id": "x"}, {"no": "say"}, []])
async def test_an_answer_that_no_translator_understands_is_the_providers_fault(with_stub: Any, native: Any) -> None:
    async with with_stub(lambda request: httpx.Response(200, json=native)) as stub:
        body = dumps({"model": "toy/toy-1", "messages": [{"role": "user", "content": "x"}]})
        call = pb.Call(operation=pb.OPERATION_CHAT, model="toy-1", request_id="r")
        answer = await stub.Invoke(pb.InvokeRequest(call=call, body=body))
    assert (answer.error.status, answer.error.code) == (502, "upstream_protocol")


async def test_the_type_of_an_answer_may_be_in_any_case(with_stub: Any, toy: Provider) -> None:
    def vendor(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/messages"):
            data = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
            return httpx.Response(200, content=data, headers={"content-type": "Text/Event-Stream"})
        return httpx.Response(200, content=b'{"say":"hello"}', headers={"content-type": "Application/JSON"})

    async with with_stub(vendor, provider=replace(toy, native={pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES: API})) as stub:
        native = pb.Call(
            operation=pb.OPERATION_CHAT,
            model="toy-1",
            path="messages",
            client_format=pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES,
        )
        told = [frame async for frame in stub.InvokeStream(pb.InvokeStreamRequest(call=native, body=b"{}"))]
        body = dumps({"model": "toy/toy-1", "stream": True, "messages": [{"role": "user", "content": "x"}]})
        call = pb.Call(operation=pb.OPERATION_CHAT, model="toy-1")
        chat = [frame async for frame in stub.InvokeStream(pb.InvokeStreamRequest(call=call, body=body))]
    assert not told[0].content_type  # what is no stream of events tells its type
    assert b"hello" in b"".join(frame.data for frame in chat)
