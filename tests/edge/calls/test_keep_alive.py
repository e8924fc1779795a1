"""What keeps a silent stream of a response alive: data, for clients that count nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb

IN_PROGRESS = 'event: response.in_progress\ndata: {"type":"response.in_progress","response":{},"sequence_number":1}\n\n'
CREATED = IN_PROGRESS.replace("in_progress", "created")


@pytest.mark.parametrize("settings", ["heartbeat: {first_event: 0.05, interval: 0.05}\n"])
async def test_a_silent_response_says_again_that_it_is_in_progress(live: Any, kit: Any) -> None:
    live.adapter.frames = [kit.frame(CREATED + IN_PROGRESS), live.adapter.release.wait, kit.last("data: end\n\n")]
    seen = ""
    body = {"model": "fake/small", "input": "x", "stream": True}
    async with live.client.stream("POST", "/v1/responses", json=body) as response:
        async for text in response.aiter_text():
            seen += text
            if seen.count("event: response.in_progress") > 2:
                live.adapter.release.set()
    assert seen.endswith("data: end\n\n")
    assert seen.replace(": ping\n\n", "").startswith(CREATED + IN_PROGRESS + IN_PROGRESS)


async def test_moderations_need_no_model(world: Any) -> None:
    world.adapter.operations = [pb.OperationCapability(operation=pb.OPERATION_MODERATIONS)]
    response = await world.post("/v1/moderations", b'{"input": "x"}')
    assert response.status_code == 200
    assert (world.adapter.calls[0].operation, world.adapter.calls[0].model) == (pb.OPERATION_MODERATIONS, "")
