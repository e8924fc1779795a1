"""What is changed of a chat whose form of answer a vendor does not have."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_core.json import dumps, loads
from unigate_formats.openai_passthrough.relax_request import relaxed_body

SCHEMA: Any = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
BY_SCHEMA = {"type": "json_schema", "json_schema": {"name": "thing", "schema": SCHEMA, "strict": True}}
BY_MODE = {"type": "json_object"}
ANY_OBJECT = {"type": "json_schema", "json_schema": {"name": "output", "schema": {"type": "object"}}}
TALK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
WORDS = "Answer with one JSON object and nothing else"
GROQ = "This model does not support response format `json_schema`. See supported models at https://x"
LM_STUDIO = "'response_format.type' must be 'json_schema' or 'text'"
DEEPINFRA = "json_object response format is not supported for model: some/model"
COMBINED = "json mode cannot be combined with tool/function calling"


def refusal(message: str, status: int = 400) -> UpstreamError:
    return UpstreamError(message, status=status, type="invalid_request_error")


def relaxed(form: Any, *messages: str, talk: Any = TALK) -> tuple[Any, Any]:
    body = dumps({"messages": talk, "response_format": form})
    found = relaxed_body(body, [refusal(message) for message in messages])
    return (None, None) if found is None else (loads(found[0]), found[1])


@pytest.mark.parametrize(
    "message",
    [
        GROQ,
        "'response_format.type' : value is not one of the allowed values ['text','json_object']",
        "This response_format type is unavailable now",
        "Failed to deserialize the JSON body: response_format: response_format.type `json_schema` is unavailable now",
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        "The parameter `response_format.type` specified in the request are not valid: `json_schema` is not supported.",
        "response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later",
    ],
)
def test_a_schema_is_asked_for_in_words_beside_json_mode(message: str) -> None:
    body, told = relaxed(BY_SCHEMA, message)

    assert body["response_format"] == BY_MODE
    assert told.notes == ("json_emulated",)
    system, user = body["messages"]
    assert system["content"].startswith("Be brief.\n\n" + WORDS)
    assert "'thing'" in system["content"]
    assert '"required"' in system["content"]
    assert user == TALK[1]


def test_words_alone_are_left_where_there_is_no_json_mode_either() -> None:
    body, told = relaxed(BY_SCHEMA, GROQ, DEEPINFRA)

    assert "response_format" not in body
    assert body["messages"][0]["content"].count(WORDS) == 1
    assert '"required"' in body["messages"][0]["content"]
    assert set(told.notes) == {"json_emulated"}


def test_words_alone_are_left_beside_tools() -> None:
    body, _ = relaxed(BY_SCHEMA, COMBINED)

    assert "response_format" not in body
    assert '"required"' in body["messages"][0]["content"]


def test_json_mode_becomes_the_schema_of_any_object() -> None:
    body, told = relaxed(BY_MODE, LM_STUDIO)

    assert body["response_format"] == ANY_OBJECT
    assert body["messages"] == TALK
    assert told.notes == ()


def test_json_mode_becomes_words_where_it_is_not_known() -> None:
    body, told = relaxed(BY_MODE, DEEPINFRA)

    assert "response_format" not in body
    assert WORDS in body["messages"][0]["content"]
    assert told.notes == ("json_emulated",)


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        ([{"role": "user", "content": "Hi"}], ["system", "user"]),
        ([{"role": "system", "content": [{"type": "text", "text": "x"}]}, TALK[1]], ["system", "system", "user"]),
        ([{"role": "developer", "content": "x"}], ["developer"]),
        ([], ["system"]),
    ],
)
def test_the_words_stand_before_what_is_said(talk: Any, expected: list[str]) -> None:
    body, _ = relaxed(BY_MODE, DEEPINFRA, talk=talk)

    assert [message["role"] for message in body["messages"]] == expected
    assert any(WORDS in str(message["content"]) for message in body["messages"])


def test_a_schema_that_strict_refuses_is_sent_without_it() -> None:
    message = "invalid JSON schema for response_format: 'thing': minItems is not supported"

    body, told = relaxed(BY_SCHEMA, message)

    assert body["response_format"]["json_schema"] == {"name": "thing", "schema": SCHEMA, "strict": False}
    assert told.dropped == ("response_format.json_schema.strict",)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (
            BY_MODE,
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        ),
        (BY_SCHEMA, "Failed to generate JSON. Please adjust your prompt."),
        (BY_SCHEMA, "This model does not support images."),
        ({"type": "json_schema", "json_schema": {"name": "x"}}, GROQ),
        ({"type": "grammar", "grammar": "x"}, "response_format grammar is not supported"),
        ({"type": "text"}, GROQ),
    ],
)
def test_other_refusals_are_passed_on(form: Any, message: str) -> None:
    assert relaxed(form, message) == (None, None)
