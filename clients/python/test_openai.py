"""The official openai package."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

HELLO: Any = [{"role": "user", "content": "Hello there"}]
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "parameters": CITY, "strict": True}}


class Answer(BaseModel):
    name: str


@pytest.fixture
def client(url: str, key: str) -> OpenAI:
    return OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)


def test_chat(client: OpenAI, model: str) -> None:
    assert "Hello there" in client.chat.completions.create(model=model, messages=HELLO).choices[0].message.content


def test_stream(client: OpenAI, model: str) -> None:
    with client.chat.completions.stream(model=model, messages=HELLO) as stream:
        assert "Hello there" in stream.get_final_completion().choices[0].message.content


def test_completion(client: OpenAI, model: str) -> None:
    asked: Any = {"model": model, "prompt": "Hello there"}
    whole = client.completions.create(**asked).choices[0].text
    assert "Hello there" in whole
    assert "".join(chunk.choices[0].text for chunk in client.completions.create(**asked, stream=True)) == whole


def test_tools(client: OpenAI, model: str) -> None:
    messages: list[Any] = [{"role": "user", "content": "The weather in Paris?"}]
    answer = client.chat.completions.create(
        model=model, messages=messages, tools=[WEATHER], tool_choice="required", seed=1, parallel_tool_calls=False,
    )  # fmt: skip
    message = answer.choices[0].message
    [call] = message.tool_calls or []
    assert "city" in json.loads(call.function.arguments)
    messages += [message, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
    again = client.chat.completions.create(model=model, messages=messages, tools=[WEATHER])
    assert "sunny" in again.choices[0].message.content


def test_structured_output(client: OpenAI, model: str) -> None:
    answer = client.chat.completions.parse(model=model, messages=HELLO, response_format=Answer)
    assert isinstance(answer.choices[0].message.parsed, Answer)


def test_responses(client: OpenAI, model: str) -> None:
    first = client.responses.create(model=model, input="Hello there")
    assert "Hello there" in first.output_text
    second = client.responses.create(model=model, input="And more", previous_response_id=first.id)
    assert second.output_text


def test_responses_stream(client: OpenAI, model: str) -> None:
    with client.responses.stream(model=model, input="Hello there") as stream:
        assert "Hello there" in stream.get_final_response().output_text


def test_embeddings(client: OpenAI, model: str) -> None:
    names = {"openai": "text-embedding-3-small", "gemini": "gemini-embedding-001"}
    provider = model.partition("/")[0]
    if provider not in names:
        pytest.skip("it has none")
    assert len(client.embeddings.create(model=f"{provider}/{names[provider]}", input="Hi").data[0].embedding) > 100


def test_models(client: OpenAI, model: str) -> None:
    assert client.models.retrieve(model).id == model
    assert len(client.models.list().data) > 3


def test_errors(client: OpenAI, model: str) -> None:
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model=f"{model.partition('/')[0]}/sim-429", messages=HELLO)
