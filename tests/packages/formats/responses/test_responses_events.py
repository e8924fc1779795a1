"""The event stream of a response: order, numbers, and endings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from unigate_core.errors import UpstreamError, UpstreamProtocol, UpstreamTruncated
from unigate_core.json import loads
from unigate_formats.neutral.events import (
    Citation,
    Finish,
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
)

START = Start(id="1", model="acme-1-dated")
ANSWER = [START, Text("Fine, "), Text("thanks."), Finish("stop")]
CALLS = [
    START,
    ToolCall(0, "call_a", "look"),
    ToolArguments(0, '{"at":'),
    ToolArguments(0, "1}"),
    ToolEnd(0),
    ToolCall(1, "call_b", "look"),
    ToolArguments(1, "{}"),
    ToolEnd(1),
    Finish("tool_calls"),
]
SHOWN = {"reasoning": {"summary": "auto"}}


def kinds(events: Iterable[Any]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in events]


def test_text_comes_in_openai_s_order(stream: Any) -> None:
    assert kinds(stream(ANSWER)) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]


def test_sequence_numbers_count_from_zero_without_gaps(stream: Any) -> None:
    events = stream(CALLS)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


def test_there_is_no_done_mark(encoder: Any) -> None:
    made = encoder()
    assert b"[DONE]" not in made.write(ANSWER) + made.close(None)


def test_the_response_begins_empty_and_in_progress(stream: Any) -> None:
    created = stream(ANSWER)[0]["response"]
    assert (created["status"], created["output"], created["usage"]) == ("in_progress", [], None)


def test_the_final_event_has_the_whole_response(stream: Any, whole: Any) -> None:
    assert stream(ANSWER)[-1]["response"] == whole(ANSWER)


def test_deltas_add_up_to_the_text(stream: Any) -> None:
    events = stream(ANSWER)
    text = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    assert text == events[-1]["response"]["output"][0]["content"][0]["text"] == "Fine, thanks."


def test_calls_are_numbered_items_with_their_arguments(stream: Any) -> None:
    events = stream(CALLS)
    assert kinds(events)[2:11] == [
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
    ]
    assert [event["output_index"] for event in events[2:11]] == [0, 0, 0, 0, 0, 1, 1, 1, 1]
    assert (events[5]["arguments"], events[5]["name"]) == ('{"at":1}', "look")


def test_calls_without_an_end_of_their_own_end_with_the_answer(stream: Any) -> None:
    events = stream([event for event in CALLS if not isinstance(event, ToolEnd)])
    output = events[-1]["response"]["output"]
    assert [(item["call_id"], item["arguments"], item["status"]) for item in output] == [
        ("call_a", '{"at":1}', "completed"),
        ("call_b", "{}", "completed"),
    ]


def test_a_custom_call_gives_its_text_in_one_piece(stream: Any) -> None:
    calls = [START, ToolCall(0, "c", "sql"), ToolArguments(0, '{"input":"SELECT'), ToolArguments(0, ' 1"}')]
    events = stream([*calls, ToolEnd(0), Finish("tool_calls")], tools=[{"type": "custom", "name": "sql"}])
    assert kinds(events)[2:-1] == [
        "output_item.added",
        "custom_tool_call_input.delta",
        "custom_tool_call_input.done",
        "output_item.done",
    ]
    item = events[-1]["response"]["output"][0]
    assert (item["type"], item["input"]) == ("custom_tool_call", "SELECT 1")


def test_reasoning_comes_first_as_summary_parts(stream: Any) -> None:
    thoughts = [Reasoning("h"), Reasoning("m"), ReasoningBlock("acme-v1", "hm", "p"), Reasoning("so"), Text("4")]
    events = stream([START, *thoughts, Finish("stop")], **SHOWN)
    assert kinds(events)[2:12] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
    ]
    reasoning = events[-1]["response"]["output"][0]
    assert [part["text"] for part in reasoning["summary"]] == ["hm", "so"]


def test_reasoning_that_was_not_asked_for_has_an_item_without_text(stream: Any) -> None:
    events = stream([START, Reasoning("secret"), Text("4"), Finish("stop")])
    assert kinds(events)[2:4] == ["output_item.added", "output_item.done"]
    assert "secret" not in str(events)


def test_a_late_signature_does_not_cut_the_message_from_its_citations(stream: Any) -> None:
    answer = [
        START,
        Text("Mount Fay"),
        ReasoningBlock("acme-v1", signature="s"),
        Citation("https://a.example", "A", 0, 5),
    ]
    output = stream([*answer, Finish("stop")])[-1]["response"]["output"]
    assert [item["type"] for item in output] == ["message", "reasoning"]
    assert output[0]["content"][0]["annotations"][0]["end_index"] == 5


def test_a_citation_counts_from_the_start_of_its_own_message(stream: Any) -> None:
    search = ServerTool("web_search", "s1", queries=("fay",))
    answer = [START, Text("Wait. "), search, Text("Fay"), Citation("https://a.example", "A", 6, 9), Finish("stop")]
    events = stream(answer)
    added = next(event for event in events if event["type"] == "response.output_text.annotation.added")
    assert (added["annotation"]["start_index"], added["annotation"]["end_index"]) == (0, 3)
    assert (added["output_index"], added["annotation_index"]) == (2, 0)


def test_a_refusal_is_a_part_of_its_own(stream: Any) -> None:
    events = stream([START, Text("Well"), Refusal("I "), Refusal("cannot."), Finish("content_filter")])
    assert kinds(events)[5:12] == [
        "output_text.done",
        "content_part.done",
        "content_part.added",
        "refusal.delta",
        "refusal.delta",
        "refusal.done",
        "content_part.done",
    ]
    content = events[-1]["response"]["output"][0]["content"]
    assert [part["type"] for part in content] == ["output_text", "refusal"]
    assert [event["content_index"] for event in events[7:12]] == [1] * 5


def test_a_web_search_tells_its_phases_and_sources_when_asked(stream: Any) -> None:
    search = ServerTool("web_search", "s1", queries=("fay", "height"), sources=("https://a.example",))
    events = stream([START, search, Text("3235 m"), Finish("stop")], include=["web_search_call.action.sources"])
    assert kinds(events)[2:7] == [
        "output_item.added",
        "web_search_call.in_progress",
        "web_search_call.searching",
        "web_search_call.completed",
        "output_item.done",
    ]
    assert events[6]["item"]["action"] == {
        "type": "search",
        "queries": ["fay", "height"],
        "query": "fay",
        "sources": [{"type": "url", "url": "https://a.example"}],
    }


def test_code_is_shown_and_its_outputs_only_when_asked(stream: Any) -> None:
    run = ServerTool("code_interpreter", "c1", code="print(1)", outputs=("1\n",))
    shown = stream([START, run, Finish("stop")], include=["code_interpreter_call.outputs"])
    assert kinds(shown)[2:9] == [
        "output_item.added",
        "code_interpreter_call.in_progress",
        "code_interpreter_call_code.delta",
        "code_interpreter_call_code.done",
        "code_interpreter_call.interpreting",
        "code_interpreter_call.completed",
        "output_item.done",
    ]
    assert shown[8]["item"]["outputs"] == [{"type": "logs", "logs": "1\n"}]
    assert stream([START, run, Finish("stop")])[8]["item"]["outputs"] is None


def test_a_tool_that_openai_does_not_have_leaves_no_trace(stream: Any) -> None:
    events = stream([START, ServerTool("weather", "w"), Text("Hi"), Finish("stop")])
    assert [item["type"] for item in events[-1]["response"]["output"]] == ["message"]


@pytest.mark.parametrize(("reason", "told"), [("length", "max_output_tokens"), ("content_filter", "content_filter")])
def test_an_answer_cut_short_is_incomplete(stream: Any, reason: Any, told: str) -> None:
    last = stream([START, Text("Fi"), Finish(reason)])[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": told}
    assert last["response"]["output"][0]["status"] == "incomplete"
    assert last["response"]["completed_at"] is None


def test_a_call_cut_short_is_incomplete_and_those_before_it_are_not(stream: Any) -> None:
    output = stream([*CALLS[:-1], Finish("length")])[-1]["response"]["output"]
    assert [item["status"] for item in output] == ["completed", "incomplete"]


def test_a_failure_after_the_first_byte_ends_the_stream(encoder: Any, parse: Any) -> None:
    made = encoder()
    begun = made.write(ANSWER[:2])
    events = parse(begun + made.fail(UpstreamTruncated("It broke off.")))
    assert kinds(events)[-2:] == ["output_text.delta", "failed"]
    failed = events[-1]["response"]
    assert (failed["status"], failed["error"]) == ("failed", {"code": "server_error", "message": "It broke off."})
    assert events[-1]["sequence_number"] == len(events) - 1


def test_too_many_requests_keep_their_code_in_a_failure(encoder: Any, parse: Any) -> None:
    error = UpstreamError("Slow down.", status=429, type="requests", code="whatever")
    assert parse(encoder().fail(error))[-1]["response"]["error"]["code"] == "rate_limit_exceeded"


def test_an_answer_without_an_end_is_no_answer(encoder: Any) -> None:
    made = encoder()
    made.write(ANSWER[:-1])
    with pytest.raises(UpstreamProtocol):
        made.close(None)


def test_nothing_may_follow_the_end(encoder: Any) -> None:
    made = encoder()
    made.write(ANSWER)
    with pytest.raises(UpstreamProtocol):
        made.write([Text("more")])


def test_other_choices_do_not_end_the_answer(encoder: Any) -> None:
    made = encoder()
    made.write([START, Finish("stop", choice=1)])
    with pytest.raises(UpstreamProtocol):
        made.close(None)


def test_log_probabilities_stand_beside_their_text(encoder: Any, parse: Any) -> None:
    made = encoder(include=["message.output_text.logprobs"])
    item = {
        "token": "é",
        "logprob": -0.1,
        "bytes": None,
        "top_logprobs": [{"token": "e", "logprob": -2.0, "bytes": [101]}],
    }
    data = made.write([START, Text("é"), Logprobs([item]), Finish("stop")]) + made.close(None)
    events = parse(data)
    delta = next(event for event in events if event["type"] == "response.output_text.delta")
    assert delta["logprobs"] == [{"token": "é", "logprob": -0.1, "top_logprobs": [{"token": "e", "logprob": -2.0}]}]
    part = events[-1]["response"]["output"][0]["content"][0]
    assert part["logprobs"][0]["bytes"] == [195, 169]


def test_deltas_are_padded_when_asked(stream: Any) -> None:
    padded = stream(ANSWER, stream_options={"include_obfuscation": True})
    sizes = [len(event["delta"] + event["obfuscation"]) % 16 for event in padded if "delta" in event]
    assert sizes == [0, 0]
    assert not any("obfuscation" in event for event in stream(ANSWER))


def test_encrypted_thoughts_are_shown_only_when_asked(stream: Any) -> None:
    answer = [START, Reasoning("hm"), ReasoningBlock("acme-v1", "hm", "p"), Text("4"), Finish("stop")]
    asked = stream(answer, include=["reasoning.encrypted_content"])
    assert asked[-1]["response"]["output"][0]["encrypted_content"].startswith("ug2.")
    assert "encrypted_content" in stream(answer, store=False)[-1]["response"]["output"][0]
    assert "encrypted_content" not in str(stream(answer))


def test_what_is_kept_has_the_thoughts_and_the_input(encoder: Any) -> None:
    made = encoder()
    made.write([START, Reasoning("hm"), ReasoningBlock("acme-v1", "hm", "p"), Text("4"), Finish("stop")])
    assert made.stored() is None
    final = loads(made.close(None).split(b"data: ")[1])["response"]
    response, items = (loads(data) for data in made.stored())
    assert response["output"][0].pop("encrypted_content").startswith("ug2.")
    assert response == final
    assert items == [
        {
            "id": "msg_uga" + "0" * 40 + "i0",
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_text", "text": "Hi"}],
        }
    ]


def test_nothing_is_kept_when_nothing_is_to_be_stored(encoder: Any) -> None:
    made = encoder(store=False)
    made.write(ANSWER)
    made.close(None)
    assert made.stored() is None


ALTERNATING = [
    START,
    ToolCall(0, "call_a", "look"),
    ToolArguments(0, '{"at":'),
    ToolCall(1, "call_b", "look"),
    ToolArguments(1, '{"to":'),
    ToolArguments(0, "1}"),
    ToolArguments(1, "2}"),
    ToolEnd(0),
    ToolEnd(1),
]


def test_deltas_of_calls_that_alternate_go_to_their_own_items(stream: Any) -> None:
    events = stream([*ALTERNATING, Finish("tool_calls")])
    for index, arguments in enumerate(('{"at":1}', '{"to":2}')):
        own = [event for event in events if event.get("output_index") == index]
        assert kinds(own) == [
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
        ]
        assert "".join(event.get("delta", "") for event in own) == own[3]["arguments"] == arguments
        assert {event["item_id"] for event in own[1:4]} == {own[4]["item"]["id"]}
        assert events[-1]["response"]["output"][index] == own[4]["item"]


@pytest.mark.parametrize(
    ("cut", "statuses"),
    [(ALTERNATING[:5], ["incomplete", "incomplete"]), (ALTERNATING[:6], ["completed", "incomplete"])],
)
def test_all_calls_that_the_limit_cut_off_are_incomplete(stream: Any, cut: Any, statuses: list[str]) -> None:
    output = stream([*cut, ToolEnd(0), ToolEnd(1), Finish("length")])[-1]["response"]["output"]
    assert [item["status"] for item in output] == statuses


def test_an_image_is_an_item_of_its_own_between_texts(stream: Any, whole: Any) -> None:
    answer = [START, Text("Here."), Media("image/jpeg", "AAAA"), Text("Good?"), Finish("stop")]
    events = stream(answer)
    assert kinds(event for event in events if event.get("output_index") == 1) == [
        "output_item.added",
        "image_generation_call.in_progress",
        "image_generation_call.generating",
        "image_generation_call.completed",
        "output_item.done",
    ]
    message, image, last = whole(answer)["output"]
    assert (message["type"], last["content"][0]["text"]) == ("message", "Good?")
    assert (image["type"], image["status"], image["result"]) == ("image_generation_call", "completed", "AAAA")
