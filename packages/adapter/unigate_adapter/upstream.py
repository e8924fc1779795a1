"""The calls to the vendor behind one answer: authenticated, their errors raised, their times and headers recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from time import perf_counter_ns
from types import TracebackType
from typing import NoReturn, Self, TypeVar

from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.authentication.authenticator import VendorRequest
from unigate_adapter.authentication.client import AuthenticatedClient
from unigate_adapter.framing import FrameDecoder
from unigate_adapter.http.client import VendorAnswer
from unigate_adapter.http.idle_timeout import IdleTimeout
from unigate_adapter.target import Target
from unigate_core.counts import error_status
from unigate_core.errors import GatewayError, UpstreamProtocol, UpstreamTimeout
from unigate_core.json import Json, loads_object
from unigate_core.redaction import safe_header

JSON = "application/json"
END_SECONDS = 0.5
"""For which the end of an answer is waited for after its last event."""
EVENT_STREAM = "text/event-stream"
T = TypeVar("T")


class Upstream:
    """Speaks to the vendor for one answer. `credential` is the client's own key, empty: the operator's is used.

    `secrets` gives what must not be shown of the operator's. `idle_seconds` bounds the vendor's silence while its
    answer is read. `native_headers`: the client speaks the vendor's own API, so that the vendor's errors reach it as
    they are, and so do its headers whose names begin so.
    """

    def __init__(  # noqa: PLR0913 - a call's own, and what it shares
        self,
        target: Target,
        client: AuthenticatedClient,
        stats: AnswerStats,
        *,
        credential: str,
        secrets: Callable[[], Iterable[str]],
        idle_seconds: float,
        native_headers: tuple[str, ...] | None = None,
    ) -> None:
        self._target = target
        self._client = client
        self.stats = stats
        self._credential = credential
        self._secrets = secrets
        self.idle_seconds = idle_seconds
        self._native = native_headers

    def send(
        self,
        path: str,
        body: bytes | AsyncIterator[bytes],
        *,
        method: str = "POST",
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> UpstreamAnswer:
        """One call, made when its context is entered. Raises GatewayError for an error answer, and for none at all."""
        sent = {"content-type": content_type, **headers} if headers else {"content-type": content_type}
        return UpstreamAnswer(self, VendorRequest(method, self._target.url(path), sent, body))

    def frames(self) -> FrameDecoder:
        """What cuts the vendor's stream into events."""
        return self._target.provider.backend.frames()

    async def call(self, request: VendorRequest) -> VendorAnswer:
        """Send a request; the answer may be an error."""
        return await self._client.send(request, client_key=self._credential)

    def note_head(self, answer: VendorAnswer) -> None:
        """Take down what the head of a good answer says."""
        backend, headers = self._target.provider.backend, answer.headers
        self.stats.upstream_request_id = self.stats.upstream_request_id or self._request_id(answer)
        limits = self._client_headers(headers) if self._native else backend.rate_limits(headers)
        self.stats.headers = {name: safe for name, value in limits.items() if (safe := self._safe(value))}

    def error(self, answer: VendorAnswer, data: bytes) -> GatewayError:
        """What an error answer with this body means."""
        status = error_status(answer.status)
        error = self._target.provider.backend.errors(status, answer.headers, data, client_key=bool(self._credential))
        error.upstream_request_id = self._safe(error.upstream_request_id) or self._request_id(answer)
        if self._native is not None:
            error.status, error.headers = answer.status, self._client_headers(answer.headers)
            error.body = b""
            if self._target.provider.backend.native_errors:
                error.body, error.content_type = data, answer.headers.get("content-type", "")
        error.headers = {name: safe for name, value in error.headers.items() if (safe := self._safe(value))}
        return error

    def _request_id(self, answer: VendorAnswer) -> str:
        name = self._target.provider.backend.request_id_header
        return self._safe(answer.headers.get(name, "")) if name else ""

    def _client_headers(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        prefixes = self._native or ()
        return {name.lower(): value for name, value in headers.items() if name.lower().startswith(prefixes)}

    def _safe(self, value: str) -> str:
        """A header's value as a client may see it; empty for what cannot stand in a header."""
        return safe_header(value, *self._secrets(), self._credential)


class UpstreamAnswer:
    """One call as a context, and its answer inside it."""

    __slots__ = ("_answer", "_idle", "_request", "_stats", "_upstream", "headers", "status")

    def __init__(self, upstream: Upstream, request: VendorRequest) -> None:
        self._upstream = upstream
        self._stats = upstream.stats
        self._request = request
        self._idle = IdleTimeout(upstream.idle_seconds)
        self._answer: VendorAnswer
        self.status: int
        self.headers: Mapping[str, str]

    async def __aenter__(self) -> Self:
        stats = self._stats
        stats.sent_ns = stats.sent_ns or perf_counter_ns()
        answer = self._answer = await self._upstream.call(self._request)
        self.status, self.headers = answer.status, answer.headers
        try:
            if not 200 <= answer.status < 300:
                await self._refuse()
            self._upstream.note_head(answer)
        except BaseException as error:
            await self._close(error)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close(error)
        if error is None:
            self._stats.last_byte_ns = perf_counter_ns()

    @property
    def content_type(self) -> str:
        """What the vendor declares its answer to be, in lower case; empty for what cannot stand in a header."""
        return safe_header(self.headers.get("content-type", "")).lower()

    @property
    def at_eof(self) -> bool:
        """See VendorAnswer."""
        return self._answer.at_eof

    async def read(self) -> bytes:
        """The rest. Raises UpstreamTimeout, UpstreamTruncated."""
        data = await self._bounded(self._answer.read)
        self._stats.hold(len(data))
        return data

    async def chunk(self) -> bytes | None:
        """What has come by now, None at the end. Raises UpstreamTimeout, UpstreamTruncated."""
        return await self._bounded(self._answer.read_available)

    async def finish(self) -> None:
        """Read the end of an answer that has said its last word, so that its connection can be used again.

        Some vendors leave the answer open; they are not waited for, and their connection is closed.
        """
        with suppress(TimeoutError, GatewayError):
            async with asyncio.timeout(END_SECONDS):
                while not self.at_eof and await self._answer.read_available() is not None:
                    pass

    async def _bounded(self, read: Callable[[], Awaitable[T]]) -> T:
        idle, stats = self._idle, self._stats
        idle.begin()
        try:
            data = await read()
        except asyncio.CancelledError:
            if idle.expired():
                message = "The provider stayed silent for too long."
                raise UpstreamTimeout(message, code="upstream_idle_timeout") from None
            raise
        finally:
            idle.end()
        stats.read_ns = now = perf_counter_ns()
        if not stats.first_byte_ns:
            stats.first_byte_ns = now
        return data

    async def _refuse(self) -> NoReturn:
        if self.status < 400:
            raise UpstreamProtocol(f"The provider answered with status {self.status}.")
        raise self._upstream.error(self._answer, await self._bounded(self._answer.read))

    async def _close(self, error: BaseException | None) -> None:
        self._idle.close()
        await self._answer.__aexit__(type(error) if error is not None else None, error, None)


def native_object(data: bytes, *, keep_halves: bool = False) -> Json:
    """A vendor's JSON object, decoded as `loads` does. Raises UpstreamProtocol when it is none."""
    try:
        return loads_object(data, keep_halves=keep_halves)
    except ValueError as error:
        raise UpstreamProtocol("The provider sent malformed JSON.") from error
