"""openai-agents, over both of OpenAI's APIs."""

from __future__ import annotations

from typing import Any

import pytest
from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI
from pydantic import BaseModel

set_tracing_disabled(disabled=True)


class Answer(BaseModel):
    name: str


@function_tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return "sunny"


def agent(kind: Any, url: str, key: str, model: str, **more: Any) -> Agent[Any]:
    client = AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    return Agent(name="a", instructions="Be kind", model=kind(model=model, openai_client=client), **more)


@pytest.mark.parametrize("kind", [OpenAIChatCompletionsModel, OpenAIResponsesModel])
def test_text(url: str, key: str, model: str, kind: Any) -> None:
    assert "Hello there" in Runner.run_sync(agent(kind, url, key, model), "Hello there").final_output


@pytest.mark.parametrize("kind", [OpenAIChatCompletionsModel, OpenAIResponsesModel])
def test_tools(url: str, key: str, model: str, kind: Any) -> None:
    found = Runner.run_sync(agent(kind, url, key, model, tools=[get_weather]), "The weather in Paris?")
    assert "sunny" in found.final_output


@pytest.mark.parametrize("kind", [OpenAIChatCompletionsModel, OpenAIResponsesModel])
def test_structured_output(url: str, key: str, model: str, kind: Any) -> None:
    found = Runner.run_sync(agent(kind, url, key, model, output_type=Answer), "Who?")
    assert isinstance(found.final_output, Answer)
