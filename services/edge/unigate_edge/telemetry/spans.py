"""The edge's spans: one for the request, and one for each call of an adapter, retries and fallbacks among them."""

from __future__ import annotations

import sys
from typing import Any

from opentelemetry.trace import SpanKind

from unigate_core.errors import GatewayError
from unigate_core.telemetry.labels import CANCELLED, error_type, gen_ai_operation, gen_ai_provider
from unigate_core.tracing.attributes import answer_attributes, rpc_attributes
from unigate_core.tracing.sdk import Tracing
from unigate_core.tracing.span import Span, remote_context
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
        self._span = tracing.start(record.method, SpanKind.SERVER, remote_context(carrier), attributes)
        self._call: Span | None = None
        self.exemplar = self._span.exemplar
        self.trace_id = self._span.trace_id

    def call(self, record: RequestRecord) -> dict[str, str]:
        """Start the span of a call of an adapter; returns what the adapter must be sent for its own to be below it."""
        self.call_ended()
        if not self._span.is_sampled:
            return self._span.headers()
        method = "InvokeStream" if record.streamed else "Invoke"
        attributes: dict[str, Any] = {
            **rpc_attributes(method),
            "unigate.provider": record.provider,
            "gen_ai.request.model": record.model,
            "unigate.attempt": record.attempts or 1,
        }
        name = f"{attributes['rpc.service']}/{method}"
        self._call = self._tracing.start_child(self._span, name, SpanKind.CLIENT, attributes)
        return self._call.headers()

    def call_ended(self) -> None:
        """End the span of the call, with the exception that is passing, if one is."""
        span, self._call = self._call, None
        if span is None:
            return
        error = sys.exc_info()[1]
        if isinstance(error, GatewayError):
            span.fail(error_type(error))
        elif isinstance(error, ClientDisconnected):
            span.fail(CANCELLED)
        elif error is not None:
            span.fail(type(error).__name__)
        span.end()

    def end(self, record: RequestRecord, status: int) -> None:
        """End the request's span."""
        self.call_ended()
        span = self._span
        if span.is_sampled:
            span.name = _name(record)
            span.attributes |= _attributes(record, status)
            if record.error is not None:
                span.fail(error_type(record.error))
            elif record.client_disconnected:
                span.fail(CANCELLED)
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
