"""Counters and gauges that cost a tenth of prometheus-client's to change: those lock, and check themselves each time.

Changes come from one thread, the event loop's, and scrapes from another, which sees a value before or after one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector


class _Metric(Collector):
    """Children by the values of their labels."""

    family: ClassVar[type[CounterMetricFamily | GaugeMetricFamily]]

    def __init__(self, name: str, text: str, labels: Sequence[str] = (), *, registry: CollectorRegistry) -> None:
        """`name` of a counter is that without `_total`."""
        self._name, self._text = name, text
        self.labelnames = tuple(labels)
        self._children: dict[tuple[str, ...], Child] = {}
        registry.register(self)

    def labels(self, *values: str) -> Child:
        """The child of some values."""
        child = self._children.get(values)
        if child is None:
            if len(values) != len(self.labelnames):
                raise ValueError(f"{self._name} has the labels {self.labelnames}")
            child = self._children[values] = Child()
        return child

    def describe(self) -> list[CounterMetricFamily | GaugeMetricFamily]:
        """The metric without values."""
        return [self.family(self._name, self._text, labels=self.labelnames)]

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """All children."""
        (family,) = self.describe()
        for values, child in self._children.copy().items():
            family.add_metric(values, child.value)
        yield family


class Counter(_Metric):
    """What only grows."""

    family = CounterMetricFamily


class Gauge(_Metric):
    """What goes up and down."""

    family = GaugeMetricFamily


class Child:
    """The value of one combination of labels."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0.0

    def inc(self, amount: float = 1) -> None:
        """Add an amount, which is not negative for a counter."""
        self.value += amount

    def dec(self, amount: float = 1) -> None:
        """Take an amount off a gauge."""
        self.value -= amount

    def set(self, value: float) -> None:
        """Give a gauge another value."""
        self.value = value
