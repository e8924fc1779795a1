"""Both vendor clients against a real server on this machine: they do the same."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from unigate_adapter.http.aiohttp_client import AiohttpClient
from unigate_adapter.http.client import VendorClient
from unigate_adapter.http.direct_client import DirectClient
from unigate_adapter.http.httpx_client import HttpxClient
from unigate_core.errors import UpstreamProtocol, UpstreamTruncated, UpstreamUnreachable

CLIENTS: list[Callable[..., VendorClient]] = [DirectClient, AiohttpClient, HttpxClient]


@dataclass
class Vendor:
    """Answers every request with the same bytes, and remembers what came."""

    url: str = ""
    answer: list[bytes] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    stays: bool = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.requests.append(head + await _body(reader, head.lower()))
                for number, piece in enumerate(self.answer):
                    if number:
                        await self.more.wait()
                        self.more.clear()
                    writer.write(piece)
                    await writer.drain()
                if not self.stays:
                    break
        self.gone.set()
        writer.close()


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"transfer-encoding: chunked" in head:
        return await reader.readuntil(b"0\r\n\r\n")
    _, found, rest = head.partition(b"content-length:")
    return await reader.readexactly(int(rest.partition(b"\r\n")[0])) if found else b""


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """A server on this machine."""
    vendor = Vendor()
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    vendor.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/x"
    yield vendor
    server.close()


@pytest.fixture(params=CLIENTS, ids=lambda kind: kind.__name__)
async def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VendorClient]:
    """Either client, which takes answers of a thousand bytes."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    client: VendorClient = request.param(max_bytes=1000)
    yield client
    await client.close()


def whole(body: bytes, status: str = "200 OK", more: str = "") -> list[bytes]:
    """An answer of known length, in one piece."""
    return [f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body]


async def test_an_answer_comes_with_status_headers_and_body(client: VendorClient, vendor: Vendor) -> None:
    vendor.answer = whole(b"hello", "429 Slow Down", "Retry-After: 7\r\n")
    async with await client.send("POST", vendor.url, {"x-key": "k"}, b"{}") as answer:
        assert (answer.status, answer.headers.get("retry-after"), await answer.read()) == (429, "7", b"hello")
    sent = vendor.requests[0]
    assert sent.startswith(b"POST /v1/x HTTP/1.1\r\n")
    assert sent.endswith(b"\r\n\r\n{}")
    assert b"x-key: k" in sent
    assert b"unigate" in sent


async def test_a_connection_whose_answer_was_read_is_used_again(client: VendorClient, vendor: Vendor) -> None:
    vendor.answer = whole(b"hello")
    for _ in range(3):
        async with await client.send("GET", vendor.url, {}, b"") as answer:
            await answer.read()
    assert (len(vendor.requests), vendor.connections) == (3, 1)


async def test_a_stream_is_read_as_it_comes(client: VendorClient, vendor: Vendor) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    vendor.answer = [head + b"3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n"]
    async with await client.send("GET", vendor.url, {}, b"") as answer:
        assert await answer.read_available() == b"one"
        vendor.more.set()
        assert await answer.read_available() == b"two"
        vendor.more.set()
        assert await answer.read_available() is None


async def test_leaving_an_answer_closes_its_connection(client: VendorClient, vendor: Vendor) -> None:
    vendor.answer = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"]
    async with await client.send("GET", vendor.url, {}, b"") as answer:
        await answer.read_available()
    await asyncio.wait_for(vendor.gone.wait(), 10)


async def test_an_answer_that_breaks_off_is_told(client: VendorClient, vendor: Vendor) -> None:
    vendor.answer = [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"]
    vendor.stays = False
    async with await client.send("GET", vendor.url, {}, b"") as answer:
        with pytest.raises(UpstreamTruncated):
            await answer.read()


async def test_a_vendor_that_hangs_up_before_it_answers_is_told(client: VendorClient, vendor: Vendor) -> None:
    vendor.stays = False
    with pytest.raises(UpstreamUnreachable):
        async with await client.send("GET", vendor.url, {}, b""):
            pass


async def test_a_vendor_that_nobody_reaches_is_told(client: VendorClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(UpstreamUnreachable):
        async with await client.send("GET", f"http://127.0.0.1:{port}/", {}, b""):
            pass


async def test_a_redirect_is_not_followed(client: VendorClient, vendor: Vendor) -> None:
    vendor.answer = whole(b"", "302 Found", f"Location: {vendor.url}/elsewhere\r\n")
    async with await client.send("GET", vendor.url, {}, b"") as answer:
        assert answer.status == 302
    assert len(vendor.requests) == 1


async def test_an_answer_that_is_too_large_is_not_read(client: VendorClient, vendor: Vendor) -> None:
    vendor.answer = whole(bytes(1001))
    async with await client.send("GET", vendor.url, {}, b"") as answer:
        with pytest.raises(UpstreamProtocol, match="larger than 1000 bytes"):
            await answer.read()


async def test_a_body_that_comes_in_parts_is_sent_in_parts(client: VendorClient, vendor: Vendor) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    vendor.answer = whole(b"")
    async with await client.send("POST", vendor.url, {}, parts()) as answer:
        await answer.read()
    assert vendor.requests[0].endswith(b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


async def test_what_is_compressed_is_bounded_by_what_it_holds(vendor: Vendor) -> None:
    client = AiohttpClient(max_bytes=1000)
    vendor.answer = whole(gzip.compress(b"hello"), more="Content-Encoding: gzip\r\n")
    async with await client.send("GET", vendor.url, {}, b"") as answer:
        assert await answer.read() == b"hello"
    vendor.answer = whole(gzip.compress(bytes(1001)), more="Content-Encoding: gzip\r\n")
    async with await client.send("GET", vendor.url, {}, b"") as answer:
        with pytest.raises(UpstreamProtocol):
            await answer.read()
    await client.close()
