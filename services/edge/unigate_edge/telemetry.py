"""What the edge measures and logs: the one place that turns an exchange into metrics and its log line.

Labels are bounded sets: operation, provider, status and error codes, never the client's own words.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from grpc.aio import Metadata
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from unigate_edge.exchange import Exchange

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 600)
# Requests that nobody needs a line for, unless they fail.
QUIET = frozenset({"/healthz", "/readyz"})

log = structlog.get_logger("unigate.edge")


class Telemetry:
    """The edge's instruments."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        labels = ("operation", "provider", "status", "streamed")
        self._requests = Counter("unigate_requests", "Requests answered.", labels, registry=self.registry)
        self._duration = Histogram(
            "unigate_request_duration_seconds",
            "From the request's first byte to the answer's last.",
            ("operation", "provider", "streamed"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._first_byte = Histogram(
            "unigate_time_to_first_byte_seconds",
            "From the request's first byte to the answer's first.",
            ("operation", "provider", "streamed"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._errors = Counter(
            "unigate_errors", "Errors told to clients.", ("operation", "provider", "code"), registry=self.registry
        )
        self._stream_errors = Counter(
            "unigate_stream_errors", "Errors inside a stream.", ("provider", "code"), registry=self.registry
        )
        self._disconnects = Counter(
            "unigate_client_disconnects", "Clients that did not wait.", ("operation", "phase"), registry=self.registry
        )
        self._state_errors = Counter(
            "unigate_state_errors", "Commands that the shared store did not answer.", registry=self.registry
        )
        self._in_flight = Gauge("unigate_requests_in_flight", "Requests being served.", registry=self.registry)

    @contextmanager
    def observe(self, exchange: Exchange) -> Iterator[None]:
        """Measure an exchange from here to its end."""
        self._in_flight.inc()
        try:
            yield
        finally:
            self._in_flight.dec()
            self._record(exchange)

    def disconnected(self, exchange: Exchange) -> None:
        """The client went away."""
        self._disconnects.labels(exchange.operation or "other", exchange.phase).inc()

    def state_failed(self) -> None:
        """The shared store did not answer a command."""
        self._state_errors.inc()

    def metadata(self, exchange: Exchange) -> Metadata | None:
        """The trace context to send along to the adapter."""
        parent = exchange.headers.get(b"traceparent")
        if parent is None:
            return None
        metadata = Metadata(("traceparent", parent.decode("latin-1")))
        if state := exchange.headers.get(b"tracestate"):
            metadata.add("tracestate", state.decode("latin-1"))
        return metadata

    def _record(self, exchange: Exchange) -> None:
        duration = time.perf_counter() - exchange.started
        operation, provider = exchange.operation or "other", exchange.provider
        streamed = "true" if exchange.streamed else "false"
        status = exchange.status or 499
        self._requests.labels(operation, provider, str(status), streamed).inc()
        self._duration.labels(operation, provider, streamed).observe(duration)
        if exchange.answered:
            self._first_byte.labels(operation, provider, streamed).observe(exchange.time_to_first_byte)
        error = exchange.error
        if error is not None:
            self._errors.labels(operation, provider, error.code or error.type).inc()
            if status == 200:
                self._stream_errors.labels(provider, error.code or error.type).inc()
        if exchange.path not in QUIET or status >= 500:
            _log(exchange, status, duration)


def _log(exchange: Exchange, status: int, duration: float) -> None:
    error = exchange.error
    log.info(
        "request",
        request_id=exchange.request_id,
        method=exchange.method,
        path=exchange.path,
        status=status,
        ms=round(duration * 1000, 1),
        caller=exchange.caller,
        provider=exchange.provider,
        model=exchange.model,
        streamed=exchange.streamed,
        error=(error.code or error.type) if error is not None else None,
        phase=exchange.phase,
    )
