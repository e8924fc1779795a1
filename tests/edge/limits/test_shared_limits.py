"""Two edges over one Valkey server: limits are exact together, tenants apart, and a store that is down hurts nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from unigate_edge.limits.counters import LocalCounters
from unigate_edge.limits.reservations import Reservation
from unigate_edge.limits.shared import SharedCounters
from unigate_edge.state.client import open_state_client

PATIENT = "state: {timeout: 10}\n"
"""On a busy machine a burst may wait for longer than a request should."""


@pytest.fixture(autouse=True)
async def empty(valkey: str) -> None:
    """Each test begins with an empty store."""
    client = open_state_client(valkey, 5)
    await client.valkey.flushall()
    await client.close()


def granted(statuses: list[int]) -> int:
    """How many were let through, all others being refused."""
    assert set(statuses) <= {200, 429}
    return statuses.count(200)


async def test_a_burst_over_two_edges_gets_exactly_the_limit(open_edge: Any, valkey: str) -> None:
    limits = "{requests_per_minute: 40}"
    async with open_edge(limits, valkey, PATIENT) as one, open_edge(limits, valkey, PATIENT) as two:
        bursts = await asyncio.gather(one.burst(60), two.burst(60))
    assert granted([*bursts[0], *bursts[1]]) == 40


async def test_tokens_of_a_burst_stay_within_the_limit(
    open_edge: Any, valkey: str, adapter: Any, answered: Any
) -> None:
    adapter.answer = answered(50, 50)
    limits = "{tokens_per_minute: 4000}"
    async with open_edge(limits, valkey, PATIENT) as one, open_edge(limits, valkey, PATIENT) as two:
        bursts = await asyncio.gather(one.burst(60, max_tokens=100), two.burst(60, max_tokens=100))
        used = granted([*bursts[0], *bursts[1]]) * 100
        while (await one.chat(max_tokens=100)).status_code == 200:
            used += 100
    assert 4000 * 0.95 <= used <= 4000 * 1.05


async def test_what_runs_on_one_edge_counts_on_the_other(open_edge: Any, valkey: str, adapter: Any, kit: Any) -> None:
    limits = "{concurrent_requests: 1}"
    adapter.answer = kit.never
    async with open_edge(limits, valkey, PATIENT) as one, open_edge(limits, valkey, PATIENT) as two:
        first = asyncio.ensure_future(one.chat())
        await adapter.started.wait()
        refused = await two.chat()
        adapter.release.set()
        assert (await first).status_code == 200
        assert (await two.chat()).status_code == 200
    assert refused.status_code == 429


async def test_a_budget_is_one_for_all_edges(open_edge: Any, valkey: str, adapter: Any, answered: Any) -> None:
    adapter.answer = answered(50, 50)
    prices = "prices: {'fake/*': {input_per_million: 1000, output_per_million: 1000}}\n"
    limits = "{budget_usd: {day: 1, month: 100}}"
    async with open_edge(limits, valkey, PATIENT + prices) as one, open_edge(limits, valkey, PATIENT + prices) as two:
        await asyncio.gather(one.burst(20, max_tokens=70), two.burst(20, max_tokens=70))
        await one.traffic_flushed()
        report = await two.usage()
    assert report["today"]["cost_usd"] <= 1


async def test_usage_is_gathered_from_all_edges_for_the_key_alone(
    open_edge: Any, valkey: str, adapter: Any, answered: Any
) -> None:
    adapter.answer = answered(50, 50)
    async with open_edge("{}", valkey, PATIENT) as one, open_edge("{}", valkey, PATIENT) as two:
        await one.chat()
        await two.chat()
        await one.traffic_flushed()
        report, others = await two.usage(), await two.usage("other")
    assert (report["today"]["requests"], report["models"][0]["model"]) == (2, "fake/small")
    assert (others["today"]["requests"], others["models"]) == (0, [])


DOWN = "redis://127.0.0.1:1/0"


async def test_open_means_that_an_edge_counts_for_itself(open_edge: Any) -> None:
    async with open_edge("{requests_per_minute: 3}", DOWN) as team:
        assert granted(await team.burst(5)) == 3
        assert team.sample("unigate_state_up") == 0
        assert team.sample("unigate_limit_store_down_total", outcome="open") == 5


async def test_closed_means_to_come_again(open_edge: Any) -> None:
    async with open_edge("{requests_per_minute: 3}", DOWN, "state: {when_down: closed}\n") as team:
        response = await team.chat()
        assert (await team.chat("other")).status_code == 200
    assert (response.status_code, response.json()["error"]["code"]) == (503, "state_unavailable")
    assert response.headers["retry-after"] == "2"


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The address of a store that accepts connections and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    listener.close()


async def test_a_silent_store_is_waited_for_once(open_edge: Any, silent: str) -> None:
    async with open_edge("{requests_per_minute: 100}", silent, "state: {timeout: 0.05}\n") as team:
        responses: list[httpx.Response] = [await team.chat() for _ in range(3)]
        up = team.sample("unigate_state_up")
    assert [response.status_code for response in responses] == [200, 200, 200]
    assert up == 0


async def test_a_store_that_comes_back_is_used_again(
    open_edge: Any, start_valkey: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unigate_edge.state.client.RETRY_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with open_edge("{requests_per_minute: 2}", f"redis://127.0.0.1:{port}/0") as team:
        assert (await team.chat()).status_code == 200
        with start_valkey(tmp_path, port):
            await team.state_is_up()
            assert [(await team.chat()).status_code for _ in range(3)] == [200, 200, 429]
            assert team.sample("unigate_state_up") == 1


async def test_a_store_that_freezes_and_comes_back_fails_no_request(
    open_edge: Any, start_valkey: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unigate_edge.state.client.RETRY_SECONDS", 0.05)
    more = "state: {timeout: 0.3}\nidempotency: {ttl: 60}\n"

    async def ask(team: Any) -> int:
        status: int = (await team.chat(headers={"idempotency-key": uuid4().hex})).status_code
        return status

    with start_valkey(tmp_path) as server:
        url = f"redis://127.0.0.1:{server.port}/0"
        async with open_edge("{requests_per_minute: 100000, concurrent_requests: 50}", url, more) as team:
            statuses = [await ask(team) for _ in range(5)]
            os.kill(server._process.pid, signal.SIGSTOP)
            try:
                async with asyncio.timeout(10):
                    statuses += await asyncio.gather(*(ask(team) for _ in range(20)))
                down = team.sample("unigate_state_up")
            finally:
                os.kill(server._process.pid, signal.SIGCONT)
            await team.state_is_up()
            statuses += await asyncio.gather(*(ask(team) for _ in range(20)))
            # what the store was told while it was frozen holds none of the key's concurrent requests
            statuses += await asyncio.gather(*(ask(team) for _ in range(50)))
    assert set(statuses) == {200}
    assert down == 0


RESERVATIONS = (
    Reservation("requests", "requests:{t}", 3, 1),
    Reservation("tokens", "tokens:{t}", 100, 40),
    Reservation("concurrent", "concurrent:{t}", 9, 1),
    Reservation("budget_day", "budget:{t}:2030-01-01", 10**12, 3),
)


@pytest.mark.parametrize("shared", [False, True])
async def test_both_kinds_of_counters_decide_alike(valkey: str, shared: bool) -> None:
    client = open_state_client(valkey, 5)
    counters = SharedCounters(client, 60) if shared else LocalCounters()
    decisions = [await counters.reserve(RESERVATIONS, f"call-{i}") for i in range(3)]
    assert [decision.refused and decision.refused.kind for decision in decisions] == [None, None, "tokens"]
    assert [usage.used for usage in decisions[2].usages] == [2, 80, 2, 6]
    assert 59 < decisions[2].usages[1].retry <= 61
    await counters.settle(RESERVATIONS, "call-0", decisions[0].at, {"tokens": 10, "budget_day": 1})
    await counters.settle(RESERVATIONS, "call-1", decisions[1].at, {"tokens": 90, "budget_day": 7})
    decision = await counters.reserve(RESERVATIONS, "call-3")
    assert [usage.used for usage in decision.usages] == [2, 100, 0, 8]
    await client.close()
