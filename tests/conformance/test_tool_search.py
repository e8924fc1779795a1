"""Tool search that the client runs, at every provider whose API has nothing like it."""

from __future__ import annotations

from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import Json, dumps, loads

PASSED_THROUGH = ("openai", "azure")
SEARCH = {"type": "tool_search", "execution": "client", "description": "Find tools."}
READ = {"type": "function", "name": "read", "parameters": {"type": "object", "properties": {"path": {}}}}
FOUND = [{"type": "namespace", "name": "mcp__files__", "description": "Files.", "tools": [READ]}]


@pytest.fixture(autouse=True)
def translated(provider: str) -> None:
    if provider in PASSED_THROUGH:
        pytest.skip("its own API has it")


def asked(client: Any, items: list[Json], **members: Any) -> tuple[pb.Call, bytes]:
    call = pb.Call(operation=pb.OPERATION_RESPONSES, model=client.model, created=1, tenant="t", drop_unsupported=True)
    body = {"model": f"{client.name}/{client.model}", "input": items, "tools": [SEARCH], "store": False}
    return call, dumps(body | members)


async def whole(client: Any, items: list[Json]) -> list[Json]:
    """The output's items but for thoughts."""
    call, body = asked(client, items)
    answer = await client.stub.Invoke(pb.InvokeRequest(call=call, body=body))
    assert not answer.HasField("error"), answer.error
    output: list[Json] = loads(answer.body)["output"]
    return [item for item in output if item["type"] != "reasoning"]


async def test_a_tool_is_searched_for_found_and_called(connect: Any, provider: str) -> None:
    start = {"role": "user", "content": '[[call:tool_search {"query": "files"}]]'}
    async with connect(provider) as client:
        [search] = await whole(client, [start])
        result = {"type": "tool_search_output", "call_id": search["call_id"], "execution": "client", "tools": FOUND}
        next_turn = {"role": "user", "content": '[[call:mcp__files__read {"path": "a.txt"}]]'}
        [call] = await whole(client, [start, search, result, {"role": "assistant", "content": "Found."}, next_turn])
    assert (search["type"], search["execution"], search["arguments"]) == (
        "tool_search_call",
        "client",
        {"query": "files"},
    )
    assert search["id"].startswith("tsc_")
    assert (call["type"], call.get("namespace"), call.get("name")) == ("function_call", "mcp__files__", "read")
    assert loads(call["arguments"]) == {"path": "a.txt"}


async def test_a_search_is_streamed_as_one_item(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        start = {"role": "user", "content": '[[call:tool_search {"query": "files"}]]'}
        call, body = asked(client, [start], stream=True)
        frames = [frame async for frame in client.stub.InvokeStream(pb.InvokeStreamRequest(call=call, body=body))]
    lines = b"".join(frame.data for frame in frames).split(b"\n")
    events: list[Json] = [loads(line.removeprefix(b"data: ")) for line in lines if line.startswith(b"data: ")]
    items = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    [done] = [item for item in items if item["type"] == "tool_search_call"]
    assert done["arguments"] == {"query": "files"}
    assert not [event for event in events if "arguments" in event["type"]]


HOSTED = [
    {"type": "tool_search"},
    {"type": "function", "name": "near"},
    {"type": "function", "name": "far", "defer_loading": True},
]


async def test_deferred_tools_are_found_by_the_vendor_or_given_at_once(connect: Any, provider: str) -> None:
    """Whether the vendor searches itself, nothing else is reported: the tool can be called in any case."""
    start = {"role": "user", "content": '[[call:far {"a": 1}]]'}
    model = {"anthropic": "claude-sonnet-4-5"}.get(provider, "")
    async with connect(provider) as client:
        call, body = asked(client, [start], tools=HOSTED)
        call.model = model or client.model
        answer = await client.stub.Invoke(pb.InvokeRequest(call=call, body=body))
        output = loads(answer.body)["output"]
        result = {"type": "function_call_output", "call_id": output[-1]["call_id"], "output": "done"}
        call, body = asked(client, [start, *output, result], tools=HOSTED)
        call.model = model or client.model
        after = await client.stub.Invoke(pb.InvokeRequest(call=call, body=body))
    dropped = [] if model else ["tools[0]", "tools[2].defer_loading"]
    assert list(answer.head.dropped_params) == dropped
    assert [item["type"] for item in output if item["type"] != "reasoning"] == [
        *(["tool_search_call"] if model else []),
        "function_call",
    ]
    assert "done" in loads(after.body)["output"][-1]["content"][0]["text"]
    assert list(after.head.notes) == list(answer.head.notes)
