"""Members that Anthropic knows and OpenAI does not: cache_control and those of tools."""

from __future__ import annotations

from typing import Any

from unigate_core.json import Json
from unigate_formats.neutral.efforts import nearest_effort

MARK: Json = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def tool(**members: Any) -> Json:
    return {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}, **members}


def test_cache_control_reaches_parts_tools_calls_and_results(translate: Any) -> None:
    body = translate(
        tools=[tool(**MARK)],
        messages=[
            {"role": "system", "content": [{"type": "text", "text": "rules", **MARK}]},
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c", "content": "r", **MARK},
        ],
    ).body
    asked = [body["tools"][0], body["system"][0], body["messages"][2]["content"][0]]
    assert [block["cache_control"] for block in asked] == [MARK["cache_control"]] * 3


def test_cache_control_of_a_message_marks_its_last_block(translate: Any) -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    blocks = translate(messages=[{"role": "user", "content": parts, **MARK}]).body["messages"][0]["content"]
    assert ["cache_control" in block for block in blocks] == [False, True]


def test_of_too_many_breakpoints_the_first_and_the_last_three_stay(translate: Any) -> None:
    part = {"type": "text", "text": "t", **MARK}
    call = translate(messages=[{"role": "user", "content": [part] * 6}], drop_unsupported=True)
    marked = ["cache_control" in block for block in call.body["messages"][0]["content"]]
    assert marked == [True, False, False, True, True, True]
    assert set(call.dropped) == {f"messages[0].content[{i}].cache_control" for i in (1, 2)}


def test_members_of_tools_reach_anthropic(translate: Any) -> None:
    members = {"eager_input_streaming": True, "input_examples": [{}]}
    sent = translate(tools=[tool(**members, unknown=1)]).body["tools"][0]
    assert {name: sent[name] for name in members} == members
    assert "unknown" not in sent


def test_compositions_at_the_root_of_a_tools_schema_are_folded(translate: Any) -> None:
    url = {"properties": {"url": {"type": "string"}, "n": {"type": "string"}}, "required": ["url", "n"]}
    text = {"properties": {"text": {"type": "string"}, "n": {"type": "integer"}}, "required": ["text", "n"]}
    function = {
        "name": "f",
        "parameters": {"type": "object", "anyOf": [url, {"$ref": "#/$defs/t"}], "$defs": {"t": text}},
    }
    call = translate(tools=[{"type": "function", "function": function}])
    schema = call.body["tools"][0]["input_schema"]
    assert schema["properties"] == {
        "url": {"type": "string"},
        "n": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "text": {"type": "string"},
    }
    assert (schema["type"], schema["required"]) == ("object", ["n"])
    assert not {"anyOf", "oneOf", "allOf"} & set(schema)
    assert "anyOf" in schema["description"]
    assert "schema_relaxed" in call.notes


def test_property_names_that_anthropic_refuses_are_renamed_there_and_back(translate: Any, streamed: Any) -> None:
    parameters = {
        "type": "object",
        "properties": {"größe": {"type": "object", "properties": {"a b": {"type": "string"}}}},
        "required": ["größe"],
    }
    said = '{"größe":{"a b":"x"}}'
    earlier = {
        "role": "assistant",
        "content": None,
        "tool_calls": [CALL | {"function": {"name": "f", "arguments": said}}],
    }
    call = translate(
        tools=[{"type": "function", "function": {"name": "f", "parameters": parameters}}],
        messages=[{"role": "user", "content": "q"}, earlier, {"role": "tool", "tool_call_id": "c", "content": "r"}],
    )
    schema = call.body["tools"][0]["input_schema"]
    [outer] = schema["properties"]
    [inner] = schema["properties"][outer]["properties"]
    assert (outer.isascii(), inner.isascii(), " " in inner, schema["required"]) == (True, True, False, [outer])
    assert call.body["messages"][1]["content"][0]["input"] == {outer: {inner: "x"}}
    text = f'{{"{outer}":{{"{inner}":"x"}}}}'
    pieces = [text[:9], text[9:]]
    events = streamed(
        {"type": "message_start", "message": {"id": "m", "model": "c", "usage": {}}},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "tool_use", "id": "t", "name": "f", "input": {}},
        },
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": piece}}
            for piece in pieces
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {}},
        {"type": "message_stop"},
        state=call.state,
    )
    assert "".join(event.text for event in events if type(event).__name__ == "ToolArguments") == said


def test_the_nearest_effort_still_thinks_where_it_can() -> None:
    assert nearest_effort("minimal", ("none", "low", "high")) == "low"
    assert nearest_effort("medium", ("low", "high")) == "high"
    assert nearest_effort("none", ("low", "high")) == "low"
    assert nearest_effort("max", ()) == "none"
