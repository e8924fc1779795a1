"""Names that lead nowhere for a while: at the first install, and when a provider was scaled to none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

BODY = {"model": "openai/gpt-4.1-mini", "messages": [{"role": "user", "content": "hello"}]}
HEADERS = {"authorization": "Bearer made-up"}
AWAY = 12.0
"""Seconds for which a provider has no pods: longer than gRPC's own resolver waits at first."""
SOON = 5.0


def status(edge: Any) -> int:
    """How a request is answered now."""
    url = f"http://{edge.address}:8080/v1/chat/completions"
    return httpx.post(url, json=BODY, headers=HEADERS, timeout=10).status_code


def served_after(edge: Any) -> float:
    """Seconds until a request is served."""
    began = time.monotonic()
    while status(edge) != 200:
        assert time.monotonic() < began + 60, "not served within 60 s"
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.fixture(scope="module")
def edge(cluster: Any) -> Any:
    """One edge for all tests."""
    return cluster.edge()


@pytest.fixture
def names(cluster: Any) -> Iterator[Any]:
    """The name server, which is as it was when the test ends."""
    names, addresses = cluster.names, list(cluster.names.addresses)
    yield names
    names.addresses, names.direct, names.negative_seconds = addresses, [], 0.0
    names._negative_until = 0.0


def emptied(edge: Any, names: Any) -> list[str]:
    """Take all addresses away, and wait until the edge knows; return them."""
    addresses: list[str] = names.addresses
    names.addresses = []
    deadline = time.monotonic() + 30
    while status(edge) != 503:
        assert time.monotonic() < deadline, "still served after 30 s"
        time.sleep(0.2)
    return addresses


def test_a_provider_that_was_away_is_called_as_soon_as_it_is_back(edge: Any, names: Any) -> None:
    addresses = emptied(edge, names)
    time.sleep(AWAY)
    names.addresses = addresses
    assert served_after(edge) < SOON


def test_a_negative_answer_that_is_cached_does_not_delay_the_way_around(edge: Any, names: Any) -> None:
    addresses = emptied(edge, names)
    names.negative_seconds = 30.0
    time.sleep(2.0)
    # a Service with an address of its own has it from the start, whatever a cache says of the other name
    names.addresses = names.direct = addresses
    assert served_after(edge) < SOON


def test_a_name_that_leads_nowhere_is_not_asked_for_in_a_storm(edge: Any, names: Any) -> None:
    emptied(edge, names)
    before = names.asked
    time.sleep(6.0)
    # two names, two kinds of addresses, once a second
    assert names.asked - before <= 4 * 9
