"""Bodies that are held at a time are bounded by their sum."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

SETTINGS = "shedding: {max_body_bytes: 1000}"


def boundary_form(size: int) -> bytes:
    """A form whose file stands before the model's name."""
    return (
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n' + b"x" * size + b"\r\n"
        b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nfake/small\r\n--b--\r\n'
    )


@pytest.mark.parametrize("settings", [SETTINGS])
async def test_what_exceeds_the_sum_is_told_to_come_back(world: Any, kit: Any) -> None:
    world.adapter.answer = kit.never
    first = asyncio.create_task(world.chat(user="u" * 600))
    await world.adapter.started.wait()
    refused = await world.chat(user="u" * 600)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
    assert refused.headers["retry-after"] == "1"
    shed = world.gateway.telemetry.registry.get_sample_value("unigate_requests_shed_total", {"reason": "body_bytes"})
    assert shed == 1
    world.adapter.release.set()
    await first
    assert (await world.chat(user="u" * 600)).status_code == 200
    assert world.gateway.shedder.body_bytes == 0


@pytest.mark.parametrize("settings", [SETTINGS])
async def test_the_part_of_an_upload_that_waits_for_its_model_counts(world: Any) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b"}
    refused = await world.client.post("/v1/audio/transcriptions", content=boundary_form(2000), headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
    assert world.gateway.shedder.body_bytes == 0


@pytest.mark.parametrize("settings", [SETTINGS])
async def test_a_body_in_pieces_is_let_go_when_it_is_refused(world: Any) -> None:
    async def pieces() -> Any:
        for _ in range(20):
            yield b" " * 100

    headers = {"content-type": "application/json"}
    refused = await world.client.post("/v1/chat/completions", content=pieces(), headers=headers)
    assert refused.status_code == 503
    assert world.gateway.shedder.body_bytes == 0
