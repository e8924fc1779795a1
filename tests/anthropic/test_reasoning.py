"""reasoning_effort, and thoughts on their way back."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.json import Json
from unigate_formats.anthropic_messages.replay import to_blob

TOOLS = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]
CALL = {"id": "toolu_1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
USE = {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {}}
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
REDACTED = {"type": "redacted_thinking", "data": "ZGF0YQ=="}
DETAIL = {"type": "reasoning.text", "text": "Hm.", "signature": "c2ln", "format": "anthropic-v1", "index": 0}


def loop(**assistant: Any) -> list[dict[str, Any]]:
    return [
        {"role": "user", "content": "A"},
        {"role": "assistant", "content": None, "tool_calls": [CALL], **assistant},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "3"},
    ]


def test_without_an_effort_nothing_is_sent(translate: Any) -> None:
    body = translate("claude-opus-4-8").body
    assert "thinking" not in body
    assert "output_config" not in body


@pytest.mark.parametrize("effort", ["low", "medium", "high", "xhigh", "max"])
def test_a_model_with_effort_gets_it_and_shows_its_thoughts(translate: Any, effort: str) -> None:
    body = translate("claude-opus-4-8", reasoning_effort=effort).body
    assert body["output_config"] == {"effort": effort}
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}


def test_a_minimal_effort_is_low_and_noted(translate: Any) -> None:
    call = translate("claude-opus-4-8", reasoning_effort="minimal")
    assert call.body["output_config"] == {"effort": "low"}
    assert "effort:minimal->low" in call.notes


def test_an_effort_beyond_the_model_is_refused_with_its_levels(refuse: Any) -> None:
    error = refuse("claude-opus-4-6", reasoning_effort="xhigh")
    assert (error.param, error.code) == ("reasoning_effort", "unsupported_value")
    assert "low, medium, high, max" in error.message


def test_what_the_vendors_list_says_goes_before_what_we_know(translate: Any, refuse: Any) -> None:
    features = "thinking:adaptive effort:low effort:high"
    assert translate("claude-opus-4-8", features=features, reasoning_effort="high").body["output_config"]
    assert refuse("claude-opus-4-8", features=features, reasoning_effort="max").param == "reasoning_effort"


@pytest.mark.parametrize(("effort", "budget"), [("minimal", 1024), ("low", 2048), ("medium", 8192), ("high", 16384)])
def test_an_older_model_gets_a_budget(translate: Any, effort: str, budget: int) -> None:
    body = translate(reasoning_effort=effort).body
    assert body["thinking"] == {"type": "enabled", "budget_tokens": budget, "display": "summarized"}
    assert "output_config" not in body


@pytest.mark.parametrize("effort", ["xhigh", "max"])
def test_an_older_model_has_no_higher_budget(refuse: Any, effort: str) -> None:
    assert refuse(reasoning_effort=effort).param == "reasoning_effort"


def test_a_budget_beyond_the_limit_is_most_of_the_limit(translate: Any) -> None:
    assert translate(reasoning_effort="high", max_tokens=4000).body["thinking"]["budget_tokens"] == 3200


def test_a_budget_is_never_below_its_least(translate: Any) -> None:
    assert translate(reasoning_effort="high", max_tokens=1100).body["thinking"]["budget_tokens"] == 1024


def test_a_limit_without_room_for_thinking_is_refused(refuse: Any) -> None:
    assert refuse(reasoning_effort="low", max_tokens=1024).param == "max_completion_tokens"


def test_a_model_that_does_not_think_refuses(refuse: Any) -> None:
    assert refuse("claude-3-5-haiku-latest", reasoning_effort="low").param == "reasoning_effort"


def test_none_switches_thinking_off_where_it_is_on_by_itself(translate: Any) -> None:
    assert translate("claude-opus-4-8", reasoning_effort="none").body["thinking"] == {"type": "disabled"}


def test_none_is_between_tools_where_it_cannot_be_off(translate: Any) -> None:
    features = "thinking:adaptive thinking:between_tools effort:low"
    body = translate("claude-zeta-9", features=features, reasoning_effort="none").body
    assert body["thinking"] == {"type": "between_tools"}


def test_none_is_refused_where_thinking_cannot_be_off(refuse: Any) -> None:
    assert refuse("claude-zeta-9", features="thinking:adaptive effort:low", reasoning_effort="none").param == (
        "reasoning_effort"
    )


def test_none_sends_nothing_to_an_older_model(translate: Any) -> None:
    assert "thinking" not in translate(reasoning_effort="none").body


def test_a_temperature_is_refused_beside_a_budget(refuse: Any) -> None:
    assert refuse(reasoning_effort="low", temperature=0.2).param == "temperature"


def test_a_temperature_of_one_is_fine_beside_a_budget(translate: Any) -> None:
    assert translate(reasoning_effort="low", temperature=1).body["temperature"] == 1


def test_a_forced_tool_is_refused_beside_a_budget(refuse: Any) -> None:
    assert refuse(reasoning_effort="low", tools=TOOLS, tool_choice="required").param == "tool_choice"


def test_thinking_gives_way_to_a_forced_tool(translate: Any, refuse: Any) -> None:
    asked: Json = {"reasoning_effort": "low", "tools": TOOLS, "tool_choice": "required"}
    call = translate("claude-opus-4-8", **asked, drop_unsupported=True)
    assert (call.body["tool_choice"], call.body["thinking"]) == ({"type": "any"}, {"type": "disabled"})
    assert "thinking_dropped" in call.notes
    assert refuse("claude-opus-4-8", **asked).param == "tool_choice"


def test_thoughts_that_come_back_stand_first_and_unchanged(translate: Any) -> None:
    body = translate(messages=loop(reasoning_details=[DETAIL]), tools=TOOLS, reasoning_effort="low").body
    assert body["messages"][1]["content"] == [THOUGHT, USE]
    assert body["thinking"]["type"] == "enabled"


def test_redacted_thoughts_come_back_as_data(translate: Any) -> None:
    detail = {"type": "reasoning.encrypted", "data": "ZGF0YQ==", "format": "anthropic-v1"}
    body = translate(messages=loop(reasoning_details=[detail]), tools=TOOLS).body
    assert body["messages"][1]["content"] == [REDACTED, USE]


def test_a_thought_without_text_keeps_its_signature(translate: Any) -> None:
    body = translate(messages=loop(reasoning_details=[DETAIL | {"text": ""}]), tools=TOOLS).body
    assert body["messages"][1]["content"][0] == {"type": "thinking", "thinking": "", "signature": "c2ln"}


@pytest.mark.parametrize(
    "assistant",
    [
        {"reasoning_details": [DETAIL | {"format": "google-v1"}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "Hm.", "format": "anthropic-v1"}]},
        {"reasoning_content": "Hm."},
    ],
)
def test_foreign_or_unproven_thoughts_are_left_out(translate: Any, assistant: Any) -> None:
    body = translate(messages=loop(**assistant), tools=TOOLS).body
    assert body["messages"][1]["content"] == [USE]


def test_thoughts_that_the_client_dropped_are_restored_from_the_store(translate: Any) -> None:
    blob = to_blob([THOUGHT, REDACTED, USE])
    call = translate(messages=loop(), tools=TOOLS, reasoning_effort="low", replay={"toolu_1": blob})
    assert call.body["messages"][1]["content"] == [THOUGHT, REDACTED, USE]
    assert "thinking_dropped" not in call.notes


def test_interleaved_thoughts_keep_their_places(translate: Any) -> None:
    said = {"type": "text", "text": "Adding."}
    blob = to_blob([THOUGHT, said, REDACTED, USE])
    body = translate(messages=loop(content="Adding."), tools=TOOLS, replay={"toolu_1": blob}).body
    assert body["messages"][1]["content"] == [THOUGHT, said, REDACTED, USE]


def test_a_client_that_changed_its_history_is_believed(translate: Any) -> None:
    blob = to_blob([THOUGHT, {"type": "text", "text": "Adding."}, USE])
    body = translate(messages=loop(content="Other."), tools=TOOLS, replay={"toolu_1": blob}).body
    assert body["messages"][1]["content"] == [THOUGHT, {"type": "text", "text": "Other."}, USE]


def test_arguments_come_from_the_client_and_not_from_the_store(translate: Any) -> None:
    blob = to_blob([THOUGHT, USE | {"input": {"a": 1}}])
    assert b"input" not in blob
    body = translate(messages=loop(), tools=TOOLS, replay={"toolu_1": blob}).body
    assert body["messages"][1]["content"][1] == USE


def test_a_broken_blob_is_as_good_as_none(translate: Any) -> None:
    body = translate(messages=loop(), tools=TOOLS, replay={"toolu_1": b"\x00"}).body
    assert body["messages"][1]["content"] == [USE]


def test_a_tool_loop_that_lost_its_thoughts_goes_on_without_thinking(translate: Any) -> None:
    call = translate(messages=loop(), tools=TOOLS, reasoning_effort="low")
    assert call.body["thinking"] == {"type": "disabled"}
    assert "thinking_dropped" in call.notes


def test_a_finished_loop_does_not_switch_thinking_off(translate: Any) -> None:
    messages = [*loop(), {"role": "assistant", "content": "3."}, {"role": "user", "content": "Thanks"}]
    call = translate(messages=messages, tools=TOOLS, reasoning_effort="low")
    assert call.body["thinking"]["type"] == "enabled"


def test_an_adaptive_model_only_misses_the_lost_thoughts(translate: Any) -> None:
    call = translate("claude-opus-4-8", messages=loop(), tools=TOOLS, reasoning_effort="low")
    assert call.body["thinking"]["type"] == "adaptive"
    assert "thinking_dropped" not in call.notes


def test_an_assistant_message_at_the_end_is_refused_beside_a_budget(refuse: Any) -> None:
    messages = [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}]
    assert refuse(messages=messages, reasoning_effort="low").param == "messages"


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-opus-4-6"])
def test_sampling_that_a_thinking_model_does_not_take_is_left_to_it(translate: Any, model: str) -> None:
    call = translate(model, reasoning_effort="low", temperature=0.2, top_k=5, drop_unsupported=True)
    assert call.body["thinking"]["type"] in ("enabled", "adaptive")
    assert not {"temperature", "top_k"} & call.body.keys()
    assert {"temperature", "top_k"} <= set(call.dropped)


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-opus-4-6"])
def test_a_thinking_models_top_p_is_near_one(translate: Any, refuse: Any, model: str) -> None:
    call = translate(model, reasoning_effort="low", top_p=0.3, drop_unsupported=True)
    assert call.body["top_p"] == 0.95
    assert "top_p:0.3->0.95" in call.notes
    assert translate(model, reasoning_effort="low", top_p=0.97).body["top_p"] == 0.97
    assert translate(model, top_p=0.3).body["top_p"] == 0.3
    assert refuse(model, reasoning_effort="low", top_p=0.3).param == "top_p"


def test_sampling_of_a_thinking_model_is_refused_where_nothing_may_be_dropped(refuse: Any) -> None:
    assert refuse("claude-opus-4-6", reasoning_effort="low", temperature=0.2).param == "temperature"
    assert refuse("claude-opus-4-6", reasoning_effort="low", top_k=5).param == "top_k"


def test_thoughts_of_another_vendor_are_told(translate: Any) -> None:
    thought = {"format": "deepseek-v1", "type": "reasoning.text", "text": "t"}
    answer = {"role": "assistant", "content": "a", "reasoning_details": [thought]}
    user = {"role": "user", "content": "q"}
    assert "thinking_dropped" in translate(messages=[user, answer, user]).notes
    answer["reasoning_details"] = [{"format": "anthropic-v1", "type": "reasoning.text", "text": "t", "signature": "s"}]
    assert "thinking_dropped" not in translate(messages=[user, answer, user]).notes
