"""The body beside messages and tools."""

from __future__ import annotations

from typing import Any


def test_a_plain_question_needs_no_more_than_model_limit_and_messages(translate: Any) -> None:
    call = translate(max_tokens=100)
    assert call.path == "messages"
    assert call.body == {
        "model": "claude-sonnet-4-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }


def test_without_a_limit_the_models_own_is_sent_and_noted(translate: Any) -> None:
    call = translate()
    assert call.body["max_tokens"] == 64_000
    assert call.notes == ("max_tokens_defaulted:64000",)


def test_an_unknown_model_gets_a_careful_limit(translate: Any) -> None:
    assert translate("claude-from-the-future").body["max_tokens"] == 8192


def test_max_completion_tokens_is_sent_as_it_is(translate: Any) -> None:
    call = translate(max_completion_tokens=77)
    assert call.body["max_tokens"] == 77
    assert call.notes == ()


def test_a_stream_is_asked_for_when_the_client_asks(translate: Any) -> None:
    call = translate(stream=True)
    assert call.stream
    assert call.body["stream"] is True


def test_a_client_that_allows_a_very_long_answer_gets_it_by_a_stream(translate: Any) -> None:
    assert translate(max_tokens=21_334).stream
    assert not translate(max_tokens=21_333).stream


def test_our_own_default_limit_forces_no_stream(translate: Any) -> None:
    assert not translate().stream


def test_temperature_within_the_range_is_sent_unscaled(translate: Any) -> None:
    assert translate(temperature=0.3).body["temperature"] == 0.3


def test_temperature_zero_is_not_lost(translate: Any) -> None:
    assert translate(temperature=0).body["temperature"] == 0


def test_temperature_above_one_is_refused_by_name(refuse: Any) -> None:
    error = refuse(temperature=1.5)
    assert (error.status, error.param, error.code) == (400, "temperature", "unsupported_value")


def test_a_temperature_above_one_becomes_one_and_is_noted(translate: Any) -> None:
    call = translate(temperature=1.5, drop_unsupported=True)
    assert call.body["temperature"] == 1
    assert call.dropped == ()
    assert "temperature:1.5->1" in call.notes


def test_top_p_is_sent(translate: Any) -> None:
    assert translate(top_p=0.4).body["top_p"] == 0.4


def test_a_neutral_top_p_gives_way_to_a_temperature(translate: Any) -> None:
    body = translate(top_p=1, temperature=0.5).body
    assert "top_p" not in body


def test_a_string_stop_becomes_a_list(translate: Any) -> None:
    assert translate(stop="END").body["stop_sequences"] == ["END"]


def test_several_stops_keep_their_order(translate: Any) -> None:
    assert translate(stop=["a", "b"]).body["stop_sequences"] == ["a", "b"]


def test_a_blank_stop_is_refused(refuse: Any) -> None:
    assert refuse(stop=["a", "\n"]).param == "stop"


def test_the_end_user_is_told_in_the_metadata(translate: Any) -> None:
    assert translate(user="u-1").body["metadata"] == {"user_id": "u-1"}


def test_the_safety_identifier_goes_before_the_user(translate: Any) -> None:
    assert translate(user="u-1", safety_identifier="s-1").body["metadata"] == {"user_id": "s-1"}


def test_an_overlong_user_is_dropped_and_reported(translate: Any) -> None:
    call = translate(user="u" * 257)
    assert "metadata" not in call.body
    assert call.dropped == ("user",)


def test_the_default_tier_is_standard_only(translate: Any) -> None:
    assert translate(service_tier="default").body["service_tier"] == "standard_only"


def test_a_tier_that_cannot_be_forced_is_dropped(translate: Any) -> None:
    call = translate(service_tier="flex")
    assert "service_tier" not in call.body
    assert call.dropped == ("service_tier",)


def test_own_options_are_merged_last(translate: Any) -> None:
    call = translate(provider_options={"anthropic": {"top_k": 5, "cache_control": {"type": "ephemeral"}}})
    assert call.body["top_k"] == 5
    assert call.body["cache_control"] == {"type": "ephemeral"}


def test_options_of_other_providers_are_none_of_our_business(translate: Any) -> None:
    assert "safety_settings" not in translate(provider_options={"gemini": {"safety_settings": []}}).body


def test_an_own_option_that_is_not_on_the_list_is_refused(refuse: Any) -> None:
    error = refuse(provider_options={"anthropic": {"betas": ["x"]}})
    assert (error.param, error.code) == ("provider_options.anthropic.betas", "unknown_parameter")
