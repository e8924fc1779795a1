"""The dashboard of the gateway's own time, and of gRPC between edge and adapters."""

from tools.dashboards.parts import Dashboard, Graph, Limits, Number, Row
from tools.dashboards.queries import OVERHEAD, P_ROUTED, P, level, mean, p95, quantile, quantiles, rate, ratio

QUANTILES = (("p50", "green"), ("p95", "yellow"), ("p99", "orange"))
SPENT = "unigate_overhead_seconds"
HOP = "unigate_hop_seconds"

OWN = Row(
    "Overhead: the gateway's own time, up to the first byte of the answer",
    (
        Graph("Overhead", "s", quantiles(SPENT, P), log=True, limits=OVERHEAD, colors=QUANTILES),
        Graph("Where it goes: mean of each hop", "s", ((mean(HOP, P, "hop"), "{{hop}}"),),
              "edge_request: key, limits, routing. grpc: to the adapter and back. translate: the adapter's own work. "
              "edge_answer: the way out.", stacked=True),
        Graph("Slowest hops, p99", "s", ((quantile(0.99, HOP, P, "hop"), "{{hop}}"),), log=True, limits=OVERHEAD),
    ),
)  # fmt: skip

WHOSE = Row(
    "Whose requests",
    (
        Graph("Overhead by provider, p95", "s", ((p95(SPENT, P_ROUTED, "provider"), "{{provider}}"),),
              log=True, limits=OVERHEAD),
        Graph("Overhead of streams and others, p95", "s", (
            (p95(SPENT, f'{P},streamed="true"'), "streams"),
            (p95(SPENT, f'{P},streamed="false"'), "whole answers"),
        ), log=True, limits=OVERHEAD),
        Graph("Translating the request, p95", "s",
              ((p95("unigate_adapter_request_seconds", P, "provider"), "{{provider}}"),),
              "In the adapter, before it calls the vendor.", log=True),
    ),
)  # fmt: skip

GRPC = Row(
    "gRPC",
    (
        Number("Ready connections to adapters", "none", f"sum by (provider) (unigate_ready_subchannels{{{P}}})",
               "To pods of adapters, of all edges together.", "{{provider}}", Limits(1, 1, low=True)),
        Graph("Calls in flight", "none", ((level("unigate_adapter_in_flight", "provider", P), "{{provider}}"),),
              "On average between two points."),
        Graph("Events per write", "none", ((ratio(
            rate("unigate_stream_events_total", P, "provider"), rate("unigate_stream_frames_total", P, "provider"),
        ), "{{provider}}"),), "More than one: the client, or the gateway, is slower than the vendor."),
    ),
)  # fmt: skip

HOPS = Dashboard("hops", "Hops and gRPC", "Where the gateway's own time goes.", ("provider",), (OWN, WHOSE, GRPC))
