"""pydantic-ai, over the APIs of all three vendors."""

from __future__ import annotations

from typing import Any

import pytest
from google.genai import Client
from google.genai.types import HttpOptions
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider


class Answer(BaseModel):
    name: str


def models(url: str, key: str, model: str) -> dict[str, Any]:
    openai = OpenAIProvider(base_url=f"{url}/v1", api_key=key)
    google = GoogleProvider(client=Client(api_key=key, http_options=HttpOptions(base_url=f"{url}/gemini")))
    return {
        "chat": OpenAIChatModel(model, provider=openai),
        "responses": OpenAIResponsesModel(model, provider=openai),
        "anthropic": AnthropicModel(model, provider=AnthropicProvider(base_url=f"{url}/anthropic", api_key=key)),
        "gemini": GoogleModel(model, provider=google),
    }


APIS = ["chat", "responses", "anthropic", "gemini"]


@pytest.mark.parametrize("api", APIS)
def test_text(url: str, key: str, model: str, api: str) -> None:
    assert "Hello there" in Agent(models(url, key, model)[api]).run_sync("Hello there").output


@pytest.mark.parametrize("api", APIS)
def test_tools(url: str, key: str, model: str, api: str) -> None:
    agent = Agent(models(url, key, model)[api])

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """The weather of a city."""
        return "sunny"

    assert "sunny" in agent.run_sync("The weather in Paris?").output


@pytest.mark.parametrize("api", APIS)
def test_structured_output(url: str, key: str, model: str, api: str) -> None:
    agent: Agent[None, Answer] = Agent(models(url, key, model)[api], output_type=Answer)
    assert isinstance(agent.run_sync("Who?").output, Answer)
