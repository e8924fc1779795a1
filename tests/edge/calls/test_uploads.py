"""Requests with files: streamed down in chunks as they come."""

from __future__ import annotations

import asyncio
from json import loads
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb

PATH = "/v1/audio/transcriptions"
WHOLE = pb.InvokeUploadResponse(whole=pb.InvokeResponse(body=b'{"text":"hi"}'))


def form(*fields: tuple[str, str], file: bytes = b"RIFF") -> dict[str, Any]:
    """A multipart body with the file before the fields, as curl's users write it."""
    lines = [
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + file + b"\r\n",
        *(
            f'--b\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields
        ),
        b"--b--\r\n",
    ]
    return {"content": b"".join(lines), "headers": {"content-type": "multipart/form-data; boundary=b"}}


@pytest.fixture(autouse=True)
def answer(adapter: Any) -> None:
    adapter.uploads = [WHOLE]


async def test_the_body_arrives_unchanged(world: Any) -> None:
    sent = form(("model", "fake/small"))
    response = await world.client.post(PATH, **sent)
    assert response.json() == {"text": "hi"}
    assert world.adapter.bodies == [sent["content"]]


async def test_the_call_comes_first(world: Any) -> None:
    await world.client.post(PATH, **form(("model", "fake/small")))
    call = world.adapter.calls[0]
    assert (call.operation, call.model) == (pb.OPERATION_AUDIO_TRANSCRIPTIONS, "small")
    assert call.content_type == "multipart/form-data; boundary=b"


async def test_a_large_file_goes_in_chunks(world: Any) -> None:
    sent = form(("model", "fake/small"), file=bytes(range(256)) * 12_000)
    assert (await world.client.post(PATH, **sent)).status_code == 200
    assert world.adapter.bodies == [sent["content"]]


async def test_a_file_field_called_model_is_not_the_model(world: Any) -> None:
    sent = form(("model", "fake/small"))
    sent["content"] = sent["content"].replace(b'name="file"', b'name="model"')
    response = await world.client.post(PATH, **sent)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "duplicate_parameter")
    assert world.adapter.calls == []


async def test_the_sdks_form_is_understood(live: Any) -> None:
    response = await live.client.post(PATH, data={"model": "fake/small"}, files={"file": ("a.wav", b"x" * 3_000_000)})
    assert response.status_code == 200
    assert len(live.adapter.bodies[0]) > 3_000_000


async def test_a_form_without_model_is_refused(world: Any) -> None:
    response = await world.client.post(PATH, **form())
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "model"
    assert world.adapter.calls == []


async def test_what_is_no_form_is_refused(world: Any) -> None:
    response = await world.post(PATH, b"{}")
    assert response.json()["error"]["code"] == "unsupported_content_type"


async def test_a_broken_form_is_refused(world: Any) -> None:
    sent = form(("model", "fake/small"))
    sent["content"] = b"nothing like it"
    response = await world.client.post(PATH, **sent)
    assert response.json()["error"]["code"] == "invalid_multipart"


@pytest.mark.parametrize("settings", ["limits: {multipart_bytes: 1000}"])
async def test_a_form_over_the_limit_is_413(world: Any) -> None:
    response = await world.client.post(PATH, **form(("model", "fake/small"), file=b"x" * 1000))
    assert response.status_code == 413


@pytest.mark.parametrize("settings", ["limits: {multipart_bytes: 1000000}"])
async def test_the_limit_holds_after_the_model_is_known(live: Any) -> None:
    async def body() -> Any:
        yield b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nfake/small\r\n'
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(20):
            yield b"x" * 100_000
        yield b"\r\n--b--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=b"}
    response = await live.client.post(PATH, content=body(), headers=headers)
    assert response.status_code == 413


async def test_an_answer_may_be_streamed(world: Any, kit: Any) -> None:
    frames = [kit.frame("data: 1\n\n"), kit.last("data: [DONE]\n\n")]
    world.adapter.uploads = [pb.InvokeUploadResponse(part=frame) for frame in frames]
    response = await world.client.post(PATH, **form(("model", "fake/small")))
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text == "data: 1\n\ndata: [DONE]\n\n"


async def test_an_error_is_a_status(world: Any) -> None:
    error = pb.Error(status=400, type="invalid_request_error", message="No.")
    world.adapter.uploads = [pb.InvokeUploadResponse(whole=pb.InvokeResponse(error=error))]
    response = await world.client.post(PATH, **form(("model", "fake/small")))
    assert (response.status_code, response.json()["error"]["message"]) == (400, "No.")


async def test_an_error_in_place_of_a_stream_is_a_status_too(world: Any, kit: Any) -> None:
    error = pb.Error(status=429, type="requests", message="Later.")
    world.adapter.uploads = [pb.InvokeUploadResponse(part=kit.frame(error=error))]
    assert (await world.client.post(PATH, **form(("model", "fake/small")))).status_code == 429


async def test_a_hop_that_dies_in_a_stream_is_told_as_an_event(world: Any, kit: Any) -> None:
    async def die() -> None:
        raise RuntimeError

    world.adapter.uploads = [pb.InvokeUploadResponse(part=kit.frame("data: 1\n\n")), die]
    response = await world.client.post(PATH, **form(("model", "fake/small")))
    first, last = response.text.split("\n\n")[:2]
    assert (response.status_code, first) == (200, "data: 1")
    assert loads(last.removeprefix("data: "))["error"]["type"] == "server_error"


async def test_no_answer_at_all_is_502(world: Any) -> None:
    world.adapter.uploads = []
    response = await world.client.post(PATH, **form(("model", "fake/small")))
    assert (response.status_code, response.json()["error"]["code"]) == (502, "upstream_truncated")


async def test_leaving_while_sending_cancels_the_call(live: Any) -> None:
    # a call that is cancelled looks to its server for a moment like one whose request has ended
    live.adapter.uploads = [live.adapter.release.wait]

    async def body() -> Any:
        yield b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nfake/small\r\n'
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF'
        await live.adapter.started.wait()
        raise ConnectionAbortedError

    headers = {"content-type": "multipart/form-data; boundary=b"}
    async with asyncio.timeout(5):
        with pytest.raises(ConnectionAbortedError):
            await live.client.post(PATH, content=body(), headers=headers)
        await live.adapter.cancelled.wait()


async def test_edits_may_be_json(world: Any) -> None:
    body = b'{"model":"fake/small","prompt":"x","images":[{"image_url":"https://example.com/a.png"}]}'
    assert (await world.post("/v1/images/edits", body)).status_code == 200
    assert world.adapter.calls[0].operation == pb.OPERATION_IMAGES_EDITS


@pytest.mark.parametrize("settings", ["default_provider: fake"])
async def test_edits_may_leave_the_model_to_the_default_provider(world: Any) -> None:
    assert (await world.client.post("/v1/images/edits", **form(("prompt", "x")))).status_code == 200
    assert world.adapter.calls[0].model == ""
