"""What the edge measures, logs and traces: the one place that turns a record into metrics, its log line and spans.

Labels are bounded sets: operations, configured providers and keys, listed models, error codes of our own tables. The
client's own words are none of them. Their children are looked up once and kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from grpc.aio import Metadata
from prometheus_client import CollectorRegistry, Counter

from unigate_core.telemetry.event_loop import LoopLag
from unigate_core.telemetry.labels import CANCELLED, NONE, OTHER, BoundedLabel, error_type
from unigate_edge.telemetry.channels import ReadySubchannels
from unigate_edge.telemetry.log_line import log_request
from unigate_edge.telemetry.metrics import Instruments, KeySeries, Series
from unigate_edge.telemetry.record import RequestRecord
from unigate_edge.telemetry.trace_context import trace_id_of

if TYPE_CHECKING:
    from unigate_core.tracing.sdk import Tracing

# Requests that are not logged unless they fail.
PROBE_PATHS = frozenset({"/healthz", "/readyz"})
MAX_KEYS = 1000


class Telemetry:
    """The edge's instruments."""

    def __init__(self, registry: CollectorRegistry | None = None, tracing: Tracing | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self.tracing = tracing
        self._knows: Callable[[str, str], bool] = lambda provider, model: False
        self._lag = LoopLag(self.registry)
        self._channels = ReadySubchannels(self.registry)
        self._keys = BoundedLabel(MAX_KEYS)
        self._instruments = Instruments(self.registry)
        self._series: dict[tuple[str, str, str, str, bool], Series] = {}
        self._of_keys: dict[str, KeySeries] = {}
        self._state_errors = Counter(
            "unigate_state_errors", "Commands that the shared store did not answer.", registry=self.registry
        )
        self._in_flight = self._instruments.in_flight

    @contextmanager
    def open(self, knows: Callable[[str, str], bool], targets: Callable[[], Mapping[str, str]]) -> Iterator[None]:
        """Watch the running loop. `knows` says whether a provider lists a model, `targets` what the channels go to."""
        self._knows = knows
        self._channels.targets = targets
        with self._lag.measured():
            yield

    def observe(self, record: RequestRecord) -> RequestObservation:
        """Measure a record from the start of a context to its end."""
        return RequestObservation(self, record)

    def begin(self, record: RequestRecord) -> None:
        """A request has come."""
        self._in_flight.inc()
        if self.tracing is not None and record.path not in PROBE_PATHS:
            given = record.traceparent
            unsampled = self.tracing.unsampled(None if given is None else given.decode("latin-1"))
            if unsampled is not None:
                # the log and the adapter know the trace as if the client had named it
                record.traceparent = unsampled.encode("latin-1")
                return
            from unigate_edge.telemetry.spans import RequestTrace  # noqa: PLC0415 - what is off must cost nothing

            record.trace = RequestTrace(self.tracing, record)

    def end(self, record: RequestRecord) -> None:
        """A request is over."""
        self._in_flight.dec()
        duration = time.perf_counter() - record.started
        status = record.status or 499
        trace = record.trace
        if trace is not None:
            trace.end(record, status)
        self._measure(record, status, duration)
        if record.path not in PROBE_PATHS or status >= 500:
            trace_id = trace.trace_id if trace is not None else trace_id_of(record.traceparent)
            log_request(record, status, duration, trace_id)

    def disconnected(self, record: RequestRecord) -> None:
        """The client went away."""
        self._instruments.disconnects.labels(record.operation or OTHER, record.phase).inc()

    def state_failed(self) -> None:
        """The shared store did not answer a command."""
        self._state_errors.inc()

    def metadata(self, record: RequestRecord) -> Metadata | None:
        """The trace context to send along to the adapter that is now called."""
        record.rpc_sent_at = time.perf_counter()
        if record.trace is not None:
            return Metadata(*record.trace.call(record).items())
        parent = record.traceparent
        if parent is None:
            return None
        metadata = Metadata(("traceparent", parent.decode("latin-1")))
        if state := record.tracestate:
            metadata.add("tracestate", state.decode("latin-1"))
        return metadata

    def _measure(self, record: RequestRecord, status: int, duration: float) -> None:
        series = self._series_of(record)
        series.requests(status).inc()
        error = record.error
        summary = record.summary
        if record.operation:
            fault = error_type(error) if error is not None else "" if record.status else CANCELLED
            exemplar = record.trace.exemplar if record.trace is not None else None
            series.duration(fault).observe(duration, exemplar)
            if record.streamed and record.writes:
                series.observe_stream(record, duration, exemplar)
            series.observe_hops(record)
            self._key_series(record.caller).requests(status).inc()
        if summary is not None and summary.HasField("usage"):
            series.observe_tokens(summary.usage)
            self._key_series(record.caller).observe_tokens(summary.usage)
        if error is not None:
            labels = record.provider or NONE, error_type(error)
            self._instruments.errors.labels(record.operation or OTHER, *labels).inc()
            if record.status == 200:
                self._instruments.stream_errors.labels(*labels).inc()

    def _series_of(self, record: RequestRecord) -> Series:
        provider, model = record.provider, record.model
        if not model:
            model = NONE
        elif not self._knows(provider, model):
            model = OTHER
        key = (record.client_api, record.operation, provider, model, record.streamed)
        series = self._series.get(key)
        if series is None:
            series = Series(
                self._instruments,
                record.client_api,
                record.operation or OTHER,
                provider or NONE,
                model,
                streamed=record.streamed,
            )
            self._series[key] = series
        return series

    def _key_series(self, caller: str) -> KeySeries:
        series = self._of_keys.get(caller)
        if series is None:
            name = self._keys(caller or NONE)
            # beyond the bound all share one
            series = self._of_keys.get(name) or KeySeries(self._instruments, name)
            self._of_keys[name if name == OTHER else caller] = series
        return series


class RequestObservation:
    """The context in which a request is served."""

    __slots__ = ("_record", "_telemetry")

    def __init__(self, telemetry: Telemetry, record: RequestRecord) -> None:
        self._telemetry = telemetry
        self._record = record

    def __enter__(self) -> None:
        self._telemetry.begin(self._record)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._telemetry.end(self._record)
