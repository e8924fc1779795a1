"""langchain-openai."""

from __future__ import annotations

import pytest
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import AzureChatOpenAI, ChatOpenAI, OpenAI, OpenAIEmbeddings
from pydantic import BaseModel


class Answer(BaseModel):
    """Who it is."""

    name: str


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return "sunny"


@pytest.fixture
def chat(url: str, key: str, model: str) -> ChatOpenAI:
    return ChatOpenAI(model=model, base_url=f"{url}/v1", api_key=key, max_retries=0, temperature=0, seed=1)


def test_text(chat: ChatOpenAI, model: str) -> None:
    assert "Hello there" in chat.invoke("Hello there").content


def test_stream(chat: ChatOpenAI, model: str) -> None:
    assert "Hello there" in "".join(str(chunk.content) for chunk in chat.stream("Hello there"))


def test_tools(chat: ChatOpenAI, model: str) -> None:
    bound = chat.bind_tools([get_weather], strict=True)
    asked = HumanMessage("The weather in Paris?")
    answer = bound.invoke([asked])
    [call] = answer.tool_calls
    again = bound.invoke([asked, answer, ToolMessage("sunny", tool_call_id=call["id"])])
    assert "sunny" in again.content


def test_structured_output(chat: ChatOpenAI, model: str) -> None:
    assert isinstance(chat.with_structured_output(Answer).invoke("Who?"), Answer)


def test_completion(url: str, key: str, model: str) -> None:
    texts = OpenAI(model=model, base_url=f"{url}/v1", api_key=key, max_retries=0).generate(["Hello there", "Good bye"])
    assert "Hello there" in texts.generations[0][0].text
    assert "Good bye" in texts.generations[1][0].text


def test_azure(url: str, key: str, model: str) -> None:
    chat = AzureChatOpenAI(azure_endpoint=url, api_key=key, api_version="2024-10-21", azure_deployment=model)
    assert "Hello there" in chat.invoke("Hello there").content


def test_embeddings(url: str, key: str, model: str) -> None:
    names = {"openai": "text-embedding-3-small", "gemini": "gemini-embedding-001"}
    provider = model.partition("/")[0]
    if provider not in names:
        pytest.skip("it has none")
    vectors = OpenAIEmbeddings(
        model=f"{provider}/{names[provider]}", base_url=f"{url}/v1", api_key=key, check_embedding_ctx_length=False
    )
    assert len(vectors.embed_query("Hi")) > 100
