"""Chat completions through the edge: whole answers, streams, and what goes down to the adapter."""

from __future__ import annotations

from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import loads


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


@pytest.mark.parametrize("settings", ["stream_usage: true"])
@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ({"stream": True}, {"include_usage": True}),
        ({"stream": True, "stream_options": None}, {"include_usage": True}),
        (
            {"stream": True, "stream_options": {"include_obfuscation": False}},
            {"include_obfuscation": False, "include_usage": True},
        ),
        ({"stream": True, "stream_options": {"include_usage": False}}, {"include_usage": False}),
        ({}, None),
    ],
)
async def test_streams_may_tell_their_usage_unasked(world: Any, asked: Any, sent: Any) -> None:
    await world.chat(**asked)
    assert loads(world.adapter.bodies[0]).get("stream_options") == sent


async def test_a_stream_has_the_headers_of_server_sent_events(world: Any) -> None:
    response = await world.chat(stream=True)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"


@pytest.mark.parametrize("stream", [False, True])
async def test_every_answer_has_openais_headers(world: Any, stream: Any) -> None:
    response = await world.chat(stream=stream)
    assert response.headers["x-request-id"].startswith("req_")
    assert len(response.headers["x-request-id"]) == 36
    assert response.headers["openai-version"] == "2020-10-01"
    assert response.headers["openai-processing-ms"].isdigit()


async def test_the_request_id_goes_down_to_the_adapter(world: Any) -> None:
    response = await world.chat()
    assert world.adapter.calls[0].request_id == response.headers["x-request-id"]


async def test_the_clients_own_request_id_is_only_echoed(world: Any) -> None:
    response = await world.chat({"x-client-request-id": "mine", "x-request-id": "theirs"})
    assert response.headers["x-client-request-id"] == "mine"
    assert response.headers["x-request-id"].startswith("req_")


async def test_the_trace_context_goes_down_to_the_adapter(world: Any) -> None:
    parent = "00-5b9e1e373bcf99101a83c76ac698f719-4ef249652c4f89d0-01"
    await world.chat({"traceparent": parent})
    assert world.adapter.metadata["traceparent"] == parent


@pytest.mark.parametrize("stream", [False, True])
async def test_what_the_adapter_says_about_its_answer_becomes_headers(world: Any, kit: Any, stream: Any) -> None:
    head = pb.Head(
        upstream_request_id="up-1",
        dropped_params=["seed", "user"],
        notes=["system_hoisted"],
        headers={"x-ratelimit-remaining-tokens": "12"},
    )
    world.adapter.answer = pb.InvokeResponse(body=b"{}", head=head)
    world.adapter.frames = [kit.last("data: {}\n\n", head=head)]
    headers = (await world.chat(stream=stream)).headers
    assert headers["x-unigate-upstream-request-id"] == "up-1"
    assert headers["x-unigate-dropped-params"] == "seed,user"
    assert headers["x-unigate-notes"] == "system_hoisted"
    assert headers["x-unigate-provider"] == "fake"
    assert headers["x-ratelimit-remaining-tokens"] == "12"


async def test_a_head_that_comes_before_the_data_is_kept_for_the_headers(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.frame(head=pb.Head(upstream_request_id="up-1")), kit.last("data: {}\n\n")]
    assert (await world.chat(stream=True)).headers["x-unigate-upstream-request-id"] == "up-1"


async def test_a_header_value_that_would_break_the_answer_is_left_out(world: Any) -> None:
    world.adapter.answer = pb.InvokeResponse(body=b"{}", head=pb.Head(headers={"x-odd": "a\r\nx: y"}))
    response = await world.chat()
    assert response.status_code == 200
    assert "x-odd" not in response.headers


async def test_the_vendors_other_success_status_is_kept(world: Any) -> None:
    world.adapter.answer = pb.InvokeResponse(body=b"{}", status=202)
    assert (await world.chat()).status_code == 202


@pytest.mark.parametrize("settings", ["drop_unsupported: true"])
async def test_the_operators_leave_to_drop_parameters_goes_down(world: Any) -> None:
    await world.chat()
    assert world.adapter.calls[0].drop_unsupported


async def test_a_request_may_have_parameters_dropped(world: Any) -> None:
    await world.chat({"x-unigate-unsupported": "drop"})
    assert world.adapter.calls[0].drop_unsupported


@pytest.mark.parametrize("settings", ["drop_unsupported: true"])
async def test_a_request_may_have_parameters_refused(world: Any) -> None:
    await world.chat({"x-unigate-unsupported": "reject"})
    assert not world.adapter.calls[0].drop_unsupported


async def test_another_wish_about_parameters_is_refused(world: Any) -> None:
    response = await world.chat({"x-unigate-unsupported": "maybe"})
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "x-unigate-unsupported"


async def test_the_time_of_receipt_goes_down(world: Any) -> None:
    await world.chat()
    assert world.adapter.calls[0].created > 1_700_000_000


async def test_answers_larger_than_grpcs_default_limit_pass(world: Any) -> None:
    world.adapter.answer = pb.InvokeResponse(body=b"x" * 6_000_000)
    assert len((await world.chat()).content) == 6_000_000


PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("parent", "state", "expected"),
    [
        (PARENT, "a=1,\tb=2", {"traceparent": PARENT, "tracestate": "a=1, b=2"}),
        (PARENT, "a=\xe9", {"traceparent": PARENT}),
        (PARENT, "a" * 20_000, {"traceparent": PARENT}),
        ("\xe9" * 55, "a=1", {}),
        ("0" * 20_000, None, {}),
    ],
)
async def test_a_trace_context_that_is_not_valid_goes_no_further(
    world: Any, parent: str, state: str | None, expected: dict[str, str]
) -> None:
    headers = {"traceparent": parent} | ({"tracestate": state} if state is not None else {})
    encoded: Any = {name: value.encode("latin-1") for name, value in headers.items()}
    assert (await world.chat(encoded)).status_code == 200
    told = {name: value for name, value in world.adapter.metadata.items() if name.startswith("trace")}
    assert told == expected
