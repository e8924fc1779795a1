"""What one connection may do, seen from the client's end of a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.conftest import World

BODY = b'{"model":"fake/small","messages":[{"role":"user","content":"hi"}]}'
LENGTH = b"content-length: %d\r\n" % len(BODY)
SHORT = """
connections:
  {head_timeout: 0.2, idle_timeout: 0.2, body_timeout: 0.2, body_rate: 1000000, write_timeout: 0.2, max: 3}
"""


class Client:
    """A connection that sends any bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, *parts: bytes) -> None:
        self.writer.write(b"".join(parts))

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer: status, headers, body. Without a length the body ends with the connection."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        if "content-length" in headers:
            body = await self.reader.readexactly(int(headers["content-length"]))
        elif headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(await self.reader.readline(), 16):
                body += await self.reader.readexactly(size)
                await self.reader.readline()
            await self.reader.readline()
        else:
            body = await self.reader.read()
        return int(first.split(" ")[1]), headers, body

    async def error(self) -> tuple[int, str]:
        """The next answer, which must be OpenAI's error and the last one: status and code."""
        async with asyncio.timeout(20):
            status, headers, body = await self.answer()
        assert headers["content-type"] == "application/json"
        assert headers["x-request-id"].startswith("req_")
        assert await self.reader.read() == b""
        return status, json.loads(body)["error"]["code"]


Connect = Callable[[], Any]


@pytest.fixture
async def connect(live: World) -> Connect:
    assert live.client.base_url.port
    port = live.client.base_url.port

    @asynccontextmanager
    async def connected() -> AsyncIterator[Client]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield Client(reader, writer)
        finally:
            writer.close()

    return connected


def post(*lines: bytes, start: bytes = b"POST /v1/chat/completions HTTP/1.1", host: bool = True) -> bytes:
    """The head of a request."""
    usual = (b"host: edge", b"content-type: application/json") if host else (b"content-type: application/json",)
    return b"\r\n".join((start, *usual, *lines)) + b"\r\n\r\n"


def closed(live: World, reason: str) -> float:
    value = live.gateway.telemetry.registry.get_sample_value("unigate_connections_closed_total", {"reason": reason})
    assert value is not None
    return value


