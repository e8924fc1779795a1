"""Events of one shape are rewritten by their bytes, and come out as if each had been read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_core.sse import DONE, frame
from unigate_formats.openai_chat.chunk_template import ChunkTemplate
from unigate_formats.openai_chat.rewrite import ChatChunkRewriter

TEXTS = st.text(alphabet='ab"\\\n{}:,"é😀', max_size=6)
DELTAS = st.one_of(
    st.builds(lambda text: {"content": text}, TEXTS),
    st.builds(lambda text: {"reasoning_content": text}, TEXTS),
    st.builds(lambda text: {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}, TEXTS),
    st.builds(lambda text: {"content": text, "refusal": None}, TEXTS),
)
ENDS = st.sampled_from([{}, {"usage": None}, {"usage": None, "obfuscation": "x7"}, {"obfuscation": 'y"'}])


def event(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "m"}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return json.dumps(head | {"choices": [choice]} | more, ensure_ascii=False, separators=(",", ":")).encode()


def one_by_one(events: list[bytes], *, hide_usage: bool) -> bytes:
    """The stream of a rewriter that reads every event."""
    stream = ChatChunkRewriter("p", hide_usage=hide_usage)
    stream._template = ChunkTemplate(most=0)
    return b"".join(stream.feed(frame(each)) for each in events) + stream.close()


@given(st.lists(st.tuples(DELTAS, ENDS), max_size=20), st.booleans(), st.booleans())
def test_a_stream_is_what_reading_every_event_makes_of_it(
    deltas: list[tuple[dict[str, Any], dict[str, Any]]], hide_usage: bool, at_once: bool
) -> None:
    events = [event({"role": "assistant", "content": ""}), *(event(delta, **end) for delta, end in deltas)]
    events += [event({}, "stop"), b"[DONE]"]
    stream = ChatChunkRewriter("p", hide_usage=hide_usage)
    chunks = [b"".join(map(frame, events))] if at_once else [*map(frame, events)]
    assert b"".join(map(stream.feed, chunks)) + stream.close() == one_by_one(events, hide_usage=hide_usage)


def test_only_the_text_may_differ() -> None:
    alike = ChunkTemplate()
    alike.learn(b'{"model":"m","content":"one"}', b'{"model":"p/m","content":"one"}')
    assert (
        alike.rewrite(b'{"model":"m","content":"two \\" words\\\\"}')
        == b'{"model":"p/m","content":"two \\" words\\\\"}'
    )
    assert alike.rewrite(b'{"model":"m","content":""}') == b'{"model":"p/m","content":""}'


@pytest.mark.parametrize(
    "other",
    [
        b'{"model":"n","content":"two"}',
        b'{"model":"m","content":null}',
        b'{"model":"m","content":"two","usage":{}}',
        b'{"model":"m","content":"two"} ',
        b'{"model":"m","content":"two',
        b'{"model":"m","content":"two\\"}',
        b"",
    ],
)
def test_an_event_of_another_shape_is_left_to_be_read(other: bytes) -> None:
    alike = ChunkTemplate()
    alike.learn(b'{"model":"m","content":"one"}', b'{"model":"p/m","content":"one"}')
    assert alike.rewrite(other) is None


def test_a_stream_of_ever_new_shapes_stops_learning() -> None:
    alike = ChunkTemplate(most=2)
    for number in range(3):
        alike.learn(b'{"n":%d,"content":"one"}' % number, b'{"content":"one"}')
    assert alike.rewrite(b'{"n":1,"content":"two"}') == b'{"content":"two"}'
    assert alike.rewrite(b'{"n":2,"content":"two"}') is None


def test_the_end_mark_is_no_event_of_any_shape() -> None:
    stream = ChatChunkRewriter("p", hide_usage=False)
    fed = [event({"content": "a"}), event({"content": "b"}), event({"content": "c"}), event({}, "stop"), b"[DONE]"]
    assert b"".join(stream.feed(frame(each)) for each in fed).endswith(DONE)
