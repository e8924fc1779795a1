"""Spans are encoded as OpenTelemetry's own library encodes them."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans as encode_any_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanLimits
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import DEFAULT_ON
from opentelemetry.trace import SpanKind

from unigate_core.tracing.otlp_exporter import encode_spans
from unigate_core.tracing.sdk import Tracing
from unigate_core.tracing.span import remote_context

ATTRIBUTES: dict[str, Any] = {
    "text": "é", "empty": "", "yes": True, "no": False, "count": 7, "negative": -1, "part": 0.5,
    "reasons": ["stop", "length"], "none": [],
}  # fmt: skip
REMOTE = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03", "tracestate": "a=1,b=2"}


class Kept:
    """A tracer, and the spans that it has kept."""

    def __init__(self, limits: SpanLimits | None = None) -> None:
        exporter = InMemorySpanExporter()
        resource = Resource({"service.name": "unigate-test"})
        self.tracing = Tracing(DEFAULT_ON, SimpleSpanProcessor(exporter), resource, limits or SpanLimits())
        self.spans = exporter.get_finished_spans


def test_spans_of_the_gateway_are_encoded_alike() -> None:
    kept = Kept()
    root = kept.tracing.start("root", SpanKind.SERVER, remote_context(REMOTE), dict(ATTRIBUTES))
    child = kept.tracing.start_child(root, "child", SpanKind.CLIENT, {})
    child.fail("timeout")
    child.end()
    root.end()
    alone = kept.tracing.start("alone", SpanKind.SERVER, None, {"a": 1})
    alone.end()
    spans = kept.spans()
    assert [span.name for span in spans] == ["child", "root", "alone"]
    assert encode_spans(spans) == encode_any_spans(spans)


@pytest.mark.parametrize(
    "other",
    [
        {"events": [Event("exception", {"a": "b"}, 1)]},
        {"attributes": {"bytes": b"x"}},
        {"attributes": {"nested": [["a"], [1]]}},
        {"attributes": {"table": {"a": 1}}},
        {"attributes": {"huge": 1 << 70}},
        {"attributes": {"surrogate": "\ud800"}},
        {"kind": SpanKind.INTERNAL},
    ],
)
def test_any_other_span_is_encoded_as_well(other: dict[str, Any]) -> None:
    kept = Kept()
    kept.tracing.start("plain", SpanKind.SERVER, None, {"a": 1}).end()
    (plain,) = kept.spans()
    odd = ReadableSpan("odd", plain.context, resource=plain.resource, start_time=1, end_time=2, **other)
    assert encode_spans([plain, odd, plain]).resource_spans[0].scope_spans[0].spans[1].name == "odd"
    alone = [
        ReadableSpan(
            "odd",
            plain.context,
            resource=plain.resource,
            instrumentation_scope=plain.instrumentation_scope,
            start_time=1,
            end_time=2,
            **other,
        )
    ]
    assert encode_spans([*alone, plain]) == encode_any_spans([*alone, plain])


def test_nothing_is_encoded_as_nothing() -> None:
    assert encode_spans([]) == encode_any_spans([])


def test_the_limits_of_the_sdk_hold() -> None:
    kept = Kept(SpanLimits(max_span_attributes=2, max_span_attribute_length=3))
    kept.tracing.start("long", SpanKind.SERVER, None, {"a": "aaaaa", "b": 1, "c": ["ccccc"]}).end()
    (span,) = kept.spans()
    assert (dict(span.attributes or {}), span.dropped_attributes) == ({"b": 1, "c": ("ccc",)}, 1)
    assert encode_spans([span]) == encode_any_spans([span])
