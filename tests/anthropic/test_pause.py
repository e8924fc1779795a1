"""Calls that follow a call."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_formats.anthropic_messages.repair import relax, repair, resume
from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.neutral.events import Citation, Finish, Pause, ServerTool, Text, ToolCall

ASKED = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}}
FOUND = {
    "type": "web_search_tool_result",
    "tool_use_id": "srvtoolu_1",
    "content": [{"type": "web_search_result", "url": "https://example.com/a"}],
}
PLACE = {"type": "web_search_result_location", "url": "https://example.com/a", "title": "T"}
SEARCHING = RequestState(server_tools=True)


def text(value: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": value, **more}


def test_a_pause_hands_out_the_answer_so_far(whole: Any) -> None:
    events = whole(text("Looking."), ASKED, stop_reason="pause_turn", state=SEARCHING)
    assert events[-1] == Pause([text("Looking."), ASKED])


def test_a_streamed_pause_hands_out_whole_blocks(streamed: Any, as_stream: Any) -> None:
    events = streamed(*as_stream(text("Looking."), ASKED, stop_reason="pause_turn"), state=SEARCHING)
    assert events[-1] == Pause([text("Looking."), ASKED])


def test_a_pause_that_nobody_asked_for_is_an_end(whole: Any) -> None:
    assert whole(text("A"), stop_reason="pause_turn")[-1] == Finish("length")


def test_a_paused_answer_is_sent_again_as_the_last_turn(translate: Any) -> None:
    call = translate(web_search_options={})
    again = resume(call, Pause([text("Looking."), text(" "), ASKED]))
    assert again.body["messages"] == [
        *call.body["messages"],
        {"role": "assistant", "content": [text("Looking."), ASKED]},
    ]
    assert again.body["tools"] == call.body["tools"]


def test_a_second_pause_replaces_the_turn_of_the_first(translate: Any) -> None:
    call = translate(web_search_options={})
    again = resume(resume(call, Pause([ASKED])), Pause([ASKED, FOUND]))
    assert len(again.body["messages"]) == 2
    assert again.body["messages"][-1]["content"] == [ASKED, FOUND]


def test_the_next_round_begins_with_the_missing_result_and_counts_on(translate: Any, whole: Any) -> None:
    again = resume(translate(web_search_options={}), Pause([text("Looking."), ASKED]))
    events = whole(FOUND, text("so", citations=[PLACE]), state=again.state)
    tools = [event for event in events if isinstance(event, ServerTool)]
    assert tools[0].queries == ("q",)
    assert tools[0].native == [ASKED, FOUND]
    assert [event for event in events if isinstance(event, Text)] == [Text("so")]
    assert [event for event in events if isinstance(event, Citation)] == [
        Citation(url="https://example.com/a", title="T", start=8, end=10)
    ]


def test_calls_are_counted_on_after_a_pause(whole: Any) -> None:
    use = {"type": "tool_use", "id": "toolu_2", "name": "add", "input": {}}
    events = whole(use, state=RequestState(prior=(use | {"id": "toolu_1"},)), stop_reason="tool_use")
    assert [event for event in events if isinstance(event, ToolCall)] == [ToolCall(index=1, id="toolu_2", name="add")]


def over_window(asked: int, limit: int, window: int) -> UpstreamError:
    message = f"input length and `max_tokens` exceed context limit: {asked} + {limit} > {window}, decrease them"
    return UpstreamError(message, status=400, type="invalid_request_error")


def test_a_default_limit_that_does_not_fit_becomes_what_the_window_leaves(translate: Any) -> None:
    fixed = repair(translate(), over_window(150_000, 64_000, 200_000))
    assert fixed is not None
    assert fixed.body["max_tokens"] == 50_000
    assert fixed.notes == ("max_tokens_defaulted:50000",)


def test_the_clients_own_limit_is_never_changed(translate: Any) -> None:
    assert repair(translate(max_tokens=64_000), over_window(150_000, 64_000, 200_000)) is None


def test_it_is_where_things_may_be_shaped(translate: Any) -> None:
    fixed = relax(translate(max_tokens=64_000), over_window(150_000, 64_000, 200_000))
    assert fixed is not None
    assert fixed.body["max_tokens"] == 50_000
    assert "max_tokens:64000->50000" in fixed.notes


@pytest.mark.parametrize(("limit", "budget"), [(32_000, 16_384), (8_192, 6_553)])
def test_a_limit_above_the_models_is_lowered_with_its_thinking_budget(translate: Any, limit: int, budget: int) -> None:
    message = f"max_tokens: 64000 > {limit}, which is the maximum allowed number of output tokens for m"
    call = translate("claude-3-7-sonnet-latest", max_tokens=64_000, reasoning_effort="high")
    fixed = relax(call, UpstreamError(message, status=400, type="invalid_request_error"))
    assert fixed is not None
    assert fixed.body["max_tokens"] == limit
    assert fixed.body["thinking"]["budget_tokens"] == budget
    assert f"max_tokens:64000->{limit}" in fixed.notes


def test_other_errors_relax_nothing(translate: Any) -> None:
    assert relax(translate(max_tokens=9), UpstreamError("no", status=400, type="invalid_request_error")) is None
    assert relax(translate(max_tokens=9), over_window(200_000, 9, 200_000)) is None


def test_a_call_is_repaired_once(translate: Any) -> None:
    error = over_window(150_000, 64_000, 200_000)
    fixed = repair(translate(), error)
    assert fixed is not None
    assert repair(fixed, error) is None


def test_a_prompt_that_fills_the_window_is_not_repaired(translate: Any) -> None:
    assert repair(translate(), over_window(200_000, 64_000, 200_000)) is None


def test_a_thinking_budget_shrinks_with_the_limit(translate: Any) -> None:
    fixed = repair(translate(reasoning_effort="high"), over_window(190_000, 64_000, 200_000))
    assert fixed is not None
    assert fixed.body["thinking"]["budget_tokens"] == 8000


def test_a_limit_too_small_to_think_is_not_repaired(translate: Any) -> None:
    assert repair(translate(reasoning_effort="high"), over_window(199_500, 64_000, 200_000)) is None


def test_other_errors_are_not_repaired(translate: Any) -> None:
    assert repair(translate(), UpstreamError("no", status=400, type="invalid_request_error")) is None