LENGTH_LINE = LENGTH.rstrip()
REFUSED = {
    "long url": (post(start=b"GET /" + b"a" * 20_000 + b" HTTP/1.1"), 414, "url_too_long"),
    "long query": (post(start=b"GET /v1/models?" + b"a" * 20_000 + b" HTTP/1.1"), 414, "url_too_long"),
    "large header": (post(b"x: " + b"a" * 70_000), 431, "headers_too_large"),
    "large name": (post(b"x" * 70_000 + b": a"), 431, "headers_too_large"),
    "large head": (post(*(b"x-%d: " % n + b"a" * 1000 for n in range(70))), 431, "headers_too_large"),
    "many headers": (post(*(b"x-%d: a" % n for n in range(300))), 431, "headers_too_large"),
    "two keys": (post(b"authorization: Bearer a", b"Authorization: Bearer b"), 400, "invalid_http_request"),
    "two x-api-key": (post(b"x-api-key: a", b"x-api-key: b"), 400, "invalid_http_request"),
    "two hosts": (post(b"host: other"), 400, "invalid_http_request"),
    "no host": (post(host=False), 400, "invalid_http_request"),
    "two lengths": (post(b"content-length: 1", b"content-length: 2"), 400, "invalid_http_request"),
    "equal lengths": (post(LENGTH_LINE, LENGTH_LINE), 400, "invalid_http_request"),
    "negative length": (post(b"content-length: -1"), 400, "invalid_http_request"),
    "signed length": (post(b"content-length: +5"), 400, "invalid_http_request"),
    "endless length": (post(b"content-length: " + b"9" * 40), 400, "invalid_http_request"),
    "gzip, chunked": (post(b"transfer-encoding: gzip, chunked"), 400, "invalid_http_request"),
    "gzip": (post(b"transfer-encoding: gzip"), 400, "invalid_http_request"),
    "chunked twice": (
        post(b"transfer-encoding: chunked", b"transfer-encoding: chunked"),
        400,
        "invalid_http_request",
    ),
    "chunked and length": (post(b"transfer-encoding: chunked", b"content-length: 3"), 400, "invalid_http_request"),
    "chunked in 1.0": (
        post(b"transfer-encoding: chunked", start=b"POST /v1/chat/completions HTTP/1.0"),
        400,
        "invalid_http_request",
    ),
    "space before colon": (post(b"x : a"), 400, "invalid_http_request"),
    "zero byte": (post(b"x: a\x00b"), 400, "invalid_http_request"),
    "no http": (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, "invalid_http_request"),
    "other version": (post(start=b"GET /v1/models HTTP/3.0"), 400, "invalid_http_request"),
    "tunnel": (post(start=b"CONNECT edge:443 HTTP/1.1"), 400, "invalid_http_request"),
    "websocket": (
        post(b"connection: Upgrade", b"upgrade: websocket", start=b"GET /v1/responses HTTP/1.1"),
        426,
        "upgrade_required",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_head_that_cannot_be_taken_is_an_error_of_openai(connect: Connect, name: str) -> None:
    sent, status, code = REFUSED[name]
    async with connect() as client:
        client.send(sent)
        assert await client.error() == (status, code)


@pytest.mark.parametrize(
    ("path", "members"),
    [
        (b"/v1/chat/completions", {"error"}),
        (b"/anthropic/v1/messages", {"type", "error", "request_id"}),
        (b"/gemini/v1beta/models/fake/small:generateContent", {"error"}),
    ],
)
async def test_a_refused_head_is_answered_in_the_form_of_its_api(
    connect: Connect, path: bytes, members: set[str]
) -> None:
    async with connect() as client:
        client.send(post(b"x: " + b"a" * 70_000, start=b"POST " + path + b" HTTP/1.1"))
        async with asyncio.timeout(20):
            status, headers, body = await client.answer()
    error = json.loads(body)
    assert status == 431
    assert error.keys() == members
    assert error.get("request_id", headers["x-request-id"]) == headers["x-request-id"]
    assert ("status" in error["error"]) == path.startswith(b"/gemini")


async def test_a_header_without_an_end_is_refused_while_it_comes(connect: Connect, live: World) -> None:
    async with connect() as client:
        client.send(post()[:-2], b"x: ")
        client.send(*[b"a" * 65_536] * 10)
        assert await client.error() == (431, "headers_too_large")
    assert closed(live, "head") == 1


async def test_trailers_are_no_headers(connect: Connect, live: World) -> None:
    async with connect() as client:
        client.send(post(b"transfer-encoding: chunked", b"trailer: authorization"))
        client.send(b"%x\r\n%s\r\n0\r\nx-client-request-id: late\r\n\r\n" % (len(BODY), BODY))
        status, headers, _ = await client.answer()
    assert status == 200
    assert "x-client-request-id" not in headers


async def test_http_10_gets_no_chunks(connect: Connect, live: World) -> None:
    body = BODY[:-1] + b',"stream":true}'
    async with connect() as client:
        start = b"POST /v1/chat/completions HTTP/1.0"
        client.send(post(b"content-length: %d" % len(body), start=start, host=False), body)
        status, headers, answer = await client.answer()
    assert status == 200
    assert "transfer-encoding" not in headers
    assert answer.startswith(b'data: {"n":1}\n\n')


async def test_an_offer_of_http2_is_ignored(connect: Connect) -> None:
    async with connect() as client:
        client.send(post(b"connection: Upgrade, HTTP2-Settings", b"upgrade: h2c", LENGTH_LINE), BODY)
        status, headers, _ = await client.answer()
    assert (status, headers["connection"]) == (200, "close")


async def test_requests_may_be_sent_ahead(connect: Connect) -> None:
    async with connect() as client:
        client.send(*[post(LENGTH_LINE) + BODY] * 5)
        assert [(await client.answer())[0] for _ in range(5)] == [200] * 5


async def test_too_many_requests_ahead_end_the_connection_after_the_answer_that_runs(connect: Connect) -> None:
    async with connect() as client:
        client.send(*[post(LENGTH_LINE) + BODY] * 500)
        assert (await client.answer())[0] == 200
        assert await client.reader.read() == b""


async def test_a_body_with_broken_chunks_is_refused(connect: Connect, live: World) -> None:
    async with connect() as client:
        client.send(post(b"transfer-encoding: chunked"), b"4\r\nabcdX\r\n")
        assert await client.error() == (400, "invalid_http_request")
    await live.idle()


@pytest.mark.parametrize("settings", [SHORT])
@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"POST /v1/chat", "head_timeout"),
        (post()[:-2], "head_timeout"),
        (b"\r\n", "head_timeout"),
        (post(LENGTH_LINE) + BODY[:-1], "body_timeout"),
        (post(b"transfer-encoding: chunked") + b"4\r\nab", "body_timeout"),
    ],
)
async def test_a_request_that_does_not_end_is_ended(connect: Connect, live: World, sent: bytes, reason: str) -> None:
    async with connect() as client:
        client.send(sent)
        assert await client.error() == (408, "request_timeout")
    assert closed(live, reason) == 1
    await live.idle()


@pytest.mark.parametrize("settings", [SHORT])
@pytest.mark.parametrize("sent", [b"", post(LENGTH_LINE) + BODY])
async def test_an_idle_connection_is_closed(connect: Connect, live: World, sent: bytes) -> None:
    async with connect() as client:
        client.send(sent)
        if sent:
            assert (await client.answer())[0] == 200
        assert await client.reader.read() == b""
    assert closed(live, "idle_timeout") == 1


@pytest.mark.parametrize("settings", [SHORT])
async def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(connect: Connect) -> None:
    async with connect() as client:
        client.send(post(LENGTH_LINE, b"expect: 100-continue"))
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(BODY)
        assert (await client.answer())[0] == 200


@pytest.mark.parametrize("settings", [SHORT])
async def test_there_is_a_most_of_connections(connect: Connect, live: World) -> None:
    async with connect(), connect(), connect(), connect() as fourth:
        assert await fourth.error() == (503, "overloaded")
    assert closed(live, "max") == 1


@pytest.mark.parametrize("settings", [SHORT])
async def test_a_client_that_does_not_read_is_cut_off(connect: Connect, live: World, adapter: Any, kit: Any) -> None:
    adapter.frames = [kit.frame("data: " + "x" * 1_000_000 + "\n\n")] * 40
    body = BODY[:-1] + b',"stream":true}'
    async with connect() as client:
        client.writer.transport.pause_reading()
        client.send(post(b"content-length: %d" % len(body)), body)
        async with asyncio.timeout(20):
            while not closed(live, "write_timeout"):  # noqa: ASYNC110 - the sweep is on a clock
                await asyncio.sleep(0.05)
    await live.idle()


async def test_open_connections_are_counted(connect: Connect, live: World) -> None:
    async with connect() as client, connect() as other:
        for each in (client, other):
            each.send(post(LENGTH_LINE), BODY)
            await each.answer()
        assert live.gateway.telemetry.registry.get_sample_value("unigate_connections_open") == 2
