"""Event streams are split at LF, CRLF and CR, wherever the network cuts them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_core.errors import UpstreamProtocol
from unigate_core.sse import EventDecoder, EventSplitter, frame, parse_event

STREAM = (
    b': comment\r\n\r\nevent: x\r\ndata: {"a":1}\r\n\r\n'
    b"data: one\ndata: two\n\nid: 7\ndata:bare\r\rdata: \xe2\x80\xa8\xc2\x85\xf0\x9f\x98\x80\n\n\n\ndata: last"
)
EVENTS = [b'{"a":1}', b"one\ntwo", b"bare", "\u2028\u0085😀".encode(), b"last"]


def decode(chunks: list[bytes]) -> list[bytes]:
    decoder = EventDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)] + decoder.flush()


def test_events_are_read_from_one_chunk() -> None:
    assert decode([STREAM]) == EVENTS


@pytest.mark.parametrize("cut", [0, 1, 3, 9])
def test_a_byte_order_mark_is_left_out(cut: int) -> None:
    stream = b"\xef\xbb\xbfdata: one\n\ndata: two\n\n"
    assert decode([stream[:cut], stream[cut:]]) == [b"one", b"two"]


def test_a_byte_order_mark_is_no_part_of_an_events_name() -> None:
    assert parse_event(b"\xef\xbb\xbfevent: begin\ndata: one\n\n") == ("begin", b"one")


def test_events_are_read_byte_by_byte() -> None:
    assert decode([STREAM[i : i + 1] for i in range(len(STREAM))]) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_split_gives_the_same_events(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert decode([STREAM[a:b] for a, b in pairwise(edges)]) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_the_splitter_gives_the_same_events_and_every_byte(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    splitter = EventSplitter()
    raw = [event for a, b in pairwise(edges) for event in splitter.feed(STREAM[a:b])] + [splitter.flush()]
    assert b"".join(raw) == STREAM
    assert [data for _, data in map(parse_event, raw) if data] == EVENTS
    assert [name for name, _ in map(parse_event, raw) if name] == ["x"]


def test_a_blank_line_may_end_otherwise_than_the_line_before() -> None:
    splitter = EventSplitter()
    assert [parse_event(raw) for raw in splitter.feed(b"event: a\ndata: 1\n\r\ndata: 2\r\n\n")] == [
        ("a", b"1"),
        ("", b"2"),
    ]


def test_a_line_has_a_limit() -> None:
    decoder = EventDecoder(limit=10)
    with pytest.raises(UpstreamProtocol):
        decoder.feed(b"data: more than ten bytes")


def test_a_frame_is_written_as_openai_does() -> None:
    assert frame(b"{}") == b"data: {}\n\n"
    assert frame(b"{}", "response.created") == b"event: response.created\ndata: {}\n\n"
