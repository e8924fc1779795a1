"""The official google-genai package, at Gemini's own API."""

from __future__ import annotations

import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

FUNCTION = types.FunctionDeclaration(
    name="get_weather", description="The weather.",
    parameters=types.Schema(type="OBJECT", properties={"city": types.Schema(type="STRING")}, required=["city"]),
)  # fmt: skip
TOOLS = [types.Tool(function_declarations=[FUNCTION])]
WITHOUT_THOUGHTS = ("openai/gpt-4", "azure/gpt-4")


class Answer(BaseModel):
    name: str


@pytest.fixture
def client(url: str, key: str) -> genai.Client:
    return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=f"{url}/gemini"))


def test_generate_content(client: genai.Client, model: str) -> None:
    config = types.GenerateContentConfig(system_instruction="Be kind", temperature=0.5, max_output_tokens=99)
    answer = client.models.generate_content(model=model, contents="Hello there", config=config)
    assert "Hello there" in answer.text
    assert answer.usage_metadata.prompt_token_count > 0


def test_stream(client: genai.Client, model: str) -> None:
    chunks = client.models.generate_content_stream(model=model, contents="Hello there")
    assert "Hello there" in "".join(chunk.text or "" for chunk in chunks)


def test_tools(client: genai.Client, model: str) -> None:
    asked = types.Content(role="user", parts=[types.Part(text="The weather in Paris?")])
    calling = types.FunctionCallingConfig(mode="ANY")
    config = types.GenerateContentConfig(tools=TOOLS, tool_config=types.ToolConfig(function_calling_config=calling))
    answer = client.models.generate_content(model=model, contents=asked, config=config)
    [call] = answer.function_calls
    assert "city" in call.args
    result = types.Part.from_function_response(name=call.name, response={"result": "sunny"})
    turns = [asked, answer.candidates[0].content, types.Content(role="user", parts=[result])]
    again = client.models.generate_content(model=model, contents=turns, config=types.GenerateContentConfig(tools=TOOLS))
    assert "sunny" in again.text


def test_thinking(client: genai.Client, model: str) -> None:
    config = types.GenerateContentConfig(
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024)
    )
    parts = client.models.generate_content(model=model, contents="Think", config=config).candidates[0].content.parts
    assert any(part.thought for part in parts) == (not model.startswith(WITHOUT_THOUGHTS))


def test_structured_output(client: genai.Client, model: str) -> None:
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Answer)
    assert isinstance(client.models.generate_content(model=model, contents="Who?", config=config).parsed, Answer)


def test_count_tokens(client: genai.Client, model: str) -> None:
    assert 0 < client.models.count_tokens(model=model, contents="Hello there").total_tokens < 50


def test_embeddings(client: genai.Client, model: str) -> None:
    names = {"openai": "text-embedding-3-small", "gemini": "gemini-embedding-001"}
    provider = model.partition("/")[0]
    if provider not in names:
        pytest.skip("it has none")
    answer = client.models.embed_content(model=f"{provider}/{names[provider]}", contents=["a", "b"])
    assert [len(each.values) > 100 for each in answer.embeddings] == [True, True]


def test_models(client: genai.Client, model: str) -> None:
    assert client.models.get(model=model).name == f"models/{model}"
    assert len(list(client.models.list())) > 3


def test_errors(client: genai.Client, model: str) -> None:
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model=f"{model.partition('/')[0]}/sim-429", contents="x")
    assert (caught.value.code, caught.value.status) == (429, "RESOURCE_EXHAUSTED")
