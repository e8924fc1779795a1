"""A conversation becomes a summary: what the client gets of it, and what when there is none."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.encrypted_content import ContentCipher
from unigate_core.errors import UpstreamProtocol
from unigate_core.json import Json, loads
from unigate_formats.neutral.events import Event, Finish, Refusal, Start, Text
from unigate_formats.openai_responses.compaction import (
    CompactionAnswerEncoder,
    CompactionResourceEncoder,
    CompactionStreamEncoder,
)
from unigate_formats.openai_responses.response_object import ResponseContext

CIPHER = ContentCipher([b"a secret of the tests"])
START = Start(id="1", model="m")
CUT: list[tuple[list[Event], str]] = [
    ([Text("The us"), Finish("length")], "max_output_tokens"),
    ([Text("The us"), Finish("content_filter")], "content_filter"),
    ([Refusal("I cannot."), Finish("stop")], "content_filter"),
]


def terms() -> ResponseContext:
    return ResponseContext(
        id="resp_1",
        provider="acme",
        model="m",
        created=1,
        body={"input": []},
        store=True,
        encrypt=lambda content: CIPHER.encrypt(content, "t"),
        clock=lambda: 2.0,
    )


def compacted(events: list[Event]) -> bytes:
    encoder = CompactionResourceEncoder(terms())
    encoder.write([START, *events])
    return encoder.close(None)


def whole(events: list[Event]) -> Json:
    encoder = CompactionAnswerEncoder(terms())
    encoder.write([START, *events])
    response: Json = loads(encoder.close(None))
    return response


def test_the_summary_is_shown_where_the_response_is_stored_too() -> None:
    [item] = whole([Text("It was 42."), Finish("stop")])["output"]
    opened = CIPHER.decrypt(item["encrypted_content"], "t")
    assert opened is not None
    assert opened.native == "It was 42."


@pytest.mark.parametrize(("events", "reason"), CUT)
def test_half_a_summary_stands_for_nothing(events: list[Event], reason: str) -> None:
    response = whole(events)
    assert (response["status"], response["output"]) == ("incomplete", [])
    assert response["incomplete_details"] == {"reason": reason}
    stream = CompactionStreamEncoder(terms())
    told = stream.write([START, *events]) + stream.close(None)
    assert b"event: response.incomplete" in told
    assert b"encrypted_content" not in told


@pytest.mark.parametrize("events", [*(events for events, _ in CUT), [Text(" "), Finish("stop")]])
def test_the_resource_fails_without_a_whole_summary(events: list[Event]) -> None:
    with pytest.raises(UpstreamProtocol):
        compacted(events)


@pytest.mark.parametrize("made", [CompactionAnswerEncoder, CompactionStreamEncoder])
def test_an_empty_summary_is_an_error(made: Any) -> None:
    with pytest.raises(UpstreamProtocol, match="no summary"):
        made(terms()).write([START, Finish("stop")])
