"""A process's own metrics, and the port at which Prometheus asks for all of them."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)


def process_metrics(registry: CollectorRegistry) -> None:
    """Register what prometheus-client knows of the process, the platform and the garbage collector."""
    # a second series for each of a counter's, of which nobody asks anything
    disable_created_metrics()  # type: ignore[no-untyped-call]
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)


def serve_metrics(listen: str, registry: CollectorRegistry) -> None:
    """Answer Prometheus at `host:port`, IPv6 in brackets; without a host at all of IPv4, and not at all when empty."""
    if listen:
        host, _, port = listen.rpartition(":")
        start_http_server(int(port), host.strip("[]") or "0.0.0.0", registry)  # noqa: S104 - as asked for
