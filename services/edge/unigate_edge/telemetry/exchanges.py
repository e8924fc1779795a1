"""What the edge measures, logs and traces: the one place that turns an exchange into metrics, its log line and spans.

Labels are bounded sets: operations, configured providers and keys, listed models, error codes of our own tables. The
client's own words are none of them. Their children are looked up once and kept.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

from grpc.aio import Metadata
from prometheus_client import CollectorRegistry, Counter, Gauge

from unigate_core.telemetry.event_loop import LoopLag
from unigate_core.telemetry.labels import CANCELLED, NONE, OTHER, BoundedLabel, error_type
from unigate_edge.http.exchange import Exchange
from unigate_edge.telemetry.channels import ReadySubchannels
from unigate_edge.telemetry.log_line import log_request
from unigate_edge.telemetry.metrics import Instruments, Series

if TYPE_CHECKING:
    from unigate_core.tracing.sdk import Tracing

# Requests that nobody needs a line for, unless they fail.
QUIET = frozenset({"/healthz", "/readyz"})
MOST_KEYS = 1000

_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class Telemetry:
    """The edge's instruments."""

    def __init__(self, registry: CollectorRegistry | None = None, tracing: Tracing | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self.tracing = tracing
        self._knows: Callable[[str, str], bool] = lambda provider, model: False
        self._lag = LoopLag(self.registry)
        self._channels = ReadySubchannels(self.registry)
        self._keys = BoundedLabel(MOST_KEYS)
        self._instruments = Instruments(self.registry)
        self._series: dict[tuple[str, str, str, str, bool], Series] = {}
        self._of_keys: dict[tuple[str, str], Any] = {}
        self._state_errors = Counter(
            "unigate_state_errors", "Commands that the shared store did not answer.", registry=self.registry
        )
        self._in_flight = Gauge("unigate_requests_in_flight", "Requests being served.", registry=self.registry)

    @contextmanager
    def open(self, knows: Callable[[str, str], bool], targets: Callable[[], Mapping[str, str]]) -> Iterator[None]:
        """Watch the running loop. `knows` tells whether a provider lists a model, `targets` what the channels go to."""
        self._knows = knows
        self._channels.targets = targets
        with self._lag.measured():
            yield

    def observe(self, exchange: Exchange) -> RequestObservation:
        """Measure an exchange from the start of a context to its end."""
        return RequestObservation(self, exchange)

    def begin(self, exchange: Exchange) -> None:
        """A request has come."""
        self._in_flight.inc()
        if self.tracing is not None and exchange.path not in QUIET:
            given = exchange.headers.get(b"traceparent")
            unkept = self.tracing.unkept(None if given is None else given.decode("latin-1"))
            if unkept is not None:
                # the log and the adapter know the trace as if the client had named it
                exchange.headers[b"traceparent"] = unkept.encode("latin-1")
                return
            from unigate_edge.telemetry.spans import RequestTrace  # noqa: PLC0415 - what is off must cost nothing

            exchange.trace = RequestTrace(self.tracing, exchange)

    def end(self, exchange: Exchange) -> None:
        """A request is over."""
        self._in_flight.dec()
        duration = time.perf_counter() - exchange.started
        status = exchange.status or 499
        trace = exchange.trace
        if trace is not None:
            trace.end(exchange, status)
        self._measure(exchange, status, duration)
        if exchange.path not in QUIET or status >= 500:
            trace_id = trace.trace_id if trace is not None else _trace_id(exchange)
            log_request(exchange, status, duration, trace_id)

    def disconnected(self, exchange: Exchange) -> None:
        """The client went away."""
        self._instruments.disconnects.labels(exchange.operation or OTHER, exchange.phase).inc()

    def state_failed(self) -> None:
        """The shared store did not answer a command."""
        self._state_errors.inc()

    def metadata(self, exchange: Exchange) -> Metadata | None:
        """The trace context to send along to the adapter that is now called."""
        exchange.rpc_sent_at = time.perf_counter()
        if exchange.trace is not None:
            return Metadata(*exchange.trace.call(exchange).items())
        parent = exchange.headers.get(b"traceparent")
        if parent is None:
            return None
        metadata = Metadata(("traceparent", parent.decode("latin-1")))
        if state := exchange.headers.get(b"tracestate"):
            metadata.add("tracestate", state.decode("latin-1"))
        return metadata

    def _measure(self, exchange: Exchange, status: int, duration: float) -> None:
        series = self._series_of(exchange)
        series.requests(status).inc()
        error = exchange.error
        summary = exchange.summary
        if exchange.operation:
            fault = error_type(error) if error is not None else "" if exchange.status else CANCELLED
            exemplar = exchange.trace.exemplar if exchange.trace is not None else None
            series.duration(fault).observe(duration, exemplar)
            if exchange.streamed and exchange.writes:
                series.observe_stream(exchange, duration, exemplar)
            series.observe_hops(exchange)
            self._count_key(exchange, "status", f"{status // 100}xx", 1)
        if summary is not None and summary.HasField("usage"):
            series.observe_tokens(summary.usage)
            self._count_key(exchange, "tokens", "input", summary.usage.input_tokens)
            self._count_key(exchange, "tokens", "output", summary.usage.output_tokens)
            if summary.usage.cache_read_tokens:
                self._count_key(exchange, "tokens", "cache_read", summary.usage.cache_read_tokens)
        if error is not None:
            labels = exchange.provider or NONE, error_type(error)
            self._instruments.errors.labels(exchange.operation or OTHER, *labels).inc()
            if exchange.status == 200:
                self._instruments.stream_errors.labels(*labels).inc()

    def _series_of(self, exchange: Exchange) -> Series:
        provider, model = exchange.provider, exchange.model
        if not model:
            model = NONE
        elif not self._knows(provider, model):
            model = OTHER
        key = (exchange.api.name, exchange.operation, provider, model, exchange.streamed)
        series = self._series.get(key)
        if series is None:
            series = Series(
                self._instruments,
                exchange.api.name,
                exchange.operation or OTHER,
                provider or NONE,
                model,
                streamed=exchange.streamed,
            )
            self._series[key] = series
        return series

    def _count_key(self, exchange: Exchange, what: str, label: str, amount: int) -> None:
        name = self._keys(exchange.caller or NONE)
        child = self._of_keys.get((name, label))
        if child is None:
            metric = self._instruments.key_tokens if what == "tokens" else self._instruments.key_requests
            child = self._of_keys[name, label] = metric.labels(name, label)
        child.inc(amount)


class RequestObservation:
    """The context in which a request is served."""

    __slots__ = ("_exchange", "_telemetry")

    def __init__(self, telemetry: Telemetry, exchange: Exchange) -> None:
        self._telemetry = telemetry
        self._exchange = exchange

    def __enter__(self) -> None:
        self._telemetry.begin(self._exchange)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._telemetry.end(self._exchange)


def _trace_id(exchange: Exchange) -> str:
    """The client's trace, for logs without traces of our own."""
    match = _TRACEPARENT.fullmatch(exchange.headers.get(b"traceparent", b""))
    return match[1].decode() if match is not None else ""
