"""DeepSeek's whole answers → events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from unigate_core.errors import UpstreamError, UpstreamProtocol
from unigate_core.json import Json
from unigate_deepseek.reasoning import FORMAT
from unigate_formats.neutral.events import (
    UNKNOWN_FINISH_REASON,
    Citation,
    Event,
    Finish,
    Ignored,
    Logprobs,
    NativeCitation,
    Text,
    Usage,
)
from unigate_formats.openai_chat.chat_state import ChatState
from unigate_formats.openai_chat.decode_answer import decode_answer

Whole = Callable[..., Json]
Fold = Callable[[Iterable[Event]], Json]

CALLS = [
    {"index": 0, "id": "call_00_a", "type": "function", "function": {"name": "weather", "arguments": '{"a":1}'}},
    {"index": 1, "id": "call_01_b", "type": "function", "function": {"name": "time", "arguments": "{}"}},
]


def test_text_is_text(whole: Whole, fold: Fold) -> None:
    said = fold(decode_answer(whole(content="hello"), ChatState(thought_format=FORMAT)))
    assert said["text"] == "hello"
    assert said["finish"] == [(0, "stop")]


def test_the_start_names_id_model_and_fingerprint(whole: Whole, fold: Fold) -> None:
    start = fold(decode_answer(whole(content="x"), ChatState(thought_format=FORMAT)))["start"]
    assert start == ("0b1c2d3e-0000-4000-8000-000000000001", "deepseek-v4-flash", 1_780_000_000, "fp_1")


def test_cache_hits_are_part_of_the_prompt(whole: Whole, fold: Fold) -> None:
    usage = fold(decode_answer(whole(content="x"), ChatState(thought_format=FORMAT)))["usage"]
    assert usage == Usage(input=563, output=116, cache_read=512, reasoning=60, total=679)


def test_reasoning_comes_in_pieces_and_as_a_block(whole: Whole, fold: Fold) -> None:
    said = fold(decode_answer(whole(content="x", reasoning_content="hm"), ChatState(thought_format=FORMAT)))
    assert said["thought"] == "hm"
    assert said["blocks"] == [("deepseek-v1", "hm")]


def test_an_empty_content_beside_calls_says_nothing(whole: Whole, fold: Fold) -> None:
    said = fold(decode_answer(whole(tool_calls=CALLS, finish_reason="tool_calls"), ChatState(thought_format=FORMAT)))
    assert said["text"] == ""
    assert said["calls"] == {0: ["call_00_a", "weather", '{"a":1}'], 1: ["call_01_b", "time", "{}"]}


def test_reasoning_before_a_call_is_kept_for_the_next_turn(whole: Whole, fold: Fold) -> None:
    answer = whole(tool_calls=CALLS, reasoning_content="höm", finish_reason="tool_calls")
    assert fold(decode_answer(answer, ChatState(thought_format=FORMAT)))["keep"] == {"call_00_a": "höm".encode()}


def test_only_the_first_call_is_handed_on_when_one_was_asked_for(whole: Whole, fold: Fold) -> None:
    events = list(decode_answer(whole(tool_calls=CALLS, finish_reason="tool_calls"), ChatState(parallel=False)))
    assert list(fold(events)["calls"]) == [0]
    assert Ignored("parallel_call") in events


@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls", "content_filter"])
def test_finish_reasons_are_openais(whole: Whole, fold: Fold, reason: str) -> None:
    assert fold(decode_answer(whole(content="x", finish_reason=reason), ChatState(thought_format=FORMAT)))[
        "finish"
    ] == [(0, reason)]


def test_running_out_of_resources_is_an_error(whole: Whole) -> None:
    with pytest.raises(UpstreamError) as error:
        list(
            decode_answer(
                whole(content="x", finish_reason="insufficient_system_resource"), ChatState(thought_format=FORMAT)
            )
        )
    assert (error.value.status, error.value.code, error.value.retryable) == (503, "overloaded", True)


@pytest.mark.parametrize("reason", [None, "", 7])
def test_an_end_without_a_reason_is_an_error(whole: Whole, reason: Any) -> None:
    with pytest.raises(UpstreamProtocol):
        list(decode_answer(whole(content="x", finish_reason=reason), ChatState(thought_format=FORMAT)))


def test_an_unknown_end_is_a_stop_with_a_note(whole: Whole) -> None:
    events = list(decode_answer(whole(content="x", finish_reason="because"), ChatState(thought_format=FORMAT)))
    assert events[-2:] == [Ignored(UNKNOWN_FINISH_REASON), Finish("stop")]


def test_an_answer_without_choices_is_an_error() -> None:
    with pytest.raises(UpstreamProtocol):
        list(decode_answer({"id": "x", "choices": []}, ChatState(thought_format=FORMAT)))


def test_log_probabilities_follow_their_text(whole: Whole) -> None:
    answer = whole(content="x")
    item = {"token": "x", "logprob": -0.1, "bytes": [120], "top_logprobs": []}
    answer["choices"][0]["logprobs"] = {"content": [item]}
    events = list(decode_answer(answer, ChatState(thought_format=FORMAT)))
    assert events.index(Logprobs([item])) == events.index(Text("x")) + 1


def test_missing_usage_and_ids_are_tolerated(fold: Fold) -> None:
    answer = {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
    said = fold(decode_answer(answer, ChatState(thought_format=FORMAT)))
    assert said["start"] == ("", "", None, None)
    assert "usage" not in said


def test_annotations_are_citations(whole: Whole) -> None:
    page = {"url": "https://a/b", "title": "A page", "start_index": 1, "end_index": 4}
    file = {"type": "file_citation", "file_citation": {"file_id": "f"}}
    native = whole(content="hello", annotations=[{"type": "url_citation", "url_citation": page}, file, 1])
    events = list(decode_answer(native, ChatState(thought_format=FORMAT)))
    assert [each for each in events if isinstance(each, Citation | NativeCitation)] == [
        Citation(url="https://a/b", title="A page", start=1, end=4),
        NativeCitation(file),
    ]
