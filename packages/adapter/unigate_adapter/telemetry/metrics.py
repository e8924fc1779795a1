"""What an adapter reports about itself: metrics of its calls to the vendor.

A call's end costs about as many lookups as it has metrics, so the children of labels are looked up once and kept.
Labels are bounded: the model is one of the vendor's list or `other`, error codes are those of our own tables.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from prometheus_client import CollectorRegistry
from prometheus_client import Gauge as ScrapedGauge

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.operations import OPERATION_NAMES
from unigate_core.telemetry.counter import Counter, Gauge
from unigate_core.telemetry.histogram import Histogram
from unigate_core.telemetry.labels import (
    CANCELLED,
    GEN_AI_LABELS,
    OTHER,
    OVERHEAD_SECONDS,
    SECONDS,
    TOKENS,
    BoundedLabel,
    error_label,
    gen_ai_operation,
    gen_ai_provider,
)

if TYPE_CHECKING:
    from unigate_adapter.telemetry.call_spans import CallTrace
    from unigate_core.tracing.sdk import Tracing

OK = "ok"


class Telemetry:
    """The metrics of one adapter, and the traces of its calls where `tracing` is given.

    `knows` says whether the vendor lists a model.
    """

    def __init__(
        self,
        provider: str,
        registry: CollectorRegistry,
        *,
        knows: Callable[[str], bool] = lambda _: False,
        tracing: Tracing | None = None,
    ) -> None:
        self.registry = registry
        self.provider = provider
        self._knows = knows
        self._tracing = tracing
        if tracing is not None:
            from unigate_adapter.telemetry.call_spans import start_call  # noqa: PLC0415 - what is off must cost nothing

            self._start_call = start_call
        self._params = BoundedLabel()
        self._events = BoundedLabel()
        self._series: dict[tuple[int, str, bool], _Series] = {}
        self.instruments = Instruments(registry)

    def call(self, request: Any, context: Any, *, stream: bool) -> Observed:
        """Observe one call from its first to its last byte. `request` is the message that the call came in."""
        call: pb.Call = request.call
        model = call.model if self._knows(call.model) else OTHER
        key = (call.operation, model, stream)
        series = self._series.get(key)
        if series is None:
            operation = OPERATION_NAMES.get(call.operation, OTHER)
            series = self._series[key] = _Series(self.instruments, self.provider, operation, model, stream=stream)
        trace = None
        if self._tracing is not None:
            trace = self._start_call(self._tracing, request, context.invocation_metadata(), series.operation)
        return Observed(self, series, trace)

    def credential_refreshed(self, outcome: str) -> None:
        """Count a refresh of the vendor's credentials."""
        self.instruments.refreshes.labels(self.provider, outcome).inc()

    def record(self, observed: Observed) -> None:
        """Count one call that has ended."""
        series, outcome, summary = observed.series, observed.outcome, observed.summary
        exemplar = observed.trace.exemplar if observed.trace is not None else None
        calls, duration = series.of_outcome(outcome)
        calls.inc()
        duration.observe(perf_counter() - observed.started, exemplar)
        if observed.head is not None:
            self._observe_head(series, observed.head)
        if summary is not None:
            series.observe(summary)
            for kind, count in summary.ignored_events.items():
                self.instruments.ignored.labels(self.provider, self._events(kind)).inc(count)

    def _observe_head(self, series: _Series, head: pb.Head) -> None:
        for path in head.dropped_params:
            param = self._params(path.partition("[")[0].partition(".")[0])
            self.instruments.dropped.labels(self.provider, param).inc()
        for name, value in head.headers.items():
            if name.startswith("x-ratelimit-remaining-"):
                resource = name.removeprefix("x-ratelimit-remaining-")
                limit = head.headers.get(f"x-ratelimit-limit-{resource}", "")
                if resource in ("requests", "tokens") and _number(value) and _number(limit) and float(limit) > 0:
                    series.headroom(resource).set(float(value) / float(limit))


