"""Responses that search the web go to DeepSeek's /responses; all others are served by chat completions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from unigate_core.errors import RequestRefused, UpstreamError, UpstreamProtocol, UpstreamTruncated
from unigate_core.json import Json
from unigate_deepseek.search_answer import SearchStream, from_responses
from unigate_deepseek.search_request import SearchState, to_responses
from unigate_formats.neutral.events import Event, Ignored, ServerTool, Text, Usage
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import ChatRequest, ToolChoice, WebSearch
from unigate_formats.neutral.translation import Context, NativeCall
from unigate_formats.openai_chat.chat_state import ChatState
from unigate_formats.openai_chat.decode_request import decode_request

SEARCHED = SearchState()
ONE_CALL = SearchState(parallel=False)
ASK: list[Json] = [{"role": "user", "content": "hi"}]
Fold = Callable[[Iterable[Event]], Json]


def asked(search: WebSearch | None = None, choice: ToolChoice | None = None, **body: Any) -> NativeCall:
    chat: ChatRequest = decode_request({"model": "deepseek-flash", "messages": ASK, **body})
    chat = msgspec.structs.replace(chat, web_search=search, tool_choice=choice or chat.tool_choice)
    return to_responses(chat, Context(model=ModelInfo("deepseek-flash"), new_id=lambda: "x"))


SEARCH = WebSearch(path="tools[0]")
THOUGHT = {"type": "reasoning", "id": "r", "content": [{"type": "reasoning_text", "text": "hm"}], "summary": []}
FOUND = {
    "type": "web_search_call",
    "id": "call_00_s",
    "status": "completed",
    "action": {"type": "search", "queries": ["ruby", "ws_call_id=call_00_s"]},
}
OPENED = {
    "type": "web_search_call",
    "id": "call_01_s",
    "status": "completed",
    "action": {"type": "open_page", "url": "https://ruby.example/#ws_call_id=call_01_s"},
}
SAID = {"type": "message", "id": "m", "content": [{"type": "output_text", "text": "4.0"}], "role": "assistant"}
CALL = {"type": "function_call", "id": "f", "call_id": "call_02_f", "name": "weather", "arguments": '{"a":1}'}


def response(*output: Json, **more: Any) -> Json:
    usage = {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 14,
    }
    base = {"id": "u-1", "object": "response", "created_at": 7, "model": "deepseek-v4-flash", "status": "completed"}
    return {**base, "output": list(output), "usage": usage, **more}


def stream_of(*output: Json) -> list[Json]:
    """The events in which the items come, texts and arguments in two pieces."""
    events: list[Json] = [{"type": "response.created", "response": response(status="in_progress", usage=None)}]
    for item in output:
        events.append({"type": "response.output_item.added", "item": {**item, "content": []}})
        kind, text = {
            "reasoning": ("reasoning_text", "hm"),
            "message": ("output_text", "4.0"),
            "function_call": ("function_call_arguments", '{"a":1}'),
        }.get(item["type"], ("", ""))
        events += [{"type": f"response.{kind}.delta", "delta": piece} for piece in (text[:1], text[1:]) if piece]
        events.append({"type": "response.output_item.done", "item": item})
    return [*events, {"type": "response.completed", "response": response(*output)}]


def run(events: Iterable[Json], state: ChatState = SEARCHED) -> list[Event]:
    stream = SearchStream(state)
    return [*(event for native in events for event in stream.feed(native)), *stream.close()]


def test_without_a_search_chat_completions_serve() -> None:
    assert asked().path == "chat/completions"


def test_a_search_goes_where_deepseek_searches() -> None:
    call = asked(SEARCH)
    assert call.path == "responses"
    assert call.body == {"model": "deepseek-flash", "input": ASK, "tools": [{"type": "web_search"}]}
    assert isinstance(call.state, SearchState)


def test_parameters_take_the_names_of_that_endpoint() -> None:
    body = asked(SEARCH, max_tokens=5, temperature=0.5, reasoning_effort="low", stream=True).body
    assert (body["max_output_tokens"], body["temperature"], body["reasoning"]) == (5, 0.5, {"effort": "low"})
    assert body["stream"] is True
    assert "stream_options" not in body


def test_the_clients_functions_stand_beside_the_search(weather: Json) -> None:
    tools = asked(SEARCH, tools=[weather]).body["tools"]
    assert tools == [{"type": "function", **weather["function"]}, {"type": "web_search"}]


def test_a_search_can_be_demanded() -> None:
    choice = ToolChoice(mode="builtin", path="tool_choice", names=("web_search",))
    assert asked(SEARCH, choice).body["tool_choice"] == {"type": "web_search"}


def test_history_becomes_items_with_neighbouring_calls(tool_turn: Callable[..., list[Json]]) -> None:
    items = asked(SEARCH, messages=tool_turn(reasoning_content="hm")).body["input"]
    assert items[1:] == [
        {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]},
        {"type": "function_call", "call_id": "call_00_a", "name": "weather", "arguments": '{"a":1}'},
        {"type": "function_call_output", "call_id": "call_00_a", "output": "sunny"},
    ]


def test_the_developer_speaks_as_system() -> None:
    messages = [{"role": "developer", "content": "be kind"}, *ASK]
    assert asked(SEARCH, messages=messages).body["input"][0] == {"role": "system", "content": "be kind"}


def test_where_the_client_is_cannot_be_told() -> None:
    search = WebSearch(path="tools[0]", context_size="low", location={"city": "Bern"})
    assert asked(search).dropped == ("tools[0].user_location", "tools[0].search_context_size")


@pytest.mark.parametrize(
    ("search", "param"),
    [
        (WebSearch(path="tools[0]", allowed_domains=("a.example",)), "tools[0].filters"),
        (WebSearch(path="tools[0]", max_uses=2), "max_tool_calls"),
    ],
)
def test_limits_that_deepseek_does_not_keep_are_refused(search: WebSearch, param: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        asked(search)
    assert refused.value.param == param


def test_searches_are_told_without_deepseeks_marker() -> None:
    events = run(stream_of(THOUGHT, FOUND, OPENED, SAID))
    assert [event for event in events if isinstance(event, ServerTool)] == [
        ServerTool(kind="web_search", id="call_00_s", queries=("ruby",)),
        ServerTool(kind="web_search", id="call_01_s", sources=("https://ruby.example/",)),
    ]


def test_a_stream_says_what_the_whole_answer_says(fold: Fold) -> None:
    items = (THOUGHT, FOUND, SAID, CALL)
    assert fold(run(stream_of(*items))) == fold(from_responses(response(*items), SEARCHED))


def test_calls_end_in_tool_calls_and_keep_the_thought(fold: Fold) -> None:
    said = fold(run(stream_of(THOUGHT, CALL)))
    assert said["finish"] == [(0, "tool_calls")]
    assert said["keep"] == {"call_02_f": b"hm"}


def test_later_calls_are_left_out_when_one_was_asked_for(fold: Fold) -> None:
    events = run(stream_of(CALL, {**CALL, "call_id": "call_03_f"}), ONE_CALL)
    assert list(fold(events)["calls"]) == [0]
    assert Ignored("parallel_call") in events


def test_usage_is_read(fold: Fold) -> None:
    assert fold(run(stream_of(SAID)))["usage"] == Usage(input=9, output=5, cache_read=4, reasoning=2, total=14)


@pytest.mark.parametrize(("reason", "finish"), [("max_output_tokens", "length"), ("content_filter", "content_filter")])
def test_an_incomplete_answer_tells_why(reason: str, finish: str, fold: Fold) -> None:
    body = response(SAID, status="incomplete", incomplete_details={"reason": reason})
    assert fold(from_responses(body, SEARCHED))["finish"] == [(0, finish)]


def test_an_unknown_reason_is_an_error() -> None:
    with pytest.raises(UpstreamProtocol):
        list(from_responses(response(SAID, status="incomplete", incomplete_details={"reason": "x"}), SEARCHED))


def test_a_failure_is_raised() -> None:
    with pytest.raises(UpstreamError, match="busy"):
        run([{"type": "response.failed", "response": response(error={"code": "server_error", "message": "busy"})}])


def test_every_cut_short_stream_is_truncated() -> None:
    events = stream_of(THOUGHT, SAID)
    for end in range(len(events)):
        with pytest.raises(UpstreamTruncated):
            run(events[:end])


def test_events_of_kinds_not_known_are_counted() -> None:
    events = run([{"type": "response.novelty"}, *stream_of(SAID)])
    assert Ignored("response.novelty") in events
    assert Text("4") in events
