"""Whole answers become events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_core.ids import base62_id
from unigate_formats.gemini_generate_content.decode_answer import decode_answer
from unigate_formats.gemini_generate_content.request_state import RequestState
from unigate_formats.neutral.events import (
    Event,
    Finish,
    Ignored,
    Logprobs,
    Media,
    Reasoning,
    ReasoningBlock,
    Refusal,
    ServerTool,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
    Usage,
)

USAGE = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}
LOOK = {"functionCall": {"name": "look", "args": {"z": 1, "a": 9007199254740993}, "id": "zi06h2mp"}}


def test_text_is_told_between_start_and_finish(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], start: Start
) -> None:
    assert whole(response({"text": "Hi"}, {"text": " you"}, usage=USAGE)) == [
        start,
        Text("Hi"),
        Text(" you"),
        Usage(input=3, output=2, total=5),
        Finish("stop"),
    ]


def test_the_tier_and_the_time_of_the_answer_are_told(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    native = response({"text": "Hi"}, usage=USAGE | {"serviceTier": "standard"})
    native["createTime"] = "2026-08-19T14:38:18.039666Z"
    [start] = of_type(whole(native), Start)
    assert (start.service_tier, start.created) == ("default", 1787150298)


def test_a_call_has_an_id_of_ours_and_its_whole_arguments(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]]
) -> None:
    assert whole(response(LOOK | {"thoughtSignature": "s1"}))[1:4] == [
        ToolCall(0, "call_000000000000000000000001", "look", "s1"),
        ToolArguments(0, '{"z":1,"a":9007199254740993}'),
        ToolEnd(0),
    ]


def test_a_call_without_arguments_has_an_empty_object(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    assert of_type(whole(response({"functionCall": {"name": "look"}})), ToolArguments) == [ToolArguments(0, "{}")]


def test_parallel_calls_are_counted_and_only_the_first_is_signed(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    calls = of_type(whole(response(LOOK | {"thoughtSignature": "s1"}, LOOK, LOOK)), ToolCall)
    assert [(call.index, call.signature) for call in calls] == [(0, "s1"), (1, None), (2, None)]
    assert len({call.id for call in calls}) == 3


def test_ids_of_calls_stay_unique_over_many_turns(response: Callable[..., dict[str, Any]]) -> None:
    turns = [decode_answer(response(LOOK), RequestState(new_id=base62_id)) for _ in range(1000)]
    assert len({event.id for turn in turns for event in turn if isinstance(event, ToolCall)}) == 1000


def test_only_the_first_call_is_told_when_parallel_calls_are_off(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    events = whole(response(LOOK, LOOK), parallel=False)
    assert len(of_type(events, ToolCall)) == 1
    assert of_type(events, Ignored) == [Ignored("parallel_calls_trimmed")]


def test_the_emulated_answer_is_text(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    call = {"functionCall": {"name": "json_output", "args": {"city": "Paris"}}}
    events = whole(response(call), json_output="json_output")
    assert of_type(events, Text) == [Text('{"city":"Paris"}')]
    assert of_type(events, ToolCall) == []
    assert events[-1] == Finish("stop")


def test_thoughts_are_reasoning_and_end_as_a_block(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]]
) -> None:
    events = whole(response({"text": "Hm", "thought": True}, {"text": ".", "thought": True}, {"text": "Hi"}))
    assert events[1:5] == [Reasoning("Hm"), Reasoning("."), ReasoningBlock("google-v1", "Hm."), Text("Hi")]


def test_a_signed_thought_is_a_signed_block(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    events = whole(response({"text": "Hm", "thought": True, "thoughtSignature": "s1"}, {"text": "Hi"}))
    assert of_type(events, ReasoningBlock) == [ReasoningBlock("google-v1", "Hm", "s1")]


def test_the_signature_of_a_text_follows_it(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]]
) -> None:
    events = whole(response({"text": "Hi", "thoughtSignature": "s1"}))
    assert events[1:3] == [Text("Hi"), ReasoningBlock("google-v1", signature="s1")]


def test_generated_images_are_media(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    events = whole(response({"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thoughtSignature": "s"}))
    assert of_type(events, Media) == [Media("image/png", "AAAA", signature="s")]
    assert events[-1] == Finish("stop")


def test_drafts_of_images_are_not_shown(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    draft = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thought": True}
    assert of_type(whole(response(draft, {"text": "Hi"})), Media) == []


def test_unknown_parts_are_counted(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    events = whole(response({"hologram": {}, "thoughtSignature": "s"}, {"text": "Hi"}))
    assert of_type(events, Ignored) == [Ignored("hologram")]


CODE = {"executableCode": {"language": "PYTHON", "code": "print(1)\n", "id": "c1"}, "thoughtSignature": "s"}
RESULT = {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n", "id": "c1"}}


def test_code_that_google_ran_is_a_server_tool(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    events = whole(response(CODE, RESULT, {"text": "One."}))
    assert of_type(events, ServerTool) == [
        ServerTool("code_interpreter", "c1", code="print(1)\n", outputs=("1\n",), native=[CODE, RESULT])
    ]
    assert of_type(events, Text) == [Text("One.")]


def test_code_that_was_asked_for_is_shown_as_fenced_text(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], text_of: Callable[..., str]
) -> None:
    events = whole(response(CODE, RESULT, {"text": "One."}), code_as_text=True)
    assert text_of(events) == "\n```python\nprint(1)\n```\n\n```\n1\n```\nOne."


def test_code_that_failed_is_told_as_failed(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    failed = {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "boom"}}
    [tool] = of_type(whole(response({"executableCode": {"code": "x"}}, failed, {"text": "Oh."})), ServerTool)
    assert (tool.failed, tool.outputs) == (True, ("boom",))


def test_a_search_that_google_made_is_a_server_tool(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    call = {"toolCall": {"id": "g1", "toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["q"]}}}
    result = {"toolResponse": {"id": "g1", "toolType": "GOOGLE_SEARCH_WEB", "response": {}}}
    events = whole(response(call, result, {"text": "Hi"}, groundingMetadata={"webSearchQueries": ["q"]}))
    assert of_type(events, ServerTool) == [ServerTool("web_search", "g1", queries=("q",), native=[call, result])]


def test_a_search_that_only_grounding_tells_of_is_a_server_tool(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    grounding = {"webSearchQueries": ["", "q"], "groundingChunks": [{"web": {"uri": "https://a", "title": "a"}}]}
    events = whole(response({"text": "Hi"}, groundingMetadata=grounding))
    assert of_type(events, ServerTool) == [ServerTool("web_search", "", queries=("q",), sources=("https://a",))]


def test_log_probabilities_have_bytes_and_alternatives(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    result = {
        "chosenCandidates": [{"token": "é", "logProbability": -0.5}, {"token": "!", "logProbability": -1}],
        "topCandidates": [{"candidates": [{"token": "é", "logProbability": -0.5}]}],
    }
    token = {"token": "é", "logprob": -0.5, "bytes": [195, 169]}
    assert of_type(whole(response({"text": "é!"}, logprobsResult=result)), Logprobs) == [
        Logprobs([
            token | {"top_logprobs": [token]},
            {"token": "!", "logprob": -1, "bytes": [33], "top_logprobs": []},
        ])
    ]  # fmt: skip


def test_several_candidates_are_several_choices(
    whole: Callable[..., list[Event]], of_type: Callable[..., list[Any]]
) -> None:
    native = {
        "candidates": [
            {"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"},
            {"content": {"parts": [{"text": "b"}]}, "finishReason": "MAX_TOKENS", "index": 1},
        ]
    }
    events = whole(native)
    assert of_type(events, Text) == [Text("a", 0), Text("b", 1)]
    assert of_type(events, Finish) == [Finish("stop", 0), Finish("length", 1)]


def test_an_answer_of_thoughts_alone_ends_by_length(
    whole: Callable[..., list[Event]],
    response: Callable[..., dict[str, Any]],
    of_type: Callable[..., list[Any]],
    text_of: Callable[..., str],
) -> None:
    usage = {"promptTokenCount": 9, "thoughtsTokenCount": 2, "totalTokenCount": 11}
    events = whole(response(finish="MAX_TOKENS", usage=usage))
    assert text_of(events) == ""
    assert of_type(events, Usage) == [Usage(input=9, output=2, reasoning=2, total=11)]
    assert events[-1] == Finish("length")


def test_a_filtered_answer_declines(whole: Callable[..., list[Event]]) -> None:
    native = {"candidates": [{"content": {}, "finishReason": "SAFETY", "index": 0}], "responseId": "r"}
    assert whole(native)[1:] == [
        Refusal("Response withheld by the provider's filter (SAFETY)."),
        Finish("content_filter"),
    ]


def test_a_blocked_prompt_is_one_choice_that_declines(whole: Callable[..., list[Event]]) -> None:
    native = {
        "promptFeedback": {"blockReason": "MODEL_ARMOR", "blockReasonMessage": "Not that."},
        "usageMetadata": {"trafficType": "ON_DEMAND"},
        "responseId": "r",
        "modelVersion": "m",
    }
    assert whole(native) == [Start("r", "m"), Usage(), Refusal("Not that."), Finish("content_filter")]


def test_a_block_without_words_names_its_reason(
    whole: Callable[..., list[Event]], of_type: Callable[..., list[Any]]
) -> None:
    [refusal] = of_type(whole({"promptFeedback": {"blockReason": "OTHER"}}), Refusal)
    assert "OTHER" in refusal.text


def test_an_answer_without_candidates_is_an_error(whole: Callable[..., list[Event]]) -> None:
    with pytest.raises(UpstreamError) as failed:
        whole({"usageMetadata": USAGE})
    assert (failed.value.status, failed.value.code) == (502, "upstream_no_content")


def test_a_whole_answer_need_not_say_that_it_is_finished(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]]
) -> None:
    assert whole(response({"text": "Hi"}, finish=None))[-1] == Finish("stop")


def test_the_vendors_answer_is_not_changed(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]]
) -> None:
    native = response({"text": "Hi"}, finish=None)
    whole(native)
    assert native == response({"text": "Hi"}, finish=None)
