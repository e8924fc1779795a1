"""The response object: what it repeats of the request, and what it counts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from unigate_formats.neutral.events import (
    Event,
    Finish,
    Reasoning,
    ReasoningBlock,
    Refusal,
    ServerTool,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
)

START = Start(id="1", model="acme-1-dated", service_tier="priority")
ANSWER = [START, Text("Fine."), Finish("stop")]
KEYS = [
    *["id", "object", "created_at", "status", "background", "completed_at", "error", "incomplete_details"],
    *["instructions", "max_output_tokens", "max_tool_calls", "model", "output", "parallel_tool_calls"],
    *["previous_response_id", "prompt_cache_key", "reasoning", "safety_identifier", "service_tier", "store"],
    *[
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "truncation",
        "usage",
        "user",
        "metadata",
    ],
]


def test_all_keys_are_there_in_openai_s_order(whole: Any) -> None:
    assert list(whole(ANSWER)) == KEYS


def test_what_was_not_asked_for_has_openai_s_defaults(whole: Any) -> None:
    response = whole(ANSWER)
    assert response["temperature"] == response["top_p"] == 1.0
    assert response["tool_choice"] == "auto"
    assert response["parallel_tool_calls"] is True
    assert response["text"] == {"format": {"type": "text"}, "verbosity": "medium"}
    assert response["reasoning"] == {"effort": None, "summary": None}


def test_the_request_is_repeated(whole: Any) -> None:
    asked = {
        "instructions": "Be brief.",
        "max_output_tokens": 64,
        "metadata": {"case": "7"},
        "user": "u-1",
        "temperature": 0.2,
        "tool_choice": {"type": "function", "name": "look"},
        "previous_response_id": "resp_ugabc",
    }
    response = whole(ANSWER, **asked)
    assert {key: response[key] for key in asked} == asked


def test_tools_are_told_with_all_their_members(whole: Any) -> None:
    tools = [{"type": "function", "name": "look", "parameters": {"type": "object"}}]
    assert whole(ANSWER, tools=tools)["tools"] == [
        {
            "type": "function",
            "description": None,
            "name": "look",
            "parameters": {"type": "object"},
            "strict": False,
        }
    ]


def test_usage_has_cached_written_and_reasoning_tokens(whole: Any) -> None:
    assert whole(ANSWER)["usage"] == {
        "input_tokens": 7,
        "input_tokens_details": {"cache_write_tokens": 2, "cached_tokens": 3},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": 12,
    }


def test_the_model_is_the_vendor_s_version_with_the_prefix(whole: Any) -> None:
    response = whole(ANSWER)
    assert (response["model"], response["service_tier"]) == ("acme/acme-1-dated", "priority")


def test_the_times_are_whole_seconds(whole: Any) -> None:
    response = whole(ANSWER)
    assert (response["created_at"], response["completed_at"]) == (1_700_000_000, 1_700_000_009)


def test_item_ids_tell_their_response(whole: Any) -> None:
    response = whole([START, Reasoning("hm"), Text("4"), Finish("stop")])
    stem = response["id"].removeprefix("resp_")
    assert [item["id"] for item in response["output"]] == [f"rs_{stem}o0", f"msg_{stem}o1"]


pieces = st.one_of(
    st.builds(Text, st.text(min_size=1)),
    st.builds(Refusal, st.text(min_size=1)),
    st.builds(Reasoning, st.text(min_size=1)),
    st.builds(ReasoningBlock, st.just("acme-v1"), st.just(""), st.text()),
    st.builds(ServerTool, st.sampled_from(["web_search", "code_interpreter"]), st.just("s")),
)
call_pieces = st.lists(st.text(), max_size=3)


@given(
    st.lists(st.one_of(pieces, call_pieces), max_size=8),
    st.sampled_from(["stop", "length", "content_filter"]),
    st.sampled_from(["call ends", "answer ends"]),
)
def test_a_streamed_response_ends_as_the_whole_one(
    stream: Any, whole: Any, parts: list[Any], reason: Any, ended: str
) -> None:
    events: list[Event] = [START]
    for index, part in enumerate(parts):
        if isinstance(part, list):
            events.append(ToolCall(index, f"call_{index}", "look"))
            events += [ToolArguments(index, text) for text in part]
            events += [ToolEnd(index)] if ended == "call ends" else []
        else:
            events.append(part)
    events.append(Finish(reason))
    shown = {"reasoning": {"summary": "auto"}}
    told = stream(events, **shown)
    assert told[-1]["response"] == whole(events, **shown)
    done = [event["item"] for event in told if event["type"] == "response.output_item.done"]
    assert sorted(done, key=lambda item: item["id"]) == sorted(
        told[-1]["response"]["output"], key=lambda item: item["id"]
    )
