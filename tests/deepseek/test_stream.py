"""DeepSeek's streams → events: the same as the whole answer's, however the bytes are cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unigate_core.errors import GatewayError, UpstreamError, UpstreamTruncated
from unigate_core.json import Json
from unigate_deepseek.reasoning import FORMAT
from unigate_formats.neutral.events import Event, ReasoningBlock, Text, ToolArguments, ToolCall, ToolEnd
from unigate_formats.openai_chat.chat_state import ChatState
from unigate_formats.openai_chat.decode_answer import decode_answer
from unigate_formats.openai_chat.decode_stream import ChatStream

Chunks = Callable[..., list[Json]]
Fold = Callable[[Iterable[Event]], Json]
Run = Callable[..., list[Event]]

ARGUMENTS = '{"a":"é"}'


def opening(index: int, id: str, name: str) -> Json:
    call = {"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": ""}}
    return {"tool_calls": [call]}


def piece(index: int, text: str) -> Json:
    return {"tool_calls": [{"index": index, "function": {"arguments": text}}]}


@pytest.fixture
def thoughtful(chunks: Chunks) -> list[Json]:
    """A stream with a thought, a text and two calls."""
    return chunks(
        {"content": None, "reasoning_content": "h"},
        {"content": None, "reasoning_content": "öm 🤔"},
        {"content": "I ", "reasoning_content": None},
        {"content": "look \u2028 up"},
        opening(0, "call_00_a", "weather"),
        piece(0, ARGUMENTS[:4]),
        piece(0, ARGUMENTS[4:]),
        opening(1, "call_01_b", "time"),
        piece(1, "{}"),
        finish_reason="tool_calls",
    )


@pytest.fixture
def same_whole(whole: Callable[..., Json]) -> Json:
    """What DeepSeek would have answered in one piece."""
    calls = [
        {"id": "call_00_a", "type": "function", "function": {"name": "weather", "arguments": ARGUMENTS}},
        {"id": "call_01_b", "type": "function", "function": {"name": "time", "arguments": "{}"}},
    ]
    return whole(content="I look \u2028 up", reasoning_content="höm 🤔", tool_calls=calls, finish_reason="tool_calls")


def test_a_stream_says_what_the_whole_answer_says(
    thoughtful: list[Json], same_whole: Json, run_stream: Run, fold: Fold
) -> None:
    assert fold(run_stream(thoughtful)) == fold(decode_answer(same_whole, ChatState(thought_format=FORMAT)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cut_of_the_bytes_gives_the_same_events(
    thoughtful: list[Json],
    wire: Callable[[Iterable[Json]], bytes],
    run_bytes: Callable[[Sequence[bytes]], list[Event]],
    data: st.DataObject,
) -> None:
    stream = wire(thoughtful)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert run_bytes(pieces) == run_bytes([stream])


def test_every_cut_short_stream_is_truncated(thoughtful: list[Json], run_stream: Run) -> None:
    for end in range(len(thoughtful)):
        with pytest.raises(UpstreamTruncated):
            run_stream(thoughtful[:end])


def test_the_finish_chunk_ends_a_stream_without_an_end_mark(chunks: Chunks, run_stream: Run, fold: Fold) -> None:
    assert fold(run_stream(chunks({"content": "x"})))["finish"] == [(0, "stop")]


def test_the_thought_is_closed_before_the_text(chunks: Chunks, run_stream: Run) -> None:
    events = run_stream(chunks({"reasoning_content": "hm"}, {"content": "x"}))
    assert events.index(ReasoningBlock("deepseek-v1", "hm")) < events.index(Text("x"))


def test_a_thought_without_an_answer_is_closed_too(chunks: Chunks, run_stream: Run, fold: Fold) -> None:
    said = fold(run_stream(chunks({"reasoning_content": "hm"}, finish_reason="length")))
    assert said["blocks"] == [("deepseek-v1", "hm")]


def test_empty_pieces_say_nothing(chunks: Chunks, run_stream: Run) -> None:
    events = run_stream(chunks({"content": ""}, {"content": None, "reasoning_content": ""}))
    assert not [event for event in events if isinstance(event, Text)]


def test_calls_are_numbered_in_the_order_they_come(chunks: Chunks, run_stream: Run) -> None:
    events = run_stream(chunks(opening(3, "a", "f"), opening(7, "b", "g"), piece(3, "{}"), piece(7, "{}")))
    assert [event.index for event in events if isinstance(event, ToolCall)] == [0, 1]
    assert [event.index for event in events if isinstance(event, ToolArguments)] == [0, 1]


def test_each_call_ends_once(thoughtful: list[Json], run_stream: Run) -> None:
    assert [event.index for event in run_stream(thoughtful) if isinstance(event, ToolEnd)] == [0, 1]


def test_later_calls_are_left_out_when_one_was_asked_for(thoughtful: list[Json], run_stream: Run, fold: Fold) -> None:
    events = run_stream(thoughtful, parallel=False)
    assert fold(events)["calls"] == {0: ["call_00_a", "weather", ARGUMENTS]}
    assert [event.index for event in events if isinstance(event, ToolEnd)] == [0]


def test_usage_is_read_from_the_finish_chunk(chunks: Chunks, run_stream: Run, fold: Fold) -> None:
    usage = fold(run_stream(chunks({"content": "x"})))["usage"]
    assert (usage.input, usage.output, usage.cache_read, usage.reasoning) == (563, 116, 512, 60)


def test_usage_is_read_from_a_chunk_of_its_own_too(chunks: Chunks, run_stream: Run, fold: Fold) -> None:
    stream = chunks({"content": "x"})
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    stream[-1]["usage"] = None
    assert fold(run_stream([*stream, {"choices": [], "usage": usage}]))["usage"].total == 3


def test_an_error_in_the_stream_is_raised() -> None:
    with pytest.raises(UpstreamError) as error:
        list(
            ChatStream(ChatState(thought_format=FORMAT)).feed(
                {"error": {"message": "busy", "code": "rate_limit_exceeded"}}
            )
        )
    assert (error.value.status, error.value.message) == (429, "busy")


def test_running_out_of_resources_ends_in_an_error(chunks: Chunks, run_stream: Run) -> None:
    with pytest.raises(GatewayError) as error:
        run_stream(chunks({"content": "x"}, finish_reason="insufficient_system_resource"))
    assert error.value.code == "overloaded"


def test_a_call_ends_when_its_arguments_are_whole_or_with_the_answer(chunks: Chunks, run_stream: Run) -> None:
    events = run_stream(
        chunks(
            opening(0, "a", "f"), piece(0, '{"x":'), opening(1, "b", "g"), piece(1, "{}"), piece(0, "1}"),
            opening(2, "c", "h"), piece(2, "{}"), finish_reason="tool_calls",
        )
    )  # fmt: skip
    told = [(type(event), event.index) for event in events if isinstance(event, ToolCall | ToolArguments | ToolEnd)]
    assert told == [
        (ToolCall, 0), (ToolArguments, 0), (ToolCall, 1), (ToolArguments, 1), (ToolArguments, 0),
        (ToolEnd, 0), (ToolEnd, 1), (ToolCall, 2), (ToolArguments, 2), (ToolEnd, 2),
    ]  # fmt: skip
