"""Chat requests → Converse, and → InvokeModel for Claude."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from unigate_bedrock.claude import place_native
from unigate_core.errors import GatewayError, RequestRefused, UpstreamError
from unigate_core.json import dumps, loads
from unigate_formats.bedrock_converse.repair import repair
from unigate_formats.neutral.native_api import NativeRequest
from unigate_formats.neutral.translation import NativeCall

Translate = Callable[..., NativeCall]

WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "d", "parameters": {"type": "object", "properties": {}}},
}
CALLED = [
    {"role": "user", "content": "Weather?"},
    {
        "role": "assistant",
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"X"}'}}],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
]
SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "a",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "required": ["a"],
            "additionalProperties": False,
        },
    },
}
LLAMA = "meta.llama3-3-70b-instruct-v1:0"
ARN = "arn:aws:bedrock:us-east-1:1:application-inference-profile/ab"


def test_system_messages_limits_and_sampling_have_their_places(translate: Translate) -> None:
    call = translate(
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        max_tokens=5, temperature=0.5, top_p=0.9, stop=["a"], service_tier="flex",
    )  # fmt: skip
    assert call.body == {
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
        "inferenceConfig": {"maxTokens": 5, "temperature": 0.5, "topP": 0.9, "stopSequences": ["a"]},
        "serviceTier": {"type": "flex"},
        "system": [{"text": "Be brief."}],
    }


@pytest.mark.parametrize(
    ("model", "stream", "path"),
    [
        ("amazon.nova-lite-v1:0", False, "model/amazon.nova-lite-v1%3A0/converse"),
        ("amazon.nova-lite-v1:0", True, "model/amazon.nova-lite-v1%3A0/converse-stream"),
        (ARN, False, "model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fab/converse"),
        ("us.anthropic.claude-sonnet-4-6", False, "model/us.anthropic.claude-sonnet-4-6/invoke"),
        ("us.anthropic.claude-sonnet-4-6", True, "model/us.anthropic.claude-sonnet-4-6/invoke-with-response-stream"),
        ("anthropic.claude-v2", False, "model/anthropic.claude-v2/converse"),
    ],
)
def test_the_model_stands_in_the_path(translate: Translate, model: str, stream: bool, path: str) -> None:
    assert translate(model, stream=stream).path == path


def test_claude_gets_its_own_format_without_model_and_stream(translate: Translate) -> None:
    call = translate("us.anthropic.claude-sonnet-4-5-20250929-v1:0", stream=True, max_tokens=9)
    assert call.body["anthropic_version"] == "bedrock-2023-05-31"
    assert not call.body.keys() & {"model", "stream"}
    assert call.stream


def test_a_native_requests_betas_move_into_the_body() -> None:
    body = dumps({"model": "x", "stream": True, "max_tokens": 1, "messages": [], "anthropic_beta": ["b"]})
    headers = {"anthropic-beta": "a, b", "anthropic-version": "2023-06-01", "x-other": "1"}
    placed = place_native(NativeRequest("messages?beta=true", body, headers), "anthropic.claude-x")
    assert placed.path == "model/anthropic.claude-x/invoke-with-response-stream"
    assert placed.headers == {"x-other": "1"}
    assert loads(placed.body) == {
        "max_tokens": 1, "messages": [], "anthropic_version": "bedrock-2023-05-31", "anthropic_beta": ["b", "a"],
    }  # fmt: skip


def test_calls_and_results_become_blocks_of_turns_that_alternate(translate: Translate) -> None:
    messages = translate(messages=[*CALLED, {"role": "user", "content": "And?"}], tools=[WEATHER]).body["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    use = {"toolUseId": "c1", "name": "weather", "input": {"city": "X"}}
    assert messages[1]["content"] == [{"toolUse": use}]
    result = {"toolUseId": "c1", "content": [{"text": "sunny"}]}
    assert messages[2]["content"] == [{"toolResult": result}, {"text": "And?"}]


def test_a_history_with_calls_has_its_tools_declared(translate: Translate) -> None:
    config = translate(messages=CALLED).body["toolConfig"]
    assert [tool["toolSpec"]["name"] for tool in config["tools"]] == ["weather"]


@pytest.mark.parametrize(
    ("choice", "native"),
    [
        ("required", {"any": {}}),
        ({"type": "function", "function": {"name": "weather"}}, {"tool": {"name": "weather"}}),
        ("auto", None),
    ],
)
def test_the_choice_of_a_tool(translate: Translate, choice: Any, native: Any) -> None:
    call = translate(tools=[WEATHER], tool_choice=choice)
    assert call.body["toolConfig"].get("toolChoice") == native


def test_a_choice_that_cannot_be_set_is_said(translate: Translate) -> None:
    call = translate(LLAMA, tools=[WEATHER], tool_choice="required")
    assert "toolChoice" not in call.body["toolConfig"]
    assert call.body["system"] == [{"text": "Call one of the tools in this turn."}]
    assert "tool_choice_described" in call.notes


def test_no_tools_are_offered_that_must_not_be_called(translate: Translate) -> None:
    assert "toolConfig" not in translate(tools=[WEATHER], tool_choice="none").body
    call = translate(messages=CALLED, tools=[WEATHER], tool_choice="none")
    assert "Do not call any tool" in call.body["system"][0]["text"]


def test_a_schema_is_set_where_the_model_can_be_held_to_it(translate: Translate) -> None:
    held = translate("qwen.qwen3-32b-v1:0", response_format=SCHEMA)
    structure = held.body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    assert loads(structure["schema"]) == SCHEMA["json_schema"]["schema"]  # type: ignore[index]
    told = translate(response_format=SCHEMA)
    assert "outputConfig" not in told.body
    assert "JSON Schema" in told.body["system"][0]["text"]
    assert "json_emulated" in told.notes


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("us.amazon.nova-2-lite-v1:0", {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}}),
        ("openai.gpt-oss-120b-1:0", {"reasoning_effort": "low"}),
    ],
)
def test_an_effort_is_asked_for_in_the_models_own_form(translate: Translate, model: str, fields: Any) -> None:
    assert translate(model, reasoning_effort="low").body["additionalModelRequestFields"] == fields


def test_an_effort_without_a_place_is_dropped_and_reported(translate: Translate) -> None:
    call = translate(LLAMA, reasoning_effort="high", drop_unsupported=True)
    assert call.dropped == ("reasoning_effort",)
    with pytest.raises(RequestRefused):
        translate(LLAMA, reasoning_effort="high")


def test_a_breakpoint_becomes_a_cache_point(translate: Translate) -> None:
    part = {"type": "text", "text": "long", "cache_control": {"type": "ephemeral"}}
    call = translate(messages=[{"role": "user", "content": [part, {"type": "text", "text": "q"}]}])
    assert call.body["messages"][0]["content"] == [{"text": "long"}, {"cachePoint": {"type": "default"}}, {"text": "q"}]


def test_documents_have_names_that_bedrock_takes_and_words_beside_them(translate: Translate) -> None:
    file = {"type": "file", "file": {"filename": "a_b/c.pdf", "file_data": "data:application/pdf;base64,QQ=="}}
    (text, document) = translate(messages=[{"role": "user", "content": [file]}]).body["messages"][0]["content"]
    assert document["document"]["name"] == "a b c 1"
    assert text == {"text": "a b c 1"}


def test_a_model_without_system_messages_is_told_in_its_first_turn(translate: Translate) -> None:
    messages = [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]
    call = translate("amazon.titan-text-express-v1", messages=messages)
    assert call.body["messages"] == [{"role": "user", "content": [{"text": "S"}, {"text": "U"}]}]
    assert "system" not in call.body


def test_options_of_bedrock_go_through(translate: Translate) -> None:
    guard = {"guardrailIdentifier": "g", "guardrailVersion": "1"}
    options = {"bedrock": {"guardrailConfig": guard, "additionalModelRequestFields": {"x": 1}}}
    body = translate(provider_options=options).body
    assert (body["guardrailConfig"], body["additionalModelRequestFields"]) == (guard, {"x": 1})


def refused(message: str) -> GatewayError:
    return UpstreamError(message, status=400, type="invalid_request_error")


def test_a_model_that_calls_tools_in_whole_answers_only_is_asked_for_one(translate: Translate) -> None:
    call = translate(tools=[WEATHER], stream=True)
    fixed = repair(call, refused("This model doesn't support tool use in streaming mode."))
    assert fixed == replace(call, path=call.path.removesuffix("-stream"), stream=False)


def test_a_choice_that_the_model_refuses_is_said_instead(translate: Translate) -> None:
    call = translate(tools=[WEATHER], tool_choice="required")
    fixed = repair(call, refused("This model doesn't support the toolConfig.toolChoice.any field."))
    assert fixed is not None
    assert "toolChoice" not in fixed.body["toolConfig"]
    assert fixed.body["system"] == [{"text": "Call one of the tools in this turn."}]


def test_a_model_that_goes_on_with_no_message_is_asked_to(translate: Translate) -> None:
    call = translate(messages=[{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}])
    fixed = repair(call, refused("This model does not support assistant message prefill."))
    assert fixed is not None
    assert fixed.body["messages"][-1] == {"role": "user", "content": [{"text": "Continue."}]}
    assert "user_turn_added" in fixed.notes


def test_what_no_repair_is_known_for_stays_an_error(translate: Translate) -> None:
    assert repair(translate(), refused("Something else.")) is None
