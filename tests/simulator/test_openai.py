"""OpenAI's chat, responses, embeddings and lists."""

import base64
import math
import struct
from typing import Any

import pytest

TOOL = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": TOOL}}]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def chat(content: Any = "hello", **more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": content}], **more}


async def test_chat_echoes(ask: Any) -> None:
    body = (await ask("openai", "v1/chat/completions", chat())).json()
    assert body["choices"][0]["message"]["content"] == "You said: hello"


async def test_chat_usage_adds_up(ask: Any) -> None:
    usage = (await ask("openai", "v1/chat/completions", chat(n=2))).json()["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


async def test_chat_gives_as_many_choices_as_asked(ask: Any) -> None:
    choices = (await ask("openai", "v1/chat/completions", chat(n=3))).json()["choices"]
    assert [choice["index"] for choice in choices] == [0, 1, 2]


async def test_chat_acknowledges_an_image(ask: Any) -> None:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    body = (await ask("openai", "v1/chat/completions", chat([{"type": "text", "text": "look"}, image]))).json()
    assert body["choices"][0]["message"]["content"] == "You said: look [image image/png 70 bytes]"


async def test_chat_refuses_what_is_no_image(ask: Any) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert (await ask("openai", "v1/chat/completions", chat([image]))).json()["error"]["code"] == "invalid_image_format"


async def test_a_stream_says_what_the_whole_answer_says(ask: Any, events: Any) -> None:
    chunks = events(await ask("openai", "v1/chat/completions", chat(stream=True)))
    assert "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks) == "You said: hello"


async def test_a_stream_ends_with_done(ask: Any) -> None:
    assert (await ask("openai", "v1/chat/completions", chat(stream=True))).text.endswith("data: [DONE]\n\n")


async def test_a_stream_gives_usage_only_when_asked(ask: Any, events: Any) -> None:
    assert all("usage" not in chunk for chunk in events(await ask("openai", "v1/chat/completions", chat(stream=True))))


async def test_a_stream_gives_usage_last(ask: Any, events: Any) -> None:
    body = chat(stream=True, stream_options={"include_usage": True})
    last = events(await ask("openai", "v1/chat/completions", body))[-1]
    assert (last["choices"], last["usage"]["total_tokens"] > 0) == ([], True)


async def test_a_streamed_call_has_its_id_once(ask: Any, events: Any) -> None:
    chunks = events(await ask("openai", "v1/chat/completions", chat(stream=True, tools=TOOLS)))
    calls = [one for chunk in chunks for one in chunk["choices"][0]["delta"].get("tool_calls", [])]
    assert [("id" in call) for call in calls] == [True] + [False] * (len(calls) - 1)


async def test_unanswered_calls_are_refused(ask: Any) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    body = chat()
    body["messages"].append({"role": "assistant", "content": None, "tool_calls": [call]})
    assert (await ask("openai", "v1/chat/completions", body)).status_code == 400


async def test_a_refusal_is_a_refusal(ask: Any) -> None:
    message = (await ask("openai", "v1/chat/completions", chat(model="sim-refusal"))).json()["choices"][0]["message"]
    assert (message["content"], bool(message["refusal"])) == (None, True)


async def test_an_unknown_model_is_not_found(ask: Any) -> None:
    assert (await ask("openai", "v1/chat/completions", chat(model="nope"))).json()["error"]["code"] == "model_not_found"


async def test_reasoning_models_refuse_max_tokens(ask: Any) -> None:
    response = await ask("openai", "v1/chat/completions", chat(model="gpt-5", max_tokens=5))
    assert response.json()["error"]["code"] == "unsupported_parameter"


async def test_reasoning_models_count_their_reasoning(ask: Any) -> None:
    usage = (await ask("openai", "v1/chat/completions", chat(model="gpt-5"))).json()["usage"]
    assert usage["completion_tokens_details"]["reasoning_tokens"] > 0


async def test_responses_are_numbered_without_gaps(ask: Any, events: Any) -> None:
    numbers = [
        event["sequence_number"]
        for event in events(await ask("openai", "responses", {"model": "gpt-5", "input": "x", "stream": True}))
    ]
    assert numbers == list(range(len(numbers)))


async def test_a_response_stream_ends_with_what_was_streamed(ask: Any, events: Any) -> None:
    got = events(await ask("openai", "responses", {"model": "gpt-4o", "input": "x", "stream": True}))
    text = "".join(event["delta"] for event in got if event["type"] == "response.output_text.delta")
    assert got[-1]["response"]["output"][0]["content"][0]["text"] == text


async def test_a_response_calls_tools(ask: Any) -> None:
    body = {"model": "gpt-4o", "input": "x", "tools": [{"type": "function", "name": "weather", "parameters": TOOL}]}
    output = (await ask("openai", "responses", body)).json()["output"]
    assert (output[0]["type"], output[0]["name"]) == ("function_call", "weather")


async def test_a_response_over_the_limit_is_incomplete(ask: Any) -> None:
    body = (await ask("openai", "responses", {"model": "gpt-4o", "input": "x", "max_output_tokens": 2})).json()
    assert (body["status"], body["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})


async def embeddings(ask: Any, **more: Any) -> list[Any]:
    body = {"model": "text-embedding-3-small", "input": ["a", "b"], **more}
    return [one["embedding"] for one in (await ask("openai", "embeddings", body)).json()["data"]]


async def test_embeddings_are_unit_vectors(ask: Any) -> None:
    assert all(math.isclose(math.hypot(*vector), 1, abs_tol=1e-6) for vector in await embeddings(ask))


async def test_embeddings_are_stable_for_each_input(ask: Any) -> None:
    assert await embeddings(ask) == await embeddings(ask)


async def test_embeddings_have_the_dimensions_asked_for(ask: Any) -> None:
    assert [len(vector) for vector in await embeddings(ask, dimensions=8)] == [8, 8]


async def test_embeddings_in_base64_are_the_same(ask: Any) -> None:
    packed = struct.unpack("<8f", base64.b64decode((await embeddings(ask, dimensions=8, encoding_format="base64"))[0]))
    assert packed == pytest.approx((await embeddings(ask, dimensions=8))[0])


async def test_an_unknown_model_cannot_be_retrieved(ask: Any) -> None:
    assert (await ask("openai", "models/nope")).status_code == 404


async def test_moderation_flags_violence_only(ask: Any) -> None:
    results = (await ask("openai", "moderations", {"input": ["a cat", "kill it"]})).json()["results"]
    assert [result["flagged"] for result in results] == [False, True]
