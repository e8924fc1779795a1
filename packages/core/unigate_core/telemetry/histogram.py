"""A histogram that costs a tenth of prometheus-client's to observe: that one locks, and walks its buckets one by one.

Observations come from one thread, the event loop's, and scrapes from another, which at worst sees the sum of an
observation a scrape before its count.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from time import time
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar


class Histogram(Collector):
    """Children by the values of their labels."""

    def __init__(
        self, name: str, text: str, labels: Sequence[str], *, buckets: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name, self._text = name, text
        self.labelnames = tuple(labels)
        self._buckets = tuple(buckets)
        self._children: dict[tuple[str, ...], Child] = {}
        registry.register(self)

    def labels(self, *values: str) -> Child:
        """The child of some values."""
        child = self._children.get(values)
        if child is None:
            if len(values) != len(self.labelnames):
                raise ValueError(f"{self._name} has the labels {self.labelnames}")
            child = self._children[values] = Child(self._buckets)
        return child

    def describe(self) -> list[HistogramMetricFamily]:
        """The metric without values."""
        return [HistogramMetricFamily(self._name, self._text, labels=self.labelnames)]

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """All children."""
        (family,) = self.describe()
        for values, child in self._children.copy().items():
            family.add_metric(values, child.cumulated(), child.sum)
        yield family


class Child:
    """The observations of one combination of labels."""

    __slots__ = ("_bounds", "_counts", "_exemplars", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._exemplars: dict[int, Exemplar] = {}
        self.sum = 0.0

    def observe(self, amount: float, exemplar: Mapping[str, str] | None = None) -> None:
        """Take an observation down, and what leads from it to its trace."""
        place = bisect_left(self._bounds, amount)
        self._counts[place] += 1
        self.sum += amount
        if exemplar is not None:
            self._exemplars[place] = Exemplar(dict(exemplar), amount, time())

    def cumulated(self) -> list[Any]:
        """Buckets as Prometheus counts them, with their last exemplars."""
        total, buckets = 0, []
        for place, (bound, count) in enumerate(zip((*self._bounds, inf), list(self._counts), strict=True)):
            total += count
            name = "+Inf" if bound == inf else repr(float(bound))
            exemplar = self._exemplars.get(place)
            buckets.append((name, total) if exemplar is None else (name, total, exemplar))
        return buckets
