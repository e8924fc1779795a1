"""Requests that do not fit OpenAI's schema: which of them a vendor may judge."""

from __future__ import annotations

from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import loads

USER = {"role": "user", "content": "hi"}
FILM = {"role": "user", "content": [{"type": "hologram", "hologram": {"url": "https://x.example/a"}}]}
NULL = {"role": "tool", "tool_call_id": "c", "content": None}
MISSING = {"role": "user", "content": [{"type": "text"}]}
REFUSE, NEW_VALUES, VENDOR = pb.SCHEMA_RULE_REFUSE, pb.SCHEMA_RULE_NEW_VALUES, pb.SCHEMA_RULE_VENDOR


def rule(world: Any, value: pb.SchemaRule.ValueType, operation: pb.Operation.ValueType = pb.OPERATION_CHAT) -> None:
    world.adapter.operations = [pb.OperationCapability(operation=operation, schema_rule=value)]


@pytest.mark.parametrize(
    ("rule_of_vendor", "members", "sent"),
    [
        (NEW_VALUES, {"messages": [FILM]}, True),
        (NEW_VALUES, {"messages": [NULL]}, False),
        (NEW_VALUES, {"tools": [{"type": "web_search"}]}, True),
        (NEW_VALUES, {"reasoning_effort": "default"}, True),
        (NEW_VALUES, {"response_format": {"type": "regex", "pattern": "a+"}}, True),
        (NEW_VALUES, {"temperature": 9}, False),
        (VENDOR, {"messages": [FILM]}, True),
        (VENDOR, {"messages": [NULL]}, True),
        (VENDOR, {"messages": [MISSING]}, True),
        (VENDOR, {"tool_choice": "any"}, True),
        (VENDOR, {"temperature": 9}, True),
        # what the edge itself depends on
        (VENDOR, {"messages": []}, False),
        (VENDOR, {"messages": True}, False),
        (VENDOR, {"messages": {"role": "user"}}, False),
        (VENDOR, {"messages": [FILM], "n": "two"}, False),
        (VENDOR, {"messages": [FILM], "max_tokens": -1}, False),
        (VENDOR, {"messages": [FILM], "stream": "yes"}, False),
        (REFUSE, {"messages": [FILM]}, False),
        (REFUSE, {"tools": [{"type": "web_search"}]}, False),
    ],
)
async def test_a_chat_that_does_not_fit(
    world: Any, rule_of_vendor: pb.SchemaRule.ValueType, members: dict[str, Any], sent: bool
) -> None:
    rule(world, rule_of_vendor)
    response = await world.chat(**members)
    assert response.status_code == (200 if sent else 400)
    assert len(world.adapter.calls) == sent
    if sent:
        fault = world.adapter.calls[0].schema_fault
        assert fault.message
        assert fault.param.startswith(tuple(members))
        asked = loads(world.adapter.bodies[0])
        assert all(asked[name] == value for name, value in members.items())


async def test_a_chat_that_fits_has_no_fault(world: Any) -> None:
    rule(world, VENDOR)
    await world.chat(messages=[USER])
    assert not world.adapter.calls[0].HasField("schema_fault")


@pytest.mark.parametrize(
    ("path", "operation", "body"),
    [
        ("/v1/embeddings", pb.OPERATION_EMBEDDINGS, {"input": [{"image": "https://x.example/a.png"}]}),
        ("/v1/embeddings", pb.OPERATION_EMBEDDINGS, {"input": "a", "encoding_format": "ubinary"}),
        ("/v1/images/generations", pb.OPERATION_IMAGES_GENERATIONS, {"prompt": "a", "quality": "draft"}),
        ("/v1/audio/speech", pb.OPERATION_AUDIO_SPEECH, {"input": "a", "voice": "b", "response_format": "ulaw"}),
        ("/v1/moderations", pb.OPERATION_MODERATIONS, {"input": [{"type": "video_url"}]}),
        ("/v1/responses", pb.OPERATION_RESPONSES, {"input": "a", "reasoning": {"effort": "default"}}),
    ],
)
async def test_other_operations_are_left_to_the_vendor_too(
    world: Any, path: str, operation: pb.Operation.ValueType, body: dict[str, Any]
) -> None:
    rule(world, VENDOR, operation)
    response = await world.client.post(path, json={"model": "fake/small", **body})
    assert response.status_code != 400
    assert world.adapter.calls[0].schema_fault.code
    rule(world, REFUSE, operation)


async def test_a_body_that_is_no_object_is_refused(world: Any) -> None:
    rule(world, VENDOR)
    response = await world.post("/v1/chat/completions", b"[]")
    assert response.status_code == 400
    assert world.adapter.calls == []
