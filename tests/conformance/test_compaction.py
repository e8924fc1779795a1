"""Compaction of a conversation, at every provider that has no such route of its own."""

from __future__ import annotations

from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import Json, dumps, loads

PASSED_THROUGH = ("openai", "azure")
HISTORY: list[Json] = [
    {"role": "user", "content": "Remember the number 4242424242"},
    {"role": "assistant", "content": "I will."},
]


def call(client: Any, **members: Any) -> pb.Call:
    return pb.Call(model=client.model, request_id="req_1", created=1_700_000_000, tenant="t", **members)


async def compacted(client: Any, tenant: str = "t") -> Json:
    """The answer of /v1/responses/compact."""
    body = dumps({"model": f"{client.name}/{client.model}", "input": HISTORY})
    asked = call(client, operation=pb.OPERATION_RESPONSES_RESOURCE, method="POST", path="responses/compact")
    asked.tenant = tenant
    answer = await client.stub.Invoke(pb.InvokeRequest(call=asked, body=body))
    assert not answer.HasField("error"), answer.error
    told: Json = loads(answer.body)
    return told


async def response(client: Any, items: list[Json], *, tenant: str = "t") -> pb.InvokeResponse:
    asked = call(client, operation=pb.OPERATION_RESPONSES, drop_unsupported=True)
    asked.tenant = tenant
    body = dumps({"model": f"{client.name}/{client.model}", "input": items, "store": False})
    answer: pb.InvokeResponse = await client.stub.Invoke(pb.InvokeRequest(call=asked, body=body))
    return answer


@pytest.fixture(autouse=True)
def translated(provider: str) -> None:
    if provider in PASSED_THROUGH:
        pytest.skip("its own route is passed through")


async def test_a_conversation_becomes_one_item(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        told = await compacted(client)
    [item] = told["output"]
    assert (told["object"], item["type"]) == ("response.compaction", "compaction")
    assert "4242424242" not in item["encrypted_content"]
    assert told["usage"]["output_tokens"] > 0


async def test_the_conversation_goes_on_from_its_summary(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        [item] = (await compacted(client))["output"]
        answer = await response(client, [item, {"role": "user", "content": "And now?"}])
    text = "".join(part["text"] for out in loads(answer.body)["output"] for part in out.get("content") or ())
    assert "And now?" in text
    assert "compaction_dropped" not in answer.head.notes


async def test_a_summary_of_another_tenant_is_left_out_and_told(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        [item] = (await compacted(client))["output"]
        answer = await response(client, [item, {"role": "user", "content": "And now?"}], tenant="other")
    assert "compaction_dropped" in answer.head.notes


@pytest.mark.parametrize("stream", [False, True])
async def test_the_trigger_asks_for_one_item(connect: Any, provider: str, stream: Any) -> None:
    items = [*HISTORY, {"type": "compaction_trigger"}]
    async with connect(provider) as client:
        if not stream:
            whole = loads((await response(client, items)).body)
        else:
            body = dumps({"model": "m", "input": items, "store": False, "stream": True})
            asked = call(client, operation=pb.OPERATION_RESPONSES, drop_unsupported=True)
            frames = [f async for f in client.stub.InvokeStream(pb.InvokeStreamRequest(call=asked, body=body))]
            events = [loads(line[6:]) for f in frames for line in f.data.split(b"\n") if line.startswith(b"data: ")]
            kinds = [event["type"] for event in events]
            assert kinds[-3:] == ["response.output_item.added", "response.output_item.done", "response.completed"]
            whole = events[-1]["response"]
    assert [item["type"] for item in whole["output"]] == ["compaction"]
