"""The edge's metrics of requests. Those of limits, costs and attempts are beside what they count."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.telemetry.counter import Child, Counter, Gauge
from unigate_core.telemetry.histogram import Histogram
from unigate_core.telemetry.labels import (
    GEN_AI_LABELS,
    OVERHEAD_SECONDS,
    SECONDS,
    TOKEN_SECONDS,
    gen_ai_operation,
    gen_ai_provider,
)
from unigate_edge.telemetry.record import RequestRecord

TOKEN_TYPES = ("input", "output", "cache_read", "cache_write", "reasoning")
HOPS = ("edge_request", "grpc", "translate", "edge_answer")


class Instruments:
    """The edge's metrics of requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=registry)

        def histogram(name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
            return Histogram(name, text, labels, buckets=buckets, registry=registry)

        self.in_flight = Gauge("unigate_requests_in_flight", "Requests being served.", registry=registry).labels()
        self.requests = counter(
            "unigate_requests",
            "Requests answered, by the API that the client speaks: openai, anthropic or gemini.",
            "client_api", "operation", "provider", "model", "status", "streamed",
        )  # fmt: skip
        self.duration = histogram(
            "gen_ai_server_request_duration_seconds",
            "From the request's first byte to the answer's last, by error_type, which is empty without an error.",
            (*GEN_AI_LABELS, "error_type"),
            SECONDS,
        )
        self.first_token = histogram(
            "gen_ai_server_time_to_first_token_seconds",
            "From the request's first byte to the answer's first data, of streams.",
            GEN_AI_LABELS,
            SECONDS,
        )
        self.per_token = histogram(
            "gen_ai_server_time_per_output_token_seconds",
            "Time per token after the first, of streams.",
            GEN_AI_LABELS,
            TOKEN_SECONDS,
        )
        self.overhead = histogram(
            "unigate_overhead_seconds",
            "The gateway's own time up to the answer's first byte, without receiving the body and without the vendor.",
            ("provider", "operation", "streamed"),
            OVERHEAD_SECONDS,
        )
        self.hops = histogram(
            "unigate_hop_seconds",
            "The parts of unigate_overhead_seconds: edge_request (key, limits, routing), grpc, translate, edge_answer.",
            ("provider", "hop"),
            OVERHEAD_SECONDS,
        )
        self.tokens = counter(
            "unigate_tokens",
            "Tokens by type; cache_read and cache_write are parts of input, reasoning of output.",
            "provider", "model", "type",
        )  # fmt: skip
        self.errors = counter("unigate_errors", "Errors returned to clients.", "operation", "provider", "code")
        self.stream_errors = counter("unigate_stream_errors", "Errors inside a stream.", "provider", "code")
        self.disconnects = counter(
            "unigate_client_disconnects",
            "Clients that disconnected, by phase: body, wait (for the answer) or answer.",
            "operation", "phase",
        )  # fmt: skip
        self.frames = counter("unigate_stream_frames", "Writes to streaming clients.", "provider")
        self.events = counter("unigate_stream_events", "Events in these writes.", "provider")
        self.key_requests = counter(
            "unigate_key_requests", "Requests by key, with the class of their status.", "key", "status_class"
        )
        self.key_tokens = counter(
            "unigate_key_tokens", "Tokens by key: input, output, or cache_read, which is part of input.", "key", "type"
        )


class KeySeries:
    """The children of one key, looked up once."""

    __slots__ = ("_by_class", "_instruments", "_key", "_tokens")

    def __init__(self, instruments: Instruments, key: str) -> None:
        self._instruments = instruments
        self._key = key
        self._by_class: dict[int, Child] = {}
        self._tokens = [instruments.key_tokens.labels(key, kind) for kind in ("input", "output", "cache_read")]

    def requests(self, status: int) -> Child:
        """The counter of requests with the class of a status."""
        child = self._by_class.get(status // 100)
        if child is None:
            child = self._instruments.key_requests.labels(self._key, f"{status // 100}xx")
            self._by_class[status // 100] = child
        return child

    def observe_tokens(self, usage: pb.Usage) -> None:
        """Count the tokens of an answer."""
        into, out, cached = self._tokens
        into.inc(usage.input_tokens)
        out.inc(usage.output_tokens)
        if usage.cache_read_tokens:
            cached.inc(usage.cache_read_tokens)


class Series:
    """The children of one client API, operation, provider, model and form of answer, looked up once."""

    __slots__ = ("_api", "_by_error", "_by_status", "_instruments", "_labels", "events", "first_token", "frames",
                 "gen_ai", "hops", "overhead", "per_token", "tokens")  # fmt: skip

    def __init__(
        self, instruments: Instruments, api: str, operation: str, provider: str, model: str, *, streamed: bool
    ) -> None:
        self._instruments = instruments
        self._api = api
        self._labels = (operation, provider, model, "true" if streamed else "false")
        self.gen_ai = (gen_ai_operation(operation), gen_ai_provider(provider), model, provider)
        self._by_status: dict[int, Any] = {}
        self._by_error: dict[str, Any] = {}
        self.overhead = instruments.overhead.labels(provider, operation, self._labels[3])
        self.hops = [instruments.hops.labels(provider, hop) for hop in HOPS]
        self.tokens = [instruments.tokens.labels(provider, model, kind) for kind in TOKEN_TYPES]
        if streamed:
            self.first_token = instruments.first_token.labels(*self.gen_ai)
            self.per_token = instruments.per_token.labels(*self.gen_ai)
            self.frames = instruments.frames.labels(provider)
            self.events = instruments.events.labels(provider)

    def requests(self, status: int) -> Any:
        """The counter of requests with a status."""
        child = self._by_status.get(status)
        if child is None:
            operation, provider, model, streamed = self._labels
            child = self._instruments.requests.labels(self._api, operation, provider, model, str(status), streamed)
            self._by_status[status] = child
        return child

    def duration(self, error: str) -> Any:
        """The histogram of durations with an error, or with none."""
        child = self._by_error.get(error)
        if child is None:
            child = self._by_error[error] = self._instruments.duration.labels(*self.gen_ai, error)
        return child

    def observe_tokens(self, usage: pb.Usage) -> None:
        """Count the tokens of an answer."""
        amounts = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens,
                   usage.reasoning_tokens)  # fmt: skip
        for child, amount in zip(self.tokens, amounts, strict=True):
            if amount:
                child.inc(amount)

    def observe_stream(self, record: RequestRecord, duration: float, exemplar: dict[str, str] | None) -> None:
        """Take down how a stream went that has sent something."""
        first = record.first_byte_at - record.started
        self.first_token.observe(first, exemplar)
        self.frames.inc(record.writes)
        self.events.inc(record.events)
        tokens = record.summary.usage.output_tokens if record.summary is not None else 0
        if tokens > 1:
            self.per_token.observe((duration - first) / (tokens - 1))

    def observe_hops(self, record: RequestRecord) -> None:
        """Take down where the time went of an answer whose adapter has reported its own times."""
        summary = record.summary
        if summary is None or not record.rpc_sent_at or not record.first_byte_at:
            return
        timings = summary.timings
        if record.streamed:
            # the rest of a stream is the vendor's pace and the client's
            adapter = timings.request_us + (timings.upstream_first_data_us or timings.upstream_first_byte_us)
            translate = timings.request_us
        else:
            adapter = timings.total_us
            translate = timings.total_us - timings.upstream_total_us
        parts = (
            record.rpc_sent_at - (record.body_received_at or record.rpc_sent_at),
            record.first_byte_at - record.rpc_sent_at - adapter / 1e6,
            translate / 1e6,
            record.started + record.time_to_first_byte - record.first_byte_at,
        )
        total = 0.0
        for child, seconds in zip(self.hops, parts, strict=True):
            if seconds > 0:
                total += seconds
                child.observe(seconds)
            else:
                child.observe(0.0)
        self.overhead.observe(total)
