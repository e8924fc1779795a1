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

from opentelemetry.trace import SpanKind

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.http.client import VendorAnswer, VendorClient
from unigate_adapter.telemetry.span_content import Content
from unigate_core.errors import GatewayError
from unigate_core.telemetry.labels import CANCELLED, error_type, gen_ai_operation
from unigate_core.tracing.attributes import answer_attributes, asked_attributes
from unigate_core.tracing.span import Span

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
        self._vendor: list[Span] = []
        self._content: Content | None = None
        if tracing.content and span.is_sampled:
            self._content = Content(getattr(request, "body", b""), operation)
        self.exemplar = span.exemplar

    def enter(self) -> None:
        """Be the current call of this task, if its spans are kept."""
        if self._span.is_sampled or self._tracing.tell_vendors:
            CURRENT.set(self)

    def vendor_span(self, method: str, url: str, provider: str) -> Span:
        """Start the span of a request to the vendor."""
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
        if self._span.is_sampled:
            attributes |= asked_attributes(getattr(self._request, "body", b""))
        name = f"{operation} {call.model}".rstrip()
        span = self._tracing.start_child(self._span, name, SpanKind.CLIENT, attributes)
        self._vendor.append(span)
        return span

    def record_answer(self, data: bytes) -> None:
        """A part of the answer, or all of it, goes to the client."""
        if self._content is not None:
            self._content.add(data)

    def leave(self, summary: pb.Summary | None, error: str) -> None:
        """End all spans. `error` is empty when the call went well."""
        if summary is not None and self._vendor and self._span.is_sampled:
            self._vendor[-1].attributes |= answer_attributes(summary)
        if self._content is not None and self._vendor:
            self._vendor[-1].attributes |= self._content.attributes()
        for span in self._vendor:
            if not span.ended_at and error:
                span.fail(error)
            span.end()
        if error:
            self._span.fail(error)
        self._span.attributes["rpc.grpc.status_code"] = GRPC_CANCELLED if error == CANCELLED else 0
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
        span = trace.vendor_span(method, url, self._provider)
        if self._tracing.tell_vendors:
            headers = {**headers, **span.headers()}
        try:
            answer = await self._client.send(method, url, headers, body)
        except BaseException as error:
            _answer_ended(span, error)
            raise
        if not span.ended_at:
            span.attributes["http.response.status_code"] = answer.status
        return _TracedAnswer(answer, span)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


class _TracedAnswer:
    """An answer whose span ends with its context."""

    def __init__(self, answer: VendorAnswer, span: Span) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.read = answer.read
        self.read_available = answer.read_available
        self._answer = answer
        self._span = span

    @property
    def at_eof(self) -> bool:
        """See VendorAnswer."""
        return self._answer.at_eof

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _answer_ended(self._span, error)
        await self._answer.__aexit__(kind, error, trace)


def _answer_ended(span: Span, error: BaseException | None) -> None:
    # a call that was left while it waited for its client has ended its spans before
    if span.ended_at:
        return
    if isinstance(error, GatewayError):
        span.fail(error_type(error))
    elif isinstance(error, asyncio.CancelledError | GeneratorExit):
        span.fail(CANCELLED)
    elif error is not None:
        span.fail(type(error).__name__)
    span.ended_at = time_ns()
