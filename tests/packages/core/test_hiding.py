"""Whatever a vendor repeats, no key is told: by its value where it is known, else by its looks."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import UpstreamError
from unigate_core.json import dumps
from unigate_core.redaction import redact

KEY = "operators+key/of=no-known-shape"


def told(message: str, *secrets: str, body: bytes = b"") -> UpstreamError:
    error = UpstreamError(message, status=400, type="t", body=body)
    redact(error, *secrets)
    return error


@pytest.mark.parametrize(
    ("message", "left"),
    [
        (f"bad key {KEY}!", "bad key ***!"),
        ("bad key sk-ant-api03-abcdefghijkl.", "bad key ***."),
        ("GET https://x.example/v1?key=abc123&alt=sse failed", "GET https://x.example/v1?key=***&alt=sse failed"),
        ("sent Authorization: Bearer abcdef123456", "sent Authorization: Bearer ***"),
        ("AIzaSyA1234567890abcdefgh is not valid", "*** is not valid"),
        ("use sk-learn or a mask-based one", "use sk-learn or a mask-based one"),
    ],
)
def test_keys_are_hidden_and_words_are_not(message: str, left: str) -> None:
    assert told(message, KEY).message == left


def test_a_body_to_be_passed_on_is_hidden_too() -> None:
    assert told("m", KEY, body=dumps({"error": {"message": KEY}})).body == b'{"error":{"message":"***"}}'


def test_what_prints_the_exception_shows_no_key() -> None:
    assert KEY not in str(told(f"bad {KEY}", KEY))


def test_an_empty_key_hides_nothing() -> None:
    assert told("words", "", "or").message == "words"


def call(operation: pb.Operation.ValueType, **more: Any) -> pb.Call:
    return pb.Call(operation=operation, model="toy-1", **more)


def request(**more: Any) -> bytes:
    return dumps({"model": "toy/toy-1", "messages": [{"role": "user", "content": "hi"}], **more})


def repeating(seen: httpx.Request) -> httpx.Response:
    return httpx.Response(400, text=f"what is {seen.headers['x-toy-key']}?")


@pytest.mark.parametrize("operation", [pb.OPERATION_CHAT, pb.OPERATION_EMBEDDINGS])
async def test_the_operators_key_in_an_error_is_hidden_whole_and_streamed(with_stub: Any, operation: Any) -> None:
    async with with_stub(repeating, key=KEY) as stub:
        whole = await stub.Invoke(pb.InvokeRequest(call=call(operation), body=request()))
        frames = stub.InvokeStream(pb.InvokeStreamRequest(call=call(operation), body=request(stream=True)))
        streamed = [frame async for frame in frames]
    assert whole.error.message == streamed[-1].error.message == "what is ***?"


async def test_the_clients_own_key_is_hidden_too(with_stub: Any) -> None:
    mine = call(pb.OPERATION_CHAT, client_credential="clients-own-key")
    async with with_stub(repeating, key=KEY) as stub:
        answer = await stub.Invoke(pb.InvokeRequest(call=mine, body=request()))
    assert answer.error.message == "what is ***?"


async def test_a_key_in_an_error_amid_a_stream_is_hidden(with_stub: Any, sse: Any) -> None:
    async with with_stub(lambda seen: sse({"say": "hello"}, {"error": f"lost {KEY}"}), key=KEY) as stub:
        frames = stub.InvokeStream(pb.InvokeStreamRequest(call=call(pb.OPERATION_CHAT), body=request(stream=True)))
        got = [frame async for frame in frames]
    assert got[-1].error.message == "lost ***"
    assert KEY.encode() not in b"".join(frame.data for frame in got)
    assert b"lost ***" in got[-1].data


async def test_a_key_in_an_error_amid_a_passed_stream_is_hidden(with_stub: Any, sse: Any) -> None:
    events = (
        {"id": "1", "choices": []},
        {"error": {"message": f"lost {KEY}", "type": "t", "param": None, "code": None}},
    )
    async with with_stub(lambda seen: sse(*events), key=KEY) as stub:
        asked = pb.InvokeStreamRequest(call=call(pb.OPERATION_AUDIO_SPEECH), body=request(stream=True))
        got = [frame async for frame in stub.InvokeStream(asked)]
    assert got[-1].error.message == "lost ***"
    assert KEY.encode() not in b"".join(frame.data + frame.error.body for frame in got)
