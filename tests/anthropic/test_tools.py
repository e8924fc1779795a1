"""Declarations of tools and the choice among them."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import RequestRefused
from unigate_formats.anthropic_messages.encode_tools import to_tools
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import BuiltinTool, ChatRequest, Tool, ToolChoice, WebSearch

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def function(name: str = "add", **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": SCHEMA, **more}}


def test_a_function_is_declared_with_its_schema(translate: Any) -> None:
    body = translate(tools=[function(description="Adds.")]).body
    assert body["tools"] == [{"name": "add", "description": "Adds.", "input_schema": SCHEMA}]
    assert "tool_choice" not in body


def test_a_function_without_parameters_takes_an_empty_object(translate: Any) -> None:
    body = translate(tools=[{"type": "function", "function": {"name": "now"}}]).body
    assert body["tools"] == [{"name": "now", "input_schema": {"type": "object", "properties": {}}}]


def test_an_ordinary_schema_is_sent_unchanged(translate: Any) -> None:
    schema = {
        "type": "object",
        "properties": {
            "z": {"type": ["string", "null"], "pattern": "^(?=a)", "default": "a"},
            "a": {"oneOf": [{"type": "integer", "minimum": 1}, {"const": True}]},
            "t": {"type": "array", "prefixItems": [{"$ref": "#/$defs/T"}], "uniqueItems": True},
        },
        "additionalProperties": {"type": "string"},
        "$defs": {"T": {"type": "object", "properties": {"next": {"$ref": "#/$defs/T"}}}},
    }
    call = translate(tools=[function(parameters=schema)])
    assert call.body["tools"][0]["input_schema"] == schema
    assert list(call.body["tools"][0]["input_schema"]["properties"]) == ["z", "a", "t"]
    assert "schema_relaxed" not in call.notes


def test_a_strict_function_is_guaranteed(translate: Any) -> None:
    tool = translate(tools=[function(strict=True)]).body["tools"][0]
    assert tool["strict"] is True
    assert tool["input_schema"]["additionalProperties"] is False


def test_a_strict_function_is_refused_where_nothing_guarantees_it(refuse: Any) -> None:
    error = refuse("claude-3-opus-20240229", tools=[function(strict=True)])
    assert (error.param, error.code) == ("tools[0].function.strict", "unsupported_value")


def test_a_custom_tool_is_a_function_of_one_text(translate: Any) -> None:
    tool = translate(tools=[{"type": "custom", "custom": {"name": "run"}}]).body["tools"][0]
    assert tool["input_schema"]["required"] == ["input"]


def test_a_grammar_is_refused(refuse: Any) -> None:
    form = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "x"}}
    assert refuse(tools=[{"type": "custom", "custom": {"name": "run", "format": form}}]).param == (
        "tools[0].custom.format"
    )


def test_legacy_functions_are_tools(translate: Any) -> None:
    body = translate(functions=[{"name": "add", "parameters": SCHEMA}], function_call={"name": "add"}).body
    assert body["tools"] == [{"name": "add", "input_schema": SCHEMA}]
    assert body["tool_choice"] == {"type": "tool", "name": "add"}


@pytest.mark.parametrize(
    ("choice", "native"),
    [
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        ({"type": "function", "function": {"name": "add"}}, {"type": "tool", "name": "add"}),
    ],
)
def test_each_choice_has_its_native_form(translate: Any, choice: Any, native: Any) -> None:
    assert translate(tools=[function()], tool_choice=choice).body["tool_choice"] == native


def test_an_automatic_choice_is_left_out(translate: Any) -> None:
    assert "tool_choice" not in translate(tools=[function()], tool_choice="auto").body


def test_with_no_choice_at_all_the_tools_stay_declared(translate: Any) -> None:
    assert len(translate(tools=[function()], tool_choice="none").body["tools"]) == 1


def allowed(mode: str) -> dict[str, Any]:
    tools = [{"type": "function", "function": {"name": "add"}}]
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}


def test_tools_that_are_not_allowed_are_not_declared(translate: Any) -> None:
    body = translate(tools=[function(), function("sub")], tool_choice=allowed("auto")).body
    assert [tool["name"] for tool in body["tools"]] == ["add"]
    assert "tool_choice" not in body


def test_allowed_and_required_is_any_of_them(translate: Any) -> None:
    body = translate(tools=[function(), function("sub")], tool_choice=allowed("required")).body
    assert [tool["name"] for tool in body["tools"]] == ["add"]
    assert body["tool_choice"] == {"type": "any"}


def test_parallel_calls_are_switched_off_within_the_choice(translate: Any) -> None:
    body = translate(tools=[function()], parallel_tool_calls=False).body
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


def test_parallel_calls_are_switched_off_beside_a_forced_choice(translate: Any) -> None:
    body = translate(tools=[function()], parallel_tool_calls=False, tool_choice="required").body
    assert body["tool_choice"] == {"type": "any", "disable_parallel_tool_use": True}


def test_parallel_calls_without_tools_ask_for_nothing(translate: Any) -> None:
    assert "tool_choice" not in translate(parallel_tool_calls=False).body


def test_a_web_search_is_the_server_tool(translate: Any) -> None:
    call = translate(web_search_options={})
    assert call.body["tools"] == [{"type": "web_search_20250305", "name": "web_search"}]
    assert call.state.server_tools


def test_a_place_of_the_user_is_told_to_the_search(translate: Any) -> None:
    place = {"type": "approximate", "approximate": {"city": "Bonn", "country": "DE"}}
    tool = translate(web_search_options={"user_location": place}).body["tools"][0]
    assert tool["user_location"] == {"type": "approximate", "city": "Bonn", "country": "DE"}


def test_the_context_size_of_a_search_is_dropped(translate: Any) -> None:
    call = translate(web_search_options={"search_context_size": "high"})
    assert call.dropped == ("web_search_options.search_context_size",)
    assert translate(web_search_options={"search_context_size": "medium"}).dropped == ()


def test_a_function_named_like_a_server_tool_is_refused_beside_it(refuse: Any) -> None:
    assert refuse(web_search_options={}, tools=[function("web_search")]).param == "tools[0].function.name"


def _request(**members: Any) -> ChatRequest:
    return ChatRequest(model="m", turns=(), **members)


MODEL = ModelInfo(id="claude-sonnet-4-5")


def test_domains_and_uses_of_a_search_are_limited() -> None:
    search = WebSearch(path="tools[0]", allowed_domains=("example.com",), max_uses=3)
    assert to_tools(_request(web_search=search), MODEL).tools == [
        {"type": "web_search_20250305", "name": "web_search", "allowed_domains": ["example.com"], "max_uses": 3}
    ]


def test_a_code_interpreter_is_code_execution_in_its_container() -> None:
    tool = BuiltinTool(kind="code_interpreter", path="tools[0]", options={"container": "container_1"})
    native = to_tools(_request(builtin_tools=(tool,)), MODEL)
    assert native.tools == [{"type": "code_execution_20250825", "name": "code_execution"}]
    assert native.container == "container_1"


def test_another_builtin_tool_is_refused() -> None:
    tool = BuiltinTool(kind="file_search", path="tools[0]", options={})
    with pytest.raises(RequestRefused) as caught:
        to_tools(_request(builtin_tools=(tool,)), MODEL)
    assert caught.value.param == "tools[0].type"


def test_a_builtin_tool_can_be_chosen() -> None:
    choice = ToolChoice(mode="builtin", path="tool_choice", names=("web_search",))
    native = to_tools(_request(web_search=WebSearch(path="tools[0]"), tool_choice=choice), MODEL)
    assert native.choice == {"type": "tool", "name": "web_search"}


SEARCHING = ModelInfo(id="claude-sonnet-4-5", features=frozenset({"tool_search"}))
DEFERRED = ChatRequest(
    model="claude-sonnet-4-5",
    turns=(),
    tools=(Tool(name="near", path="tools[0]"), Tool(name="far", path="tools[1]", deferred=True)),
    tool_search=True,
)


def test_deferred_tools_are_searched_for_by_anthropic_itself() -> None:
    near, far, search = to_tools(DEFERRED, SEARCHING).tools
    assert (near.get("defer_loading"), far["defer_loading"]) == (None, True)
    assert search == {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}


def test_older_models_are_given_all_tools() -> None:
    tools = to_tools(DEFERRED, ModelInfo(id="claude-3-haiku-20240307")).tools
    assert [(tool["name"], "defer_loading" in tool) for tool in tools] == [("near", False), ("far", False)]
