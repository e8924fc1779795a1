"""Whole and streamed answers, kept by tenant and request, and given again as the bytes they were.

https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1: a client's `no-cache` passes the cache by, `no-store` keeps the
answer out of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Final

import msgspec

from unigate_core.json import dumps, loads
from unigate_edge.client_apis.openai import OPENAI
from unigate_edge.config.cache import CacheSettings
from unigate_edge.http.exchange import Exchange
from unigate_edge.http.query import forwarded_query
from unigate_edge.http.recorder import AnswerRecorder
from unigate_edge.http.unsupported_params import HEADER as STRICTNESS
from unigate_edge.routing.router import Target
from unigate_edge.state.blob_store import Store, StoreDown
from unigate_edge.validation.types import Request

HEADER: Final = b"x-unigate-cache"
KEPT_HEADERS: Final = frozenset(
    {
        b"cache-control",
        b"content-type",
        b"x-accel-buffering",
        b"x-unigate-dropped-params",
        b"x-unigate-notes",
        b"x-unigate-provider",
    }
)


class CachedAnswer(msgspec.Struct, frozen=True, array_like=True):
    """An answer's headers and the bytes of its body."""

    headers: list[tuple[bytes, bytes]]
    body: bytes


_decoder = msgspec.msgpack.Decoder(CachedAnswer)


class ResponseCache:
    """Answers by key. A store that is down is an empty one."""

    def __init__(
        self, store: Store, settings: CacheSettings, count: Callable[[str, str], None] = lambda *_: None
    ) -> None:
        """`count` is called with the operation and `hit` or `miss`."""
        self._store = store
        self._settings = settings
        self._count = count

    @asynccontextmanager
    async def lookup(self, exchange: Exchange, key: str) -> AsyncIterator[bool]:
        """Answer with what is kept, yielding True; else keep the answer that is given inside."""
        if await self._replay(exchange, key):
            self._count(exchange.record.operation, "hit")
            yield True
            return
        self._count(exchange.record.operation, "miss")
        recorder = AnswerRecorder(self._settings.max_entry_bytes, KEPT_HEADERS.__contains__)
        exchange.extra_headers[HEADER] = b"miss"
        exchange.listen(recorder.note)
        yield False
        await self._keep(exchange, key, recorder)

    async def _replay(self, exchange: Exchange, key: str) -> bool:
        if b"no-cache" in exchange.headers.get(b"cache-control", b""):
            return False
        try:
            blobs = await self._store.get((key,))
        except StoreDown:
            return False
        blob = blobs.get(key)
        if blob is None:
            return False
        cached = _decoder.decode(blob)
        exchange.record.cached = True
        exchange.extra_headers |= {HEADER: b"hit", b"x-unigate-cost-usd": b"0"}
        exchange.record.phase = "answer"
        headers = [field for field in cached.headers if field[0] != b"content-type"]
        await exchange.answer(200, cached.body, dict(cached.headers)[b"content-type"], headers)
        exchange.record.phase = "done"
        return True

    async def _keep(self, exchange: Exchange, key: str, recorder: AnswerRecorder) -> None:
        """Keep an answer that went well to its end."""
        if exchange.record.status != 200 or exchange.record.error is not None or exchange.record.phase != "done":
            return
        if b"no-store" in exchange.headers.get(b"cache-control", b""):
            return
        answer = recorder.answer()
        if answer is None:
            return
        try:
            await self._store.put({key: msgspec.msgpack.encode(CachedAnswer(answer.headers, answer.body))})
        except StoreDown:
            return


def cache_key(exchange: Exchange, request: Request, target: Target, body: bytes) -> str | None:
    """Where the answer to a request is kept; None: it depends on more than the request, or is more than an answer."""
    if b"x-unigate-provider-key" in exchange.headers:
        return None
    if not request.stands_alone():
        return None
    # members in order, so that two ways of writing the same request are one
    canonical = msgspec.json.encode(loads(body), order="sorted")
    strictness = exchange.headers.get(STRICTNESS, b"").decode("latin-1")
    asked: list[Any] = [exchange.record.caller, exchange.record.operation, target.provider, target.model, strictness]
    api = exchange.api
    if api is not OPENAI:
        # the form of the answer may depend on the query and the headers of these
        query = forwarded_query(exchange.query, api.key_parameter)
        asked += [api.name, exchange.record.path, query, sorted(api.client_headers(exchange.headers).items())]
    parts = dumps(asked)
    return f"cache:{{{exchange.record.caller}}}:{sha256(parts + canonical).hexdigest()}"
