"""What providers must see again: kept with the answer, handed down with the next turn."""

from __future__ import annotations

from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.state.blob_store import ENTRY_BYTES, MemoryStore
from unigate_edge.state.replay import Replays

CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
NEXT_TURN = [
    {"role": "user", "content": "hi"},
    {"role": "assistant", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "call_1", "content": "done"},
]
KEEP = pb.Keep(replay={"call_1": b"thoughts"})


async def test_a_whole_answers_blob_comes_down_with_the_next_turn(world: Any) -> None:
    world.adapter.answer = pb.InvokeResponse(body=b"{}", summary=pb.Summary(keep=KEEP))
    await world.chat()
    await world.chat(messages=NEXT_TURN)
    assert world.adapter.calls[1].replay == {"call_1": b"thoughts"}


@pytest.mark.parametrize("frame", [{"keep": KEEP}, {"summary": pb.Summary(keep=KEEP)}])
async def test_a_streams_blob_comes_down_with_the_next_turn(world: Any, kit: Any, frame: dict[str, Any]) -> None:
    world.adapter.frames = [kit.frame("data: 1\n\n", **frame), kit.last()]
    await world.chat(stream=True)
    await world.chat(messages=NEXT_TURN)
    assert world.adapter.calls[1].replay == {"call_1": b"thoughts"}


async def test_a_turn_that_names_no_known_call_carries_nothing(world: Any) -> None:
    await world.chat(messages=NEXT_TURN)
    assert not world.adapter.calls[0].replay


async def test_tenants_and_providers_are_apart() -> None:
    replays = Replays(MemoryStore(10_000))
    await replays.keep("me", "one", {"call_1": b"x"})
    assert await replays.recall("me", "one", ["call_1"]) == {"call_1": b"x"}
    assert await replays.recall("you", "one", ["call_1"]) == {}
    assert await replays.recall("me", "two", ["call_1"]) == {}


async def test_what_was_not_used_longest_makes_room() -> None:
    store = MemoryStore(2 * (ENTRY_BYTES + 11))
    await store.put({"a": b"x" * 10})
    await store.put({"b": b"x" * 10})
    await store.get(["a"])
    await store.put({"c": b"x" * 10})
    assert set(await store.get(["a", "b", "c"])) == {"a", "c"}


async def test_what_is_put_again_counts_once() -> None:
    store = MemoryStore(2 * (ENTRY_BYTES + 11))
    for _ in range(5):
        await store.put({"a": b"x" * 10})
    await store.put({"b": b"x" * 10})
    assert set(await store.get(["a", "b"])) == {"a", "b"}


async def test_a_blob_larger_than_the_store_is_not_kept() -> None:
    store = MemoryStore(5)
    await store.put({"a": b"x" * 10})
    assert await store.get(["a"]) == {}


async def test_a_blob_ends_with_its_time() -> None:
    now = [0.0]
    store = MemoryStore(10_000, ttl=60, clock=lambda: now[0])
    await store.put({"a": b"x"})
    now[0] = 61
    assert await store.get(["a"]) == {}
