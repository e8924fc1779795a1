"""HTTP/1.1 by uvicorn and httptools, with an answer's head and the first of its body in one system call."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Protocol(HttpToolsProtocol):
    """One client's connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Write through a transport that holds heads back."""
        super().connection_made(cast("asyncio.Transport", HeadHolding(transport)))


class HeadHolding:
    """A transport that writes the head of an answer with what follows it, or alone when nothing does at once.

    uvicorn writes the two apart. Each write is a system call, and without Nagle's delay a packet.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._soon = asyncio.get_running_loop().call_soon
        self._head = b""

    def write(self, data: bytes) -> None:
        """Write, or hold back when it is a head."""
        if self._head:
            self._transport.write(self._head + data)
            self._head = b""
        elif data.startswith(b"HTTP/1."):
            self._head = data
            self._soon(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Close once all is written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            self.write(b"")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
