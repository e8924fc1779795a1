"""Spans reach a collector by the protocol that is configured."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.trace import SpanKind

from unigate_core.environment import SettingsError
from unigate_core.tracing.start import open_tracing


class Collector(BaseHTTPRequestHandler):
    """Remembers what is posted."""

    taken: list[tuple[str, ExportTraceServiceRequest]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["content-encoding"] != "gzip":
            self.taken.append((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Collector]]:
    """A collector that speaks HTTP, and the environment that names it."""
    Collector.taken = []
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        yield Collector
        server.shutdown()
        thread.join()


def test_spans_are_posted_where_http_is_asked_for(collector: type[Collector]) -> None:
    tracing = open_tracing("unigate-test")
    assert tracing is not None
    tracing.start("one", SpanKind.SERVER, None, {}).end()
    tracing.close()
    ((path, request),) = collector.taken
    assert path == "/v1/traces"
    assert [span.name for scope in request.resource_spans[0].scope_spans for span in scope.spans] == ["one"]


def test_a_protocol_that_is_not_spoken_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
    with pytest.raises(SettingsError, match="http/protobuf"):
        open_tracing("unigate-test")
