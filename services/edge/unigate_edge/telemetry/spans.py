"""The edge's spans: one for the request, and one for each call of an adapter, retries and fallbacks among them."""

from __future__ import annotations

import sys
from typing import Any

from opentelemetry.trace import Span, SpanKind

from unigate_core.errors import GatewayError
from unigate_core.telemetry.labels import CANCELLED, error_type, gen_ai_operation, gen_ai_provider
from unigate_core.tracing.sdk import Tracing
from unigate_core.tracing.spans import (
    answer_attributes,
    child_context,
    context_of,
    exemplar_of,
    fail,
    headers_of,
    rpc_attributes,
)
from unigate_edge.errors import ClientGone
from unigate_edge.http.exchange import Exchange


class RequestTrace:
    """The spans of one request."""

    def __init__(self, tracing: Tracing, exchange: Exchange) -> None:
        self._tracing = tracing
        carrier = {
            name.decode(): value.decode("latin-1")
            for name in (b"traceparent", b"tracestate")
            if (value := exchange.headers.get(name)) is not None
        }
        attributes = {
            "http.request.method": exchange.method,
            "url.path": exchange.path,
            "unigate.request.id": exchange.request_id,
        }
        self._span = tracing.start(exchange.method, SpanKind.SERVER, context_of(carrier), attributes)
        self._call: Span | None = None
        self.exemplar = exemplar_of(self._span)
        self.trace_id = f"{self._span.get_span_context().trace_id:032x}"

    def call(self, exchange: Exchange) -> dict[str, str]:
        """Start the span of a call of an adapter; returns what the adapter must be sent for its own to be below it."""
        self.call_ended()
        if not self._span.is_recording():
            return headers_of(self._span)
        method = "InvokeStream" if exchange.streamed else "Invoke"
        attributes: dict[str, Any] = {
            **rpc_attributes(method),
            "unigate.provider": exchange.provider,
            "gen_ai.request.model": exchange.model,
            "unigate.attempt": exchange.attempts or 1,
        }
        name = f"{attributes['rpc.service']}/{method}"
        self._call = self._tracing.start(name, SpanKind.CLIENT, child_context(self._span), attributes)
        return headers_of(self._call)

    def call_ended(self) -> None:
        """End the span of the call, with the exception that is passing, if one is."""
        span, self._call = self._call, None
        if span is None:
            return
        error = sys.exc_info()[1]
        if isinstance(error, GatewayError):
            fail(span, error_type(error))
        elif isinstance(error, ClientGone):
            fail(span, CANCELLED)
        elif error is not None:
            fail(span, type(error).__name__)
        span.end()

    def end(self, exchange: Exchange, status: int) -> None:
        """End the request's span."""
        self.call_ended()
        span = self._span
        if span.is_recording():
            span.update_name(_name(exchange))
            span.set_attributes(_attributes(exchange, status))
            if exchange.error is not None:
                fail(span, error_type(exchange.error))
            elif exchange.client_disconnected:
                fail(span, CANCELLED)
        span.end()


def _name(exchange: Exchange) -> str:
    if not exchange.model:
        return f"{exchange.method} {exchange.operation}".rstrip()
    return f"{gen_ai_operation(exchange.operation)} {exchange.model}"


def _attributes(exchange: Exchange, status: int) -> dict[str, Any]:
    attributes: dict[str, Any] = {"http.response.status_code": status, "unigate.key.name": exchange.caller}
    if exchange.provider:
        attributes |= {
            "gen_ai.operation.name": gen_ai_operation(exchange.operation),
            "gen_ai.provider.name": gen_ai_provider(exchange.provider),
            "gen_ai.request.model": exchange.model,
            "gen_ai.request.stream": exchange.streamed,
            "unigate.attempts": exchange.attempts,
        }
    if exchange.summary is not None:
        attributes |= answer_attributes(exchange.summary)
        if exchange.first_byte_at:
            attributes["gen_ai.response.time_to_first_chunk"] = exchange.first_byte_at - exchange.started
    if exchange.cost_usd is not None:
        attributes["unigate.cost.usd"] = exchange.cost_usd
    return attributes
