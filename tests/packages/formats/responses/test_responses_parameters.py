"""Every parameter of the Responses API has a fate, for any provider."""

from __future__ import annotations

import typing

import pytest
from openai.types.responses import response_create_params

from unigate_core.errors import RequestRefused
from unigate_formats.neutral.parameters import Parameter, ParameterSupport, check_parameters
from unigate_formats.openai_responses.parameters import responses_parameters

CHAT = {
    name: Parameter(ParameterSupport.SUPPORTED)
    for name in (
        *("temperature", "top_p", "max_completion_tokens", "tools", "tool_choice", "parallel_tool_calls"),
        *("reasoning_effort", "service_tier", "top_logprobs", "user", "safety_identifier", "prompt_cache_key"),
        *("prompt_cache_options", "prompt_cache_retention"),
    )
}


def test_every_parameter_of_the_sdk_has_a_fate() -> None:
    known = set(typing.get_type_hints(response_create_params.ResponseCreateParamsBase)) | {"stream"}
    assert known <= set(responses_parameters(CHAT))


def test_what_chat_drops_is_dropped() -> None:
    table = responses_parameters({**CHAT, "user": Parameter(ParameterSupport.DROPPED)})
    assert check_parameters({"user": "u"}, table, provider="acme", drop_unsupported=False) == ["user"]


def test_limits_are_those_of_chat() -> None:
    row = Parameter(ParameterSupport.SUPPORTED, "As max_tokens.")
    assert responses_parameters({**CHAT, "max_completion_tokens": row})["max_output_tokens"] == row


@pytest.mark.parametrize(
    ("name", "value"),
    [("background", True), ("conversation", "conv_1"), ("prompt", {"id": "p"})],
)
def test_what_only_openai_has_is_refused(name: str, value: object) -> None:
    with pytest.raises(RequestRefused) as refused:
        check_parameters({name: value}, responses_parameters(CHAT), provider="acme", drop_unsupported=True)
    assert refused.value.param == name


@pytest.mark.parametrize("name", ["truncation", "access_programs", "context_management", "client_metadata"])
def test_what_does_not_change_the_kind_of_answer_is_dropped_or_refused_as_asked(name: str) -> None:
    table, body = responses_parameters(CHAT), {name: {"x": "y"}}
    assert check_parameters(body, table, provider="acme", drop_unsupported=True) == [name]
    with pytest.raises(RequestRefused) as refused:
        check_parameters(body, table, provider="acme", drop_unsupported=False)
    assert refused.value.param == name


@pytest.mark.parametrize(("name", "value"), [("background", False), ("truncation", "disabled"), ("prompt", None)])
def test_neutral_values_ask_for_nothing(name: str, value: object) -> None:
    assert check_parameters({name: value}, responses_parameters(CHAT), provider="acme", drop_unsupported=False) == []
