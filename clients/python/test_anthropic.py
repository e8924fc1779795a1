"""The official anthropic package, at Anthropic's own API."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from anthropic import Anthropic
from pydantic import BaseModel

HELLO: Any = [{"role": "user", "content": "Hello there"}]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER: Any = {"name": "get_weather", "description": "The weather.", "input_schema": CITY}
THINKING: Any = {"type": "enabled", "budget_tokens": 1024}
WITHOUT_THOUGHTS = ("openai/gpt-4", "azure/gpt-4")


class Answer(BaseModel):
    name: str


@pytest.fixture
def client(url: str, key: str) -> Anthropic:
    return Anthropic(base_url=f"{url}/anthropic", api_key=key, max_retries=0)


def text(message: Any) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def test_messages(client: Anthropic, model: str) -> None:
    answer = client.messages.create(model=model, max_tokens=99, system="Be kind", messages=HELLO)
    assert "Hello there" in text(answer)
    assert (answer.model, answer.stop_reason) == (model, "end_turn")


def test_stream(client: Anthropic, model: str) -> None:
    with client.messages.stream(model=model, max_tokens=99, messages=HELLO) as stream:
        assert "Hello there" in "".join(stream.text_stream)
        assert stream.get_final_message().usage.output_tokens > 0


def test_tools(client: Anthropic, model: str) -> None:
    asked: list[Any] = [{"role": "user", "content": "The weather in Paris?"}]
    with client.messages.stream(
        model=model, max_tokens=99, messages=asked, tools=[WEATHER], tool_choice={"type": "any"}
    ) as stream:
        answer = stream.get_final_message()
    [call] = [block for block in answer.content if block.type == "tool_use"]
    assert "city" in call.input
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "sunny"}]}
    asked += [{"role": "assistant", "content": answer.content}, {"role": "user", "content": [result]}]
    assert "sunny" in text(client.messages.create(model=model, max_tokens=99, messages=asked, tools=[WEATHER]))


def test_thinking(client: Anthropic, model: str) -> None:
    asked: list[Any] = [{"role": "user", "content": "The weather in Paris?"}]
    answer = client.messages.create(model=model, max_tokens=2048, messages=asked, tools=[WEATHER], thinking=THINKING)
    assert ("thinking" in [block.type for block in answer.content]) == (not model.startswith(WITHOUT_THOUGHTS))
    [call] = [block for block in answer.content if block.type == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    asked += [{"role": "assistant", "content": answer.content}, {"role": "user", "content": [result]}]
    again = client.messages.create(model=model, max_tokens=2048, messages=asked, tools=[WEATHER], thinking=THINKING)
    assert "sunny" in text(again)


def test_structured_output(client: Anthropic, model: str) -> None:
    answer = client.messages.parse(model=model, max_tokens=99, messages=HELLO, output_format=Answer)
    assert isinstance(answer.parsed_output, Answer)


def test_count_tokens(client: Anthropic, model: str) -> None:
    assert 0 < client.messages.count_tokens(model=model, messages=HELLO).input_tokens < 50


def test_models(client: Anthropic, model: str) -> None:
    assert client.models.retrieve(model).id == model
    assert model.partition("/")[0] in {each.id.partition("/")[0] for each in client.models.list(limit=100)}


def test_errors(client: Anthropic, model: str) -> None:
    with pytest.raises(anthropic.RateLimitError):
        client.messages.create(model=f"{model.partition('/')[0]}/sim-429", max_tokens=9, messages=HELLO)
    with pytest.raises(anthropic.NotFoundError):
        client.messages.create(model="nobody/nothing", max_tokens=9, messages=HELLO)
