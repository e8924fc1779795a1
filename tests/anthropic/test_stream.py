"""Streamed answers."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unigate_core.errors import GatewayError, UpstreamProtocol, UpstreamTruncated
from unigate_core.json import dumps, loads
from unigate_core.sse import EventDecoder
from unigate_formats.anthropic_messages import decode_blocks as blocks
from unigate_formats.anthropic_messages.decode_stream import MessageStream
from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.neutral.events import (
    Citation,
    Event,
    Finish,
    Ignored,
    Reasoning,
    Refusal,
    ReplayBlob,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    Usage,
)

USE = {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 1, "b": "ü"}}
PAUSING = RequestState(server_tools=True)
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
PLACE = {"type": "web_search_result_location", "url": "https://example.com/a", "title": "T", "cited_text": "c"}
FOUND = {"type": "web_search_result", "url": "https://example.com/a"}
RICH: list[dict[str, Any]] = [
    THOUGHT,
    {"type": "redacted_thinking", "data": "ZGF0YQ=="},
    {"type": "text", "text": "Höre 🙂\u2028: "},
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}},
    {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [FOUND]},
    {"type": "text", "text": "so", "citations": [PLACE]},
    USE,
    USE | {"id": "toolu_2", "input": {}},
]


def joined(events: list[Event]) -> list[Event]:
    """Neighbouring pieces of one kind as one, and of the counts only the last."""
    out: list[Event] = []
    usage: Event | None = None
    for event in events:
        last = out[-1] if out else None
        match event:
            case Usage():
                usage = event
            case Text(text) if isinstance(last, Text):
                out[-1] = Text(last.text + text)
            case Reasoning(text) if isinstance(last, Reasoning):
                out[-1] = Reasoning(last.text + text)
            case ToolArguments(index, text) if isinstance(last, ToolArguments) and last.index == index:
                out[-1] = ToolArguments(index, last.text + text)
            case _:
                out.append(event)
    assert usage is not None
    return [*out, usage]


def only(events: Any, kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_a_stream_tells_the_same_as_the_whole_answer(streamed: Any, whole: Any, as_stream: Any) -> None:
    events = streamed(*as_stream(*RICH, stop_reason="tool_use"))
    assert joined(events) == joined(whole(*RICH, stop_reason="tool_use"))


def test_a_call_without_arguments_has_an_empty_object(streamed: Any, as_stream: Any) -> None:
    events = streamed(*as_stream(USE | {"input": {}}, stop_reason="tool_use"))
    assert only(events, ToolCall) == [ToolCall(index=0, id="toolu_1", name="add")]
    assert only(events, ToolArguments) == [ToolArguments(index=0, text="{}")]


def test_fragments_of_arguments_pass_as_they_come(streamed: Any, as_stream: Any) -> None:
    events = streamed(*as_stream(USE, stop_reason="tool_use"))
    assert "".join(piece.text for piece in only(events, ToolArguments)) == '{"a":1,"b":"ü"}'
    assert all(piece.text for piece in only(events, ToolArguments))


def test_empty_deltas_are_skipped(streamed: Any, as_stream: Any) -> None:
    native = as_stream({"type": "text", "text": ""})
    native.insert(3, {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ""}})
    assert not only(streamed(*native), Text)


def head(**usage: int) -> dict[str, Any]:
    return {"type": "message_start", "message": {"id": "msg_1", "model": "m", "usage": usage}}


def tail(reason: str | None = "end_turn", **usage: Any) -> list[dict[str, Any]]:
    return [{"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}, {"type": "message_stop"}]


def test_counts_are_replaced_not_added(streamed: Any) -> None:
    events = streamed(head(input_tokens=2479, output_tokens=6), *tail(input_tokens=404500, output_tokens=943))
    assert only(events, Usage)[-1] == Usage(input=404500, output=943, total=405443)


def test_counts_that_come_early_only_are_kept(streamed: Any) -> None:
    events = streamed(head(input_tokens=17, output_tokens=1), *tail(output_tokens=92))
    assert only(events, Usage)[-1] == Usage(input=17, output=92, total=109)


def test_a_null_count_replaces_nothing(streamed: Any) -> None:
    events = streamed(
        head(input_tokens=17, cache_read_input_tokens=5), *tail(output_tokens=9, cache_read_input_tokens=None)
    )
    assert only(events, Usage)[-1].cache_read == 5


def test_the_finish_is_the_last_event_and_the_only_one(streamed: Any, as_stream: Any) -> None:
    events = streamed(*as_stream(*RICH, stop_reason="tool_use"))
    assert only(events, Finish) == [Finish("tool_calls")]
    assert events[-1] == Finish("tool_calls")


def test_a_citation_comes_before_its_text_and_spans_it(streamed: Any, as_stream: Any) -> None:
    native = as_stream({"type": "text", "text": "🙂 "}, {"type": "text", "text": "so", "citations": [PLACE]})
    assert only(streamed(*native), Citation) == [Citation(url="https://example.com/a", title="T", start=2, end=4)]


def test_a_refusal_after_some_text_keeps_it(streamed: Any, as_stream: Any) -> None:
    native = as_stream(
        {"type": "text", "text": "We"}, stop_reason="refusal", stop_details={"type": "refusal", "explanation": "No."}
    )
    events = streamed(*native)
    assert events[-2:] == [Refusal("No."), Finish("content_filter")]
    assert only(events, Text) == [Text("W"), Text("e")]


def test_a_start_that_is_repeated_is_ignored(streamed: Any) -> None:
    assert len(only(streamed(head(), head(), *tail()), Start)) == 1


def test_a_second_message_in_one_stream_is_an_error(streamed: Any) -> None:
    other = {"type": "message_start", "message": {"id": "msg_2", "model": "m"}}
    with pytest.raises(UpstreamProtocol):
        streamed(head(), other)


def test_pings_tell_nothing_and_unknown_events_are_counted(streamed: Any) -> None:
    events = streamed(head(), {"type": "ping"}, {"type": "weather"}, *tail())
    assert only(events, Ignored) == [Ignored("weather")]


def test_a_missing_stop_reason_is_an_error(streamed: Any) -> None:
    with pytest.raises(UpstreamProtocol):
        streamed(head(), *tail(None))


def test_a_stream_cut_anywhere_is_truncated_and_never_finishes(as_stream: Any) -> None:
    native = as_stream(*RICH, stop_reason="tool_use")
    for end in range(len(native)):
        translator = MessageStream()
        events = [event for item in native[:end] for event in translator.feed(item)]
        assert not only(events, Finish)
        with pytest.raises(UpstreamTruncated):
            translator.close()


def test_an_error_event_is_raised_by_its_type() -> None:
    error = {"type": "overloaded_error", "message": "Overloaded"}
    with pytest.raises(GatewayError) as caught:
        list(MessageStream().feed({"type": "error", "error": error}))
    assert (caught.value.status, caught.value.code) == (503, "overloaded")


def _wire(native: list[dict[str, Any]]) -> bytes:
    return b"".join(b"event: %b\ndata: %b   \n\n" % (item["type"].encode(), dumps(item)) for item in native)


def _read(pieces: Iterator[bytes]) -> list[Event]:
    decoder, translator = EventDecoder(), MessageStream()
    events = [event for piece in pieces for data in decoder.feed(piece) for event in translator.feed(loads(data))]
    events += [event for data in decoder.flush() for event in translator.feed(loads(data))]
    return events + list(translator.close())


@settings(max_examples=60, deadline=None)
@given(data=st.data(), crlf=st.booleans())
def test_any_split_of_the_bytes_gives_the_same_events(data: Any, crlf: bool) -> None:
    wire = _wire(STREAM)
    if crlf:
        wire = wire.replace(b"\n", b"\r\n")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=40)))
    pieces = (wire[start:end] for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True))
    assert _read(pieces) == _read(iter([wire]))


STREAM = [
    head(input_tokens=3, output_tokens=1),
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "ping"},
    *(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        for piece in ("Grüße", " 🙂", "\u2028\u0085", "\r\n")
    ),
    {"type": "content_block_stop", "index": 0},
    *tail(output_tokens=5),
]


def growth(state: RequestState, piece: str, times: int) -> int:
    """Bytes that a stream of text makes its translator hold."""
    stream = MessageStream(state)
    list(stream.feed({"type": "message_start", "message": {"id": "m", "model": "c", "usage": {}}}))
    list(stream.feed({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}))
    tracemalloc.start()
    try:
        for number in range(times):
            text = f"{number}{piece}"
            told = stream.feed(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
            )
            assert told == (Text(text),)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_the_text_of_an_answer_that_need_not_go_back_is_not_held() -> None:
    assert growth(RequestState(plain=True), "x" * 1000, 2000) < 50_000


def test_the_text_of_an_answer_that_may_go_back_is_held_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MAX_KEPT_CHARACTERS", 100_000)
    assert growth(RequestState(), "x" * 1000, 2000) < 200_000


def test_an_answer_too_long_to_go_back_ends_where_the_vendor_pauses(
    as_stream: Any, streamed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MAX_KEPT_CHARACTERS", 3)
    events = streamed(*as_stream({"type": "text", "text": "Long."}, stop_reason="pause_turn"), state=PAUSING)
    assert events[-1] == Finish("length")


def test_nothing_is_kept_of_an_answer_too_long_to_go_back(
    as_stream: Any, streamed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    natives = as_stream(THOUGHT, USE, stop_reason="tool_use")
    assert any(isinstance(event, ReplayBlob) for event in streamed(*natives))
    monkeypatch.setattr(blocks, "MAX_KEPT_CHARACTERS", 3)
    assert not any(isinstance(event, ReplayBlob) for event in streamed(*natives))


@pytest.mark.parametrize(
    ("more", "plain"),
    [
        ({}, True),
        ({"response_format": {"type": "json_object"}}, True),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, False),
        ({"web_search_options": {}}, False),
    ],
)
def test_only_with_tools_an_answer_may_go_back(translate: Any, more: Any, plain: bool) -> None:
    assert translate(**more).state.plain is plain
