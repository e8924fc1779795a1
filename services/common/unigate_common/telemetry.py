"""What an adapter tells of itself: metrics of its calls to the vendor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from unigate.provider.v1 import provider_pb2 as pb

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 600)
OVERHEAD_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1)


class Telemetry:
    """The metrics of one adapter. Labels are bounded: the operation, and error codes of our own tables."""

    def __init__(self, provider: str, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._provider = provider
        labels = ("provider", "operation")
        self._calls = Counter(
            "unigate_adapter_calls", "Calls served, by outcome.", (*labels, "outcome"), registry=registry
        )
        self._in_flight = Gauge("unigate_adapter_in_flight", "Calls being served.", labels, registry=registry)
        self._duration = Histogram(
            "unigate_adapter_duration_seconds", "A call's whole time.", labels, buckets=SECONDS, registry=registry
        )
        self._first_byte = Histogram(
            "unigate_upstream_first_byte_seconds",
            "From the vendor's call to its first byte.",
            labels,
            buckets=SECONDS,
            registry=registry,
        )
        self._translate = Histogram(
            "unigate_adapter_request_seconds",
            "Time spent before the vendor's call.",
            labels,
            buckets=OVERHEAD_SECONDS,
            registry=registry,
        )
        self._ignored = Counter(
            "unigate_ignored_native_events",
            "Native events without a place in the answer.",
            ("provider",),
            registry=registry,
        )

    @contextmanager
    def call(self, call: pb.Call, context: Any, *, stream: bool) -> Iterator[Observed]:
        """Observe one call from its first to its last byte."""
        operation = pb.Operation.Name(call.operation).removeprefix("OPERATION_").lower()
        labels = (self._provider, operation)
        observed = Observed()
        in_flight = self._in_flight.labels(*labels)
        in_flight.inc()
        started = perf_counter()
        try:
            yield observed
        finally:
            in_flight.dec()
            self._duration.labels(*labels).observe(perf_counter() - started)
            self._calls.labels(*labels, observed.outcome).inc()
            self._observe(labels, observed.summary)

    def _observe(self, labels: tuple[str, str], summary: pb.Summary | None) -> None:
        if summary is None:
            return
        timings = summary.timings
        self._translate.labels(*labels).observe(timings.request_us / 1e6)
        if timings.upstream_first_byte_us:
            self._first_byte.labels(*labels).observe(timings.upstream_first_byte_us / 1e6)
        if summary.ignored_events:
            self._ignored.labels(self._provider).inc(sum(summary.ignored_events.values()))


class Observed:
    """How one call went."""

    def __init__(self) -> None:
        self.outcome = "cancelled"
        self.summary: pb.Summary | None = None

    def whole(self, answer: pb.InvokeResponse) -> None:
        """A whole answer is ready."""
        self.outcome = answer.error.code or "error" if answer.HasField("error") else "ok"
        self.summary = answer.summary if answer.HasField("summary") else None

    def frame(self, frame: pb.InvokeStreamResponse) -> None:
        """A frame is ready."""
        if frame.HasField("summary"):
            self.summary = frame.summary
            self.outcome = "ok"
        if frame.HasField("error"):
            self.outcome = frame.error.code or "error"
