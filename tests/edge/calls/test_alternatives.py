"""An operation that a provider lacks is refused with the names of the providers that have it."""

from __future__ import annotations

from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.config.model import parse_config
from unigate_edge.gateway import Gateway

LACKS = pb.Error(
    status=404,
    type="invalid_request_error",
    code="unsupported_endpoint",
    param="model",
    message="The provider 'fake' has no chat/completions endpoint.",
    origin=pb.ORIGIN_REQUEST,
)


@pytest.fixture
async def gateway(target: str) -> Gateway:
    return Gateway.of(parse_config(f"providers:\n  fake: {{target: '{target}'}}\n  able: {{target: '{target}'}}\n"))


@pytest.mark.parametrize("stream", [False, True])
async def test_the_providers_that_have_it_are_named(world: Any, kit: Any, stream: Any) -> None:
    world.adapter.operations = [pb.OperationCapability(operation=pb.OPERATION_CHAT)]
    world.adapter.answer = pb.InvokeResponse(error=LACKS)
    world.adapter.frames = [kit.frame(error=LACKS)]
    response = await world.chat(stream=stream)
    assert response.status_code == 404
    assert response.json()["error"] == {
        "message": "The provider 'fake' has no chat/completions endpoint. Providers that have it here: able.",
        "type": "invalid_request_error",
        "param": "model",
        "code": "unsupported_endpoint",
    }
    assert response.headers["x-should-retry"] == "false"


async def test_it_is_told_when_nobody_has_it(world: Any) -> None:
    world.adapter.answer = pb.InvokeResponse(error=LACKS)
    assert (await world.chat()).json()["error"]["message"].endswith("No provider here has it.")


async def test_an_upload_is_told_too(world: Any) -> None:
    world.adapter.operations = [pb.OperationCapability(operation=pb.OPERATION_AUDIO_TRANSCRIPTIONS)]
    world.adapter.uploads = [pb.InvokeUploadResponse(whole=pb.InvokeResponse(error=LACKS))]
    response = await world.client.post(
        "/v1/audio/transcriptions", data={"model": "fake/small"}, files={"file": ("a.wav", b"RIFF")}
    )
    assert response.json()["error"]["message"].endswith("Providers that have it here: able.")
