"""Anthropic's messages, and what it refuses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

TOOL = {
    "name": "weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
THINKING = {"type": "enabled", "budget_tokens": 1024}


def body(*turns: Any, **more: Any) -> dict[str, Any]:
    roles = ("user", "assistant")
    messages = [{"role": roles[number % 2], "content": turn} for number, turn in enumerate(turns or ("hello",))]
    return {"model": "claude-sonnet-4-5", "max_tokens": 4096, "messages": messages, **more}


async def said(ask: Any, *turns: Any, **more: Any) -> Any:
    return (await ask("anthropic", "v1/messages", body(*turns, **more))).json()


async def refused(ask: Any, *turns: Any, **more: Any) -> str:
    response = await ask("anthropic", "v1/messages", body(*turns, **more))
    assert response.status_code == 400
    return str(response.json()["error"]["message"])


async def called(ask: Any, **more: Any) -> list[Any]:
    content: list[Any] = (await said(ask, tools=[TOOL], **more))["content"]
    return content


def result(content: list[Any], text: str = "21 degrees") -> list[Any]:
    return [{"type": "tool_result", "tool_use_id": content[-1]["id"], "content": text}]


async def test_a_message_echoes(ask: Any) -> None:
    assert (await said(ask))["content"] == [{"type": "text", "text": "You said: hello"}]


async def test_the_version_header_is_required(client: httpx.AsyncClient) -> None:
    response = await client.post("/anthropic/v1/messages", json=body(), headers={"x-api-key": "any"})
    assert response.json()["error"]["message"] == "anthropic-version: header is required"


async def test_thinking_comes_first_and_is_signed(ask: Any) -> None:
    block = (await said(ask, thinking=THINKING))["content"][0]
    assert (block["type"], bool(block["signature"])) == ("thinking", True)


async def test_thinking_can_be_omitted_and_is_still_signed(ask: Any) -> None:
    thinking = {"type": "adaptive", "display": "omitted"}
    block = (await said(ask, thinking=thinking, model="claude-opus-4-6"))["content"][0]
    assert (block["thinking"], bool(block["signature"])) == ("", True)


async def test_a_tool_loop_with_its_thinking_goes_on(ask: Any) -> None:
    content = await called(ask, thinking=THINKING)
    answer = await said(ask, "hello", content, result(content), thinking=THINKING, tools=[TOOL])
    assert answer["content"][-1]["text"] == "The tool answered: 21 degrees"


async def test_a_tool_loop_without_its_thinking_is_refused(ask: Any) -> None:
    content = await called(ask, thinking=THINKING)
    assert "Expected `thinking`" in await refused(ask, "hello", content[1:], result(content), thinking=THINKING)


async def test_a_changed_signature_is_refused(ask: Any) -> None:
    content = await called(ask, thinking=THINKING)
    content[0]["signature"] = content[0]["signature"][:-8] + "AAAAAAA="
    assert "Invalid `signature`" in await refused(ask, "hello", content, result(content), thinking=THINKING)


async def test_changed_thinking_is_refused(ask: Any) -> None:
    content = await called(ask, thinking=THINKING)
    content[0]["thinking"] += "!"
    assert "Invalid `signature`" in await refused(ask, "hello", content, result(content), thinking=THINKING)


async def test_a_call_without_its_result_is_refused(ask: Any) -> None:
    assert "without `tool_result`" in await refused(ask, "hello", await called(ask), "never mind")


async def test_a_result_behind_other_content_is_refused(ask: Any) -> None:
    content = await called(ask)
    turn = [{"type": "text", "text": "here"}, *result(content)]
    assert "without `tool_result`" in await refused(ask, "hello", content, turn)


async def test_a_result_without_its_call_is_refused(ask: Any) -> None:
    assert "unexpected `tool_use_id`" in await refused(
        ask, [{"type": "tool_result", "tool_use_id": "toolu_x", "content": "x"}]
    )


async def test_turns_of_one_role_are_read_as_one(ask: Any) -> None:
    content = await called(ask)
    request = body("hello", content, result(content))
    request["messages"].insert(2, {"role": "assistant", "content": "One moment."})
    assert (await ask("anthropic", "v1/messages", request)).status_code == 200


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"max_tokens": None}, "max_tokens: Field required"),
    ({"max_tokens": 10_000_000}, "maximum allowed number of output tokens"),
    ({"thinking": {"type": "enabled", "budget_tokens": 100}}, "greater than or equal to 1024"),
    ({"thinking": {"type": "enabled", "budget_tokens": 4096}}, "must be greater than `thinking.budget_tokens`"),
    ({"thinking": THINKING, "temperature": 0.5}, "may only be set to 1"),
    (
        {"thinking": THINKING, "tools": [TOOL], "tool_choice": {"type": "any"}},
        "may not be enabled when tool_choice forces",
    ),
    ({"thinking": {"type": "adaptive"}}, "adaptive thinking is not supported"),
    ({"output_config": {"effort": "high"}}, "does not support the effort parameter"),
    ({"output_config": {"effort": "xhigh"}, "model": "claude-opus-4-6"}, "does not support effort level 'xhigh'"),
    ({"frequency_penalty": 1}, "frequency_penalty: Extra inputs are not permitted"),
    ({"messages": []}, "at least one message is required"),
]


@pytest.mark.parametrize(("change", "message"), REFUSALS)
async def test_what_the_vendor_refuses_is_refused(ask: Any, change: dict[str, Any], message: str) -> None:
    assert message in await refused(ask, **change)


async def test_a_streamed_message_has_the_vendors_events(ask: Any, events: Any) -> None:
    kinds = [event["type"] for event in events(await ask("anthropic", "v1/messages", body(stream=True, max_tokens=2)))]
    expected = ["message_start", "content_block_start", "ping", "content_block_delta", "content_block_stop"]
    assert kinds == [*expected, "message_delta", "message_stop"]


async def test_a_streamed_tool_input_is_json(ask: Any, events: Any) -> None:
    got = events(await ask("anthropic", "v1/messages", body(stream=True, tools=[TOOL])))
    assert "".join(e["delta"].get("partial_json", "") for e in got if "delta" in e) == '{"city":"example city"}'


async def test_the_stop_sequence_is_named(ask: Any) -> None:
    answer = await said(ask, stop_sequences=[" hello"])
    assert (answer["stop_reason"], answer["stop_sequence"]) == ("stop_sequence", " hello")


async def test_a_refusal_has_its_stop_reason(ask: Any) -> None:
    answer = await said(ask, model="sim-refusal")
    assert (answer["stop_reason"], answer["stop_details"]["type"]) == ("refusal", "refusal")


async def test_an_error_in_a_stream_is_an_event(ask: Any, events: Any) -> None:
    got = events(await ask("anthropic", "v1/messages", body(stream=True, model="sim-error-mid")))
    assert got[-1]["error"]["type"] == "overloaded_error"


async def test_models_tell_their_capabilities(ask: Any) -> None:
    model = (await ask("anthropic", "v1/models/claude-opus-4-6")).json()
    assert model["capabilities"]["thinking"]["types"] == {
        "adaptive": {"supported": True},
        "enabled": {"supported": True},
    }


async def test_models_come_in_pages(ask: Any) -> None:
    first = (await ask("anthropic", "v1/models?limit=5")).json()
    rest = (await ask("anthropic", f"v1/models?limit=5&after_id={first['last_id']}")).json()
    assert (first["has_more"], rest["has_more"], first["data"][0] in rest["data"]) == (True, False, False)


async def test_an_unknown_model_is_not_found(ask: Any) -> None:
    assert (await ask("anthropic", "v1/messages", body(model="gpt-4o"))).json()["error"]["type"] == "not_found_error"


async def test_tokens_are_counted_as_in_the_answer(ask: Any) -> None:
    request = body()
    del request["max_tokens"]
    counted = (await ask("anthropic", "v1/messages/count_tokens", request)).json()["input_tokens"]
    assert counted == (await said(ask))["usage"]["input_tokens"]


async def test_limits_are_whole_again_soon(ask: Any) -> None:
    response = await ask("anthropic", "v1/models")
    reset = datetime.fromisoformat(response.headers["anthropic-ratelimit-requests-reset"])
    assert timedelta(0) < reset - datetime.now(UTC) < timedelta(minutes=1)
