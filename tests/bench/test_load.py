"""The load that is measured with, before its own static vendor."""

from collections.abc import AsyncIterator

import pytest

from bench import exchange
from bench.load import Answer, Target, closed_loop, hold, open_loop
from bench.measures import streamed, transcribed, whole
from bench.running import upstream
from tools.plan import Ports


@pytest.fixture
async def vendor() -> AsyncIterator[str]:
    """The address of a static vendor."""
    async with upstream(Ports()) as address:
        yield address


def chat(vendor: str, model: str, *, stream: bool = False) -> Target:
    """A chat request."""
    return Target(f"{vendor}/v1/chat/completions", exchange.request(model, stream=stream))


async def test_every_answer_of_a_closed_loop_is_counted(vendor: str) -> None:
    seen: list[Answer] = []
    count = await closed_loop(chat(vendor, "whole"), 2, 0.1, seen.append)
    assert count == len(seen) > 0
    for answer in seen:
        whole(answer)


async def test_a_stream_is_read_to_its_end(vendor: str) -> None:
    seen: list[Answer] = []
    await closed_loop(chat(vendor, "fast", stream=True), 1, 0.05, seen.append)
    for answer in seen:
        streamed(answer)
        assert answer.first <= answer.last


async def test_an_open_loop_sends_as_many_as_its_rate_says(vendor: str) -> None:
    timing = await open_loop(chat(vendor, "whole"), 100, 0.2, whole)
    assert len(timing.whole) == 20
    assert min(timing.whole) > 0


async def test_a_held_stream_stays_open(vendor: str) -> None:
    connections = await hold(chat(vendor, "held", stream=True), 3)
    assert len(connections) == 3
    for connection in connections:
        connection.close()


async def test_an_upload_is_answered_when_all_of_it_has_come(vendor: str) -> None:
    body, content_type = exchange.upload(1)
    goal = Target(f"{vendor}/v1/audio/transcriptions", body, {"content-type": content_type})
    assert await closed_loop(goal, 1, 0.01, transcribed) > 0


def test_a_stream_has_the_events_and_the_size_that_are_told() -> None:
    events = exchange.events()
    assert len(events) == exchange.EVENTS
    assert 25_000 < sum(map(len, events)) < 27_000
