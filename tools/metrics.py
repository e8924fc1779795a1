"""`make metrics`: docs/metrics.md, the reference of all metrics, from the instruments themselves."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from tools.discovery import ROOT
from tools.generated import write_or_check
from unigate_adapter.telemetry.metrics import Instruments
from unigate_core.telemetry.event_loop import LoopLag
from unigate_core.telemetry.process import process_metrics
from unigate_edge.config.model import parse_config
from unigate_edge.config.reload import Reloader
from unigate_edge.gateway import Gateway
from unigate_edge.telemetry.requests import Telemetry

REFERENCE = ROOT / "docs/metrics.md"
HEAD = """# Metrics

Written by `make metrics` from the code; a test compares the two.

Each process serves `/metrics` on a port of its own (`UNIGATE_METRICS_LISTEN`): the edge as a *server* in the words of
[OpenTelemetry's conventions](https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/), the adapters as their
*clients*. What the conventions have a name for has that (`gen_ai_*`), everything else is `unigate_*`.

Every label has a bounded set of values. A model is a label when its provider lists it, else it is `other`; keys are
those of the configuration, by name; error codes are OpenAI's and the gateway's own, what a vendor makes up is
`other`. With tracing on, histograms of requests carry exemplars (OpenMetrics) that lead to the trace.
"""


@dataclass(frozen=True)
class Metric:
    """One metric as Prometheus stores it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    text: str

    @property
    def series(self) -> tuple[str, ...]:
        """The names of its time series."""
        suffixes = ("_bucket", "_sum", "_count") if self.kind == "histogram" else ("",)
        return tuple(self.name + suffix for suffix in suffixes)


def edge_metrics() -> list[Metric]:
    """The metrics of the edge."""
    telemetry = Telemetry()
    process_metrics(telemetry.registry)
    config = parse_config("providers:\n  none: {target: none}\n")
    gateway = Gateway.of(config, telemetry)
    Reloader(Path("unigate.yaml"), config, gateway.configure, telemetry.registry, keys_required=False)
    return sorted(_metrics(telemetry.registry), key=lambda metric: metric.name)


def adapter_metrics() -> list[Metric]:
    """The metrics of an adapter."""
    registry = CollectorRegistry()
    process_metrics(registry)
    Instruments(registry)
    LoopLag(registry)
    return sorted(_metrics(registry), key=lambda metric: metric.name)


def _metrics(registry: CollectorRegistry) -> Iterator[Metric]:
    for collector in list(registry._collector_to_names):  # noqa: SLF001 - the library lists them nowhere else
        labels = tuple(collector._labelnames) if isinstance(collector, MetricWrapperBase) else ()  # noqa: SLF001
        describe = getattr(collector, "describe", collector.collect)
        for family in list(describe()) or list(collector.collect()):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            names = labels or tuple(getattr(family, "_labelnames", ()))
            yield Metric(name, family.type, names, family.documentation)


def reference() -> str:
    """The text of docs/metrics.md."""
    parts = [HEAD]
    for title, metrics in (("Edge", edge_metrics()), ("Adapters", adapter_metrics())):
        parts.append(f"\n## {title}\n\n| Metric | Type | Labels | Meaning |\n| --- | --- | --- | --- |\n")
        for metric in metrics:
            labels = ", ".join(f"`{label}`" for label in metric.labels)
            parts.append(f"| `{metric.name}` | {metric.kind} | {labels} | {metric.text} |\n")
    return "".join(parts)


def main() -> int:
    """Write the reference."""
    return write_or_check({REFERENCE: reference()}, sys.argv[1:], "python -m tools.metrics")


if __name__ == "__main__":
    sys.exit(main())
