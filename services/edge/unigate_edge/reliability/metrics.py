"""What is counted about attempts. Labels are bounded: providers, kinds of failure, models whose circuit has opened."""

from __future__ import annotations

from contextlib import suppress

from prometheus_client import CollectorRegistry, Counter, Gauge

from unigate_edge.reliability.circuit import State


class ReliabilityMetrics:
    """The instruments."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.retries = Counter(
            "unigate_retries", "Retries at the same model.", ("provider", "reason"), registry=registry
        )
        self.fallbacks = Counter(
            "unigate_fallbacks",
            "Requests that fell back from a provider to the next one of their alias.",
            ("provider", "reason"),
            registry=registry,
        )
        self.exhausted = Counter(
            "unigate_retry_budget_exhausted", "Retries that the budget did not allow.", registry=registry
        )
        self.circuits = Gauge(
            "unigate_circuit_state",
            "State of circuits: 0 closed, 1 open, 2 half open; only of models that have failed.",
            ("provider", "model"),
            registry=registry,
        )
        self.idempotency = Counter(
            "unigate_idempotent_requests", "Requests with an Idempotency-Key.", ("result",), registry=registry
        )

    def circuit(self, provider: str, model: str, state: State | None) -> None:
        """A circuit has changed, or is forgotten."""
        if state is None:
            with suppress(KeyError):
                self.circuits.remove(provider, model)
        else:
            self.circuits.labels(provider, model).set(state)
