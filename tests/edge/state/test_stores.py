"""Blobs in this process and in a store that replicas share."""

from __future__ import annotations

import asyncio
import socket
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from unigate_edge.config.model import Limits
from unigate_edge.state.blob_store import ENTRY_BYTES, MemoryStore, Store, StoreDown
from unigate_edge.state.client import StateClient, begin_request, open_state_client
from unigate_edge.state.factory import open_stores
from unigate_edge.state.replay import Replays
from unigate_edge.state.shared_store import SharedStore

DOWN = "redis://127.0.0.1:1/0"


@pytest.fixture
async def client(valkey: str) -> AsyncIterator[StateClient]:
    """A client of it."""
    client = open_state_client(valkey, 2)
    yield client
    await client.close()


@pytest.fixture(params=["memory", "shared"])
def store(request: Any, client: StateClient) -> Store:
    """A store of either kind."""
    return MemoryStore(10_000) if request.param == "memory" else SharedStore(client, "t:", 60)


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
    store = MemoryStore(10_000, ttl=10, clock=lambda: now[0])
    await store.put({"a": b"1"})
    now[0] = 11
    assert await store.get(["a"]) == {}


async def test_blobs_in_this_process_make_room_for_newer_ones() -> None:
    store = MemoryStore(2 * (ENTRY_BYTES + 5))
    for key in "abc":
        await store.put({key: b"1234"})
    assert await store.get("abc") == {"b": b"1234", "c": b"1234"}


async def test_an_added_blob_grows_old_in_its_own_time() -> None:
    now = [0.0]
    store = MemoryStore(10_000, ttl=100, clock=lambda: now[0])
    await store.add("a", b"1", 10)
    now[0] = 11
    assert await store.add("a", b"2", 10) is None


async def test_a_shared_added_blob_grows_old_in_its_own_time(client: StateClient) -> None:
    await SharedStore(client, "t:", 60).add("added", b"1", 0.5)
    assert 0 < await client.valkey.pttl("t:added") <= 500


async def test_shared_blobs_grow_old(client: StateClient) -> None:
    await SharedStore(client, "t:", 60).put({"old": b"1"})
    assert 0 < await client.valkey.ttl("t:old") <= 60


async def test_replicas_see_each_other_s_blobs(valkey: str) -> None:
    clients = [open_state_client(valkey, 2) for _ in range(2)]
    one, two = (open_stores(client, Limits()) for client in clients)
    await one.responses.put({"x": b"1"})
    assert await two.responses.get(["x"]) == {"x": b"1"}
    for client in clients:
        await client.close()


async def test_a_store_that_is_down_is_told_and_then_left_alone() -> None:
    turns: list[str] = []
    failures: list[int] = []
    client = open_state_client(DOWN, 2, changed=turns.append, failed=lambda: failures.append(1))
    store = SharedStore(client, "t:", 60)
    with pytest.raises(StoreDown, match="ConnectionError"):
        await store.get(["a"])
    with pytest.raises(StoreDown, match="a moment ago"):
        await store.put({"a": b"1"})
    assert (turns, len(failures)) == (["down"], 2)
    await client.close()


async def test_a_store_that_comes_back_is_found_without_a_request(
    start_valkey: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unigate_edge.state.client.RETRY_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    back = asyncio.Event()

    def changed(turn: str) -> None:
        if turn == "up":
            back.set()

    client = open_state_client(f"redis://127.0.0.1:{port}/0", 2, changed=changed)
    store = SharedStore(client, "t:", 60)
    with pytest.raises(StoreDown):
        await store.get(["a"])
    with start_valkey(tmp_path, port):
        await asyncio.wait_for(back.wait(), 10)
        assert await store.get(["a"]) == {}
        await client.close()


@pytest.fixture
async def slow() -> AsyncIterator[str]:
    """The address of a store that answers each command with nothing found, 0.3 s later."""

    writers: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if b"MGET" in data:
                    await asyncio.sleep(0.3)
                    writer.write(b"*1\r\n$-1\r\n")
                else:
                    writer.write(b"+OK\r\n" * data.count(b"*"))

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    server.close()
    for writer in writers:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_request_waits_for_a_slow_store_only_so_long_in_all(slow: str) -> None:
    client = open_state_client(slow, 0.75)
    store = SharedStore(client, "t:", 60)

    async def request() -> list[bool]:
        begin_request()
        return [await answered(store) for _ in range(5)]

    async def answered(store: Store) -> bool:
        try:
            await store.get(["a"])
        except StoreDown:
            return False
        return True

    # two requests beside each other: each has its own time, and neither makes the store count as down
    assert await asyncio.gather(*(asyncio.create_task(request()) for _ in range(2))) == [[True] * 2 + [False] * 3] * 2
    assert client.up
    await client.close()


async def test_memory_that_a_store_takes_stays_within_its_limit() -> None:
    tracemalloc.start()
    store = MemoryStore(1_000_000)
    before = tracemalloc.get_traced_memory()[0]
    for number in range(20_000):
        await store.put({f"key-{number}": bytes(number % 200)})
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert store.size <= 1_000_000
    assert taken < 1_000_000


async def test_replays_do_without_a_store_that_is_down() -> None:
    client = open_state_client(DOWN, 2)
    replays = Replays(SharedStore(client, "t:", 60))
    await replays.keep("t", "p", {"call": b"1"})
    assert await replays.recall("t", "p", ["call"]) == {}
    await client.close()


def test_a_url_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="URL"):
        open_state_client("http://store", 2)
