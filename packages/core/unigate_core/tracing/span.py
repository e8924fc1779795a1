"""A span, from its start to the SDK's processor, and its context in headers.

The SDK's own span locks, copies and checks at each attribute, as code of anybody's needs; for ours, which are made and
ended by one thread from values of known types, that is five times the work. What is sent are still the SDK's
ReadableSpans, by its sampler, resource, limits, batches and exporter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import getrandbits
from time import time_ns
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import SpanContext, SpanKind, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_W3C = TraceContextTextMapPropagator()


class Span:
    """One operation of a trace. It is current nowhere: who starts it hands it on."""

    __slots__ = ("_keep", "attributes", "context", "ended_at", "failed", "kind", "name", "parent", "started_at")

    def __init__(
        self,
        name: str,
        kind: SpanKind,
        context: SpanContext,
        parent: SpanContext | None,
        attributes: dict[str, Any],
        keep: Callable[[Span], None],
    ) -> None:
        """`keep` takes the span when it has ended, if its trace is kept.

        Values of attributes: str, bool, int, float, or a list of one of them.
        """
        self.name = name
        self.kind = kind
        self.context = context
        self.parent = parent
        self.attributes = attributes
        self.failed = False
        self.started_at = time_ns()
        self.ended_at = 0
        """Nanoseconds since the epoch; 0: not known yet."""
        self._keep = keep

    @property
    def is_sampled(self) -> bool:
        """Whether the trace is kept. If not, a span only passes its context on."""
        return self.context.trace_flags.sampled

    @property
    def trace_id(self) -> str:
        """The trace's id, 32 hexadecimal digits."""
        return f"{self.context.trace_id:032x}"

    @property
    def exemplar(self) -> dict[str, str] | None:
        """What ties an observation to its trace; None when the trace is not kept."""
        if not self.is_sampled:
            return None
        return {"trace_id": self.trace_id, "span_id": f"{self.context.span_id:016x}"}

    def fail(self, error: str) -> None:
        """Mark the span as failed. `error` is a code or the name of an exception."""
        self.attributes["error.type"] = error
        self.failed = True

    def headers(self) -> dict[str, str]:
        """The headers by which another process becomes a child of the span."""
        context = self.context
        headers = {"traceparent": traceparent_of(context.trace_id, context.span_id, context.trace_flags)}
        if context.trace_state:
            headers["tracestate"] = context.trace_state.to_header()
        return headers

    def end(self) -> None:
        """End the span now, or at `ended_at` if that is known. It must not be ended twice."""
        if self.is_sampled:
            self.ended_at = self.ended_at or time_ns()
            self._keep(self)


def traceparent_of(trace_id: int, span_id: int, flags: int) -> str:
    """The header of a context. https://www.w3.org/TR/trace-context/#traceparent-header"""
    return f"00-{trace_id:032x}-{span_id:016x}-{flags:02x}"


def remote_context(headers: Mapping[str, str]) -> SpanContext | None:
    """The context that headers or metadata carry; None when they carry none that is valid."""
    if "traceparent" not in headers:
        return None
    context = get_current_span(_W3C.extract(headers, Context())).get_span_context()
    return context if context.is_valid else None


def says_sampled(traceparent: str) -> bool:
    """Whether a `traceparent` names a trace that its process keeps; one that is missing or odd might."""
    flags = traceparent.rpartition("-")[2]
    return len(flags) != 2 or flags[1] not in "02468ace"


def new_trace_id() -> int:
    """A random id of 128 bits that is not 0."""
    return getrandbits(128) or 1


def new_span_id() -> int:
    """A random id of 64 bits that is not 0."""
    return getrandbits(64) or 1
