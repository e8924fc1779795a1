"""What metrics of our own have in common: children by the values of their labels, and how Prometheus sees them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.registry import Collector

ChildT = TypeVar("ChildT")


class LabelledMetric(Collector, Generic[ChildT]):
    """A metric. Children are changed by one thread, the event loop's, and read by another, that of scrapes."""

    def __init__(self, name: str, text: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        self._name, self._text = name, text
        self.labelnames = tuple(labels)
        self._children: dict[tuple[str, ...], ChildT] = {}
        registry.register(self)

    @abstractmethod
    def new_child(self) -> ChildT:
        """A child that has seen nothing."""

    @abstractmethod
    def family(self, children: Iterator[tuple[tuple[str, ...], ChildT]]) -> Metric:
        """Children by the values of their labels, as Prometheus wants them."""

    def labels(self, *values: str) -> ChildT:
        """The child of some values."""
        child = self._children.get(values)
        if child is None:
            if len(values) != len(self.labelnames):
                raise ValueError(f"{self._name} has the labels {self.labelnames}")
            child = self._children[values] = self.new_child()
        return child

    def describe(self) -> list[Metric]:
        """The metric without values."""
        return [self.family(iter(()))]

    def collect(self) -> list[Metric]:
        """All children."""
        return [self.family(iter(self._children.copy().items()))]
