"""The calls to the vendor behind one answer: authenticated, their errors raised, their times and head taken down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from time import perf_counter_ns
from typing import TypeVar

from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.authentication.client import AuthenticatedClient
from unigate_adapter.framing import FrameDecoder
from unigate_adapter.http.client import VendorAnswer
from unigate_adapter.target import Target
from unigate_core.counts import error_status
from unigate_core.errors import GatewayError, UpstreamProtocol, UpstreamTimeout
from unigate_core.json import Json, loads_object
from unigate_core.redaction import safe_header

JSON = "application/json"
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
        meter: AnswerStats,
        *,
        credential: str,
        secrets: Callable[[], Iterable[str]],
        idle_seconds: float,
        native_headers: tuple[str, ...] | None = None,
    ) -> None:
        self._target = target
        self._client = client
        self._meter = meter
        self._credential = credential
        self._secrets = secrets
        self._idle = idle_seconds
        self._native = native_headers

    @asynccontextmanager
    async def send(
        self,
        path: str,
        body: bytes | AsyncIterator[bytes],
        *,
        method: str = "POST",
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[VendorAnswer]:
        """One call; the answer is a good one. Raises GatewayError for an error answer, and for none at all."""
        meter, sent = self._meter, {"content-type": content_type, **(headers or {})}
        meter.sent_ns = meter.sent_ns or perf_counter_ns()
        url = self._target.url(path)
        async with self._client.send(method, url, sent, body, client_key=self._credential) as answer:
            await self._check(answer)
            yield answer
        meter.last_byte_ns = perf_counter_ns()

    def frames(self) -> FrameDecoder:
        """What cuts the vendor's stream into events."""
        return self._target.provider.backend.frames()

    async def read(self, answer: VendorAnswer) -> bytes:
        """The rest of an answer. Raises UpstreamTimeout, UpstreamTruncated."""
        data = self._mark_read(await self._with_idle_timeout(answer.read()))
        self._meter.hold(len(data))
        return data

    async def chunk(self, answer: VendorAnswer) -> bytes | None:
        """What has come of an answer by now, None at its end. Raises UpstreamTimeout, UpstreamTruncated."""
        return self._mark_read(await self._with_idle_timeout(answer.read_available()))

    def _mark_read(self, data: T) -> T:
        meter = self._meter
        meter.read_ns = perf_counter_ns()
        meter.first_byte_ns = meter.first_byte_ns or meter.read_ns
        return data

    async def _check(self, answer: VendorAnswer) -> None:
        backend, headers = self._target.provider.backend, answer.headers
        request_id = headers.get(backend.request_id_header, "") if backend.request_id_header else ""
        request_id = self._safe(request_id)
        if answer.status >= 400:
            raise self._error(answer, await self._with_idle_timeout(answer.read()), request_id)
        if not 200 <= answer.status < 300:
            raise UpstreamProtocol(f"The provider answered with status {answer.status}.")
        self._meter.upstream_request_id = self._meter.upstream_request_id or request_id
        limits = self._client_headers(headers) if self._native else backend.rate_limits(headers)
        self._meter.headers = {name: safe for name, value in limits.items() if (safe := self._safe(value))}

    def _error(self, answer: VendorAnswer, data: bytes, request_id: str) -> GatewayError:
        status = error_status(answer.status)
        error = self._target.provider.backend.errors(status, answer.headers, data, client_key=bool(self._credential))
        error.upstream_request_id = self._safe(error.upstream_request_id) or request_id
        if self._native is not None:
            error.status, error.headers = answer.status, self._client_headers(answer.headers)
            error.body = b""
            if self._target.provider.backend.native_errors:
                error.body, error.content_type = data, answer.headers.get("content-type", "")
        error.headers = {name: safe for name, value in error.headers.items() if (safe := self._safe(value))}
        return error

    def _client_headers(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        prefixes = self._native or ()
        return {name.lower(): value for name, value in headers.items() if name.lower().startswith(prefixes)}

    def _safe(self, value: str) -> str:
        """A header's value as a client may see it; empty for what cannot stand in a header."""
        return safe_header(value, *self._secrets(), self._credential)

    async def _with_idle_timeout(self, reading: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._idle):
                return await reading
        except TimeoutError as error:
            message = "The provider stayed silent for too long."
            raise UpstreamTimeout(message, code="upstream_idle_timeout") from error


def native_object(data: bytes, *, keep_halves: bool = False) -> Json:
    """A vendor's JSON object, decoded as `loads` does. Raises UpstreamProtocol when it is none."""
    try:
        return loads_object(data, keep_halves=keep_halves)
    except ValueError as error:
        raise UpstreamProtocol("The provider sent malformed JSON.") from error
