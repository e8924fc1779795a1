"""Tools, the choice of tools and structured output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from unigate_core.errors import RequestRefused
from unigate_formats.gemini_generate_content.encode_request import encode_request
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import BuiltinTool, ChatRequest, TextPart, Tool, ToolChoice, Turn, WebSearch
from unigate_formats.neutral.translation import Context, NativeCall

CURRENT, OLDER = "gemini-3-flash-preview", "gemini-2.5-flash"
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FORM = {"type": "json_schema", "json_schema": {"name": "city", "schema": CITY}}


def function(name: Any = "look", **more: Any) -> Any:
    return {"type": "function", "function": {"name": name, **more}}


def calling(call: Any) -> Any:
    return call.body.get("toolConfig", {}).get("functionCallingConfig")


def responses(model: Any = CURRENT, **more: Any) -> Any:
    """A request as only the Responses API can make it."""
    chat = ChatRequest(model=model, turns=(Turn(role="user", parts=(TextPart("Hi"),)),), names={"a": "b"}, **more)
    return encode_request(chat, Context(model=ModelInfo(id=model), new_id=lambda: "x"))


def test_a_function_is_declared_by_json_schema(translate: Callable[..., NativeCall]) -> None:
    call = translate(tools=[function(description="", parameters=CITY)])
    declaration = {"name": "look", "description": "", "parametersJsonSchema": CITY}
    assert call.body["tools"] == [{"functionDeclarations": [declaration]}]
    assert "toolConfig" not in call.body


def test_a_function_without_parameters_has_no_schema(translate: Callable[..., NativeCall]) -> None:
    assert translate(tools=[function()]).body["tools"] == [{"functionDeclarations": [{"name": "look"}]}]


def test_a_custom_tool_is_a_function_with_one_input(translate: Callable[..., NativeCall]) -> None:
    call = translate(tools=[{"type": "custom", "custom": {"name": "run"}}])
    [declaration] = call.body["tools"][0]["functionDeclarations"]
    assert declaration["parametersJsonSchema"]["required"] == ["input"]


def test_a_strict_function_is_validated(translate: Callable[..., NativeCall]) -> None:
    assert calling(translate(tools=[function(strict=True), function("b")])) == {"mode": "VALIDATED"}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", None),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        ({"type": "function", "function": {"name": "a"}}, {"mode": "ANY", "allowedFunctionNames": ["a"]}),
        ({"type": "custom", "custom": {"name": "c"}}, {"mode": "ANY", "allowedFunctionNames": ["c"]}),
    ],
)
def test_tool_choice_is_a_calling_mode(translate: Callable[..., NativeCall], choice: Any, expected: Any) -> None:
    tools = [function("a"), function("b"), {"type": "custom", "custom": {"name": "c"}}]
    assert calling(translate(tools=tools, tool_choice=choice)) == expected


@pytest.mark.parametrize(("mode", "native"), [("auto", "VALIDATED"), ("required", "ANY")])
def test_allowed_tools_are_allowed_names(translate: Callable[..., NativeCall], mode: Any, native: Any) -> None:
    allowed = {"mode": mode, "tools": [{"type": "function", "function": {"name": "b"}}]}
    choice = {"type": "allowed_tools", "allowed_tools": allowed}
    call = translate(tools=[function("a"), function("b")], tool_choice=choice)
    assert calling(call) == {"mode": native, "allowedFunctionNames": ["b"]}


def test_a_choice_without_tools_sends_no_tool_config(translate: Callable[..., NativeCall]) -> None:
    assert "toolConfig" not in translate(tool_choice="none").body


def test_parallel_calls_switched_off_is_known_to_the_reading(translate: Callable[..., NativeCall]) -> None:
    assert translate(tools=[function()], parallel_tool_calls=False).state.parallel is False


def test_legacy_functions_are_functions(translate: Callable[..., NativeCall]) -> None:
    call = translate(functions=[{"name": "look"}], function_call={"name": "look"})
    assert calling(call) == {"mode": "ANY", "allowedFunctionNames": ["look"]}


def test_a_json_object_is_a_mime_type(translate: Callable[..., NativeCall]) -> None:
    config = translate(response_format={"type": "json_object"}).body["generationConfig"]
    assert config == {"responseMimeType": "application/json"}


def test_text_asks_for_nothing(translate: Callable[..., NativeCall]) -> None:
    assert "generationConfig" not in translate(response_format={"type": "text"}).body


def test_a_json_schema_is_a_response_schema(translate: Callable[..., NativeCall]) -> None:
    config = translate(response_format=FORM, model=OLDER).body["generationConfig"]
    assert config == {"responseMimeType": "application/json", "responseJsonSchema": CITY}


def test_the_description_of_a_format_describes_its_schema(translate: Callable[..., NativeCall]) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "c", "description": "A city.", "schema": CITY}}
    schema = translate(response_format=form).body["generationConfig"]["responseJsonSchema"]
    assert schema == CITY | {"description": "A city."}


def test_functions_and_a_schema_go_together_on_generation_3(translate: Callable[..., NativeCall]) -> None:
    call = translate(response_format=FORM, tools=[function()])
    assert call.body["generationConfig"]["responseJsonSchema"] == CITY
    assert call.notes == ()


def test_functions_and_a_schema_make_one_more_function_on_generation_2(translate: Callable[..., NativeCall]) -> None:
    call = translate(response_format=FORM, tools=[function()], model=OLDER)
    declarations = call.body["tools"][0]["functionDeclarations"]
    assert [item["name"] for item in declarations] == ["look", "json_output"]
    assert declarations[1]["parametersJsonSchema"] == CITY
    assert calling(call) == {"mode": "ANY", "allowedFunctionNames": ["look", "json_output"]}
    assert "generationConfig" not in call.body
    assert call.notes == ("json_emulated",)
    assert call.state.json_output == "json_output"


def test_the_emulated_answer_never_takes_the_name_of_a_function(translate: Callable[..., NativeCall]) -> None:
    call = translate(response_format=FORM, tools=[function("json_output")], model=OLDER)
    assert call.state.json_output == "json_output_"


def test_a_forced_function_stays_forced_under_emulation(translate: Callable[..., NativeCall]) -> None:
    call = translate(response_format=FORM, tools=[function()], tool_choice="required", model=OLDER)
    assert calling(call) == {"mode": "ANY", "allowedFunctionNames": ["look"]}


def test_no_function_may_be_called_so_the_schema_is_native(translate: Callable[..., NativeCall]) -> None:
    call = translate(response_format=FORM, tools=[function()], tool_choice="none", model=OLDER)
    assert "tools" not in call.body
    assert call.body["generationConfig"]["responseJsonSchema"] == CITY


def test_json_without_a_schema_beside_functions_is_asked_for_in_words(translate: Callable[..., NativeCall]) -> None:
    call = translate(response_format={"type": "json_object"}, tools=[function()], model=OLDER)
    [told] = call.body["systemInstruction"]["parts"]
    assert told["text"].startswith("Answer with one JSON object")
    assert (call.body.get("generationConfig"), call.notes) == (None, ("json_emulated",))


def test_web_search_is_google_search(translate: Callable[..., NativeCall]) -> None:
    options = {
        "search_context_size": "low",
        "user_location": {"type": "approximate", "approximate": {"city": "Paris"}},
    }
    call = translate(web_search_options=options)
    assert call.body["tools"] == [{"googleSearch": {}}]
    assert call.dropped == ("web_search_options.search_context_size", "web_search_options.user_location")


def test_a_medium_search_context_is_not_reported(translate: Callable[..., NativeCall]) -> None:
    assert translate(web_search_options={"search_context_size": "medium"}).dropped == ()


def test_search_and_functions_are_combined_on_generation_3(translate: Callable[..., NativeCall]) -> None:
    call = translate(web_search_options={}, tools=[function()])
    assert [list(tool) for tool in call.body["tools"]] == [["googleSearch"], ["functionDeclarations"]]
    assert call.body["toolConfig"] == {"includeServerSideToolInvocations": True}


def test_functions_are_served_without_the_search_on_generation_2(translate: Callable[..., NativeCall]) -> None:
    call = translate(web_search_options={}, tools=[function()], model=OLDER, drop_unsupported=True)
    assert [list(tool) for tool in call.body["tools"]] == [["functionDeclarations"]]
    assert call.dropped == ("web_search_options",)


def test_search_and_functions_are_refused_on_generation_2(translate: Callable[..., NativeCall]) -> None:
    with pytest.raises(RequestRefused) as refused:
        translate(web_search_options={}, tools=[function()], model=OLDER)
    assert refused.value.param == "web_search_options"


def test_code_is_run_by_google() -> None:
    call = responses(builtin_tools=(BuiltinTool("code_interpreter", "tools[0]", {"container": {"type": "auto"}}),))
    assert call.body["tools"] == [{"codeExecution": {}}]
    assert call.state.code_as_text is False


@pytest.mark.parametrize("container", ["cntr_1", {"type": "auto", "file_ids": ["file-1"]}])
def test_a_container_of_ones_own_is_refused(container: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        responses(builtin_tools=(BuiltinTool("code_interpreter", "tools[0]", {"container": container}),))
    assert refused.value.param == "tools[0].container"


def test_another_builtin_tool_is_refused() -> None:
    with pytest.raises(RequestRefused) as refused:
        responses(builtin_tools=(BuiltinTool("file_search", "tools[0]", {}),))
    assert refused.value.param == "tools[0].type"


@pytest.mark.parametrize(
    "choice", [ToolChoice("builtin", "tool_choice", ("web_search",)), ToolChoice("required", "tool_choice")]
)
def test_search_cannot_be_forced(choice: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        responses(web_search=WebSearch("tools[0]"), tool_choice=choice)
    assert refused.value.param == "tool_choice"


def test_search_is_not_offered_when_no_tool_may_be_used() -> None:
    assert "tools" not in responses(web_search=WebSearch("tools[0]"), tool_choice=ToolChoice("none", "x")).body


def test_domains_are_refused() -> None:
    with pytest.raises(RequestRefused) as refused:
        responses(web_search=WebSearch("tools[0]", allowed_domains=("example.com",)))
    assert refused.value.param == "tools[0].filters"


def test_a_limit_of_searches_is_refused() -> None:
    with pytest.raises(RequestRefused) as refused:
        responses(web_search=WebSearch("tools[0]", max_uses=2))
    assert refused.value.param == "max_tool_calls"


def test_tools_of_a_responses_request_are_declared_alike() -> None:
    call = responses(tools=(Tool("look", "tools[0]", parameters=CITY),))
    assert call.body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"] == CITY
