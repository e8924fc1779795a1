"""Whether the edge lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from grpc_health.v1.health_pb2 import HealthCheckResponse


async def state(world: Any, wanted: str) -> Any:
    """Wait until the provider's channel has a state; the answer of that moment."""
    async with asyncio.timeout(10):
        while True:
            await asyncio.sleep(0)
            response = await world.client.get("/readyz")
            if response.json()["providers"]["fake"] == wanted:
                return response


async def test_a_living_process_says_so(world: Any) -> None:
    assert (await world.client.get("/healthz")).status_code == 200


async def test_an_edge_is_ready_when_a_provider_is(world: Any) -> None:
    response = await state(world, "ready")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "providers": {"fake": "ready"}}


async def test_an_adapter_that_does_not_serve_is_not_ready(world: Any, health: Any) -> None:
    await state(world, "ready")
    await health.set("", HealthCheckResponse.NOT_SERVING)
    response = await state(world, "transient_failure")
    assert response.status_code == 503


@pytest.mark.parametrize("target", ["127.0.0.1:1"])
async def test_an_edge_without_any_adapter_lives_but_is_not_ready(world: Any) -> None:
    response = await state(world, "transient_failure")
    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"


@pytest.mark.parametrize("target", ["127.0.0.1:1"])
async def test_a_call_of_an_absent_adapter_is_503(world: Any) -> None:
    response = await world.chat()
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "provider_unavailable"
    assert response.headers["retry-after"] == "2"
