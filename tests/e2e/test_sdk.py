"""The official OpenAI SDK against the running gateway, as an application uses it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

HELLO: list[Any] = [{"role": "user", "content": "hello there"}]
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class Person(BaseModel):
    name: str


def test_chat_answers_whole(client: OpenAI, model: str) -> None:
    answer = client.chat.completions.create(model=model, messages=HELLO)
    assert "hello there" in (answer.choices[0].message.content or "")


def test_chat_streams(client: OpenAI, model: str) -> None:
    options: Any = {"include_usage": True}
    chunks = list(client.chat.completions.create(model=model, messages=HELLO, stream=True, stream_options=options))
    assert "hello there" in "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert chunks[-1].usage is not None


def test_tools_go_round(client: OpenAI, model: str) -> None:
    first = client.chat.completions.create(model=model, messages=HELLO, tools=[WEATHER], reasoning_effort="low")
    message = first.choices[0].message
    assert message.tool_calls
    # as a client does that knows OpenAI's fields only
    said: Any = {"role": "assistant", "content": message.content}
    said["tool_calls"] = [call.model_dump(include={"id", "type", "function"}) for call in message.tool_calls]
    results: list[Any] = [
        {"role": "tool", "tool_call_id": call.id, "content": "sunny, 21 degrees"} for call in message.tool_calls
    ]
    second = client.chat.completions.create(
        model=model, messages=[*HELLO, said, *results], tools=[WEATHER], reasoning_effort="low"
    )
    assert "sunny, 21 degrees" in (second.choices[0].message.content or "")


def test_structured_output_is_parsed(client: OpenAI, model: str) -> None:
    answer = client.chat.completions.parse(model=model, messages=HELLO, response_format=Person)
    assert isinstance(answer.choices[0].message.parsed, Person)


def test_a_prompt_is_continued(client: OpenAI, model: str) -> None:
    answer = client.completions.create(model=model, prompt=["hello there", "good bye"], n=2, echo=True)
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert [choice.text.startswith(("hello there", "good bye")[choice.index // 2]) for choice in answer.choices] == [
        True
    ] * 4
    assert answer.usage is not None
    assert all(choice.finish_reason == "stop" for choice in answer.choices)


def test_a_prompt_is_continued_in_a_stream(client: OpenAI, model: str) -> None:
    options: Any = {"include_usage": True}
    chunks = list(client.completions.create(model=model, prompt="hello there", stream=True, stream_options=options))
    assert "hello there" in "".join(chunk.choices[0].text for chunk in chunks if chunk.choices)
    assert {chunk.object for chunk in chunks} == {"text_completion"}
    assert chunks[-1].usage is not None


def test_a_model_of_completions_gets_the_request_as_it_is(client: OpenAI) -> None:
    asked: Any = {"model": "openai/gpt-3.5-turbo-instruct", "prompt": "hello there", "max_tokens": 50}
    whole = client.completions.with_raw_response.create(**asked, logprobs=1, best_of=2)
    answer = whole.parse()
    assert "x-unigate-dropped-params" not in whole.headers
    assert answer.model == "openai/gpt-3.5-turbo-instruct"
    assert answer.choices[0].logprobs is not None
    streamed = "".join(chunk.choices[0].text for chunk in client.completions.create(**asked, stream=True))
    assert streamed == answer.choices[0].text


def test_a_client_of_azure_openai_is_served(client: OpenAI, model: str) -> None:
    root = str(client.base_url).removesuffix("/v1/")
    azure = openai.AzureOpenAI(azure_endpoint=root, api_key=client.api_key, api_version="2024-10-21")
    assert "hello there" in (
        azure.chat.completions.create(model=model, messages=HELLO).choices[0].message.content or ""
    )
    assert "hello there" in azure.responses.create(model=model, input="hello there").output_text


def test_a_base_url_without_its_version_is_served(client: OpenAI, model: str) -> None:
    bare = OpenAI(base_url=str(client.base_url).removesuffix("/v1/"), api_key=client.api_key)
    assert "hello there" in (bare.chat.completions.create(model=model, messages=HELLO).choices[0].message.content or "")
    assert model.partition("/")[0] in {each.id.partition("/")[0] for each in bare.models.list()}


def test_responses_answer_whole_and_streamed(client: OpenAI, model: str) -> None:
    whole = client.responses.create(model=model, input="hello there")
    assert "hello there" in whole.output_text
    with client.responses.stream(model=model, input="hello there") as stream:
        events = list(stream)
        assert stream.get_final_response().output_text == whole.output_text
    assert [event.sequence_number for event in events if hasattr(event, "sequence_number")] == sorted(
        {event.sequence_number for event in events if hasattr(event, "sequence_number")}
    )


def test_a_response_is_continued(client: OpenAI, model: str) -> None:
    first = client.responses.create(model=model, input="my name is Ada")
    second = client.responses.create(model=model, input="and now?", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    assert client.responses.retrieve(first.id).output_text == first.output_text
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)


def test_models_are_listed_and_found(client: OpenAI, model: str) -> None:
    listed = client.models.list().data
    provider = model.split("/", maxsplit=1)[0]
    mine = [each for each in listed if each.id.startswith(f"{provider}/")]
    assert mine
    assert client.models.retrieve(mine[0].id).id == mine[0].id


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("sim-400", openai.BadRequestError), ("sim-429", openai.RateLimitError), ("sim-500", openai.InternalServerError)],
)
def test_errors_are_the_sdks_own(client: OpenAI, model: str, fault: str, kind: type[openai.APIStatusError]) -> None:
    broken = f"{model.split('/', maxsplit=1)[0]}/{fault}"
    for stream in (False, True):
        with pytest.raises(kind) as raised:
            client.chat.completions.create(model=broken, messages=HELLO, stream=stream)
        assert raised.value.response.headers["x-request-id"].startswith("req_")
        assert set(raised.value.response.json()["error"]) >= {"message", "type", "param", "code"}


def test_a_cut_stream_raises_in_the_sdk(client: OpenAI, model: str) -> None:
    broken = f"{model.split('/', maxsplit=1)[0]}/sim-cut"
    with pytest.raises(openai.APIError):
        for _ in client.chat.completions.create(model=broken, messages=HELLO, stream=True):
            pass


def test_an_event_that_nobody_knows_changes_nothing(client: OpenAI, model: str) -> None:
    odd = f"{model.split('/', maxsplit=1)[0]}/sim-unknown-event"
    chunks = list(client.chat.completions.create(model=odd, messages=HELLO, stream=True))
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert "hello there" in text


def test_an_unknown_provider_is_an_unknown_model(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        client.chat.completions.create(model="nobody/nothing", messages=HELLO)
    assert raised.value.code == "model_not_found"


def test_a_wrong_type_names_its_path(client: OpenAI, model: str) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": 5}])  # type: ignore[list-item,misc]
    assert raised.value.param == "messages[0].content"


def test_a_body_that_is_no_json_is_refused(system: Any) -> None:
    answer = httpx.post(f"{system.url}/v1/chat/completions", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_dropped_parameters_are_told(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model="anthropic/claude-haiku-4-5", messages=HELLO, seed=7, user="u"
    )
    assert "seed" in raw.headers["x-unigate-dropped-params"]


def test_no_key_is_in_any_log(system: Any, client: OpenAI, model: str) -> None:
    client.chat.completions.create(model=model, messages=[{"role": "user", "content": "secret-prompt-text"}])
    for name in system.processes:
        assert "secret-prompt-text" not in system.log(name)
        for line in system.log(name).splitlines():
            if line.startswith("{"):
                assert "simulated" not in json.dumps(json.loads(line))
