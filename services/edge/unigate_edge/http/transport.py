"""A transport that writes the head of an answer together with the first of its body."""

from __future__ import annotations

import asyncio
from typing import Any


class HeaderCoalescingTransport:
    """Holds back the head of an answer until something follows it, or until the loop's next turn.

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

    def write_eof(self) -> None:
        """Close the writing side once all is written."""
        self._flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Close once all is written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            self.write(b"")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
