"""A client that leaves ends the call of the adapter, whenever that happens. Over real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

BODY = b'{"model":"fake/small","messages":[{"role":"user","content":"hi"}]%b}'


async def connect(world: Any, body: bytes) -> asyncio.StreamWriter:
    """Send a chat request over a connection of its own."""
    url = world.client.base_url
    _, writer = await asyncio.open_connection(url.host, url.port)
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    )
    writer.write(head % len(body) + body)
    await writer.drain()
    return writer


def disconnects(world: Any, phase: str) -> float | None:
    """How many were counted in a phase."""
    value: float | None = world.gateway.telemetry.registry.get_sample_value(
        "unigate_client_disconnects_total", {"operation": "chat", "phase": phase}
    )
    return value


async def test_leaving_before_a_whole_answer_cancels_the_call(live: Any, kit: Any) -> None:
    live.adapter.answer = kit.never
    writer = await connect(live, BODY % b"")
    async with asyncio.timeout(5):
        await live.adapter.started.wait()
        writer.close()
        await live.adapter.cancelled.wait()


async def test_leaving_before_the_first_event_cancels_the_call(live: Any) -> None:
    live.adapter.frames = [live.adapter.release.wait]
    writer = await connect(live, BODY % b',"stream":true')
    async with asyncio.timeout(5):
        await live.adapter.started.wait()
        writer.close()
        await live.adapter.cancelled.wait()


async def test_leaving_midway_cancels_the_call(live: Any, kit: Any) -> None:
    live.adapter.frames = [kit.frame("data: 1\n\n"), live.adapter.release.wait]
    async with asyncio.timeout(5):
        async with live.streaming() as response:
            assert await anext(response.aiter_lines()) == "data: 1"
        await live.adapter.cancelled.wait()


async def test_a_client_that_leaves_is_counted_by_phase(live: Any, kit: Any) -> None:
    live.adapter.answer = kit.never
    writer = await connect(live, BODY % b"")
    async with asyncio.timeout(5):
        await live.adapter.started.wait()
        writer.close()
        await live.adapter.cancelled.wait()
        await live.idle()
    assert disconnects(live, "wait") == 1


async def test_a_client_that_reads_slowly_slows_the_adapter_down(live: Any, kit: Any) -> None:
    live.adapter.frames = [kit.frame(f"data: {'x' * 100_000}\n\n") for _ in range(1000)]
    writer = await connect(live, BODY % b',"stream":true')
    sent = -1
    async with asyncio.timeout(20):
        await live.adapter.started.wait()
        while sent != live.adapter.frames_sent:
            sent = live.adapter.frames_sent
            await asyncio.wait([asyncio.ensure_future(live.adapter.release.wait())], timeout=0.3)
        assert sent < 1000
        writer.close()
        await live.adapter.cancelled.wait()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_shutdown_lets_running_requests_end(live: Any, kit: Any, stream: Any) -> None:
    live.adapter.answer = kit.never
    live.adapter.frames = [kit.frame("data: 1\n\n"), live.adapter.release.wait, kit.last("data: 2\n\n")]
    running = asyncio.create_task(live.chat(stream=stream))
    async with asyncio.timeout(5):
        await live.adapter.started.wait()
        live.server.drain()
        live.adapter.release.set()
        response = await running
    assert response.status_code == 200


async def test_a_draining_edge_is_not_ready(live: Any) -> None:
    live.gateway.draining = True
    response = await live.client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "draining"
