"""The call itself: path, sampling, tiers, reasoning and options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from unigate_core.errors import RequestRefused, UpstreamError
from unigate_formats.gemini_generate_content.dropped_values import DroppedValues
from unigate_formats.gemini_generate_content.encode_reasoning import thinking_config
from unigate_formats.gemini_generate_content.encode_request import encode_request, has_native_n, repair
from unigate_formats.gemini_generate_content.models import traits_of
from unigate_formats.gemini_generate_content.replay import SKIP_SIGNATURE
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import ChatRequest, TextPart, Turn, WebSearch
from unigate_formats.neutral.translation import Context, NativeCall

OLDER = "gemini-2.5-flash"
CONTEXT = Context(model=ModelInfo(id="m"), new_id=lambda: "x")


def chat(**more: Any) -> Any:
    return ChatRequest(model=more.pop("model", OLDER), turns=(Turn(role="user", parts=(TextPart("Hi"),)),), **more)


def test_a_whole_answer_is_asked_of_generate_content(translate: Callable[..., NativeCall]) -> None:
    call = translate()
    assert (call.path, call.stream) == ("models/gemini-3-flash-preview:generateContent", False)


def test_a_stream_is_asked_of_stream_generate_content(translate: Callable[..., NativeCall]) -> None:
    call = translate(stream=True)
    assert (call.path, call.stream) == ("models/gemini-3-flash-preview:streamGenerateContent?alt=sse", True)


def test_the_model_cannot_leave_its_place_in_the_path(translate: Callable[..., NativeCall]) -> None:
    assert translate(model="../x?y#z").path == "models/..%2Fx%3Fy%23z:generateContent"


def test_a_tuned_model_keeps_its_own_collection(translate: Callable[..., NativeCall]) -> None:
    assert translate(model="tunedModels/mine").path == "tunedModels/mine:generateContent"


def test_nothing_asked_sends_no_generation_config(translate: Callable[..., NativeCall]) -> None:
    assert list(translate().body) == ["contents"]


def test_sampling_parameters_keep_their_values(translate: Callable[..., NativeCall]) -> None:
    call = translate(
        max_completion_tokens=5, temperature=0, top_p=0.5, stop="END", seed=7, frequency_penalty=0.5,
        presence_penalty=-1, logprobs=True, top_logprobs=3,
    )  # fmt: skip
    assert call.body["generationConfig"] == {
        "maxOutputTokens": 5,
        "temperature": 0,
        "topP": 0.5,
        "stopSequences": ["END"],
        "seed": 7,
        "frequencyPenalty": 0.5,
        "presencePenalty": -1,
        "responseLogprobs": True,
        "logprobs": 3,
    }


def test_values_that_ask_for_nothing_are_left_out(translate: Callable[..., NativeCall]) -> None:
    call = translate(frequency_penalty=0, presence_penalty=0, logprobs=False, top_logprobs=0, n=1)
    assert "generationConfig" not in call.body


def test_a_seed_beyond_32_bits_is_refused(translate: Callable[..., NativeCall]) -> None:
    with pytest.raises(RequestRefused) as refused:
        translate(seed=2**31)
    assert (refused.value.param, refused.value.code) == ("seed", "invalid_value")


def test_choices_of_a_whole_answer_are_candidates_on_generation_2(translate: Callable[..., NativeCall]) -> None:
    assert translate(model=OLDER, n=3).body["generationConfig"] == {"candidateCount": 3}


@pytest.mark.parametrize(
    ("more", "native"),
    [
        ({"n": 8}, True),
        ({"n": 9}, False),
        ({"n": 2, "stream": True}, False),
        ({"n": 2, "model": "gemini-3-pro-preview"}, False),
    ],
)
def test_choices_are_native_only_where_candidates_are_allowed(more: Any, native: Any) -> None:
    assert has_native_n(chat(**more), CONTEXT) is native


@pytest.mark.parametrize(
    ("asked", "sent"), [("default", "standard"), ("flex", "flex"), ("priority", "priority"), ("auto", None)]
)
def test_service_tiers_are_translated(translate: Callable[..., NativeCall], asked: Any, sent: Any) -> None:
    call = translate(service_tier=asked)
    assert call.body.get("serviceTier") == sent
    assert call.dropped == ()


def test_a_tier_that_google_does_not_sell_is_dropped(translate: Callable[..., NativeCall]) -> None:
    call = translate(service_tier="scale")
    assert "serviceTier" not in call.body
    assert call.dropped == ("service_tier",)


def test_safety_settings_are_only_sent_when_given(translate: Callable[..., NativeCall]) -> None:
    settings = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    call = translate(provider_options={"gemini": {"safety_settings": settings, "top_k": 4}}, temperature=1)
    assert call.body["safetySettings"] == settings
    assert call.body["generationConfig"] == {"temperature": 1, "topK": 4}


def test_an_unknown_provider_option_is_refused(translate: Callable[..., NativeCall]) -> None:
    with pytest.raises(RequestRefused) as refused:
        translate(provider_options={"gemini": {"cached_content": "x"}})
    assert (refused.value.param, refused.value.code) == ("provider_options.gemini.cached_content", "unknown_parameter")


def test_options_of_other_providers_are_ignored(translate: Callable[..., NativeCall]) -> None:
    assert "generationConfig" not in translate(provider_options={"anthropic": {"top_k": 4}}).body


@pytest.mark.parametrize(
    ("model", "effort", "amount"),
    [
        ("gemini-3-flash-preview", "minimal", {"thinkingLevel": "MINIMAL"}),
        ("gemini-3-flash-preview", "medium", {"thinkingLevel": "MEDIUM"}),
        ("gemini-3-pro-preview", "low", {"thinkingLevel": "LOW"}),
        ("gemini-3.1-pro-preview", "medium", {"thinkingLevel": "MEDIUM"}),
        ("gemini-flash-latest", "high", {"thinkingLevel": "HIGH"}),
        ("gemini-2.5-flash", "minimal", {"thinkingBudget": 512}),
        ("gemini-2.5-flash-lite", "low", {"thinkingBudget": 1024}),
        ("gemini-2.5-pro", "minimal", {"thinkingBudget": 128}),
        ("gemini-2.5-pro", "medium", {"thinkingBudget": 8192}),
        ("gemini-2.5-flash", "high", {"thinkingBudget": 24576}),
    ],
)
def test_effort_is_a_level_or_a_budget_and_never_both(
    translate: Callable[..., NativeCall], model: Any, effort: Any, amount: Any
) -> None:
    config = translate(model=model, reasoning_effort=effort).body["generationConfig"]
    assert config == {"thinkingConfig": {"includeThoughts": True} | amount}


def test_no_effort_switches_thinking_off_where_that_is_possible(translate: Callable[..., NativeCall]) -> None:
    config = translate(model=OLDER, reasoning_effort="none").body["generationConfig"]
    assert config == {"thinkingConfig": {"thinkingBudget": 0}}


@pytest.mark.parametrize(
    ("model", "effort", "known"),
    [
        ("gemini-3-flash-preview", "none", "minimal, low, medium, high"),
        ("gemini-3-pro-preview", "medium", "low, high"),
        ("gemini-3.1-pro-preview", "minimal", "low, medium, high"),
        ("gemini-3-flash-preview", "xhigh", "minimal, low, medium, high"),
        ("gemini-2.5-pro", "none", "minimal, low, medium, high"),
        ("gemini-2.5-flash", "max", "none, minimal, low, medium, high"),
    ],
)
def test_an_effort_that_the_model_lacks_is_refused_with_those_it_has(
    translate: Callable[..., NativeCall], model: Any, effort: Any, known: Any
) -> None:
    with pytest.raises(RequestRefused) as refused:
        translate(model=model, reasoning_effort=effort)
    assert (refused.value.param, refused.value.code) == ("reasoning_effort", "unsupported_value")
    assert refused.value.message.endswith(f"It takes: {known}.")


def test_no_effort_is_what_a_model_without_thoughts_does_anyway(translate: Callable[..., NativeCall]) -> None:
    assert "generationConfig" not in translate(model="gemini-2.0-flash", reasoning_effort="none").body


def test_effort_is_refused_by_a_model_without_thoughts(translate: Callable[..., NativeCall]) -> None:
    with pytest.raises(RequestRefused):
        translate(model="gemini-2.0-flash", reasoning_effort="low")


def test_a_summary_alone_asks_for_thoughts() -> None:
    report = DroppedValues()
    config = thinking_config(chat(reasoning_summary=True), traits_of(OLDER), report, drop_unsupported=False)
    assert config == {"includeThoughts": True}


@pytest.mark.parametrize(
    ("model", "asked", "amount", "note"),
    [
        ("gemini-3-pro", "medium", {"thinkingLevel": "HIGH"}, "effort:medium->high"),
        ("gemini-3-pro", "none", {"thinkingLevel": "LOW"}, "effort:none->low"),
        ("gemini-2.5-flash", "xhigh", {"thinkingBudget": 24576}, "effort:xhigh->high"),
        ("gemini-2.0-flash", "high", {}, "effort:high->none"),
    ],
)
def test_an_effort_that_the_model_lacks_becomes_the_nearest(model: str, asked: Any, amount: Any, note: str) -> None:
    report = DroppedValues()
    config = thinking_config(chat(reasoning_effort=asked), traits_of(model), report, drop_unsupported=True) or {}
    assert {key: value for key, value in config.items() if key != "includeThoughts"} == amount
    assert report.notes == [note]


def test_thinking_config_of_the_client_wins(translate: Callable[..., NativeCall]) -> None:
    options = {"gemini": {"thinking_config": {"thinkingBudget": 99}}}
    config = translate(model=OLDER, reasoning_effort="low", provider_options=options).body["generationConfig"]
    assert config == {"thinkingConfig": {"thinkingBudget": 99}}


def test_a_missing_signature_is_repaired_once(translate: Callable[..., NativeCall]) -> None:
    made = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "tool_calls": [made]},
        {"role": "tool", "tool_call_id": "1", "content": "ok"},
    ]  # fmt: skip
    call = translate(messages, model=OLDER)
    error = UpstreamError("no", status=500, type="server_error", code="gateway_bug")
    fixed = repair(call, error)
    assert fixed is not None
    assert fixed.body["contents"][1]["parts"][0]["thoughtSignature"] == SKIP_SIGNATURE
    assert "thoughtSignature" not in call.body["contents"][1]["parts"][0]
    assert repair(fixed, error) is None


def test_other_errors_are_not_repaired(translate: Callable[..., NativeCall]) -> None:
    assert repair(translate(), UpstreamError("no", status=400, type="invalid_request_error")) is None


def test_stop_sequences_beyond_googles_number_are_told() -> None:
    stops = tuple("abcdefg")
    context = Context(model=ModelInfo(id="m"), new_id=lambda: "x", drop_unsupported=True)
    call = encode_request(chat(stop=stops), context)
    assert call.body["generationConfig"]["stopSequences"] == list("abcde")
    assert call.dropped == ("stop[5:]",)
    with pytest.raises(RequestRefused):
        encode_request(chat(stop=stops), CONTEXT)


def test_a_limit_of_searches_is_told() -> None:
    search = WebSearch(path="tools[0]", max_uses=3, limit_path="tools[0].max_uses")
    context = Context(model=ModelInfo(id="m"), new_id=lambda: "x", drop_unsupported=True)
    call = encode_request(chat(web_search=search), context)
    assert call.body["tools"] == [{"googleSearch": {}}]
    assert call.dropped == ("tools[0].max_uses",)
    with pytest.raises(RequestRefused) as refused:
        encode_request(chat(web_search=search), CONTEXT)
    assert refused.value.param == "tools[0].max_uses"
