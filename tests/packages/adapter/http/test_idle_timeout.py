"""One timer bounds many waits, and tells its own end from somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from unigate_adapter.http.idle_timeout import IdleTimeout


async def wait(idle: IdleTimeout, awaited: Awaitable[str | None]) -> str | None:
    """What is awaited. Raises TimeoutError."""
    idle.begin()
    try:
        return await awaited
    except asyncio.CancelledError:
        if idle.expired():
            raise TimeoutError from None
        raise
    finally:
        idle.end()


async def test_each_wait_has_the_whole_time() -> None:
    idle = IdleTimeout(0.1)
    for _ in range(4):
        assert await wait(idle, asyncio.sleep(0.05, "read")) == "read"
    idle.close()


async def test_time_between_two_waits_does_not_count() -> None:
    idle = IdleTimeout(0.05)
    await wait(idle, asyncio.sleep(0))
    await asyncio.sleep(0.1)
    assert await wait(idle, asyncio.sleep(0.02, "read")) == "read"
    idle.close()


async def test_a_wait_that_is_too_long_ends_and_the_next_is_bounded_again() -> None:
    idle = IdleTimeout(0.02)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await wait(idle, asyncio.sleep(10))
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()
    idle.close()


async def test_a_task_that_is_cancelled_by_another_is_cancelled() -> None:
    idle = IdleTimeout(10)
    task = asyncio.create_task(wait(idle, asyncio.sleep(10)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    idle.close()


async def test_a_task_that_is_cancelled_by_both_at_once_is_cancelled() -> None:
    idle = IdleTimeout(0)
    task = asyncio.create_task(wait(idle, asyncio.sleep(10)))
    await asyncio.sleep(0)
    # the timer is due in the loop's next turn, and comes before the task does
    asyncio.get_running_loop().call_later(0, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    idle.close()
