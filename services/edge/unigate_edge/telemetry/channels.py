"""How many of each provider's pods can be called: gRPC's own account of its channels, read when Prometheus asks.

https://github.com/grpc/proposal/blob/master/A14-channelz.md
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from grpc._cython import cygrpc  # type: ignore[attr-defined]
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

READY = "READY"


class ReadySubchannels(Collector):
    """Counts the connections on which calls can be made, by provider."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.targets: Callable[[], Mapping[str, str]] = dict
        """The channels' targets by provider."""
        registry.register(self)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The metric without values."""
        return [
            GaugeMetricFamily(
                "unigate_ready_subchannels", "Connections to adapters on which calls can be made.", labels=["provider"]
            )
        ]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One value per provider."""
        (family,) = self.describe()
        ready = ready_by_target()
        for provider, target in self.targets().items():
            family.add_metric([provider], ready[canonical(target)])
        yield family


def canonical(target: str) -> str:
    """A target as gRPC writes it: one without a scheme is a name for DNS."""
    return target if ":/" in target or target.startswith(("unix:", "ipv4:", "ipv6:")) else f"dns:///{target}"


def ready_by_target() -> Counter[str]:
    """Ready subchannels of all channels of this process, by their target."""
    ready: Counter[str] = Counter()
    for channel in _channels():
        for ref in channel.get("subchannelRef", ()):
            if _state(int(ref["subchannelId"])) == READY:
                ready[channel["data"]["target"]] += 1
    return ready


def _state(subchannel: int) -> str:
    try:
        answer = json.loads(cygrpc.channelz_get_subchannel(subchannel))
    except ValueError:
        # it has gone since its channel named it
        return ""
    return str(answer["subchannel"]["data"]["state"]["state"])


def _channels() -> Iterator[dict[str, Any]]:
    start, more = 0, True
    while more:
        page = json.loads(cygrpc.channelz_get_top_channels(start))
        channels = page.get("channel", [])
        yield from channels
        more = bool(channels) and not page.get("end")
        start = int(channels[-1]["ref"]["channelId"]) + 1 if channels else 0
