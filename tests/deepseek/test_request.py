"""Chat request → DeepSeek's: parameters, tools, thinking, structured output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs
from openai.types.chat.completion_create_params import CompletionCreateParamsBase

from unigate_core.errors import RequestRefused
from unigate_core.json import Json
from unigate_deepseek.parameters import PARAMETERS
from unigate_deepseek.profile import PROFILE
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import BuiltinTool
from unigate_formats.neutral.translation import Context, NativeCall
from unigate_formats.openai_chat.decode_request import decode_request
from unigate_formats.openai_chat.encode_request import encode_request

Translate = Callable[..., NativeCall]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA, "strict": True}}


def test_every_parameter_of_openai_has_a_fate() -> None:
    assert set(CompletionCreateParamsBase.__annotations__) <= set(PARAMETERS)


def test_a_plain_request_says_no_more_than_it_must(translate: Translate) -> None:
    call = translate()
    assert call.path == "chat/completions"
    assert call.body == {"model": "deepseek-flash", "messages": [{"role": "user", "content": "hi"}]}


def test_a_stream_always_asks_for_usage(translate: Translate) -> None:
    call = translate(stream=True)
    assert call.stream
    assert call.body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_both_limits_are_max_tokens(translate: Translate, name: str) -> None:
    assert translate(**{name: 7}).body["max_tokens"] == 7


def test_sampling_values_are_sent_as_they_are(translate: Translate) -> None:
    given = {"temperature": 1.7, "top_p": 0.3, "frequency_penalty": -1.5, "presence_penalty": 2}
    body = translate(**given, logprobs=True, top_logprobs=3, stop="END").body
    assert {key: body[key] for key in given} == given
    assert (body["logprobs"], body["top_logprobs"], body["stop"]) == (True, 3, ["END"])


def test_it_is_told_that_a_thinking_model_ignores_temperature(translate: Translate) -> None:
    assert translate(temperature=0.2, presence_penalty=0).notes == ("upstream_ignores:temperature",)


@pytest.mark.parametrize("more", [{"reasoning_effort": "none"}, {"model": "deepseek-chat"}])
def test_temperature_counts_where_the_model_does_not_think(translate: Translate, more: Json) -> None:
    assert translate(temperature=0.2, **more).notes == ()


def test_effort_none_switches_thinking_off(translate: Translate) -> None:
    body = translate(reasoning_effort="none").body
    assert body["thinking"] == {"type": "disabled"}
    assert "reasoning_effort" not in body


@pytest.mark.parametrize("effort", ["minimal", "low", "medium", "high", "xhigh", "max"])
def test_other_efforts_pass_as_they_are(translate: Translate, effort: str) -> None:
    body = translate(reasoning_effort=effort).body
    assert body["thinking"] == {"type": "enabled"}
    assert body["reasoning_effort"] == effort


def test_the_providers_own_thinking_option_wins(translate: Translate) -> None:
    options = {"deepseek": {"thinking": {"type": "disabled"}}}
    assert translate(reasoning_effort="high", provider_options=options).body["thinking"] == {"type": "disabled"}


def test_an_unknown_option_is_refused_by_its_path(translate: Translate) -> None:
    with pytest.raises(RequestRefused) as refused:
        translate(provider_options={"deepseek": {"top_k": 3}})
    assert (refused.value.code, refused.value.param) == ("unknown_parameter", "provider_options.deepseek.top_k")


def test_the_end_user_becomes_user_id(translate: Translate) -> None:
    assert translate(user="someone", safety_identifier="u-1").body["user_id"] == "u-1"


def test_an_end_user_that_cannot_be_an_id_is_dropped_and_told(translate: Translate) -> None:
    call = translate(user="someone@example.com")
    assert "user_id" not in call.body
    assert call.dropped == ("user",)


def test_tools_pass_as_they_are(translate: Translate, weather: Json) -> None:
    tool = {"type": "function", "function": {**weather["function"], "strict": True}}
    assert translate(tools=[tool], tool_choice="required").body["tools"] == [tool]
    assert translate(tools=[tool], tool_choice="required").body["tool_choice"] == "required"


def test_a_tool_choice_by_name_stays_one(translate: Translate, weather: Json) -> None:
    choice = {"type": "function", "function": {"name": "weather"}}
    assert translate(tools=[weather], tool_choice=choice).body["tool_choice"] == choice


def test_tools_that_are_not_allowed_are_left_out(translate: Translate, weather: Json) -> None:
    other = {"type": "function", "function": {"name": "other"}}
    allowed = {"mode": "required", "tools": [{"type": "function", "function": {"name": "weather"}}]}
    body = translate(tools=[other, weather], tool_choice={"type": "allowed_tools", "allowed_tools": allowed}).body
    assert body["tools"] == [weather]
    assert body["tool_choice"] == "required"


def test_legacy_functions_become_tools(translate: Translate, weather: Json) -> None:
    body = translate(functions=[weather["function"]], function_call={"name": "weather"}).body
    assert body["tools"] == [weather]
    assert body["tool_choice"]["function"] == {"name": "weather"}


def test_a_custom_tool_becomes_a_function_with_one_text(translate: Translate) -> None:
    body = translate(tools=[{"type": "custom", "custom": {"name": "shell"}}]).body
    assert body["tools"][0]["function"]["parameters"]["required"] == ["input"]


def test_json_mode_is_native(translate: Translate) -> None:
    call = translate(response_format={"type": "json_object"})
    assert call.body["response_format"] == {"type": "json_object"}
    assert call.notes == ()


def test_plain_text_is_no_format(translate: Translate) -> None:
    assert "response_format" not in translate(response_format={"type": "text"}).body


def test_a_schema_is_told_to_the_model_in_json_mode(translate: Translate) -> None:
    call = translate(response_format=FORMAT)
    assert call.body["response_format"] == {"type": "json_object"}
    told = call.body["messages"][0]
    assert told["role"] == "system"
    assert '"properties":{"city":{"type":"string"}}' in told["content"]
    assert "JSON" in told["content"]
    assert call.notes == ("json_emulated",)


def test_the_schema_comes_after_the_clients_own_instructions(translate: Translate) -> None:
    messages = [{"role": "developer", "content": "be kind"}, {"role": "user", "content": "hi"}]
    sent = translate(messages=messages, response_format=FORMAT).body["messages"]
    assert [message["role"] for message in sent] == ["system", "system", "user"]
    assert sent[0]["content"] == "be kind"


def test_searching_the_web_is_refused(translate: Translate) -> None:
    with pytest.raises(RequestRefused) as refused:
        translate(web_search_options={})
    assert refused.value.param == "web_search_options"


def test_one_call_at_a_time_is_remembered_for_the_answer(translate: Translate, weather: Json) -> None:
    call = translate(tools=[weather], parallel_tool_calls=False)
    assert "parallel_tool_calls" not in call.body
    assert call.state.parallel is False


def test_n_is_not_sent(translate: Translate) -> None:
    assert "n" not in translate(n=3).body


def test_integers_of_a_schema_keep_their_digits(translate: Translate) -> None:
    parameters: dict[str, Any] = {"type": "object", "properties": {"n": {"const": 2**53 + 1}}}
    tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}
    assert translate(tools=[tool]).body["tools"][0]["function"]["parameters"] == parameters


def test_tools_that_only_others_run_are_left_out_and_reported() -> None:
    tool = BuiltinTool(kind="code_interpreter", path="tools[0]", options={"type": "code_interpreter"})
    chat = structs.replace(
        decode_request({"model": "m", "messages": [{"role": "user", "content": "x"}]}),
        builtin_tools=(tool,),
    )
    context = Context(model=ModelInfo("m"), new_id=lambda: "x", drop_unsupported=True)
    assert encode_request(PROFILE, chat, context).dropped == ("tools[0]",)
    with pytest.raises(RequestRefused) as refused:
        encode_request(PROFILE, chat, Context(model=ModelInfo("m"), new_id=lambda: "x"))
    assert refused.value.param == "tools[0].type"
