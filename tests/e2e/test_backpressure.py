"""Whoever is faster is slowed down: a vendor that writes to a client that does not read, and the other way round."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib import import_module
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from unigate_adapter.adapter import open_adapter
from unigate_adapter.server import start
from unigate_adapter.settings import AdapterSettings, VendorSettings
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.environment import Secret
from unigate_core.json import dumps
from unigate_edge.app import Edge
from unigate_edge.config.model import parse_config
from unigate_edge.config.settings import Settings
from unigate_edge.gateway import Gateway
from unigate_edge.server import Server

MEGABYTE = 1024 * 1024
WOULD_SEND = 160 * MEGABYTE
MAY_BE_UNDER_WAY = 48 * MEGABYTE
"""Six socket buffers of up to 6 MB, and what the processes hold; far from what the vendor would send."""
TEXT = "x" * 8000
CHUNKS: dict[str, tuple[bytes, bytes]] = {
    "openai": (
        b"",
        b"data: %b\n\n"
        % dumps(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "gpt",
                "choices": [{"index": 0, "delta": {"content": TEXT}, "finish_reason": None}],
            }
        ),
    ),
    "anthropic": (
        b"event: message_start\ndata: %b\n\n"
        % dumps(
            {
                "type": "message_start",
                "message": {"id": "msg_1", "model": "claude", "content": [], "usage": {"input_tokens": 1}},
            }
        )
        + b"event: content_block_start\ndata: %b\n\n"
        % dumps({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        b"event: content_block_delta\ndata: %b\n\n"
        % dumps({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": TEXT}}),
    ),
    "gemini": (
        b"",
        b"data: %b\n\n"
        % dumps({"candidates": [{"content": {"role": "model", "parts": [{"text": TEXT}]}, "index": 0}]}),
    ),
}


class Flood:
    """A vendor that answers every POST with a stream as long and as fast as it can be written."""

    def __init__(self, begin: bytes, event: bytes) -> None:
        self.sent = 0
        self.ended = asyncio.Event()
        self._begin = begin
        self._events = event * (256 * 1024 // len(event) + 1)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"POST"):
            writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n" + self._begin)
        try:
            while self.sent < WOULD_SEND:
                writer.write(self._events)
                self.sent += len(self._events)
                await writer.drain()
        except ConnectionError:
            self.ended.set()
        finally:
            writer.close()


class Deaf:
    """A vendor that takes requests and reads no more of them than their head."""

    def __init__(self) -> None:
        self.enough = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await self.enough.wait()
        writer.transport.abort()


@asynccontextmanager
async def before(vendors: Flood | Deaf, name: str, settings: str = "") -> AsyncIterator[int]:
    """The port of an edge that has the vendor behind one adapter."""
    async with AsyncExitStack() as stack:
        vendor = await asyncio.start_server(vendors.serve, "127.0.0.1", 0)
        stack.callback(vendor.close)
        address = f"http://127.0.0.1:{vendor.sockets[0].getsockname()[1]}"
        adapting = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
        access = VendorSettings(key=Secret("made-up-key"), base_url=address)
        provider = import_module(f"unigate_{name}").PROVIDER
        adapter = await stack.enter_async_context(open_adapter(provider, adapting, access))
        serving, _, port = await start(adapter, Telemetry(name, CollectorRegistry()), adapting)
        stack.push_async_callback(serving.stop, 0)
        gateway = Gateway.of(parse_config(f"providers:\n  {name}: {{target: '127.0.0.1:{port}'}}\n{settings}"))
        await stack.enter_async_context(gateway.open())
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        server = Server(Edge(gateway), Settings(drain_seconds=1))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await running


@asynccontextmanager
async def flooded(name: str) -> AsyncIterator[tuple[Flood, int]]:
    """The vendor that floods, and the edge's port."""
    flood = Flood(*CHUNKS[name])
    async with before(flood, name) as port:
        yield flood, port


async def ask(port: int, name: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that has asked and reads no more than it is told to."""
    body = dumps({"model": f"{name}/m", "stream": True, "messages": [{"role": "user", "content": "hi"}]})
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=64 * 1024)
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    )
    writer.write(head % len(body) + body)
    await writer.drain()
    return reader, writer


async def standstill(flood: Flood) -> int:
    """What the vendor has sent when it can send no more."""
    before = -1
    while flood.sent != before or not flood.sent:
        before = flood.sent
        await asyncio.wait([asyncio.ensure_future(flood.ended.wait())], timeout=0.5)
    return flood.sent


@pytest.mark.parametrize("name", sorted(CHUNKS))
async def test_a_vendor_sends_no_more_than_fits_under_way_to_a_client_that_does_not_read(name: Any) -> None:
    async with asyncio.timeout(60), flooded(name) as (flood, port):
        reader, writer = await ask(port, name)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        assert await standstill(flood) < MAY_BE_UNDER_WAY
        writer.close()
        await flood.ended.wait()


@pytest.mark.parametrize("name", sorted(CHUNKS))
async def test_a_client_that_leaves_amid_a_flood_ends_it(name: Any) -> None:
    async with asyncio.timeout(60), flooded(name) as (flood, port):
        reader, writer = await ask(port, name)
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(MEGABYTE)
        writer.transport.abort()
        await flood.ended.wait()
    assert flood.sent < WOULD_SEND


async def test_a_client_sends_no_more_than_fits_under_way_to_a_vendor_that_does_not_read() -> None:
    head = (
        b"POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\n"
        b"content-type: multipart/form-data; boundary=b\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    form = (
        b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nopenai/whisper-1\r\n'
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    )
    piece = bytes(256 * 1024)
    sent = 0
    deaf = Deaf()
    async with asyncio.timeout(60), before(deaf, "openai", f"limits: {{multipart_bytes: {WOULD_SEND}}}\n") as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + b"%x\r\n%b\r\n" % (len(form), form))
        with suppress(TimeoutError):
            while sent < WOULD_SEND:
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                async with asyncio.timeout(1):
                    await writer.drain()
                sent += len(piece)
        writer.transport.abort()
        deaf.enough.set()
    assert sent < MAY_BE_UNDER_WAY
