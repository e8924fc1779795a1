"""Answers that are ended at stop sequences here, because the model takes none."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_core.errors import UpstreamError
from unigate_core.json import Json, dumps, loads
from unigate_core.sse import DONE, frame
from unigate_formats.neutral.events import Finish, Reasoning, Text, ToolArguments, ToolCall, Usage
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.stop_sequences import StopCutter, StoppedEvents
from unigate_formats.openai_passthrough.relax_request import relaxed_body
from unigate_formats.openai_passthrough.rewrite_request import UpstreamRequest, stream_bytes
from unigate_formats.openai_passthrough.stopped_answer import stopped_answer

TOOL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@given(
    st.text("abc", max_size=30),
    st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=3),
    st.lists(st.integers(0, 30), max_size=6),
)
def test_the_text_ends_before_the_first_sequence_however_it_comes(text: str, stops: list[str], cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    cutter = StopCutter(stops)
    said = "".join(cutter.feed(text[begin:end]) for begin, end in itertools.pairwise(places))
    said += cutter.flush()
    found = [at for stop in stops if (at := text.find(stop)) >= 0]
    assert cutter.ended == bool(found)
    if len(stops) == 1 or not found:
        assert said == text[: min(found)] if found else said == text
    else:
        # of sequences that overlap, the one that is complete first ends the text
        assert text.startswith(said)
        assert not any(stop in said for stop in stops)


def test_events_of_each_choice() -> None:
    events = StoppedEvents(["END"])
    first = events.cut([Reasoning("END?"), Text("a E"), Text("b", 1)])
    assert first == [Reasoning("END?"), Text("a "), Text("b", 1)]
    second = events.cut([Text("ND c"), ToolCall(0, "c", "f"), ToolArguments(0, "{}"), Text(" EN", 1)])
    assert second == [Text(" ", 1)]
    last = events.cut([Finish("tool_calls"), Finish("length", 1), Usage(input=1)])
    assert last == [Finish("stop"), Text("EN", 1), Finish("length", 1), Usage(input=1)]


def test_a_whole_answer() -> None:
    choices = [
        {"index": 0, "message": {"content": "a END b", "tool_calls": [TOOL]}, "finish_reason": "tool_calls"},
        {"index": 1, "message": {"content": "a EN"}, "finish_reason": "length"},
        {"index": 2, "message": {"content": None, "tool_calls": [TOOL]}, "finish_reason": "tool_calls"},
    ]
    told = loads(stopped_answer(dumps({"model": "m", "choices": choices}), ["END"]))
    assert told["choices"] == [
        {"index": 0, "message": {"content": "a "}, "finish_reason": "stop"},
        *choices[1:],
    ]


def test_a_streamed_answer() -> None:
    def chunk(delta: Json, reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return frame(dumps({"id": "c", "created": 1, "model": "m", "choices": [choice], **more}))

    usage = {"prompt_tokens": 1, "completion_tokens": 9, "total_tokens": 10}
    stream = stream_bytes(Operation.CHAT, provider="p", sent=UpstreamRequest(b"", stream=True, stops=("END",)))
    data = [
        chunk({"role": "assistant", "content": ""}), chunk({"content": "a E"}), chunk({"content": "ND b"}),
        chunk({"content": "c"}), chunk({"tool_calls": [TOOL]}), chunk({}, "tool_calls"),
        frame(dumps({"id": "c", "created": 1, "model": "m", "choices": [], "usage": usage})), DONE,
    ]  # fmt: skip
    told = b"".join(stream.feed(event) for event in data) + stream.close()
    events = [loads(line[6:]) for line in told.split(b"\n\n") if line and line != b"data: [DONE]"]
    deltas = [(choice["delta"].get("content"), choice["finish_reason"]) for e in events for choice in e["choices"]]
    assert deltas == [("", None), ("a ", None), (None, "stop")]
    assert all("tool_calls" not in choice["delta"] for e in events for choice in e["choices"])
    assert events[-1]["usage"] == usage
    assert told.endswith(DONE)
    assert stream.metadata.usage is not None


@pytest.mark.parametrize(
    "message",
    [
        "Unsupported parameter: 'stop' is not supported with this model.",
        "Argument not supported on this model: stop",
        "Model grok-4 does not support parameter stop.",
        "Unrecognized request argument supplied: stop",
    ],
)
@pytest.mark.parametrize(
    ("stop", "stops", "dropped"),
    [
        ("a", ("a",), ()),
        (["a", "", "b"], ("a", "b"), ()),
        ([str(i) for i in range(20)], tuple(str(i) for i in range(16)), ("stop[16:]",)),
    ],
)
def test_a_model_that_takes_none(message: str, stop: Any, stops: tuple[str, ...], dropped: tuple[str, ...]) -> None:
    error = UpstreamError(message, status=400, type="invalid_request_error")
    found = relaxed_body(dumps({"model": "m", "stop": stop}), [error])
    assert found is not None
    body, what = found
    assert loads(body) == {"model": "m"}
    assert (what.stops, what.dropped, what.notes) == (stops, dropped, ("stop_emulated",))
