"""What every provider must do for chat completions, whole and streamed."""

from __future__ import annotations

from typing import Any

import pytest
from openai.types.chat import ChatCompletionChunk

from unigate_core.json import loads

PASSED_THROUGH = ("openai", "azure")
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
TIME = {
    "type": "function",
    "function": {
        "name": "get_time",
        "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]},
    },
}
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def text_of(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def calls_of(chunks: list[ChatCompletionChunk]) -> dict[int, list[str]]:
    """Index → id, name, arguments."""
    calls: dict[int, list[str]] = {}
    for chunk in chunks:
        for choice in chunk.choices:
            for call in choice.delta.tool_calls or []:
                assert call.function is not None
                if call.id is not None:
                    assert call.index not in calls, "an id is told once"
                    calls[call.index] = [call.id, call.function.name or "", ""]
                calls[call.index][2] += call.function.arguments or ""
    return calls


def finishes(chunks: list[ChatCompletionChunk]) -> list[str]:
    return [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]


async def test_text_comes_back_whole(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        completion = await client.whole("hello there")
    assert "hello there" in (completion.choices[0].message.content or "")
    assert completion.choices[0].finish_reason == "stop"
    assert completion.model.startswith(f"{provider}/")
    assert completion.id.startswith("chatcmpl-")


async def test_text_comes_back_streamed(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        whole = await client.whole("hello there")
        chunks = await client.chunks("hello there")
    assert text_of(chunks) == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert finishes(chunks) == ["stop"]
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1


async def test_usage_adds_up_and_is_the_same_streamed(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        whole = (await client.whole("hello there")).usage
        chunks = await client.chunks("hello there", stream_options={"include_usage": True})
    assert whole.prompt_tokens + whole.completion_tokens == whole.total_tokens > 0
    streamed = chunks[-1].usage
    assert chunks[-1].choices == []
    assert (streamed.prompt_tokens, streamed.completion_tokens) == (whole.prompt_tokens, whole.completion_tokens)
    assert all(chunk.usage is None for chunk in chunks[:-1])


async def test_usage_is_not_told_unasked(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        frames = await client.frames("hello")
    assert b'"usage"' not in b"".join(frame.data for frame in frames)
    assert frames[-1].summary.usage.total_tokens > 0


async def test_a_system_prompt_is_taken(connect: Any, provider: str) -> None:
    messages = ({"role": "system", "content": "Be brief."}, {"role": "developer", "content": "Be kind."},
                {"role": "user", "content": "hello"})  # fmt: skip
    async with connect(provider) as client:
        assert "hello" in (await client.whole(messages)).choices[0].message.content


async def test_a_tool_is_called(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        completion = await client.whole("weather?", tools=[WEATHER])
    choice = completion.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert [call.function.name for call in choice.message.tool_calls] == ["get_weather"]
    assert "city" in loads(choice.message.tool_calls[0].function.arguments)


async def test_parallel_tools_stream_with_dense_indices(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        chunks = await client.chunks("parallel please", tools=[WEATHER, TIME])
    calls = calls_of(chunks)
    assert sorted(calls) == [0, 1]
    assert {call[1] for call in calls.values()} == {"get_weather", "get_time"}
    assert len({call[0] for call in calls.values()}) == 2
    assert all(isinstance(loads(call[2]), dict) for call in calls.values())
    assert finishes(chunks) == ["tool_calls"]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_tool_loop_ends_in_text(connect: Any, provider: str, streamed: bool) -> None:
    async with connect(provider) as client:
        first = (await client.whole("weather?", tools=[WEATHER])).choices[0].message
        answered = (
            {"role": "user", "content": "weather?"},
            {"role": "assistant", "content": None, "tool_calls": [call.model_dump() for call in first.tool_calls]},
            {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": "sunny, 21 degrees"},
        )
        if streamed:
            text = text_of(await client.chunks(answered, tools=[WEATHER]))
        else:
            text = (await client.whole(answered, tools=[WEATHER])).choices[0].message.content
    assert "sunny, 21 degrees" in text


async def test_a_forced_tool_is_called(connect: Any, provider: str) -> None:
    choice = {"type": "function", "function": {"name": "get_time"}}
    async with connect(provider) as client:
        completion = await client.whole("hello", tools=[WEATHER, TIME], tool_choice=choice)
    assert [call.function.name for call in completion.choices[0].message.tool_calls] == ["get_time"]


async def test_tool_choice_none_calls_nothing(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        completion = await client.whole("hello", tools=[WEATHER], tool_choice="none")
    assert completion.choices[0].message.tool_calls is None


async def test_a_limit_ends_as_length(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        completion = await client.whole("one two three four five six", max_completion_tokens=3)
    assert completion.choices[0].finish_reason == "length"


async def test_a_result_without_its_call_is_refused(connect: Any, provider: str) -> None:
    if provider in PASSED_THROUGH:
        pytest.skip("OpenAI judges its own requests")
    messages = ({"role": "user", "content": "x"}, {"role": "tool", "tool_call_id": "nope", "content": "y"})
    async with connect(provider) as client:
        answer = await client.raw(messages)
    assert (answer.error.status, answer.error.param) == (400, "messages[1]")


FAULTS = {
    "sim-400": (400, None),
    "sim-429": (429, "rate_limit_exceeded"),
    "sim-500": (500, None),
    "sim-503": (503, None),
    "sim-401": (502, "upstream_auth_error"),
    "sim-404": (404, "model_not_found"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_vendors_error_is_the_same_whole_and_streamed(connect: Any, provider: str, fault: str) -> None:
    status, code = FAULTS[fault]
    async with connect(provider) as client:
        whole = (await client.raw("hello", model=fault)).error
        streamed = (await client.frames("hello", model=fault))[-1].error
    assert whole.status == status
    if code and provider not in PASSED_THROUGH:
        assert whole.code == code
    assert (streamed.status, streamed.code, streamed.message) == (whole.status, whole.code, whole.message)


async def test_a_rate_limit_tells_when_to_come_back(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        error = (await client.raw("hello", model="sim-429")).error
    assert error.retry_after_ms > 0 or error.headers.get("retry-after")


async def test_how_limits_stand_is_told_whole_and_streamed(connect: Any, provider: str) -> None:
    if provider in ("gemini", "deepseek", "bedrock", "vertex"):
        pytest.skip("its vendor does not tell")
    async with connect(provider) as client:
        whole = (await client.raw("hello")).head.headers
        streamed = (await client.frames("hello"))[0].head.headers
    names = {f"x-ratelimit-{kind}-{of}" for kind in ("limit", "remaining", "reset") for of in ("requests", "tokens")}
    assert names <= set(whole)
    assert names <= set(streamed)


@pytest.mark.parametrize("fault", ["sim-cut", "sim-eof", "sim-malformed", "sim-error-mid"])
async def test_a_broken_stream_is_an_error_and_never_done(connect: Any, provider: str, fault: str) -> None:
    async with connect(provider) as client:
        frames = await client.frames("hello there, my dear friend", model=fault)
    data = b"".join(frame.data for frame in frames)
    assert frames[-1].HasField("error")
    assert b"[DONE]" not in data
    assert b'"finish_reason":"stop"' not in data.replace(b" ", b"")


async def test_models_are_listed(connect: Any, provider: str) -> None:
    from unigate.provider.v1 import provider_pb2 as pb  # noqa: PLC0415

    async with connect(provider) as client:
        told = await client.stub.GetCapabilities(pb.GetCapabilitiesRequest())
    assert told.models_complete
    assert told.models
    assert not any(model.id.startswith(("models/", f"{provider}/")) for model in told.models)


async def test_an_image_is_seen(connect: Any, provider: str) -> None:
    if provider == "deepseek":
        pytest.skip("its models see nothing")
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    async with connect(provider) as client:
        completion = await client.whole([{"type": "text", "text": "look"}, part])
    assert "image/png" in (completion.choices[0].message.content or "")


async def test_a_schema_is_met(connect: Any, provider: str) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"],
              "additionalProperties": False}  # fmt: skip
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema, "strict": True}}
    async with connect(provider) as client:
        answer = await client.raw("who?", response_format=form)
        completion = await client.whole("who?", response_format=form)
        chunks = await client.chunks("who?", response_format=form)
    whole, streamed = loads(completion.choices[0].message.content), loads(text_of(chunks))
    assert isinstance(whole, dict)
    assert isinstance(streamed, dict)
    if "json_emulated" not in answer.head.notes:
        assert isinstance(whole["name"], str)
        assert isinstance(streamed["name"], str)
    assert finishes(chunks) == ["stop"]


async def test_two_choices_are_two_answers(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        completion = await client.whole("hello", n=2)
        chunks = await client.chunks("hello", n=2)
    assert [choice.index for choice in completion.choices] == [0, 1]
    assert len(finishes(chunks)) == 2


async def test_a_full_context_has_openais_code(connect: Any, provider: str) -> None:
    async with connect(provider) as client:
        answer = await client.raw("x", model="sim-overflow")
    assert (answer.error.status, answer.error.code) == (400, "context_length_exceeded")
