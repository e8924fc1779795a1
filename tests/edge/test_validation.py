"""Requests that do not fit OpenAI's types, in OpenAI's words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unigate_core.errors import GatewayError
from unigate_core.json import dumps
from unigate_edge.validation.chat import ChatRequest
from unigate_edge.validation.decoding import decoder_of
from unigate_edge.validation.embeddings import EmbeddingsRequest
from unigate_edge.validation.faults import first_fault
from unigate_edge.validation.responses import ResponsesRequest
from unigate_edge.validation.speech import SpeechRequest

USER = {"role": "user", "content": "hi"}
ROLES = "'system', 'developer', 'user', 'assistant', 'tool', and 'function'"
chat = decoder_of(ChatRequest)


def refusal(kind: type[Any], value: Any) -> tuple[str, str | None, str | None]:
    """Message, path and code of the refusal of a value."""
    with pytest.raises(GatewayError) as caught:
        decoder_of(kind)(dumps(value))
    assert caught.value.status == 400
    assert caught.value.type == "invalid_request_error"
    return caught.value.message, caught.value.param, caught.value.code


def test_a_missing_member_is_named() -> None:
    expected = ("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    assert refusal(ChatRequest, {"model": "m"}) == expected


@pytest.mark.parametrize(
    ("members", "message", "param", "code"),
    [
        (
            {"temperature": "1"},
            "Invalid type for 'temperature': expected a decimal, but got a string instead.",
            "temperature",
            "invalid_type",
        ),
        (
            {"temperature": 2.5},
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
            "temperature",
            "decimal_above_max_value",
        ),
        (
            {"n": 0},
            "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.",
            "n",
            "integer_below_min_value",
        ),
        (
            {"max_tokens": 1.5},
            "Invalid type for 'max_tokens': expected an integer, but got a decimal instead.",
            "max_tokens",
            "invalid_type",
        ),
        (
            {"messages": []},
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            "messages",
            "empty_array",
        ),
        (
            {"functions": [{"name": "f"}] * 129},
            (
                "Invalid 'functions': array too long. Expected an array with maximum length 128, "
                "but got an array with length 129 instead."
            ),
            "functions",
            "array_above_max_length",
        ),
        (
            {"safety_identifier": "x" * 65},
            (
                "Invalid 'safety_identifier': string too long. Expected a string with maximum length 64, "
                "but got a string with length 65 instead."
            ),
            "safety_identifier",
            "string_above_max_length",
        ),
        (
            {"messages": [{"role": "robot", "content": "x"}]},
            f"Invalid value: 'robot'. Supported values are: {ROLES}.",
            "messages[0].role",
            "invalid_value",
        ),
        (
            {"messages": [USER, {"content": "x"}]},
            "Missing required parameter: 'messages[1].role'.",
            "messages[1].role",
            "missing_required_parameter",
        ),
        (
            {"messages": [{"role": "user", "content": {}}]},
            (
                "Invalid type for 'messages[0].content': expected one of a string or array of objects, "
                "but got an object instead."
            ),
            "messages[0].content",
            "invalid_type",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "http://x"}]}]},
            "Invalid type for 'messages[0].content[0].image_url': expected an object, but got a string instead.",
            "messages[0].content[0].image_url",
            "invalid_type",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "hologram"}]}]},
            (
                "Invalid value: 'hologram'. "
                "Supported values are: 'text', 'image_url', 'input_audio', 'file', and 'video_url'."
            ),
            "messages[0].content[0].type",
            "invalid_value",
        ),
        (
            {"messages": [{"role": "tool", "content": "x"}]},
            "Missing required parameter: 'messages[0].tool_call_id'.",
            "messages[0].tool_call_id",
            "missing_required_parameter",
        ),
        (
            {"tools": [{"type": "function", "function": {"parameters": {}}}]},
            "Missing required parameter: 'tools[0].function.name'.",
            "tools[0].function.name",
            "missing_required_parameter",
        ),
        (
            {"tool_choice": "always"},
            "Invalid value: 'always'. Supported values are: 'auto', 'none', and 'required'.",
            "tool_choice",
            "invalid_value",
        ),
        (
            {"tool_choice": 1},
            "Invalid type for 'tool_choice': expected one of a string or object, but got an integer instead.",
            "tool_choice",
            "invalid_type",
        ),
        (
            {"response_format": {"type": "json_schema"}},
            "Missing required parameter: 'response_format.json_schema'.",
            "response_format.json_schema",
            "missing_required_parameter",
        ),
        (
            {"stream": "yes"},
            "Invalid type for 'stream': expected a boolean, but got a string instead.",
            "stream",
            "invalid_type",
        ),
        (
            {"metadata": {"a": 1}},
            "Invalid type for 'metadata.a': expected a string, but got an integer instead.",
            "metadata.a",
            "invalid_type",
        ),
    ],
)
def test_a_chat_request_that_does_not_fit(members: dict[str, Any], message: str, param: str, code: str) -> None:
    assert refusal(ChatRequest, {"model": "m", "messages": [USER]} | members) == (message, param, code)


@pytest.mark.parametrize(
    "members",
    [
        {"made_up": {"anything": 1}},
        {"temperature": 1},
        {"temperature": None, "tools": None, "stop": None, "response_format": None},
        {"messages": [{"role": "assistant", "content": None, "tool_calls": None, "reasoning_details": [1]}]},
        {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "x"}]}}},
        {"tools": [{"type": "custom", "custom": {"name": "c", "format": {"type": "text"}}}]},
        {"function_call": {"name": "f"}, "functions": [{"name": "f"}]},
        {"seed": 2**63 - 1},
        {"stop": "end"},
    ],
)
def test_a_chat_request_that_fits(members: dict[str, Any]) -> None:
    chat(dumps({"model": "m", "messages": [USER]} | members))


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_limit_of_nothing_is_the_vendors_to_judge(name: str) -> None:
    decoder_of(ChatRequest)(dumps({"model": "m", "messages": [{"role": "user", "content": "x"}], name: 0}))


def test_a_body_that_is_no_object_is_refused() -> None:
    message, param, _ = refusal(ChatRequest, [])
    assert message == "Invalid type: expected an object, but got an array instead."
    assert param is None


def test_a_lone_surrogate_is_no_json() -> None:
    with pytest.raises(GatewayError) as caught:
        chat(b'{"model":"m","messages":[{"role":"user","content":"\\ud800"}]}')
    assert caught.value.code == "invalid_json"


def test_the_calls_that_a_chat_repeats_are_found() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    request = chat(dumps({"model": "m", "messages": [USER, {"role": "assistant", "tool_calls": [call]}]}))
    assert request.call_ids() == ["call_1"]


def test_the_calls_that_a_response_request_repeats_are_found() -> None:
    items = [{"type": "function_call", "call_id": "a"}, {"type": "function_call_output", "call_id": "a"}, USER]
    assert decoder_of(ResponsesRequest)(dumps({"model": "m", "input": items})).call_ids() == ["a"]


@pytest.mark.parametrize("value", ["text", ["a", "b"], [1, 2], [[1], [2, 3]]])
def test_embeddings_take_texts_and_tokens(value: Any) -> None:
    decoder_of(EmbeddingsRequest)(dumps({"model": "m", "input": value}))


def test_embeddings_take_no_empty_list() -> None:
    assert refusal(EmbeddingsRequest, {"model": "m", "input": []})[2] == "empty_array"


def test_speech_names_the_formats_that_exist() -> None:
    message, param, _ = refusal(SpeechRequest, {"model": "m", "input": "x", "voice": "v", "response_format": "mid"})
    assert param == "response_format"
    assert "'mp3', 'opus'" not in message or message.startswith("Invalid value: 'mid'.")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 200)
    | st.floats(-3, 3)
    | st.sampled_from(["user", "auto", "text", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "role", "content", "text", "function", "name", "id"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)
MEMBERS = st.dictionaries(st.sampled_from([field.name for field in msgspec.structs.fields(ChatRequest)]), JSON)


@given(MEMBERS)
@example({"prediction": {"content": "user"}})
def test_what_the_decoder_refuses_is_always_explained_and_nothing_else(members: dict[str, Any]) -> None:
    body = dumps({"model": "m", "messages": [USER]} | members)
    try:
        msgspec.json.decode(body, type=ChatRequest)
    except msgspec.ValidationError:
        refused = True
    else:
        refused = False
    assert (first_fault(ChatRequest, msgspec.json.decode(body)) is not None) == refused


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/embeddings", "/anthropic/v1/messages"])
@pytest.mark.parametrize("body", [b'"\x80"', b'{"model":"\x80"}', b'{"model": 1, "input": "\xc3"}'])
async def test_text_that_is_not_utf_8_is_refused(world: Any, path: str, body: bytes) -> None:
    assert (await world.post(path, body)).status_code == 400


RAW = b"""
    {"model": "fake/small", "messages": [{"role": "user", "content": "hi"}], "input": "hi", "max_tokens": 9,
     "tools": [{"name": "f", "description": "\xff"}]}
"""


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses", "/anthropic/v1/messages"])
async def test_what_is_left_as_it_came_must_be_utf_8_too(world: Any, path: str) -> None:
    response = await world.post(path, RAW)
    assert response.status_code == 400
    assert "JSON" in response.json()["error"]["message"]
