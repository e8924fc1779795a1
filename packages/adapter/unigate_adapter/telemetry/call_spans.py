"""The spans of one call of an adapter: that of the call, and one for each request to the vendor.

Usage and finish reasons are known when the answer has been read and its connection is free again, so the vendor's spans
are closed with the call, at the time at which their answers ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextvars import ContextVar
from time import time_ns
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from opentelemetry.trace import Span, SpanKind

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.http.client import VendorAnswer, VendorClient
from unigate_adapter.telemetry.span_content import Content
from unigate_core.errors import GatewayError
from unigate_core.telemetry.labels import CANCELLED, error_type, gen_ai_operation
from unigate_core.tracing.spans import (
    answer_attributes,
    asked_attributes,
    child_context,
    exemplar_of,
    fail,
    headers_of,
)

if TYPE_CHECKING:
    from unigate_core.tracing.sdk import Tracing

GRPC_CANCELLED = 1
CURRENT: ContextVar[CallTrace | None] = ContextVar("unigate_call_trace", default=None)
"""The call being served. Every call has a task, and so a context, of its own."""


def start_call(tracing: Tracing, request: Any, metadata: Iterable[tuple[str, Any]], operation: str) -> CallTrace | None:
    """The spans of a call; `request` is the message that it came in. None when there are none to make."""
    span = tracing.serve(type(request).__name__.removesuffix("Request"), metadata)
    return CallTrace(tracing, span, request, operation) if span is not None else None


class CallTrace:
    """One call's spans."""

    def __init__(self, tracing: Tracing, span: Span, request: Any, operation: str) -> None:
        self._tracing = tracing
        self._span = span
        self._request = request
        self._operation = operation
        self._vendor: list[tuple[Span, list[int]]] = []
        self._content: Content | None = None
        if tracing.content and span.is_recording():
            self._content = Content(getattr(request, "body", b""), operation)
        self.exemplar = exemplar_of(span)

    def enter(self) -> None:
        """Be the current call of this task, if anybody will see its spans."""
        if self._span.is_recording() or self._tracing.tell_vendors:
            CURRENT.set(self)

    def vendor_span(self, method: str, url: str, provider: str) -> tuple[Span, list[int]]:
        """Start the span of a request to the vendor; its end goes into the list."""
        call, address = self._request.call, urlsplit(url)
        operation = gen_ai_operation(self._operation)
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": call.model,
            "http.request.method": method,
            "server.address": address.hostname or "",
            "server.port": address.port or (443 if address.scheme == "https" else 80),
        }
        if self._span.is_recording():
            attributes |= asked_attributes(getattr(self._request, "body", b""))
        name = f"{operation} {call.model}".rstrip()
        span = self._tracing.start(name, SpanKind.CLIENT, child_context(self._span), attributes)
        entry: tuple[Span, list[int]] = (span, [])
        self._vendor.append(entry)
        return entry

    def record_answer(self, data: bytes) -> None:
        """A part of the answer, or all of it, goes to the client."""
        if self._content is not None:
            self._content.add(data)

    def leave(self, summary: pb.Summary | None, error: str) -> None:
        """End all spans. `error` is empty when the call went well."""
        if summary is not None and self._vendor and self._span.is_recording():
            self._vendor[-1][0].set_attributes(answer_attributes(summary))
        if self._content is not None and self._vendor:
            self._vendor[-1][0].set_attributes(self._content.attributes())
        for span, ended in self._vendor:
            if not ended and error:
                fail(span, error)
            span.end(ended[0] if ended else None)
            ended.append(0)
        if error:
            fail(self._span, error)
        self._span.set_attribute("rpc.grpc.status_code", GRPC_CANCELLED if error == CANCELLED else 0)
        self._span.end()


class TracedClient:
    """A vendor client whose requests are spans while a traced call is being served."""

    def __init__(self, client: VendorClient, tracing: Tracing, provider: str) -> None:
        """`provider` is the value of gen_ai.provider.name."""
        self._client = client
        self._tracing = tracing
        self._provider = provider

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> VendorAnswer:
        """See VendorClient."""
        trace = CURRENT.get()
        if trace is None:
            return await self._client.send(method, url, headers, body)
        span, ended = trace.vendor_span(method, url, self._provider)
        if self._tracing.tell_vendors:
            headers = {**headers, **headers_of(span)}
        try:
            answer = await self._client.send(method, url, headers, body)
        except BaseException as error:
            _end(span, ended, error)
            raise
        if not ended:
            span.set_attribute("http.response.status_code", answer.status)
        return _TracedAnswer(answer, span, ended)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


class _TracedAnswer:
    """An answer whose span ends with its context."""

    def __init__(self, answer: VendorAnswer, span: Span, ended: list[int]) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.read = answer.read
        self.read_available = answer.read_available
        self._answer = answer
        self._span = span
        self._ended = ended

    @property
    def at_eof(self) -> bool:
        """See VendorAnswer."""
        return self._answer.at_eof

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _end(self._span, self._ended, error)
        await self._answer.__aexit__(kind, error, trace)


def _end(span: Span, ended: list[int], error: BaseException | None) -> None:
    # a call that was left while it waited for its client has closed its spans before
    if ended:
        return
    if isinstance(error, GatewayError):
        fail(span, error_type(error))
    elif isinstance(error, asyncio.CancelledError | GeneratorExit):
        fail(span, CANCELLED)
    elif error is not None:
        fail(span, type(error).__name__)
    ended.append(time_ns())
