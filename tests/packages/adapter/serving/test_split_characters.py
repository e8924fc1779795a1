"""Characters cut between two events of a vendor's stream."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_adapter.calls.split_characters import SplitCharacters
from unigate_core.json import dumps
from unigate_formats.neutral.events import Event, Finish, Reasoning, ReasoningBlock, Text, ToolArguments


def halves_of(text: str) -> list[str]:
    """The UTF-16 units of a text, as Python's own escapes write them."""
    return [chr(int.from_bytes(pair, "big")) for pair in pairs(text.encode("utf-16-be"))]


def pairs(data: bytes) -> list[bytes]:
    return [data[i : i + 2] for i in range(0, len(data), 2)]


def told(events: list[Event]) -> list[Event]:
    """What comes out when each event came in a read of its own, from a vendor that escapes all that is not ASCII."""
    split = SplitCharacters()
    out: list[Event] = []
    for event in events:
        split.notice([json.dumps(getattr(event, "text", "")).encode()])
        out += split.join([event])
    return out + split.join([], end=True)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_text_cut_anywhere_is_the_same_text(text: str) -> None:
    events: list[Event] = [Text(unit) for unit in halves_of(text)]
    assert "".join(event.text for event in told(events) if isinstance(event, Text)) == text


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([Text("a\ud83d"), Text("\ude00b")], [Text("a"), Text("😀b")]),
        ([Text("a\ud83d"), Finish("stop")], [Text("a"), Text("\ufffd"), Finish("stop")]),
        ([Text("\ud83d"), Reasoning("\ude00")], [Text("\ufffd"), Reasoning("\ufffd")]),
        ([Text("\ud83d"), Text("x", 1), Text("\ude00")], [Text("x", 1), Text("😀")]),
        ([ToolArguments(0, "\ud83d"), ToolArguments(0, "\ude00")], [ToolArguments(0, "😀")]),
        (
            [ToolArguments(0, "\ud83d"), ToolArguments(1, "\ude00")],
            [ToolArguments(0, "\ufffd"), ToolArguments(1, "\ufffd")],
        ),
        ([Text("\ud83d")], [Text("\ufffd")]),
        (
            [Reasoning("\ud83d"), Reasoning("\ude00"), ReasoningBlock("v", "\ud83d\ude00")],
            [Reasoning("😀"), ReasoningBlock("v", "😀")],
        ),
    ],
    ids=[
        "joined",
        "never came",
        "another kind",
        "another choice",
        "arguments",
        "another call",
        "cut off",
        "whole text",
    ],
)
def test_halves_meet_where_they_belong(events: list[Event], expected: list[Event]) -> None:
    assert told(events) == expected


def test_what_holds_no_halves_is_not_touched() -> None:
    split = SplitCharacters()
    split.notice([b'{"text":"\xf0\x9f\x98\x80"}'])
    batch: list[Event] = [Text("😀")]
    assert split.join(batch) is batch


def test_halves_can_be_written_down_when_they_were_kept() -> None:
    assert dumps({"a": "\ud83d\ude00", "b": ["\ud83d"]}) == '{"a":"😀","b":["\ufffd"]}'.encode()
