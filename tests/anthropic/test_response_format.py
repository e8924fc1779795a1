"""Structured answers."""

from __future__ import annotations

from typing import Any

from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.neutral.events import Finish, Text, ToolCall

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
EMULATED = RequestState(emulated=True)
OUTPUT = {"type": "tool_use", "id": "toolu_1", "name": "json_output", "input": {"a": 1}}


def schema_format(schema: Any = SCHEMA, **more: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, **more}}


def test_a_schema_is_guaranteed_by_the_output_config(translate: Any) -> None:
    body = translate(response_format=schema_format()).body
    assert body["output_config"] == {
        "format": {"type": "json_schema", "schema": SCHEMA | {"additionalProperties": False}}
    }


def test_the_description_of_the_format_goes_into_the_schema(translate: Any) -> None:
    body = translate(response_format=schema_format(description="d")).body
    assert body["output_config"]["format"]["schema"]["description"] == "d"


def test_a_schema_stands_beside_an_effort(translate: Any) -> None:
    body = translate("claude-opus-4-8", response_format=schema_format(), reasoning_effort="low").body
    assert set(body["output_config"]) == {"effort", "format"}


def test_a_schema_stands_beside_tools(translate: Any) -> None:
    tools = [{"type": "function", "function": {"name": "add"}}]
    body = translate(response_format=schema_format(), tools=tools).body
    assert body["output_config"]
    assert body["tools"][0]["name"] == "add"


def test_relaxed_keywords_are_noted(translate: Any) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}
    assert "schema_relaxed" in translate(response_format=schema_format(schema)).notes


def test_plain_text_is_what_comes_anyway(translate: Any) -> None:
    assert "output_config" not in translate(response_format={"type": "text"}).body


def test_a_json_object_is_the_input_of_a_forced_tool(translate: Any) -> None:
    call = translate(response_format={"type": "json_object"})
    assert call.body["tools"][0]["name"] == "json_output"
    assert call.body["tools"][0]["input_schema"] == {"type": "object"}
    assert call.body["tool_choice"]["name"] == "json_output"
    assert "json_emulated" in call.notes
    assert call.state.emulated


def test_a_json_object_beside_tools_is_asked_for_in_words(translate: Any) -> None:
    tools = [{"type": "function", "function": {"name": "add"}}]
    call = translate(response_format={"type": "json_object"}, tools=tools)
    assert [tool["name"] for tool in call.body["tools"]] == ["add"]
    assert call.body["system"][0]["text"].startswith("Answer with one JSON object")
    assert "tool_choice" not in call.body
    assert (call.notes[-1], call.state.emulated) == ("json_emulated", False)


def test_a_json_object_beside_a_thinking_budget_is_refused(refuse: Any) -> None:
    assert refuse(response_format={"type": "json_object"}, reasoning_effort="low").param == "response_format"


def test_a_model_without_guarantees_gets_the_schema_as_a_forced_tool(translate: Any) -> None:
    call = translate("claude-3-5-haiku-latest", response_format=schema_format())
    assert call.body["tools"][0]["input_schema"] == SCHEMA
    assert "output_config" not in call.body


def test_an_open_object_is_a_forced_tool_unless_strict(translate: Any, refuse: Any) -> None:
    schema = {"type": "object", "additionalProperties": True}
    assert translate(response_format=schema_format(schema)).state.emulated
    error = refuse(response_format=schema_format(schema, strict=True))
    assert error.param == "response_format.json_schema.schema.additionalProperties"


def test_an_emulated_answer_is_content_and_stops(whole: Any) -> None:
    events = whole(OUTPUT, stop_reason="tool_use", state=EMULATED)
    assert Text('{"a":1}') in events
    assert not [event for event in events if isinstance(event, ToolCall)]
    assert events[-1] == Finish("stop")


def test_an_emulated_answer_streams_as_content(streamed: Any, as_stream: Any) -> None:
    events = streamed(*as_stream(OUTPUT, stop_reason="tool_use"), state=EMULATED)
    assert "".join(event.text for event in events if isinstance(event, Text)) == '{"a":1}'
    assert not [event for event in events if isinstance(event, ToolCall)]
    assert events[-1] == Finish("stop")


def test_an_emulated_answer_that_is_cut_is_a_length(whole: Any) -> None:
    assert whole(OUTPUT, stop_reason="max_tokens", state=EMULATED)[-1] == Finish("length")
