"""DeepSeek's chat and responses."""

import json
from typing import Any

import pytest

TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]
CALL = {"id": "call_00_a", "type": "function", "function": {"name": "weather", "arguments": "{}"}}


def chat(**more: Any) -> dict[str, Any]:
    return {"model": "deepseek-chat", "messages": [{"role": "user", "content": "hello"}], **more}


def loop(**assistant: Any) -> list[dict[str, Any]]:
    turn = {"role": "assistant", "content": "", "tool_calls": [CALL], **assistant}
    return [*chat()["messages"], turn, {"role": "tool", "tool_call_id": "call_00_a", "content": "21"}]


async def message(ask: Any, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await ask("deepseek", "chat/completions", body)).json()["choices"][0]["message"]
    return found


async def test_the_chat_model_does_not_think(ask: Any) -> None:
    assert await message(ask, chat()) == {"role": "assistant", "content": "You said: hello"}


@pytest.mark.parametrize(
    "change", [{"model": "deepseek-reasoner"}, {"model": "deepseek-v4-pro"}, {"thinking": {"type": "enabled"}}]
)
async def test_thinking_gives_reasoning(ask: Any, change: dict[str, Any]) -> None:
    assert (await message(ask, chat(**change)))["reasoning_content"]


async def test_thinking_can_be_disabled(ask: Any) -> None:
    assert "reasoning_content" not in await message(ask, chat(model="deepseek-v4-flash", thinking={"type": "disabled"}))


async def test_reasoning_is_streamed_before_the_text(ask: Any, events: Any) -> None:
    chunks = events(await ask("deepseek", "chat/completions", chat(model="deepseek-reasoner", stream=True)))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert [bool(delta.get("reasoning_content")) for delta in deltas[1:3]] == [True, True]


async def test_the_chunk_that_finishes_has_the_usage(ask: Any, events: Any) -> None:
    last = events(await ask("deepseek", "chat/completions", chat(stream=True)))[-1]
    assert (last["choices"][0]["finish_reason"], last["usage"]["total_tokens"] > 0) == ("stop", True)


async def test_a_tool_loop_without_its_reasoning_is_refused(ask: Any) -> None:
    response = await ask("deepseek", "chat/completions", chat(model="deepseek-reasoner", messages=loop()))
    assert "must be passed back" in response.json()["error"]["message"]


async def test_empty_reasoning_is_enough(ask: Any) -> None:
    body = chat(model="deepseek-reasoner", messages=loop(reasoning_content=""))
    assert (await message(ask, body))["content"] == "The tool answered: 21"


async def test_a_refusal_is_json_under_another_content_type(ask: Any) -> None:
    response = await ask("deepseek", "chat/completions", chat(response_format={"type": "json_schema"}))
    assert (response.status_code, response.headers["content-type"]) == (400, "application/octet-stream")


async def test_an_unknown_model_does_not_exist(ask: Any) -> None:
    assert (await ask("deepseek", "chat/completions", chat(model="nope"))).json()["error"][
        "message"
    ] == "Model Not Exist"


async def test_a_call_has_an_index_and_an_id(ask: Any) -> None:
    call = (await message(ask, chat(tools=TOOLS)))["tool_calls"][0]
    assert (call["index"], call["id"][:8]) == (0, "call_00_")


async def test_a_response_has_readable_reasoning(ask: Any) -> None:
    body = (await ask("deepseek", "responses", {"model": "deepseek-v4-flash", "input": "hello"})).json()
    assert body["output"][0]["content"][0]["type"] == "reasoning_text"


async def test_a_response_without_the_output_of_a_call_is_refused(ask: Any) -> None:
    call = {"type": "function_call", "call_id": "call-a", "name": "read", "arguments": "{}"}
    body = {"model": "deepseek-v4-flash", "input": [call, {"role": "user", "content": "x"}]}
    assert (await ask("deepseek", "responses", body)).json()["error"][
        "message"
    ] == "No tool output found for tool call call-a."


PERSON = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (f"Answer in JSON, valid against:\n{json.dumps(PERSON)}", {"name": "example name", "age": 1}),
        ('Answer in JSON such as {"type": "person"}.', {"answer": "You said: hello"}),
        ("Answer in JSON {or not}.", {"answer": "You said: hello"}),
    ],
)
async def test_json_mode_follows_a_schema_that_the_instructions_tell(ask: Any, told: str, said: Any) -> None:
    messages = [{"role": "system", "content": told}, *chat()["messages"]]
    body = chat(messages=messages, response_format={"type": "json_object"})
    assert json.loads((await message(ask, body))["content"]) == said


async def test_responses_in_json_mode_do_so_too(ask: Any) -> None:
    body = {
        "model": "deepseek-chat",
        "instructions": f"JSON: {json.dumps(PERSON)}",
        "input": "hello",
        "text": {"format": {"type": "json_object"}},
    }
    output = (await ask("deepseek", "responses", body)).json()["output"]
    assert json.loads(output[-1]["content"][0]["text"]) == {"name": "example name", "age": 1}
