"""Spans over the OpenTelemetry SDK, sent by OTLP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, StaticSampler, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags, set_span_in_context

from unigate_core.tracing.settings import Protocol
from unigate_core.tracing.spans import SERVICE, context_of, is_sampled, rpc_attributes


class Tracing:
    """A process's tracer, and how contexts come in and go out."""

    def __init__(
        self,
        provider: TracerProvider,
        *,
        ids: TraceIds | None = None,
        tell_vendors: bool = False,
        content: bool = False,
    ) -> None:
        """`ids` are the provider's. `content`: the vendor's spans tell what was said."""
        self._provider = provider
        self._tracer = provider.get_tracer("unigate")
        self._sampler = provider.sampler
        # a sampler that counts or looks at spans must be asked once, and with all there is to see
        self._ids = ids if isinstance(self._sampler, ParentBased | TraceIdRatioBased | StaticSampler) else None
        self._drops_children = drops_children(provider.sampler)
        self.tell_vendors = tell_vendors
        self.content = content

    def start(self, name: str, kind: SpanKind, parent: Context | None, attributes: Mapping[str, Any]) -> Span:
        """Start a span. It is current nowhere: who starts it hands it on."""
        return self._tracer.start_span(name, parent, kind, dict(attributes))

    def unsampled(self, traceparent: str | None) -> str | None:
        """The `traceparent` of a trace of which no span will be kept; None: start one and see.

        Asked ahead because the SDK needs ten times as long to make a span that is none.
        """
        if traceparent is not None:
            return traceparent if self._drops_children and not is_sampled(traceparent) else None
        if self._ids is None:
            return None
        trace_id = self._ids.draw()
        if self._sampler.should_sample(Context(), trace_id, "").decision is not Decision.DROP:
            self._ids.next = trace_id
            return None
        return f"00-{trace_id:032x}-{self._ids.generate_span_id():016x}-00"

    def serve(self, method: str, metadata: Iterable[tuple[str, Any]]) -> Span | None:
        """The server span of a call of an adapter, by the contract's name of its method.

        None when there is none to make: the edge does not keep this trace, and nobody else is to be told of it.
        """
        carrier = dict(metadata)
        if self._drops_children and not self.tell_vendors and not is_sampled(carrier.get("traceparent", "")):
            return None
        return self.start(f"{SERVICE}/{method}", SpanKind.SERVER, context_of(carrier), rpc_attributes(method))

    def flush(self) -> None:
        """Send what waits now."""
        self._provider.force_flush()

    def close(self) -> None:
        """Send what waits, then send nothing more."""
        self._provider.shutdown()


def drops_children(sampler: Sampler) -> bool:
    """Whether a sampler keeps nothing below what its parent's process does not keep, as `parentbased_*` do.

    Asked for the trace that samplers by ratio keep first.
    """
    parent = SpanContext(trace_id=1 << 64, span_id=1, is_remote=True, trace_flags=TraceFlags(TraceFlags.DEFAULT))
    context = set_span_in_context(NonRecordingSpan(parent), Context())
    return sampler.should_sample(context, parent.trace_id, "probe").decision is Decision.DROP


class TraceIds(RandomIdGenerator):
    """Random ids. That of the next trace may have been drawn already, to see whether it will be kept."""

    next = 0

    def draw(self) -> int:
        """An id that no trace has yet."""
        return super().generate_trace_id()

    def generate_trace_id(self) -> int:
        """See IdGenerator."""
        trace_id, self.next = self.next or self.draw(), 0
        return trace_id


def open_sdk(service: str, *, protocol: Protocol, tell_vendors: bool, content: bool) -> Tracing:
    """Tracing as the standard variables say: sampler, limits, batches, resource, endpoint, headers."""
    resource = Resource.create({SERVICE_NAME: service}).merge(OTELResourceDetector().detect())
    ids = TraceIds()
    provider = TracerProvider(resource=resource, id_generator=ids)
    provider.add_span_processor(BatchSpanProcessor(exporter(protocol)))
    return Tracing(provider, ids=ids, tell_vendors=tell_vendors, content=content)


def exporter(protocol: Protocol) -> SpanExporter:
    """What sends spans. Only the one that is used is imported."""
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        return OTLPSpanExporter()
    from opentelemetry.exporter.otlp.proto.http import trace_exporter  # noqa: PLC0415

    return trace_exporter.OTLPSpanExporter()
