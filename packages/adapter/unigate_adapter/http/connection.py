"""One connection to a vendor: requests out, one at a time, and their answers in, parsed by httptools (llhttp)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import cast

import httptools

from unigate_adapter.http.client import BROKE_OFF, READ_BUFFER, DecodedAnswer
from unigate_core.errors import UpstreamProtocol, UpstreamTruncated

MAX_HEAD_BYTES = 128 * 1024
"""Of an answer's status and headers with what is told ahead of it, and of what comes in a row beside its body."""
_NO_BODY = frozenset({204, 304})
_CONTINUE = range(100, 200)


class ConnectionBroken(Exception):
    """There will be no answer: the vendor has left, or does not speak HTTP."""


class Answer(DecodedAnswer):
    """An answer as it comes. The connection is free for the next request once it is whole, read or not."""

    def __init__(self, connection: Connection, status: int, headers: dict[str, str], max_bytes: int) -> None:
        super().__init__(status, headers, max_bytes)
        self._connection = connection
        self._pieces: list[bytes] = []
        self._size = 0
        self._whole = False
        self._broken: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._whole:
            self._connection.abort()

    @property
    def at_eof(self) -> bool:
        return self._whole and not self._pieces and self._inflater is None

    async def _more(self) -> bytes | None:
        while not self._pieces:
            if self._whole:
                return None
            if self._broken is not None:
                raise UpstreamTruncated(BROKE_OFF) from self._broken
            self._waiter = self._connection.loop.create_future()
            await self._waiter
        pieces = self._pieces
        self._pieces, self._size = [], 0
        if not self._whole:
            self._connection.resume_reading()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def feed(self, piece: bytes) -> None:
        """A part of the body has come."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > READ_BUFFER:
            self._connection.pause_reading()
        self._wake()

    def end(self, broken: Exception | None = None) -> None:
        """The body is whole, or broken off."""
        self._broken = broken
        self._whole = broken is None
        self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


class Connection(asyncio.Protocol):
    """A connection. `released` is called when it is free for another request, `lost` when it is gone."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        released: Callable[[Connection], None],
        lost: Callable[[Connection], None],
        max_bytes: int,
    ) -> None:
        self.loop = loop
        self.idle_since = 0.0
        self._released = released
        self._lost = lost
        self._max_bytes = max_bytes
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        # what servers of vendors' own make get wrong, and every client takes
        self._parser.set_dangerous_leniencies(
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        self._head: asyncio.Future[Answer] | None = None
        self._answer: Answer | None = None
        self._headers: dict[str, str] = {}
        self._beside_body = 0
        self._upload: asyncio.Task[None] | None = None
        self._write_paused: asyncio.Future[None] | None = None
        self._read_paused = False

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._transport.is_closing()

    def request(self, head: bytes, body: bytes) -> asyncio.Future[Answer]:
        """Send a request; gives the answer once its head is there. Raises ConnectionBroken, UpstreamProtocol."""
        self._beside_body = 0
        self._head = future = self.loop.create_future()
        if len(body) < READ_BUFFER:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)
        return future

    async def upload(self, head: bytes, parts: AsyncIterator[bytes]) -> Answer:
        """Send a request whose body comes in parts. The answer may be there before the body is sent.

        Raises ConnectionBroken, UpstreamProtocol, and what the parts raise.
        """
        answer = self.request(head, b"")
        upload = self._upload = self.loop.create_task(self._write_all(parts))
        upload.add_done_callback(_retrieve)
        await asyncio.wait((answer, upload), return_when=asyncio.FIRST_COMPLETED)
        failure = upload.exception() if upload.done() and not upload.cancelled() else None
        if failure is not None and (not answer.done() or answer.exception() is not None):
            raise failure
        return await answer

    async def _write_all(self, parts: AsyncIterator[bytes]) -> None:
        try:
            async for part in parts:
                if part:
                    await self._write_part(part)
        except BaseException:
            self.abort()
            raise
        self._transport.write(b"0\r\n\r\n")
        self._upload = None

    async def _write_part(self, part: bytes) -> None:
        if self._transport.is_closing():
            raise ConnectionBroken(BROKE_OFF)
        self._transport.write(b"%x\r\n%b\r\n" % (len(part), part))
        if self._write_paused is not None:
            await self._write_paused

    def abort(self) -> None:
        """Leave: neither what is sent nor what comes matters any more."""
        self._transport.abort()

    def close(self) -> None:
        """Close an idle connection."""
        self._transport.close()

    def pause_reading(self) -> None:
        """Read no more until the answer is taken."""
        if not self._read_paused and not self._transport.is_closing():
            self._read_paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        if self._read_paused:
            self._read_paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    # what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._head is None and self._answer is None:
            self._break(ConnectionBroken("an answer that nobody asked for"))
            return
        # counted here because the parser keeps a header, or a trailer, until it is whole
        self._beside_body += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._break(error)
            return
        if self._beside_body > MAX_HEAD_BYTES:
            self._break(ConnectionBroken("a head that does not end"))

    def connection_lost(self, error: Exception | None) -> None:
        """See asyncio.Protocol."""
        if self._answer is not None and error is None and not self._is_framed():
            self._answer.end()
            self._answer = None
        self._fail(error or ConnectionBroken(BROKE_OFF))
        self.resume_writing()
        if self._upload is not None:
            self._upload.cancel()
        self._lost(self)

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        self._write_paused = self.loop.create_future()

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        paused, self._write_paused = self._write_paused, None
        if paused is not None and not paused.done():
            paused.set_result(None)

    # what the parser calls

    def on_message_begin(self) -> None:
        """An answer begins. One without a request must not be taken for that to the next request."""
        if self._head is None:
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what comes after the body is a trailer, and left out."""
        if self._answer is None:
            key, text = name.decode("latin-1").lower(), value.decode("utf-8", "surrogateescape")
            headers = self._headers
            headers[key] = f"{headers[key]}, {text}" if key in headers else text

    def on_headers_complete(self) -> None:
        """The head is complete, of the answer or of an interim response before it."""
        headers, self._headers = self._headers, {}
        status = self._parser.get_status_code()
        if status in _CONTINUE:
            return
        head, self._head = self._head, None
        if head is None or head.done():
            self.abort()
            return
        try:
            answer = Answer(self, status, headers, self._max_bytes)
        except UpstreamProtocol as error:
            head.set_exception(error)
            self.abort()
            return
        self._answer = answer
        head.set_result(answer)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._beside_body = 0
        if self._answer is not None:
            self._answer.feed(body)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        answer, self._answer = self._answer, None
        if answer is None:
            return
        answer.end()
        self.resume_reading()
        if self._upload is not None or not self._parser.should_keep_alive() or self._transport.is_closing():
            self._transport.close()
        elif not self._transport.get_write_buffer_size():
            self._released(self)
        else:
            # the vendor answered before it had read the request: another would wait behind the rest of it
            self._transport.abort()

    def _is_framed(self) -> bool:
        """Whether the answer's head says where it ends, so that the connection's end is none."""
        answer = self._answer
        if answer is None or answer.status in _NO_BODY:
            return True
        return "content-length" in answer.headers or "chunked" in answer.headers.get("transfer-encoding", "").lower()

    def _break(self, error: Exception) -> None:
        self._fail(error)
        self.abort()

    def _fail(self, error: Exception) -> None:
        head, self._head = self._head, None
        answer, self._answer = self._answer, None
        if head is not None and not head.done():
            head.set_exception(ConnectionBroken(str(error)))
        if answer is not None:
            answer.end(error)


def _retrieve(upload: asyncio.Task[None]) -> None:
    """Retrieve the result of an upload that is not awaited any more: the vendor has answered."""
    if not upload.cancelled():
        upload.exception()
