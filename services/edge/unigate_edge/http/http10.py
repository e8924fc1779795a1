"""Answers to clients that speak HTTP/1.0."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class Http10Cycle(RequestResponseCycle):
    """A request of HTTP/1.0, which knows no chunks: an answer without a length ends with the connection."""

    _until_closed = False

    async def send(self, message: Any) -> None:
        """Send one ASGI message."""
        if message["type"] == "http.response.start":
            if not any(name.lower() == b"content-length" for name, _ in message.get("headers", ())):
                self.chunked_encoding = False
                self._until_closed = True
        elif self._until_closed:
            self.expected_content_length = len(message.get("body", b""))
        await super().send(message)
