"""An answer's head waits for its body, and for nothing longer than that."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from unigate_edge.http.transport import HeaderCoalescingTransport

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Wire:
    """A transport that remembers what is done to it."""

    def __init__(self) -> None:
        self.done: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def close(self) -> None:
        self.done.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.done


@pytest.fixture
async def wire() -> tuple[Wire, Any]:
    wire = Wire()
    return wire, HeaderCoalescingTransport(cast("asyncio.Transport", wire))


async def test_the_head_is_written_with_the_first_of_the_body(wire: tuple[Wire, Any]) -> None:
    told, transport = wire
    for part in (HEAD, b"one", b"two"):
        transport.write(part)
    await asyncio.sleep(0)
    assert told.done == [HEAD + b"one", b"two"]


async def test_a_head_alone_is_written_before_anything_else_can_happen(wire: tuple[Wire, Any]) -> None:
    told, transport = wire
    transport.write(HEAD)
    await asyncio.sleep(0)
    assert told.done == [HEAD]


async def test_a_connection_is_not_closed_before_its_head_is_out(wire: tuple[Wire, Any]) -> None:
    told, transport = wire
    transport.write(HEAD)
    transport.close()
    await asyncio.sleep(0)
    assert told.done == [HEAD, "closed"]
    assert transport.is_closing()
