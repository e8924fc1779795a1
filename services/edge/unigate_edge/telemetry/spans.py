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
from unigate_edge.errors import ClientDisconnected
from unigate_edge.telemetry.record import RequestRecord


class RequestTrace:
    """The spans of one request."""

    def __init__(self, tracing: Tracing, record: RequestRecord) -> None:
        self._tracing = tracing
        carrier = {
            name: value.decode("latin-1")
            for name, value in (("traceparent", record.traceparent), ("tracestate", record.tracestate))
            if value is not None
        }
        attributes = {
            "http.request.method": record.method,
            "url.path": record.path,
            "unigate.request.id": record.request_id,
        }
        self._span = tracing.start(record.method, SpanKind.SERVER, context_of(carrier), attributes)
        self._call: Span | None = None
        self.exemplar = exemplar_of(self._span)
        self.trace_id = f"{self._span.get_span_context().trace_id:032x}"

    def call(self, record: RequestRecord) -> dict[str, str]:
        """Start the span of a call of an adapter; returns what the adapter must be sent for its own to be below it."""
        self.call_ended()
        if not self._span.is_recording():
            return headers_of(self._span)
        method = "InvokeStream" if record.streamed else "Invoke"
        attributes: dict[str, Any] = {
            **rpc_attributes(method),
            "unigate.provider": record.provider,
            "gen_ai.request.model": record.model,
            "unigate.attempt": record.attempts or 1,
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
        elif isinstance(error, ClientDisconnected):
            fail(span, CANCELLED)
        elif error is not None:
            fail(span, type(error).__name__)
        span.end()

    def end(self, record: RequestRecord, status: int) -> None:
        """End the request's span."""
        self.call_ended()
        span = self._span
        if span.is_recording():
            span.update_name(_name(record))
            span.set_attributes(_attributes(record, status))
            if record.error is not None:
                fail(span, error_type(record.error))
            elif record.client_disconnected:
                fail(span, CANCELLED)
        span.end()


def _name(record: RequestRecord) -> str:
    if not record.model:
        return f"{record.method} {record.operation}".rstrip()
    return f"{gen_ai_operation(record.operation)} {record.model}"


def _attributes(record: RequestRecord, status: int) -> dict[str, Any]:
    attributes: dict[str, Any] = {"http.response.status_code": status, "unigate.key.name": record.caller}
    if record.provider:
        attributes |= {
            "gen_ai.operation.name": gen_ai_operation(record.operation),
            "gen_ai.provider.name": gen_ai_provider(record.provider),
            "gen_ai.request.model": record.model,
            "gen_ai.request.stream": record.streamed,
            "unigate.attempts": record.attempts,
        }
    if record.summary is not None:
        attributes |= answer_attributes(record.summary)
        if record.first_byte_at:
            attributes["gen_ai.response.time_to_first_chunk"] = record.first_byte_at - record.started
    if record.cost_usd is not None:
        attributes["unigate.cost.usd"] = record.cost_usd
    return attributes