class Instruments:
    """An adapter's metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("provider", "operation")
        self.calls = Counter(
            "unigate_adapter_calls",
            "Calls served, by outcome: ok, cancelled or an error's code.",
            (*labels, "outcome"),
            registry=registry,
        )
        self.held = ScrapedGauge(
            "unigate_adapter_held_bytes", "Bytes of bodies and whole answers that calls hold.", registry=registry
        )
        self.refreshes = Counter(
            "unigate_adapter_credential_refreshes",
            "Refreshes of a cloud's credentials that expire, by outcome: ok or error.",
            ("provider", "outcome"),
            registry=registry,
        )
        self.in_flight = Gauge("unigate_adapter_in_flight", "Calls being served.", labels, registry=registry)
        self.duration = Histogram(
            "gen_ai_client_operation_duration_seconds",
            "A call's whole time in the adapter, the vendor's included.",
            (*GEN_AI_LABELS, "error_type"),
            buckets=SECONDS,
            registry=registry,
        )
        self.tokens = Histogram(
            "gen_ai_client_token_usage",
            "Tokens of a call as the vendor counts them, by gen_ai_token_type: input or output.",
            (*GEN_AI_LABELS, "gen_ai_token_type"),
            buckets=TOKENS,
            registry=registry,
        )
        self.first_chunk = Histogram(
            "gen_ai_client_operation_time_to_first_chunk_seconds",
            "From the vendor's call to its first byte, of streams.",
            GEN_AI_LABELS,
            buckets=SECONDS,
            registry=registry,
        )
        self.first_byte = Histogram(
            "unigate_upstream_first_byte_seconds",
            "From the vendor's call to its first byte, of all calls.",
            labels,
            buckets=SECONDS,
            registry=registry,
        )
        self.translate = Histogram(
            "unigate_adapter_request_seconds",
            "Time in the adapter before the vendor's call: reading and translating the request.",
            labels,
            buckets=OVERHEAD_SECONDS,
            registry=registry,
        )
        self.ignored = Counter(
            "unigate_ignored_native_events",
            "Events of the vendor that have no place in the answer, by kind.",
            ("provider", "kind"),
            registry=registry,
        )
        self.dropped = Counter(
            "unigate_dropped_params",
            "Parameters left out of the vendor's request, by name.",
            ("provider", "param"),
            registry=registry,
        )
        self.headroom = Gauge(
            "unigate_upstream_rate_limit_remaining_ratio",
            "Share of the vendor's rate limit that is left, 0 to 1, as last reported, by resource: requests or tokens.",
            ("provider", "model", "resource"),
            registry=registry,
        )


class _Series:
    """The children of one operation, model and form of answer."""

    __slots__ = ("_by_outcome", "_first_bytes", "_gen_ai", "_headroom", "_instruments", "_labels", "_tokens",
                 "_translate", "in_flight", "operation")  # fmt: skip

    def __init__(self, instruments: Instruments, provider: str, operation: str, model: str, *, stream: bool) -> None:
        self.operation = operation
        self._instruments = instruments
        labels = self._labels = (provider, operation)
        gen_ai = self._gen_ai = (gen_ai_operation(operation), gen_ai_provider(provider), model, provider)
        self.in_flight = instruments.in_flight.labels(*labels)
        self._translate = instruments.translate.labels(*labels)
        self._first_bytes = [instruments.first_byte.labels(*labels)]
        if stream:
            self._first_bytes.append(instruments.first_chunk.labels(*gen_ai))
        self._tokens: tuple[Any, Any] | None = None
        self._headroom: dict[str, Any] = {}
        self._by_outcome: dict[str, tuple[Any, Any]] = {}

    def of_outcome(self, outcome: str) -> tuple[Any, Any]:
        """The counter of calls and the histogram of their time."""
        children = self._by_outcome.get(outcome)
        if children is None:
            error = "" if outcome == OK else outcome
            children = self._by_outcome[outcome] = (
                self._instruments.calls.labels(*self._labels, outcome),
                self._instruments.duration.labels(*self._gen_ai, error),
            )
        return children

    def headroom(self, resource: str) -> Any:
        """The gauge of a rate limit."""
        child = self._headroom.get(resource)
        if child is None:
            child = self._instruments.headroom.labels(self._labels[0], self._gen_ai[2], resource)
            self._headroom[resource] = child
        return child

    def observe(self, summary: pb.Summary) -> None:
        """Take down what is known of an answer."""
        timings = summary.timings
        self._translate.observe(timings.request_us / 1e6)
        if first_byte := timings.upstream_first_byte_us:
            for child in self._first_bytes:
                child.observe(first_byte / 1e6)
        if summary.HasField("usage"):
            if self._tokens is None:
                tokens, gen_ai = self._instruments.tokens, self._gen_ai
                self._tokens = (tokens.labels(*gen_ai, "input"), tokens.labels(*gen_ai, "output"))
            self._tokens[0].observe(summary.usage.input_tokens)
            self._tokens[1].observe(summary.usage.output_tokens)


class Observed:
    """How one call goes, and its end as the end of a context."""

    __slots__ = ("_telemetry", "head", "outcome", "series", "started", "summary", "trace")

    def __init__(self, telemetry: Telemetry, series: _Series, trace: CallTrace | None) -> None:
        self._telemetry = telemetry
        self.series = series
        self.trace = trace
        self.outcome = CANCELLED
        self.summary: pb.Summary | None = None
        self.head: pb.Head | None = None
        self.started = perf_counter()

    def __enter__(self) -> Self:
        self.series.in_flight.inc()
        if self.trace is not None:
            self.trace.enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.series.in_flight.dec()
        self._telemetry.record(self)
        if self.trace is not None:
            self.trace.leave(self.summary, self.outcome if self.outcome != OK else "")

    def whole(self, answer: pb.InvokeResponse) -> None:
        """A whole answer is ready."""
        self.outcome = error_label(answer.error.code, answer.error.type) if answer.HasField("error") else OK
        if answer.HasField("head"):
            self.head = answer.head
        if answer.HasField("summary"):
            self.summary = answer.summary
        if self.trace is not None:
            self.trace.record_answer(answer.body)

    def frame(self, frame: pb.InvokeStreamResponse) -> None:
        """A frame is ready."""
        if self.head is None and frame.HasField("head"):
            self.head = frame.head
        if self.trace is not None:
            self.trace.record_answer(frame.data)
        if frame.HasField("summary"):
            self.summary = frame.summary
            self.outcome = OK
        if frame.HasField("error"):
            self.outcome = error_label(frame.error.code, frame.error.type)


def _number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
