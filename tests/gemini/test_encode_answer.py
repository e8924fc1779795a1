"""Other vendors' answers in Gemini's form: code that ran, citations and their places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from unigate_core.json import Json, loads
from unigate_formats.gemini_generate_content.decode_citations import citations_of
from unigate_formats.gemini_generate_content.encode_answer import ContentContext, ContentEncoder, ContentStreamEncoder
from unigate_formats.neutral.events import Citation, Event, Finish, NativeCitation, ServerTool, Text

CONTEXT = ContentContext(model="m", provider="p", vendor_model="v", fallback_id="f", encrypt=lambda payload: "")


def answered(events: Sequence[Event], *, stream: bool) -> tuple[list[Json], Json]:
    """All parts, and the last state of the candidate."""
    encoder = ContentStreamEncoder(CONTEXT) if stream else ContentEncoder(CONTEXT)
    written = b"".join(encoder.write([event]) for event in (*events, Finish("stop"))) + encoder.close(None)
    chunks: list[Any] = [loads(line.removeprefix(b"data: ")) for line in written.split(b"\n\n") if line]
    candidates = [candidate for chunk in chunks for candidate in chunk["candidates"]]
    parts = [part for candidate in candidates for part in candidate["content"]["parts"] if part != {"text": ""}]
    return parts, candidates[-1]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("failed", "outcome"), [(False, "OUTCOME_OK"), (True, "OUTCOME_FAILED")])
def test_code_that_ran_stands_between_the_words(*, stream: bool, failed: bool, outcome: str) -> None:
    ran = ServerTool(kind="code_interpreter", id="c", code="echo 42", outputs=("42", "warned"), failed=failed)
    parts, _ = answered([Text("Let me compute."), ran, Text("It is 42.")], stream=stream)
    assert parts == [
        {"text": "Let me compute."},
        {"executableCode": {"language": "LANGUAGE_UNSPECIFIED", "code": "echo 42"}},
        {"codeExecutionResult": {"outcome": outcome, "output": "42\nwarned"}},
        {"text": "It is 42."},
    ]


@pytest.mark.parametrize("stream", [False, True])
def test_citations_have_their_places_in_bytes(*, stream: bool) -> None:
    events: list[Any] = [
        ServerTool(kind="web_search", id="s", queries=("q",), sources=("https://a", "https://b")),
        Text("Zürich ist groß. "),
        Text("Bern nicht."),
        Citation("https://b", "B", 0, 16),
        Citation("https://c", "C", 0, 16),
        Citation("https://b", "B", 17, 28),
        Citation("https://a", "", 0, 0),
    ]
    _, candidate = answered(events, stream=stream)
    grounding = candidate["groundingMetadata"]
    assert [chunk["web"]["title"] for chunk in grounding["groundingChunks"]] == ["https://a", "B", "C"]
    assert grounding["groundingSupports"] == [
        {
            "segment": {"startIndex": 0, "endIndex": 18, "text": "Zürich ist groß."},
            "groundingChunkIndices": [1, 2],
        },
        {"segment": {"startIndex": 19, "endIndex": 30, "text": "Bern nicht."}, "groundingChunkIndices": [1]},
    ]
    assert list(citations_of(grounding, ["Zürich ist groß. Bern nicht."], 0)) == [events[3], events[4], events[5]]


@pytest.mark.parametrize(
    ("value", "context"),
    [
        ({"type": "char_location", "cited_text": "t", "document_title": "d"}, {"title": "d", "text": "t"}),
        ({"title": "d", "location": {}}, {"title": "d"}),
        ({"other": 1}, {"text": '{"other":1}'}),
    ],
)
def test_a_citation_of_a_document_is_a_retrieved_context(value: Json, context: Json) -> None:
    _, candidate = answered([Text("a"), NativeCitation(value)], stream=False)
    assert candidate["groundingMetadata"]["groundingChunks"] == [{"retrievedContext": context}]
