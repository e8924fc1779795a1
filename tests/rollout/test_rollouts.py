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


def replicas(cluster: Any, running: Any, count: int) -> list[Any]:
    """Bring the adapter to so many replicas, all of them in use."""
    while len(cluster.names.addresses) < count:
        cluster.names.addresses.append(cluster.adapter().address)
    if len(cluster.names.addresses) > count:
        leave(cluster, running, adapters(cluster)[count:])
    deadline = time.monotonic() + 60
    while not all(pod.calls() for pod in adapters(cluster)):
        assert time.monotonic() < deadline, "a replica was not used within 60 s"
        running.rounds(1)
    return adapters(cluster)


def leave(cluster: Any, running: Any, pods: list[Any]) -> None:
    """End pods as Kubernetes does: their addresses go first, then time passes, then they are asked to stop."""
    for pod in pods:
        cluster.names.addresses.remove(pod.address)
    running.pre_stop()
    assert [pod.stop() for pod in pods] == [0] * len(pods)


def test_new_replicas_get_their_share_of_new_calls(cluster: Any, edge: Any, load: Callable[..., Any]) -> None:
    with load([edge.address]) as running:
        replicas(cluster, running, 1)
        new = [cluster.adapter() for _ in range(2)]
        cluster.names.addresses += [pod.address for pod in new]
        told = time.monotonic()
        pods = replicas(cluster, running, 3)
        log.info("all replicas are used after %.1f s", time.monotonic() - told)
        before = [pod.calls() for pod in pods]
        running.rounds(60)
        served = [pod.calls() - start for pod, start in zip(pods, before, strict=True)]
    shares = [count / sum(served) for count in served]
    log.info("share per replica: %s", ", ".join(f"{share:.0%}" for share in shares))
    assert min(shares) > 0.25
    assert running.lost == []


def test_scaling_down_loses_nothing(cluster: Any, edge: Any, load: Callable[..., Any]) -> None:
    with load([edge.address]) as running:
        leaving = replicas(cluster, running, 2)[-1]
        cluster.names.addresses.remove(leaving.address)
        # even without the pause of preStop: the one that stays is known
        assert leaving.stop() == 0
        running.rounds(20)
    assert running.lost == []


def test_a_rolling_restart_of_an_adapter_loses_nothing(cluster: Any, edge: Any, load: Callable[..., Any]) -> None:
    with load([edge.address]) as running:
        for old in replicas(cluster, running, 2):
            cluster.names.addresses.append(cluster.adapter().address)
            leave(cluster, running, [old])
        running.rounds(10)
    assert running.lost == []


def test_replacing_the_only_replica_loses_nothing(cluster: Any, edge: Any, load: Callable[..., Any]) -> None:
    with load([edge.address]) as running:
        # connections that do not age: the edge hears of the new pod when the old one says goodbye, not before
        only = cluster.adapter(UNIGATE_CONNECTION_AGE_SECONDS="600")
        others = adapters(cluster)
        cluster.names.addresses.append(only.address)
        replicas(cluster, running, len(others) + 1)
        leave(cluster, running, others)
        cluster.names.addresses.append(cluster.adapter().address)
        leave(cluster, running, [only])
        running.rounds(20)
    assert running.lost == []


def test_a_rolling_restart_of_the_edge_loses_nothing(cluster: Any, load: Callable[..., Any]) -> None:
    first = cluster.edge()
    edges = [first.address]
    with load(edges) as running:
        second = cluster.edge()
        edges.append(second.address)
        for old in (first, second):
            edges.append(cluster.edge().address)
            edges.remove(old.address)
            # what preStop's pause is for: everyone who still means the old one has called it by then
            running.rounds(2)
            assert old.stop() == 0
        running.rounds(5)
    assert running.lost == []
