"""What is changed of a request whose tools, results or stops OpenAI refused."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_core.json import dumps, loads
from unigate_formats.openai_passthrough.relax_request import relaxed_body

SCHEMA = "Invalid schema for function 'f': In context=(), object schema missing properties."
STRICT = "Invalid schema for function 'f': In context=(), 'additionalProperties' is required to be supplied."
FORMAT = "Invalid schema for response_format 'x': In context=(), 'additionalProperties' is required to be supplied."
BY_USER = (
    "Invalid 'messages[2]'. Image URLs are only allowed for messages with role 'user', "
    "but this message with role 'tool' contains an image URL."
)
STOPS = (
    "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead."
)
EMPTY = {"type": "object", "properties": {}}
FULL = {"type": "object", "properties": {"a": {"type": "string"}}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
TEXT = {"type": "text", "text": "seen"}


def refusal(message: str, param: str | None = None, code: str | None = None) -> UpstreamError:
    return UpstreamError(message, status=400, type="invalid_request_error", param=param, code=code)


def tool(schema: Any, **more: Any) -> Any:
    return {"type": "function", "function": {"name": "f", "parameters": schema, **more}}


def result(call: str, content: Any) -> Any:
    return {"role": "tool", "tool_call_id": call, "content": content}


@pytest.mark.parametrize(
    ("body", "error", "expected", "dropped", "notes"),
    [
        (
            {"tools": [tool(FULL), tool({"type": "object"})]},
            refusal(SCHEMA, "tools[1].function.parameters", "invalid_function_parameters"),
            {"tools": [tool(FULL), tool(EMPTY)]}, (), (),
        ),
        ({"tools": [tool({})]}, refusal(SCHEMA), {"tools": [tool(EMPTY)]}, (), ()),
        ({"tools": [tool(None)]}, refusal(SCHEMA), {"tools": [tool(EMPTY)]}, (), ()),
        # Responses
        (
            {"tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}]},
            refusal(SCHEMA, "tools[0].parameters", "invalid_function_parameters"),
            {"tools": [{"type": "function", "name": "f", "parameters": EMPTY}]}, (), (),
        ),
        (
            {"tools": [tool(FULL, strict=True)]},
            refusal(STRICT, "tools[0].function.parameters", "invalid_function_parameters"),
            {"tools": [tool(FULL, strict=False)]}, ("tools[0].function.strict",), (),
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": FULL, "strict": True}}},
            refusal(FORMAT, "response_format"),
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": FULL, "strict": False}}},
            ("response_format.json_schema.strict",), (),
        ),
        (
            {"quality": "hd"},
            refusal("Invalid value: 'hd'. Supported values are: 'low', 'medium', 'high', and 'auto'.", "quality"),
            {"quality": "high"}, (), ("quality:hd->high",),
        ),
        ({"response_format": "b64_json"}, refusal("Unknown parameter: 'response_format'."),
         {}, ("response_format",), ()),
        ({"stop": list("abcde")}, refusal(STOPS, "stop", "array_above_max_length"),
         {"stop": list("abcd")}, ("stop[4:]",), ()),
        (
            {"messages": [{"role": "user", "content": "a"}, result("1", [TEXT, PICTURE]), result("2", "b"),
                          {"role": "user", "content": "c"}]},
            refusal(BY_USER, "messages[2]", "invalid_value"),
            {"messages": [{"role": "user", "content": "a"}, result("1", "seen"), result("2", "b"),
                          {"role": "user", "content": [PICTURE]}, {"role": "user", "content": "c"}]},
            (), ("tool_media_by_user",),
        ),
        (
            {"messages": [result("1", [PICTURE])]},
            refusal("Invalid value: 'image_url'. Supported values are: 'text'.", "messages[0].content[0].type"),
            {"messages": [result("1", ""), {"role": "user", "content": [PICTURE]}]}, (), ("tool_media_by_user",),
        ),
    ],
)  # fmt: skip
def test_what_is_changed(
    body: dict[str, Any], error: UpstreamError, expected: Any, dropped: tuple[str, ...], notes: tuple[str, ...]
) -> None:
    found = relaxed_body(dumps(body), [error])
    assert found is not None
    data, what = found
    assert (loads(data), what.dropped, what.notes) == (expected, dropped, notes)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"tools": [tool(FULL)]}, refusal(SCHEMA, "tools[0].function.parameters")),
        ({"tools": "f"}, refusal(SCHEMA)),
        ({"tools": ["f", {"function": "g"}]}, refusal(SCHEMA)),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}, refusal(FORMAT)),
        ({"stop": "a"}, refusal(STOPS, "stop")),
        ({"messages": [{"role": "assistant", "content": [PICTURE]}]}, refusal(BY_USER)),
        ({"messages": [result("1", "text"), "odd"]}, refusal(BY_USER)),
    ],
)
def test_what_stays_refused(body: dict[str, Any], error: UpstreamError) -> None:
    assert relaxed_body(dumps(body), [error]) is None
