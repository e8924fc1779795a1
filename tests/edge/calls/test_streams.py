"""Streams that do not go well: errors before and after the first data, broken ends, silence."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import grpc
import pytest

from unigate.provider.v1 import provider_pb2 as pb

ERROR = pb.Error(status=503, type="server_error", code="overloaded", message="Too busy.")
CHAT_ERROR = 'data: {"error":{"message":"Too busy.","type":"server_error","param":null,"code":"overloaded"}}\n\n'


def last_error(text: str) -> dict[str, Any]:
    """The error object of a stream's last event."""
    error: dict[str, Any] = json.loads(text.rstrip().rsplit("data: ", 1)[1])["error"]
    return error


async def test_a_late_error_is_an_event_without_done(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.frame("data: 1\n\n"), kit.frame(error=ERROR)]
    response = await world.chat(stream=True)
    assert response.status_code == 200
    assert response.text == "data: 1\n\n" + CHAT_ERROR


async def test_an_error_that_the_adapter_has_told_itself_is_not_told_twice(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.frame("data: 1\n\n"), kit.frame("data: told\n\n", error=ERROR)]
    assert (await world.chat(stream=True)).text == "data: 1\n\ndata: told\n\n"


async def test_an_error_with_its_own_first_data_is_a_stream(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.frame("data: told\n\n", error=ERROR)]
    response = await world.chat(stream=True)
    assert (response.status_code, response.text) == (200, "data: told\n\n")


async def test_a_stream_that_just_ends_is_told_as_truncated(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.frame("data: 1\n\n")]
    text = (await world.chat(stream=True)).text
    assert last_error(text)["code"] == "upstream_truncated"
    assert "[DONE]" not in text


async def test_a_stream_without_any_frame_is_502(world: Any) -> None:
    world.adapter.frames = []
    response = await world.chat(stream=True)
    assert response.status_code == 502
    assert response.json()["error"]["code"] == "upstream_truncated"


async def test_an_adapter_that_dies_midway_is_told_as_unavailable(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.frame("data: 1\n\n"), kit.status(grpc.StatusCode.UNAVAILABLE)]
    assert last_error((await world.chat(stream=True)).text)["code"] == "provider_unavailable"


async def test_response_streams_have_their_own_error_event(world: Any, kit: Any) -> None:
    first = 'event: response.created\ndata: {"sequence_number":0}\n\n'
    world.adapter.frames = [kit.frame(first), kit.frame(error=ERROR)]
    response = await world.post("/v1/responses", b'{"model":"fake/small","input":"hi","stream":true}')
    assert response.text == first + (
        'event: error\ndata: {"type":"error","code":"overloaded","message":"Too busy.","param":null,'
        '"sequence_number":1}\n\n'
    )


@pytest.mark.parametrize("settings", ["heartbeat: {first_event: 0.02, interval: 0.02}"])
class TestSilence:
    async def test_a_silent_beginning_is_committed_and_pinged(self, live: Any, kit: Any) -> None:
        live.adapter.frames = [live.adapter.release.wait, kit.last("data: 1\n\n")]
        async with live.streaming() as response:
            lines = response.aiter_lines()
            assert await anext(lines) == ": ping"
            live.adapter.release.set()
            rest = [line async for line in lines]
        assert response.status_code == 200
        assert "data: 1" in rest

    async def test_an_error_after_the_first_ping_is_an_event(self, live: Any, kit: Any) -> None:
        live.adapter.frames = [live.adapter.release.wait, kit.frame(error=ERROR)]
        async with live.streaming() as response:
            lines = response.aiter_lines()
            assert await anext(lines) == ": ping"
            live.adapter.release.set()
            rest = [line async for line in lines]
        assert CHAT_ERROR.strip() in rest

    async def test_later_silence_is_pinged_again_and_again(self, live: Any, kit: Any) -> None:
        live.adapter.frames = [kit.frame("data: 1\n\n"), live.adapter.release.wait, kit.last("data: 2\n\n")]
        async with live.streaming() as response:
            events = [line async for line in self.until_two_pings(response, live.adapter)]
        assert [event for event in events if event != ": ping"] == ["data: 1", "data: 2"]
        assert events[-2] == ": ping"

    async def until_two_pings(self, response: Any, adapter: Any) -> Any:
        """The lines that are not empty; lets the adapter go on after the second ping."""
        pings = 0
        async for line in response.aiter_lines():
            if line:
                yield line
            pings += line == ": ping"
            if pings == 2:
                adapter.release.set()

    async def test_media_is_never_pinged(self, live: Any, kit: Any) -> None:
        async def longer_than_the_interval() -> None:
            await asyncio.wait([asyncio.ensure_future(live.adapter.release.wait())], timeout=0.1)

        live.adapter.frames = [
            kit.frame("RIFF", content_type="audio/wav"),
            longer_than_the_interval,
            kit.last("more"),
        ]
        live.adapter.frames.insert(0, longer_than_the_interval)
        response = await live.post("/v1/audio/speech", b'{"model":"fake/s","input":"hi","voice":"v"}')
        assert response.text == "RIFFmore"


@pytest.mark.parametrize("settings", ["timeouts: {total: 0.1}"])
async def test_the_deadline_midway_is_an_event(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.frame("data: 1\n\n"), world.adapter.release.wait]
    assert last_error((await world.chat(stream=True)).text)["code"] == "timeout"


async def test_speech_has_the_medias_content_type(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.last("RIFF", content_type="audio/wav")]
    response = await world.post("/v1/audio/speech", b'{"model":"fake/s","input":"hi","voice":"v"}')
    assert response.headers["content-type"] == "audio/wav"
    assert response.text == "RIFF"


async def test_speech_can_be_events(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.last("data: {}\n\n")]
    body = b'{"model":"fake/s","input":"hi","voice":"v","stream_format":"sse"}'
    response = await world.post("/v1/audio/speech", body)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"


async def test_media_that_breaks_off_breaks_the_connection(live: Any, kit: Any) -> None:
    live.adapter.frames = [kit.frame("RIFF", content_type="audio/wav"), kit.frame(error=ERROR)]
    with pytest.raises(kit.broken):
        await live.post("/v1/audio/speech", b'{"model":"fake/s","input":"hi","voice":"v"}')
