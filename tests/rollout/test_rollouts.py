"""Scaling and rolling under load: new pods get their share, and nothing is lost.

The figures are logged: `pytest tests/rollout --log-cli-level=INFO`; with CONNECTION_AGE=45 they are production's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest

log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def edge(cluster: Any) -> Any:
    """The edge that most tests call."""
    return cluster.edge()


def adapters(cluster: Any) -> list[Any]:
    """The pods that the name leads to."""
    return [pod for pod in cluster.pods if pod.address in cluster.names.addresses]


def test_new_replicas_get_their_share_of_new_calls(cluster: Any, edge: Any, load: Callable[..., Any]) -> None:
    with load([edge.address]) as running:
        new = [cluster.adapter() for _ in range(2)]
        cluster.names.addresses += [pod.address for pod in new]
        told = time.monotonic()
        while not all(pod.calls() for pod in new):
            assert time.monotonic() < told + 60, "a new replica was not used within 60 s"
            running.rounds(1)
        log.info("all replicas are used after %.1f s", time.monotonic() - told)
        pods = adapters(cluster)
        before = [pod.calls() for pod in pods]
        running.rounds(60)
        served = [pod.calls() - start for pod, start in zip(pods, before, strict=True)]
    shares = [count / sum(served) for count in served]
    log.info("share per replica: %s", ", ".join(f"{share:.0%}" for share in shares))
    assert min(shares) > 0.25
    assert running.lost == []


def test_scaling_down_loses_nothing(cluster: Any, edge: Any, load: Callable[..., Any]) -> None:
    with load([edge.address]) as running:
        running.rounds(3)
        leaving = adapters(cluster)[-1]
        cluster.names.addresses.remove(leaving.address)
        assert leaving.stop() == 0
        running.rounds(20)
    assert running.lost == []


def test_a_rolling_restart_of_an_adapter_loses_nothing(cluster: Any, edge: Any, load: Callable[..., Any]) -> None:
    with load([edge.address]) as running:
        for old in adapters(cluster):
            cluster.names.addresses.append(cluster.adapter(UNIGATE_CONNECTION_AGE_SECONDS="600").address)
            cluster.names.addresses.remove(old.address)
            running.pre_stop()
            assert old.stop() == 0
            running.rounds(5)
    assert running.lost == []


def test_replacing_the_only_replica_loses_nothing(cluster: Any, edge: Any, load: Callable[..., Any]) -> None:
    with load([edge.address]) as running:
        old, other = adapters(cluster)
        cluster.names.addresses.remove(other.address)
        running.pre_stop()
        assert other.stop() == 0
        running.rounds(5)
        cluster.names.addresses[:] = [cluster.adapter().address]
        running.pre_stop()
        assert old.stop() == 0
        running.rounds(20)
    assert running.lost == []


def test_a_rolling_restart_of_the_edge_loses_nothing(cluster: Any, edge: Any, load: Callable[..., Any]) -> None:
    edges = [edge.address]
    with load(edges) as running:
        for old in (edge, cluster.edge()):
            new = cluster.edge()
            edges[:] = [new.address]
            # what preStop's sleep is for: everyone who still means the old one has called it by then
            running.rounds(2)
            assert old.stop() == 0
    assert running.lost == []
