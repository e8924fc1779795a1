"""Whole answers."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamProtocol
from unigate_formats.anthropic_messages.decode_answer import decode_answer
from unigate_formats.anthropic_messages.replay import from_blob
from unigate_formats.anthropic_messages.usage import to_usage
from unigate_formats.neutral.events import (
    UNKNOWN_FINISH_REASON,
    Citation,
    Finish,
    Ignored,
    NativeCitation,
    Reasoning,
    ReasoningBlock,
    Refusal,
    ReplayBlob,
    ServerTool,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
    Usage,
)


def text(value: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": value, **more}


USE = {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"b": 1, "a": 2}}
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
SEARCH = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}}
FOUND = {
    "type": "web_search_tool_result",
    "tool_use_id": "srvtoolu_1",
    "content": [{"type": "web_search_result", "url": "https://example.com/a", "title": "A"}],
}


def kinds(events: Any) -> list[str]:
    return [type(event).__name__ for event in events]


def only(events: Any, kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_a_text_answer_starts_tells_counts_and_finishes(whole: Any) -> None:
    assert whole(text("Hello")) == [
        Start(id="msg_1", model="claude-sonnet-4-5-20250929"),
        Text("Hello"),
        Usage(input=3, output=5, total=8),
        Finish("stop"),
    ]


def test_text_blocks_are_joined_without_a_separator(whole: Any) -> None:
    events = whole(text("\n\n"), THOUGHT, text("A"), text("B"))
    assert "".join(event.text for event in only(events, Text)) == "\n\nAB"


def test_empty_content_is_still_an_answer(whole: Any) -> None:
    assert kinds(whole()) == ["Start", "Usage", "Finish"]


def test_a_call_keeps_the_order_of_its_arguments(whole: Any) -> None:
    events = whole(USE, stop_reason="tool_use")
    assert events[1:4] == [
        ToolCall(index=0, id="toolu_1", name="add"),
        ToolArguments(index=0, text='{"b":1,"a":2}'),
        ToolEnd(0),
    ]
    assert events[-1] == Finish("tool_calls")


def test_calls_are_counted_among_themselves(whole: Any) -> None:
    events = whole(text("A"), USE, text("B"), USE | {"id": "toolu_2"}, stop_reason="tool_use")
    assert [(call.index, call.id) for call in only(events, ToolCall)] == [(0, "toolu_1"), (1, "toolu_2")]


def test_a_call_without_input_has_empty_arguments(whole: Any) -> None:
    events = whole(USE | {"input": {}}, stop_reason="tool_use")
    assert only(events, ToolArguments) == [ToolArguments(index=0, text="{}")]


def test_thoughts_are_shown_and_handed_out_with_their_signature(whole: Any) -> None:
    events = whole(THOUGHT, text("A"))
    assert only(events, Reasoning) == [Reasoning("Hm.")]
    assert only(events, ReasoningBlock) == [ReasoningBlock(format="anthropic-v1", text="Hm.", signature="c2ln")]


def test_a_thought_without_text_is_handed_out_but_not_shown(whole: Any) -> None:
    events = whole(THOUGHT | {"thinking": ""}, text("A"))
    assert not only(events, Reasoning)
    assert only(events, ReasoningBlock)[0].signature == "c2ln"


def test_a_redacted_thought_is_data_and_never_text(whole: Any) -> None:
    events = whole({"type": "redacted_thinking", "data": "ZGF0YQ=="}, text("A"))
    assert only(events, ReasoningBlock) == [ReasoningBlock(format="anthropic-v1", data="ZGF0YQ==")]
    assert only(events, Text) == [Text("A")]


def test_a_turn_with_thoughts_is_kept_for_each_of_its_calls(whole: Any) -> None:
    events = whole(THOUGHT, text("A"), USE, USE | {"id": "toolu_2"}, stop_reason="tool_use")
    kept = only(events, ReplayBlob)
    assert [keep.call_id for keep in kept] == ["toolu_1", "toolu_2"]
    assert from_blob(kept[0].blob)[:2] == [THOUGHT, text("A")]
    assert kinds(events)[-3:] == ["ReplayBlob", "ReplayBlob", "Finish"]


def test_a_turn_without_thoughts_is_not_kept(whole: Any) -> None:
    assert not only(whole(text("A"), USE, stop_reason="tool_use"), ReplayBlob)


@pytest.mark.parametrize(
    ("native", "reason"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
    ],
)
def test_each_stop_reason_has_its_finish(whole: Any, native: str, reason: Any) -> None:
    assert whole(text("A"), stop_reason=native)[-1] == Finish(reason)


@pytest.mark.parametrize("native", [None, "", 7])
def test_an_answer_without_a_stop_reason_is_an_error(whole: Any, native: Any) -> None:
    with pytest.raises(UpstreamProtocol):
        whole(text("A"), stop_reason=native)


def test_an_unknown_stop_reason_is_a_stop_with_a_note(whole: Any) -> None:
    events = whole(text("A"), stop_reason="fell_asleep")
    assert Ignored(UNKNOWN_FINISH_REASON) in events
    assert events[-1] == Finish("stop")


def test_a_refusal_tells_why_and_keeps_what_was_said(whole: Any) -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "Not this."}
    events = whole(text("Well"), stop_reason="refusal", stop_details=details)
    assert only(events, Text) == [Text("Well")]
    assert events[-2:] == [Refusal("Not this."), Finish("content_filter")]


def test_a_refusal_without_a_reason_still_has_a_text(whole: Any) -> None:
    assert only(whole(stop_reason="refusal"), Refusal) == [Refusal("The provider declined to answer.")]


def test_cache_tokens_are_part_of_the_prompt_and_thoughts_of_the_completion() -> None:
    counts = {
        "input_tokens": 6,
        "cache_creation_input_tokens": 574,
        "cache_read_input_tokens": 20443,
        "output_tokens": 489,
        "output_tokens_details": {"thinking_tokens": 77},
    }
    assert to_usage(counts) == Usage(
        input=21023, output=489, cache_read=20443, cache_write=574, reasoning=77, total=21512
    )


def test_counts_that_are_null_are_none() -> None:
    assert to_usage({"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": None}).input == 1


@pytest.mark.parametrize(("tier", "ours"), [("standard", "default"), ("priority", "priority"), ("batch", None)])
def test_the_tier_is_told_in_openais_word(whole: Any, tier: str, ours: Any) -> None:
    usage = {"input_tokens": 3, "output_tokens": 5, "service_tier": tier}
    assert whole(text("A"), usage=usage)[0].service_tier == ours


def cited(value: str, *urls: str) -> dict[str, Any]:
    places = [{"type": "web_search_result_location", "url": url, "title": "T", "cited_text": "c"} for url in urls]
    return text(value, citations=places)


def test_a_citation_spans_its_block_in_the_whole_content(whole: Any) -> None:
    events = whole(text("Now 🙂 "), cited("it is so.", "https://example.com/a"))
    assert only(events, Citation) == [Citation(url="https://example.com/a", title="T", start=6, end=15)]


def test_the_same_citation_twice_is_one(whole: Any) -> None:
    events = whole(cited("A", "https://example.com/a", "https://example.com/a", "https://example.com/b"))
    assert [citation.url for citation in only(events, Citation)] == ["https://example.com/a", "https://example.com/b"]


def test_a_citation_without_a_url_is_handed_on_as_it_is(whole: Any) -> None:
    place = {"type": "char_location", "document_index": 0, "start_char_index": 1, "end_char_index": 3}
    assert only(whole(text("A", citations=[place])), NativeCitation) == [NativeCitation(place)]


def test_a_search_is_a_server_tool_and_no_call(whole: Any) -> None:
    events = whole(SEARCH, FOUND, text("A"))
    assert not only(events, ToolCall)
    assert only(events, ServerTool) == [
        ServerTool(
            kind="web_search",
            id="srvtoolu_1",
            queries=("q",),
            sources=("https://example.com/a",),
            native=[SEARCH, FOUND],
        )
    ]


def test_a_search_that_failed_says_so(whole: Any) -> None:
    result = FOUND | {"content": {"type": "web_search_tool_result_error", "error_code": "unavailable"}}
    assert only(whole(SEARCH, result), ServerTool)[0].failed


def test_executed_code_is_told_with_its_outputs(whole: Any) -> None:
    use = {"type": "server_tool_use", "id": "srvtoolu_2", "name": "bash_code_execution", "input": {"command": "ls"}}
    content = {"type": "bash_code_execution_result", "stdout": "a\n", "stderr": "", "return_code": 0, "content": []}
    result = {"type": "bash_code_execution_tool_result", "tool_use_id": "srvtoolu_2", "content": content}
    tool = only(whole(use, result), ServerTool)[0]
    assert (tool.kind, tool.code, tool.outputs) == ("code_interpreter", "ls", ("a\n",))


def test_a_block_of_an_unknown_kind_is_only_counted(whole: Any) -> None:
    assert only(whole({"type": "hologram"}, text("A")), Ignored) == [Ignored("hologram")]


@pytest.mark.parametrize("body", [{}, {"id": "x"}, {"id": "m", "model": "m", "content": "no", "usage": {}}])
def test_what_is_no_message_is_an_error(body: Any) -> None:
    with pytest.raises(UpstreamProtocol):
        list(decode_answer(body))


def test_a_block_without_a_type_is_an_error(whole: Any) -> None:
    with pytest.raises(UpstreamProtocol):
        whole({"text": "A"})
