"""A vendor that costs almost nothing: `python -m bench.upstream PORT` answers every POST from memory.

What the model is called decides the answer: a whole completion, a stream all at once, `paced` a stream of 50 events a
second, `held` a stream that stays silent after its first event until the client goes. `/messages` is
answered in Anthropic's format.
"""

import asyncio
import sys
from typing import cast

import uvloop

from bench.exchange import completion, events, message, message_events, transcription

PACE = 0.02
JSON_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\nx-request-id: req_bench\r\n\r\n"
)
SSE_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def chunked(data: bytes) -> bytes:
    """Frame bytes as one chunk of HTTP/1.1."""
    return b"%x\r\n%b\r\n" % (len(data), data)


TRANSCRIPTION = JSON_HEAD % len(transcription()) + transcription()
WHOLE = JSON_HEAD % len(completion()) + completion()
EVENTS = [chunked(event) for event in events()]
MESSAGE = JSON_HEAD % len(message()) + message()
MESSAGE_STREAM = SSE_HEAD + chunked(b"".join(message_events())) + LAST_CHUNK
STREAM = SSE_HEAD + chunked(b"".join(events())) + LAST_CHUNK


class Vendor(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._transport: asyncio.Transport
        self._next: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer as soon as a request is whole."""
        self._received += data
        end = self._received.find(b"\r\n\r\n") + 4
        if end < 4:
            return
        head = bytes(self._received[:end])
        whole = (
            self._received.endswith(LAST_CHUNK) if is_chunked(head) else len(self._received) >= end + length_of(head)
        )
        if whole and b"multipart/form-data" in head:
            self._transport.write(TRANSCRIPTION)
        elif whole and b"/messages" in head.partition(b"\r\n")[0]:
            self._transport.write(MESSAGE_STREAM if is_stream(bytes(self._received[end:])) else MESSAGE)
        elif whole:
            self._answer(bytes(self._received[end:]))
        if whole:
            self._received.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop a paced stream."""
        if self._next:
            self._next.cancel()

    def _answer(self, body: bytes) -> None:
        if b"held" in body:
            self._transport.write(SSE_HEAD + EVENTS[0])
        elif b"paced" in body:
            self._transport.write(SSE_HEAD)
            self._pace(0)
        else:
            self._transport.write(STREAM if is_stream(body) else WHOLE)

    def _pace(self, index: int) -> None:
        if index < len(EVENTS):
            self._transport.write(EVENTS[index])
            self._next = self._loop.call_later(PACE, self._pace, index + 1)
        else:
            self._transport.write(LAST_CHUNK)


def is_stream(body: bytes) -> bool:
    """Tell whether a request asks for a stream."""
    return b'"stream":true' in body or b'"stream": true' in body


def length_of(head: bytes) -> int:
    """Return the content-length of a request's head, 0 where there is none."""
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def is_chunked(head: bytes) -> bool:
    """Tell whether a request's body comes in chunks."""
    return b"transfer-encoding: chunked" in head.lower()


async def serve(port: int) -> None:
    """Serve until ended."""
    server = await asyncio.get_running_loop().create_server(Vendor, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
