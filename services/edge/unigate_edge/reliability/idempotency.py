"""`Idempotency-Key`: a request that is repeated is answered once, and the answer replayed.

For whole answers. One that failed is forgotten, so that a repeated request may do better.
https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from hashlib import sha256

import msgspec

from unigate_core.errors import RequestRefused
from unigate_edge.config.reliability import Idempotency
from unigate_edge.http.exchange import Exchange
from unigate_edge.http.recorder import AnswerRecorder, RecordedAnswer
from unigate_edge.reliability.fallback import pause
from unigate_edge.reliability.metrics import ReliabilityMetrics
from unigate_edge.state.blob_store import Store, StoreDown
from unigate_edge.state.client import begin_request

KEY_HEADER = b"idempotency-key"
MAX_KEY_LENGTH = 255
POLL_INTERVAL = 0.1
"""Between two looks whether another replica has answered."""
PER_REQUEST_HEADERS = frozenset(
    {b"x-request-id", b"x-client-request-id", b"openai-processing-ms", b"content-length", b"x-unigate-attempts"}
)


class StoredAnswer(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a key. Status 0: being answered."""

    fingerprint: bytes
    status: int = 0
    headers: list[tuple[bytes, bytes]] = []
    body: bytes = b""


_decoder = msgspec.msgpack.Decoder(StoredAnswer)


class InFlight(msgspec.Struct):
    """A request that this process is answering."""

    fingerprint: bytes
    done: asyncio.Event = msgspec.field(default_factory=asyncio.Event)


class IdempotencyCache:
    """Answers by tenant, path and key."""

    def __init__(
        self,
        store: Store,
        settings: Idempotency,
        metrics: ReliabilityMetrics,
        *,
        abandoned_after: float,
        waiting: Callable[[Exchange], AbstractAsyncContextManager[None]],
    ) -> None:
        """`abandoned_after`: seconds after which a replica that has not answered is taken to be gone.

        A request is inside `waiting` while it waits for the answer of another.
        """
        self._waiting = waiting
        self._store = store
        self._settings = settings
        self._metrics = metrics
        self.abandoned_after = abandoned_after
        self._running: dict[str, InFlight] = {}

    def applies(self, exchange: Exchange, *, streamed: bool) -> bool:
        """Whether a request is to be claimed; one without an Idempotency-Key, or for a stream, is always answered."""
        return KEY_HEADER in exchange.headers and not streamed and bool(self._settings.ttl)

    @asynccontextmanager
    async def claim(self, exchange: Exchange, body: bytes) -> AsyncIterator[bool]:
        """Be the one that answers a request; yields True where it has been answered before, and is answered again.

        Raises GatewayError, ClientDisconnected.
        """
        key = exchange.headers[KEY_HEADER]
        if not 0 < len(key) <= MAX_KEY_LENGTH:
            raise _refused(f"An Idempotency-Key has 1 to {MAX_KEY_LENGTH} characters.", "invalid_idempotency_key")
        digest = sha256(exchange.record.path.encode() + b"\0" + key).hexdigest()
        name = f"idempotent:{{{exchange.record.caller}}}:{digest}"
        fingerprint = sha256(body).digest()
        before = await self._before(exchange, name, fingerprint)
        if before is not None:
            self._metrics.idempotency.labels("replayed").inc()
            await _replay(exchange, before)
            yield True
            return
        running = self._running[name] = InFlight(fingerprint)
        recorder = AnswerRecorder(self._settings.max_bytes // 4, lambda header: header not in PER_REQUEST_HEADERS)
        exchange.listen(recorder.note)
        try:
            yield False
        finally:
            try:
                await self._settle(name, fingerprint, recorder.answer())
            finally:
                del self._running[name]
                running.done.set()

    async def _before(self, exchange: Exchange, name: str, fingerprint: bytes) -> StoredAnswer | None:
        """The answer of the first request with this key, once it is there; None: this is the first."""
        while True:
            running = self._running.get(name)
            if running is not None:
                _check_fingerprint(running.fingerprint, fingerprint)
                async with self._waiting(exchange):
                    await _ended(exchange, running.done)
                continue
            stored = await self._add(name, fingerprint)
            if name in self._running:
                continue
            if stored is None:
                return None
            _check_fingerprint(stored.fingerprint, fingerprint)
            if stored.status:
                return stored
            async with self._waiting(exchange):
                await pause(exchange, POLL_INTERVAL)
            # a request that waits for another's answer looks often
            begin_request()

    async def _settle(self, name: str, fingerprint: bytes, answer: RecordedAnswer | None) -> None:
        """Keep an answer that went well to its end; else let a repeated request do better."""
        if answer is not None and 200 <= answer.status < 300:
            await self._keep(name, StoredAnswer(fingerprint, answer.status, answer.headers, answer.body))
            self._metrics.idempotency.labels("kept").inc()
        else:
            with suppress(StoreDown):
                await self._store.delete(name)

    async def _add(self, name: str, fingerprint: bytes) -> StoredAnswer | None:
        """What is known of the key. None, for one of all that ask at the same time: nothing, now it is being answered.

        Also None when the store is down: then replicas do not know of each other.
        """
        try:
            blob = await self._store.add(name, msgspec.msgpack.encode(StoredAnswer(fingerprint)), self.abandoned_after)
        except StoreDown:
            self._metrics.idempotency.labels("store_down").inc()
            return None
        return _decoder.decode(blob) if blob is not None else None

    async def _keep(self, name: str, stored: StoredAnswer) -> None:
        try:
            await self._store.put({name: msgspec.msgpack.encode(stored)})
        except StoreDown:
            self._metrics.idempotency.labels("store_down").inc()


async def _ended(exchange: Exchange, done: asyncio.Event) -> None:
    """Wait for the end of the first request. Raises ClientDisconnected when the client leaves before."""
    waiting = asyncio.ensure_future(done.wait())
    leaving = asyncio.ensure_future(pause(exchange, None))
    try:
        await asyncio.wait([waiting, leaving], return_when=asyncio.FIRST_COMPLETED)
        if leaving.done():
            leaving.result()
    finally:
        waiting.cancel()
        leaving.cancel()


async def _replay(exchange: Exchange, stored: StoredAnswer) -> None:
    headers = [each for each in stored.headers if each[0] not in (b"content-type", b"openai-version")]
    exchange.record.phase = "answer"
    await exchange.answer(
        stored.status, stored.body, dict(stored.headers)[b"content-type"], [*headers, (b"idempotent-replayed", b"true")]
    )
    exchange.record.phase = "done"


def _check_fingerprint(before: bytes, now: bytes) -> None:
    if before != now:
        raise _refused(
            "The Idempotency-Key was used before for a request with another body. Use a new key for a new request.",
            "idempotency_key_reused",
        )


def _refused(message: str, code: str) -> RequestRefused:
    return RequestRefused(message, param=None, code=code)
