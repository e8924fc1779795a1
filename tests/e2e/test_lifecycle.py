"""Clients that leave, vendors that stall, processes that stop."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

HELLO: list[Any] = [{"role": "user", "content": "hello there"}]
LONG: list[Any] = [{"role": "user", "content": "hello there [[words:2000]]"}]


async def closed_within_a_second(vendor_log: Callable[[], list[dict[str, Any]]], left: float) -> None:
    while time.time() < left + 5:
        entries = await asyncio.to_thread(vendor_log)
        if entries and all(entry["disconnected"] for entry in entries):
            assert entries[-1]["disconnected_at"] - left < 1.0
            return
        await asyncio.sleep(0.02)
    pytest.fail("the vendor's connection stayed open")


async def arrived(vendor_log: Callable[[], list[dict[str, Any]]]) -> None:
    for _ in range(500):
        if await asyncio.to_thread(vendor_log):
            return
        await asyncio.sleep(0.01)
    pytest.fail("the vendor was never called")


@pytest.mark.parametrize("stream", [False, True])
async def test_leaving_before_the_first_byte_closes_the_vendors_connection(
    async_client: AsyncOpenAI, vendor_log: Any, model: str, stream: bool
) -> None:
    stalled = f"{model.split('/', maxsplit=1)[0]}/sim-stall"
    task = asyncio.ensure_future(async_client.chat.completions.create(model=stalled, messages=HELLO, stream=stream))
    await arrived(vendor_log)
    left = time.time()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await closed_within_a_second(vendor_log, left)


async def test_leaving_a_stream_closes_the_vendors_connection(
    async_client: AsyncOpenAI, vendor_log: Any, model: str
) -> None:
    stream = await async_client.chat.completions.create(model=model, messages=LONG, stream=True)
    await anext(aiter(stream))
    left = time.time()
    await stream.close()
    await closed_within_a_second(vendor_log, left)


def test_a_silent_stream_shows_signs_of_life(system: Any, model: str) -> None:
    body = {"model": f"{model.split('/', maxsplit=1)[0]}/sim-stall", "messages": HELLO, "stream": True}
    with httpx.stream("POST", f"{system.url}/v1/chat/completions", json=body, timeout=20) as answer:
        assert answer.status_code == 200
        assert next(answer.iter_raw()) == b": ping\n\n"


def test_a_dead_adapter_is_a_503_and_its_neighbours_serve_on(system: Any, client: OpenAI) -> None:
    system.signal("deepseek", signal.SIGKILL).wait()
    with pytest.raises(openai.InternalServerError) as raised:
        client.chat.completions.create(model="deepseek/deepseek-chat", messages=HELLO)
    assert raised.value.status_code == 503
    assert raised.value.code == "provider_unavailable"
    assert client.chat.completions.create(model="anthropic/claude-haiku-4-5", messages=HELLO).choices
    system.start("deepseek")
    deadline = time.monotonic() + 20
    while not system.ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert client.chat.completions.create(model="deepseek/deepseek-chat", messages=HELLO).choices


@pytest.mark.parametrize("name", ["gemini", "edge"])
def test_sigterm_finishes_what_runs(system: Any, name: str) -> None:
    body = {"model": "gemini/gemini-2.5-flash", "stream": True,
            "messages": [{"role": "user", "content": "hello [[words:300]]"}]}  # fmt: skip
    begun = threading.Event()
    told: list[bytes] = []

    def read() -> None:
        with httpx.stream("POST", f"{system.url}/v1/chat/completions", json=body, timeout=30) as answer:
            for piece in answer.iter_raw():
                told.append(piece)
                begun.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert begun.wait(10)
    process = system.signal(name, signal.SIGTERM)
    reader.join(30)
    assert process.wait(30) == 0
    assert b"".join(told).endswith(b"data: [DONE]\n\n")
    system.start(name)
    deadline = time.monotonic() + 20
    while not system.ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)
