"""A failed request leaves nothing behind: no frame, and so no body, waits for the garbage collector."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.http.exchange import Exchange
from unigate_edge.telemetry.record import RequestRecord

REFUSED = pb.Error(status=400, type="invalid_request_error", message="No.", origin=pb.ORIGIN_UPSTREAM)
BUSY = pb.Error(status=503, type="server_error", message="Busy.", origin=pb.ORIGIN_UPSTREAM, retryable=True)
LATER = "retries: {backoff: 0.001, max_delay: 0.001}"


@pytest.fixture
def collector_off() -> Iterator[None]:
    """Without the garbage collector."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_leaves_no_ring(live: Any, collector_off: None, *, stream: bool) -> None:
    for _ in range(3):
        assert (await live.chat(stream=stream)).status_code == 200
    await live.idle()
    assert [each for each in gc.get_objects() if isinstance(each, Exchange | RequestRecord)] == []


@pytest.mark.parametrize("settings", [LATER])
@pytest.mark.parametrize("error", [REFUSED, BUSY])
async def test_a_refusal_of_the_vendor(live: Any, held: Any, error: pb.Error) -> None:
    live.adapter.answer = pb.InvokeResponse(error=error)
    assert (await live.chat()).status_code == error.status
    await live.idle()
    assert held("unigate_edge") == []


@pytest.mark.parametrize("settings", [LATER])
async def test_a_refusal_of_a_stream(live: Any, kit: Any, held: Any) -> None:
    live.adapter.frames = [kit.frame(error=BUSY)]
    assert (await live.chat(stream=True)).status_code == 503
    await live.idle()
    assert held("unigate_edge") == []


async def test_an_error_inside_a_stream(live: Any, kit: Any, held: Any) -> None:
    live.adapter.frames = [kit.frame("data: 1\n\n"), kit.frame(error=BUSY)]
    assert "Busy." in (await live.chat(stream=True)).text
    await live.idle()
    assert held("unigate_edge") == []


async def test_a_request_that_is_wrong(live: Any, held: Any) -> None:
    assert (await live.chat(temperature="hot")).status_code == 400
    await live.idle()
    assert held("unigate_edge") == []


async def test_a_model_that_nobody_has(live: Any, held: Any) -> None:
    assert (await live.chat(model="nobody/model")).status_code == 404
    await live.idle()
    assert held("unigate_edge") == []


async def test_a_client_that_leaves(live: Any, kit: Any, held: Any) -> None:
    live.adapter.answer = kit.never
    with pytest.raises(httpx.TimeoutException):
        await live.client.post(
            "/v1/chat/completions",
            json={"model": "fake/small", "messages": [{"role": "user", "content": "hi"}]},
            timeout=httpx.Timeout(5, read=0.05),
        )
    async with asyncio.timeout(5):
        await live.adapter.cancelled.wait()
    await live.idle()
    assert held("unigate_edge") == []


async def test_an_adapter_that_fails(live: Any, kit: Any, held: Any) -> None:
    live.adapter.frames = [kit.frame("data: 1\n\n"), RuntimeError]
    assert "error" in (await live.chat(stream=True)).text
    await live.idle()
    assert held("unigate_edge") == []
