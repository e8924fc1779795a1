"""Credentials that expire: renewed ahead, by one caller at a time, and an old one is used as long as it holds."""

from __future__ import annotations

import asyncio
import threading

import pytest

from unigate_adapter.authentication.refreshed import RETRY_SECONDS, Expiring, Refreshed
from unigate_core.errors import GatewayError


class Source:
    """Hands out numbered credentials that live for a minute of a clock that the test moves."""

    def __init__(self, life: float | None = 60.0) -> None:
        self.now = 1000.0
        self.asked = 0
        self.fails = False
        self.life = life
        self.gate = threading.Event()
        self.gate.set()
        self.outcomes: list[str] = []
        self.credential: Refreshed[str] = Refreshed("v", self.fetch, self.outcomes.append, lambda: self.now)

    def fetch(self) -> Expiring[str]:
        self.gate.wait(10)
        self.asked += 1
        if self.fails:
            raise OSError("out of reach")
        return Expiring(f"c{self.asked}", None if self.life is None else self.now + self.life)

    async def settled(self) -> None:
        """Wait for a renewal that was started."""
        for _ in range(200):
            await asyncio.sleep(0.005)
            renewal = self.credential._renewal
            if renewal is None or renewal.done():
                return


async def test_many_callers_ask_once() -> None:
    source = Source()
    source.gate.clear()
    waiting = [asyncio.create_task(source.credential.get()) for _ in range(5)]
    await asyncio.sleep(0.02)
    source.gate.set()
    assert await asyncio.gather(*waiting) == ["c1"] * 5
    assert source.asked == 1


async def test_it_is_renewed_before_it_ends_without_anyone_waiting() -> None:
    source = Source()
    assert await source.credential.get() == "c1"
    source.now += 40
    assert await source.credential.get() == "c1"
    assert source.asked == 1
    source.now += 10
    assert await source.credential.get() == "c1"
    await source.settled()
    assert await source.credential.get() == "c2"
    assert source.outcomes == ["ok", "ok"]


async def test_a_failed_renewal_leaves_the_old_one_in_use_and_is_tried_again() -> None:
    source = Source()
    await source.credential.get()
    source.fails = True
    source.now += 50
    assert await source.credential.get() == "c1"
    await source.settled()
    assert source.credential.failed
    assert await source.credential.get() == "c1"
    assert source.outcomes == ["ok", "error"]
    source.fails = False
    source.now += RETRY_SECONDS
    assert await source.credential.get() == "c1"
    await source.settled()
    assert await source.credential.get() == "c3"
    assert not source.credential.failed


async def test_none_at_all_is_a_clear_error_and_no_storm() -> None:
    source = Source()
    source.fails = True
    for _ in range(3):
        with pytest.raises(GatewayError) as caught:
            await source.credential.get()
        assert (caught.value.status, caught.value.code) == (502, "upstream_auth_error")
        assert "out of reach" not in caught.value.message
    assert source.asked == 1


async def test_one_that_ended_is_not_used() -> None:
    source = Source()
    await source.credential.get()
    source.now += 61
    assert await source.credential.get() == "c2"


async def test_one_that_never_ends_is_asked_for_once() -> None:
    source = Source(life=None)
    await source.credential.get()
    source.now += 1e9
    assert await source.credential.get() == "c1"


async def test_a_caller_that_leaves_does_not_end_it_for_others() -> None:
    source = Source()
    source.gate.clear()
    first, second = (asyncio.create_task(source.credential.get()) for _ in range(2))
    await asyncio.sleep(0.02)
    first.cancel()
    source.gate.set()
    assert await second == "c1"
