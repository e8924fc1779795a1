"""Streams become the same events as whole answers, however their bytes are cut."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_core.errors import UpstreamError, UpstreamTruncated
from unigate_core.json import dumps, loads
from unigate_core.sse import EventDecoder
from unigate_formats.gemini_generate_content.decode_answer import decode_answer
from unigate_formats.gemini_generate_content.decode_stream import ContentStream
from unigate_formats.gemini_generate_content.request_state import RequestState
from unigate_formats.neutral.events import Event, Finish, Logprobs, Refusal, ReplayBlob, Start, Text, ToolCall, Usage


def usage(prompt: Any, candidates: Any, **more: Any) -> Any:
    total = prompt + candidates + sum(more.values())
    return {"promptTokenCount": prompt, "candidatesTokenCount": candidates, "totalTokenCount": total, **more}


def test_a_call_in_an_earlier_chunk_makes_the_finish_tool_calls(
    streamed: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    events = streamed([
        response({"functionCall": {"name": "look"}, "thoughtSignature": "s"}, finish=None),
        response({"text": ""}),
    ])  # fmt: skip
    assert of_type(events, Finish) == [Finish("tool_calls")]
    assert len(of_type(events, ToolCall)) == 1


def test_only_the_last_usage_counts(
    streamed: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    events = streamed([
        response({"text": "a"}, finish=None, usage=usage(55, 20, thoughtsTokenCount=419)),
        response({"text": "b"}, finish=None, usage=usage(55, 30, thoughtsTokenCount=28)),
        response({"text": "c"}, usage=usage(257, 427, thoughtsTokenCount=447)),
    ])  # fmt: skip
    assert of_type(events, Usage) == [Usage(input=257, output=874, reasoning=447, total=1131)]


def test_metadata_without_counts_does_not_undo_usage(
    streamed: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    events = streamed([
        response({"text": "a"}, finish=None, usage=usage(5, 2)),
        response({"text": "b"}, usage={"trafficType": "ON_DEMAND"}),
    ])  # fmt: skip
    assert of_type(events, Usage) == [Usage(input=5, output=2, total=7)]


def test_the_finish_waits_for_what_still_comes(
    streamed: Callable[..., list[Event]], response: Callable[..., dict[str, Any]]
) -> None:
    events = streamed([response({"text": "a"}), response({"text": "b"}, finish=None)])
    assert events[-2:] == [Text("ab"), Finish("stop")]


def test_logprobs_follow_the_text_of_their_chunk(
    streamed: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    result = {"chosenCandidates": [{"token": "a", "logProbability": -1}]}
    events = streamed([response({"text": "a"}, finish=None, logprobsResult=result), response({"text": "b"})])
    assert [type(event) for event in events] == [Start, Text, Logprobs, Text, Finish]


def test_an_unfinished_stream_is_truncated(
    state: Callable[..., RequestState], response: Callable[..., dict[str, Any]]
) -> None:
    stream = ContentStream(state())
    list(stream.feed(response({"text": "a"}, finish=None)))
    with pytest.raises(UpstreamTruncated):
        list(stream.close())


def test_a_stream_is_finished_when_every_candidate_is(
    state: Callable[..., RequestState], response: Callable[..., dict[str, Any]]
) -> None:
    stream = ContentStream(state())
    both = response({"text": "a"})
    both["candidates"].append({"index": 1, "content": {"parts": [{"text": "b"}]}})
    list(stream.feed(both))
    with pytest.raises(UpstreamTruncated):
        list(stream.close())


def test_a_stream_without_events_is_truncated(state: Callable[..., RequestState]) -> None:
    with pytest.raises(UpstreamTruncated):
        list(ContentStream(state()).close())


def test_a_stream_can_block_the_prompt(streamed: Callable[..., list[Event]]) -> None:
    events = streamed([{"promptFeedback": {"blockReason": "SAFETY"}, "responseId": "r"}])
    assert [type(event) for event in events] == [Start, Usage, Refusal, Finish]


def test_an_error_inside_a_stream_is_an_error_by_its_status(state: Callable[..., RequestState]) -> None:
    error = {"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}
    with pytest.raises(UpstreamError) as failed:
        list(ContentStream(state()).feed(error))
    assert (failed.value.status, failed.value.code) == (503, "overloaded")


def test_nothing_is_told_before_a_failure_without_content(
    state: Callable[..., RequestState], response: Callable[..., dict[str, Any]]
) -> None:
    stream = ContentStream(state())
    told = list(stream.feed(response(finish="MISSING_THOUGHT_SIGNATURE")))
    with pytest.raises(UpstreamError) as failed:
        list(stream.close())
    assert (told, failed.value.code) == ([], "missing_thought_signature")


TEXTS = st.text(max_size=6)
SIGNATURES = st.none() | st.text(min_size=1, max_size=4)


def signed(part: Any, signature: Any) -> Any:
    return part | {"thoughtSignature": signature} if signature else part


PARTS = st.lists(
    st.one_of(
        st.builds(lambda text: {"text": text}, TEXTS),
        st.builds(lambda text: {"text": text, "thought": True}, TEXTS),
        st.builds(lambda text, sig: signed({"text": text}, sig), st.text(min_size=1, max_size=6), SIGNATURES),
        st.builds(
            lambda args, sig: signed({"functionCall": {"name": "f", "args": args}}, sig),
            st.dictionaries(TEXTS, st.integers() | TEXTS, max_size=2),
            SIGNATURES,
        ),
        st.just({"executableCode": {"code": "1", "id": "c"}}),
        st.just({"codeExecutionResult": {"output": "1", "id": "c"}}),
    ),
    max_size=6,
)


def numbered() -> Any:
    numbers = iter(range(10_000))
    return lambda: str(next(numbers))


def reply(parts: Any, finish: Any) -> Any:
    body = {"content": {"parts": parts}, "index": 0} | ({"finishReason": finish} if finish else {})
    return {"candidates": [body], "responseId": "r", "modelVersion": "m"}


def pieces(parts: Any, cut: Any) -> Any:
    """Chunks of a stream that says the same: texts are cut in two, every part comes alone."""
    chunks = []
    for part in parts:
        text = part.get("text", "")
        half = min(cut, len(text))
        if text and "thoughtSignature" not in part:
            chunks += [[part | {"text": text[:half]}], [part | {"text": text[half:]}]]
        else:
            chunks.append([part])
    return [reply(chunk, None) for chunk in chunks] + [reply([{"text": ""}], "STOP")]


def as_stream(natives: Any) -> Any:
    return b"".join(b"data: " + dumps(native) + b"\r\n\r\n" for native in natives)


def events_of(chunks: Any) -> Any:
    stream = ContentStream(RequestState(new_id=numbered()))
    decoder = EventDecoder()
    data = [event for chunk in chunks for event in decoder.feed(chunk)] + decoder.flush()
    events = [event for native in data for event in stream.feed(loads(native))]
    return [*events, *stream.close()]


def folded(events: Any) -> Any:
    """Everything but how texts were cut, which is all that a stream may add."""
    result: list[tuple[str, Any]] = []
    for event in events:
        text = getattr(event, "text", None)
        last = result[-1] if result else None
        if last and text is not None and last[0] == type(event).__name__ and last[0] in ("Text", "Reasoning"):
            result[-1] = (last[0], last[1] + text)
        elif type(event).__name__ in ("Text", "Reasoning"):
            result.append((type(event).__name__, text))
        else:
            result.append((type(event).__name__, event))
    return result


@given(PARTS, st.integers(0, 3))
def test_a_stream_folds_to_the_whole_answer(parts: Any, cut: Any) -> None:
    whole = list(decode_answer(reply(parts, "STOP"), RequestState(new_id=numbered())))
    assert folded(events_of([as_stream(pieces(parts, cut))])) == folded(whole)


@given(PARTS, st.lists(st.integers(0, 2000), max_size=6))
def test_any_split_of_the_bytes_gives_the_same_events(parts: Any, cuts: Any) -> None:
    data = as_stream(pieces(parts, 1))
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    chunks = [data[a:b] for a, b in pairwise(edges)]
    assert events_of(chunks) == events_of([data])


@given(PARTS)
def test_a_cut_at_any_event_is_a_truncated_stream(parts: Any) -> None:
    natives = pieces(parts, 1)[:-1]
    for end in range(len(natives) + 1):
        with pytest.raises(UpstreamTruncated):
            events_of([as_stream(natives[:end])])


def test_the_replay_blob_of_a_stream_is_that_of_the_whole_answer(
    streamed: Callable[..., list[Event]],
    whole: Callable[..., list[Event]],
    response: Callable[..., dict[str, Any]],
    of_type: Callable[..., list[Any]],
) -> None:
    call = {"functionCall": {"name": "look"}, "thoughtSignature": "s"}
    stream = streamed([response({"text": "Lo"}, finish=None), response({"text": "ok"}, finish=None), response(call)])
    assert of_type(stream, ReplayBlob) == of_type(whole(response({"text": "Look"}, call)), ReplayBlob)


@pytest.mark.parametrize(("plain", "most"), [(True, 50_000), (False, 3_000_000)])
def test_text_is_held_only_where_it_may_go_back_or_be_cited(
    state: Callable[..., RequestState], response: Callable[..., Any], plain: bool, most: int
) -> None:
    stream = ContentStream(state(plain=plain))
    list(stream.feed(response({"text": "a"}, finish=None)))
    tracemalloc.start()
    try:
        for number in range(2000):
            list(stream.feed(response({"text": f"{number}" + "x" * 1000}, finish=None)))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < most


@pytest.mark.parametrize(
    ("more", "plain"),
    [
        ({}, True),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, False),
        ({"web_search_options": {}}, False),
    ],
)
def test_only_with_tools_an_answer_may_go_back(translate: Any, more: Any, plain: bool) -> None:
    assert translate(**more).state.plain is plain
