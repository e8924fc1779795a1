"""Traces by the OpenTelemetry SDK: its sampler, resource, limits and batches, sent by OTLP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import Decision, Sampler
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from unigate_core.tracing.attributes import SERVICE, rpc_attributes
from unigate_core.tracing.settings import Protocol
from unigate_core.tracing.span import (
    Span,
    new_span_id,
    new_trace_id,
    remote_context,
    says_sampled,
    traceparent_of,
)

SCOPE = InstrumentationScope("unigate")
SUCCEEDED = Status(StatusCode.UNSET)
FAILED = Status(StatusCode.ERROR)
_RANDOM = TraceFlags.RANDOM_TRACE_ID


class Tracing:
    """A process's tracer, and how contexts come in and go out."""

    def __init__(
        self,
        sampler: Sampler,
        processor: SpanProcessor,
        resource: Resource,
        limits: SpanLimits,
        *,
        tell_vendors: bool = False,
        content: bool = False,
    ) -> None:
        """`sampler` is one of the SDK's own, which keep all of a trace or nothing. `content`: the vendor's spans show
        what was said.
        """
        self._sampler = sampler
        self._processor = processor
        self._resource = resource
        self._limits = limits
        self._drops_children = drops_children(sampler)
        self._drawn = 0
        """The id of the next trace, which will be kept; 0: none was drawn ahead."""
        self.tell_vendors = tell_vendors
        self.content = content

    def start(self, name: str, kind: SpanKind, parent: SpanContext | None, attributes: dict[str, Any]) -> Span:
        """Start a span below one of another process, or a trace of its own."""
        drawn, self._drawn = self._drawn, 0
        trace_id = parent.trace_id if parent is not None else drawn or new_trace_id()
        result = self._sampler.should_sample(_below(parent), trace_id, name, kind, attributes)
        flags = _RANDOM if parent is None else parent.trace_flags & _RANDOM
        if result.decision is Decision.RECORD_AND_SAMPLE:
            flags |= TraceFlags.SAMPLED
        context = SpanContext(trace_id, new_span_id(), False, TraceFlags(flags), result.trace_state)  # noqa: FBT003
        return Span(name, kind, context, parent, attributes, self._keep)

    def start_child(self, parent: Span, name: str, kind: SpanKind, attributes: dict[str, Any]) -> Span:
        """Start a span below one of this process: it is kept if that one is."""
        above = parent.context
        context = SpanContext(above.trace_id, new_span_id(), False, above.trace_flags, above.trace_state)  # noqa: FBT003
        return Span(name, kind, context, above, attributes, self._keep)

    def unsampled(self, traceparent: str | None) -> str | None:
        """The `traceparent` of a trace of which no span will be kept; None: start one and see."""
        if traceparent is not None:
            return traceparent if self._drops_children and not says_sampled(traceparent) else None
        trace_id = new_trace_id()
        if self._sampler.should_sample(None, trace_id, "").decision is Decision.RECORD_AND_SAMPLE:
            self._drawn = trace_id
            return None
        return traceparent_of(trace_id, new_span_id(), _RANDOM)

    def serve(self, method: str, metadata: Iterable[tuple[str, Any]]) -> Span | None:
        """The server span of a call of an adapter, by the contract's name of its method.

        None when there is none to make: the edge does not keep this trace, and its context is not passed on.
        """
        carrier = dict(metadata)
        if self._drops_children and not self.tell_vendors and not says_sampled(carrier.get("traceparent", "")):
            return None
        return self.start(f"{SERVICE}/{method}", SpanKind.SERVER, remote_context(carrier), rpc_attributes(method))

    def flush(self) -> None:
        """Send what waits now."""
        self._processor.force_flush()

    def close(self) -> None:
        """Send what waits, then send nothing more."""
        self._processor.shutdown()

    def _keep(self, span: Span) -> None:
        attributes: Any = span.attributes
        longest = self._limits.max_span_attribute_length
        most = self._limits.max_span_attributes
        if longest is not None or (most is not None and len(attributes) > most):
            attributes = BoundedAttributes(most, attributes, max_value_len=longest)
        self._processor.on_end(
            ReadableSpan(
                span.name,
                span.context,
                span.parent,
                self._resource,
                attributes,
                kind=span.kind,
                status=FAILED if span.failed else SUCCEEDED,
                start_time=span.started_at,
                end_time=span.ended_at,
                instrumentation_scope=SCOPE,
            )
        )


def drops_children(sampler: Sampler) -> bool:
    """Whether a sampler keeps nothing below what its parent's process does not keep, as `parentbased_*` do.

    Asked for the trace that samplers by ratio keep first.
    """
    parent = SpanContext(trace_id=1 << 64, span_id=1, is_remote=True, trace_flags=TraceFlags(TraceFlags.DEFAULT))
    return sampler.should_sample(_below(parent), parent.trace_id, "probe").decision is Decision.DROP


def _below(parent: SpanContext | None) -> Context:
    """The SDK's context of what is started below a span, or below none."""
    return Context() if parent is None else set_span_in_context(NonRecordingSpan(parent), Context())


def open_sdk(service: str, *, protocol: Protocol, tell_vendors: bool, content: bool) -> Tracing:
    """Tracing as the standard variables say: sampler, limits, batches, resource, endpoint, headers."""
    resource = Resource.create({SERVICE_NAME: service}).merge(OTELResourceDetector().detect())
    # reads the sampler from the environment, which nothing else of the SDK does in public
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    processor = BatchSpanProcessor(exporter(protocol))
    return Tracing(provider.sampler, processor, resource, SpanLimits(), tell_vendors=tell_vendors, content=content)


def exporter(protocol: Protocol) -> SpanExporter:
    """What sends spans. Only the one that is used is imported."""
    if protocol == "grpc":
        from unigate_core.tracing.otlp_exporter import GrpcSpanExporter  # noqa: PLC0415

        return GrpcSpanExporter()
    from opentelemetry.exporter.otlp.proto.http import trace_exporter  # noqa: PLC0415

    return trace_exporter.OTLPSpanExporter()
