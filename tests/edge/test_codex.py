"""Codex CLI is told of full contexts and limits in a stream, which it recovers from; everyone else by the status."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import dumps, loads

BODY = {"model": "fake/small", "input": "hi", "stream": True, "store": False}
CODEX = {"originator": "codex_exec"}
LIMIT = pb.Error(status=429, type="requests", message="Slow down.", code="rate_limit_exceeded", retry_after_ms=1500)
OVERFLOW = pb.Error(
    status=400, type="invalid_request_error", message="prompt is too long", code="context_length_exceeded"
)
QUOTA = pb.Error(status=429, type="insufficient_quota", message="No money.", code="insufficient_quota")


async def refused(world: Any, kit: Any, error: pb.Error, headers: dict[str, str], **members: Any) -> Any:
    world.adapter.frames = [kit.frame(error=error)]
    world.adapter.answer = pb.InvokeResponse(error=error)
    return await world.post("/v1/responses", dumps({**BODY, **members}), headers)


@pytest.mark.parametrize("originator", ["codex_cli_rs", "codex_exec", "codex_vscode"])
async def test_codex_is_told_of_a_full_context_by_an_event(world: Any, kit: Any, originator: str) -> None:
    response = await refused(world, kit, OVERFLOW, {"originator": originator})
    assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert response.headers["x-unigate-provider"] == "fake"
    event, data, *_ = response.text.split("\n")
    assert event == "event: response.failed"
    failed = loads(data.removeprefix("data: "))["response"]
    assert failed["error"] == {"code": "context_length_exceeded", "message": "prompt is too long"}
    assert (failed["status"], failed["model"]) == ("failed", "fake/small")


async def test_codex_is_told_how_long_to_wait(world: Any, kit: Any) -> None:
    response = await refused(world, kit, LIMIT, CODEX)
    error = loads(response.text.split("\n")[1].removeprefix("data: "))["response"]["error"]
    assert error == {"code": "rate_limit_exceeded", "message": "Slow down. Please try again in 2s."}


async def test_the_error_is_counted_as_one(world: Any, kit: Any) -> None:
    await refused(world, kit, OVERFLOW, CODEX)
    registry = world.gateway.telemetry.registry
    labels = {"operation": "responses", "provider": "fake", "code": "context_length_exceeded"}
    assert registry.get_sample_value("unigate_errors_total", labels) == 1


@pytest.mark.parametrize(
    ("error", "headers", "members"),
    [
        (OVERFLOW, {}, {}),
        (OVERFLOW, {"originator": "pi"}, {}),
        (LIMIT, {}, {}),
        (QUOTA, CODEX, {}),
        (OVERFLOW, CODEX, {"stream": False}),
    ],
)
async def test_all_else_is_a_status(
    world: Any, kit: Any, error: pb.Error, headers: dict[str, str], members: dict[str, Any]
) -> None:
    response = await refused(world, kit, error, headers, **members)
    assert (response.status_code, response.json()["error"]["code"]) == (error.status, error.code)


@pytest.mark.parametrize("settings", ["heartbeat: {first_event: 0.02, interval: 0.02}"])
@pytest.mark.parametrize(("headers", "expected"), [(CODEX, "response.failed"), ({}, "error")])
async def test_codex_is_told_by_an_event_after_pings(
    world: Any, kit: Any, headers: dict[str, str], expected: str
) -> None:
    world.adapter.frames = [lambda: asyncio.sleep(0.1), kit.frame(error=OVERFLOW)]
    response = await world.post("/v1/responses", dumps(BODY), headers)
    *pings, event, data = response.text.strip().split("\n")
    assert response.status_code == 200
    assert pings[0] == ": ping"
    assert event == f"event: {expected}"
    assert loads(data.removeprefix("data: "))["sequence_number"] == 0


@pytest.mark.parametrize("headers", [CODEX, {}])
async def test_an_error_after_an_event_has_its_own(world: Any, kit: Any, headers: dict[str, str]) -> None:
    created = 'event: response.created\ndata: {"type":"response.created","sequence_number":0}\n\n'
    world.adapter.frames = [kit.frame(data=created), kit.frame(error=LIMIT)]
    response = await world.post("/v1/responses", dumps(BODY), headers)
    assert response.text.startswith(created)
    assert response.text.strip().split("\n")[-2] == "event: error"
