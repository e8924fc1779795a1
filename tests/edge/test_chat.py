"""Chat completions through the edge: whole answers, streams, and what goes down to the adapter."""

from __future__ import annotations

from typing import Any

from unigate.provider.v1 import provider_pb2 as pb


async def test_a_whole_answer_is_the_adapters_bytes(world: Any) -> None:
    response = await world.chat()
    assert response.status_code == 200
    assert response.content == world.adapter.answer.body


async def test_the_adapter_gets_the_clients_bytes_unchanged(world: Any) -> None:
    body = b'{ "messages": [{"role":"user","content":"\\u00e9"}],\n "model": "fake/small", "made_up": 1.0 }'
    await world.post("/v1/chat/completions", body)
    assert world.adapter.bodies == [body]


async def test_the_adapter_gets_the_model_without_the_providers_prefix(world: Any) -> None:
    await world.chat(model="fake/org/small:1")
    assert world.adapter.calls[0].model == "org/small:1"
    assert world.adapter.calls[0].operation == pb.OPERATION_CHAT


async def test_a_stream_is_the_frames_data_as_they_are(world: Any) -> None:
    response = await world.chat(stream=True)
    assert response.status_code == 200
    assert response.text == 'data: {"n":1}\n\ndata: {"n":2}\n\ndata: [DONE]\n\n'


async def test_a_stream_has_the_headers_of_server_sent_events(world: Any) -> None:
    response = await world.chat(stream=True)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
