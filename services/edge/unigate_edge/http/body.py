"""Request bodies: read up to a limit, counted after decompression."""

from __future__ import annotations

import sys
import zlib
from collections.abc import AsyncIterator
from time import perf_counter

from unigate_edge.errors import (
    ClientDisconnected,
    request_too_large,
    wrong_content_encoding,
    wrong_content_type,
)
from unigate_edge.http.exchange import Exchange
from unigate_edge.http.shedding import Shedder

_PLAIN = (b"", b"identity")
# zlib's own form, or gzip's, recognised by its first bytes
_ANY_FORM = 32 + zlib.MAX_WBITS
_PIECE = 1 << 20
_ZSTD_WINDOW_LOG = 23
"""Eight MB, which every decoder must be able to hold."""


async def read_json(exchange: Exchange, limit: int, shedder: Shedder) -> bytes:
    """The whole body of a JSON request, of `limit` bytes at most. Raises GatewayError, ClientDisconnected.

    `shedder` counts the bytes from when they are there until the exchange is over.
    """
    headers = exchange.headers
    content_type = headers.get(b"content-type")
    if content_type is not None and content_type != b"application/json":
        media_type = content_type.partition(b";")[0].strip().lower()
        if media_type != b"application/json" and not media_type.endswith(b"+json"):
            raise wrong_content_type(content_type.decode("latin-1"), "application/json")
    refuse_declared_size(exchange, limit)
    if headers.get(b"content-encoding", b"") in _PLAIN:
        message = await exchange.receive()
        body: bytes = message.get("body", b"")
        if message["type"] == "http.request" and not message.get("more_body") and len(body) <= limit:
            hold(exchange, shedder, len(body))
            exchange.record.body_received_at = perf_counter()
            return body
        chunks = _plain_chunks(exchange, message)
    else:
        chunks = body_chunks(exchange)
    body = b"".join([chunk async for chunk in held(exchange, shedder, limited(chunks, limit))])
    exchange.record.body_received_at = perf_counter()
    return body


def refuse_declared_size(exchange: Exchange, limit: int) -> None:
    """Refuse what announces itself as too large before a byte of it is read. Raises GatewayError."""
    declared = exchange.headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > limit:
        raise request_too_large(limit)


async def body_chunks(exchange: Exchange) -> AsyncIterator[bytes]:
    """The body as it comes in, decompressed. Raises GatewayError, ClientDisconnected."""
    encoding = exchange.headers.get(b"content-encoding", b"").strip().lower()
    chunks = _plain_chunks(exchange, await exchange.receive())
    if encoding in _PLAIN:
        async for chunk in chunks:
            yield chunk
        return
    inflate = _DECOMPRESSED.get(encoding)
    if inflate is None:
        raise wrong_content_encoding(encoding.decode("latin-1"))
    async for piece in inflate(chunks, encoding):
        yield piece


async def _inflated(chunks: AsyncIterator[bytes], encoding: bytes) -> AsyncIterator[bytes]:
    """In pieces, so that a small body that inflates without end is stopped by the limit."""
    inflate = zlib.decompressobj(_ANY_FORM)
    try:
        async for chunk in chunks:
            piece = inflate.decompress(chunk, _PIECE)
            while piece:
                yield piece
                piece = inflate.decompress(inflate.unconsumed_tail, _PIECE)
        yield inflate.flush()
    except zlib.error as error:
        raise wrong_content_encoding(encoding.decode("latin-1")) from error
    if not inflate.eof:
        raise wrong_content_encoding(encoding.decode("latin-1"))


async def _unzstd(chunks: AsyncIterator[bytes], encoding: bytes) -> AsyncIterator[bytes]:
    """The same for zstd, which Codex CLI sends. https://www.rfc-editor.org/rfc/rfc8878"""
    # only those who meet such a body pay for the import
    if sys.version_info >= (3, 14):
        from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError  # noqa: PLC0415
    else:
        from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError  # noqa: PLC0415

    inflate = ZstdDecompressor(options={DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})
    try:
        async for chunk in chunks:
            if not chunk:
                continue
            if inflate.eof:
                raise wrong_content_encoding(encoding.decode("latin-1"))
            piece = inflate.decompress(chunk, _PIECE)
            while piece:
                yield piece
                waits = inflate.needs_input or bool(getattr(inflate, "eof"))  # noqa: B009 - it changes with each call
                piece = b"" if waits else inflate.decompress(b"", _PIECE)
    except ZstdError as error:
        raise wrong_content_encoding(encoding.decode("latin-1")) from error
    if not inflate.eof:
        raise wrong_content_encoding(encoding.decode("latin-1"))


_DECOMPRESSED = {
    **dict.fromkeys((b"gzip", b"x-gzip", b"deflate"), _inflated),
    b"zstd": _unzstd,
}


async def _plain_chunks(exchange: Exchange, message: object) -> AsyncIterator[bytes]:
    event = dict(message)  # type: ignore[call-overload]
    while True:
        if event["type"] == "http.disconnect":
            raise ClientDisconnected
        yield event.get("body", b"")
        if not event.get("more_body"):
            return
        event = await exchange.receive()


async def limited(chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """The chunks, until they exceed the limit. Raises GatewayError then."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise request_too_large(limit)
        yield chunk


async def held(exchange: Exchange, shedder: Shedder, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks, each counted as held until the exchange is over. Raises GatewayError when too much is held."""
    async for chunk in chunks:
        hold(exchange, shedder, len(chunk))
        yield chunk


def hold(exchange: Exchange, shedder: Shedder, size: int) -> None:
    """Count bytes as held until the exchange is over. Raises GatewayError when too many are."""
    shedder.hold(size)
    exchange.held_bytes += size
