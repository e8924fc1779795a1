"""Grounding becomes citations of characters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unigate_formats.gemini_generate_content.decode_citations import citations_of
from unigate_formats.neutral.events import Citation, Event, NativeCitation

CHUNKS = [{"web": {"uri": "https://a.example", "title": "a"}}, {"web": {"uri": "https://b.example", "title": "b"}}]


def support(text: Any, start: int | None, end: Any, *indices: Any, **segment: Any) -> Any:
    position = {"startIndex": start} if start else {}
    return {"segment": {"endIndex": end, "text": text, **position, **segment}, "groundingChunkIndices": list(indices)}


def cited(parts: Any, *supports: Any, chunks: Any = CHUNKS) -> Any:
    return list(citations_of({"groundingChunks": chunks, "groundingSupports": list(supports)}, parts, 0))


def test_byte_offsets_become_characters() -> None:
    text = "It is 21° warm. Très 🌞 nice."
    piece = "Très 🌞 nice."
    first = len(text[: text.index(piece)].encode())
    [citation] = cited([text], support(piece, first, first + len(piece.encode()), 0))
    assert text[citation.start : citation.end] == piece


def test_a_segment_that_names_no_start_begins_at_the_text() -> None:
    assert cited(["Hi there"], support("Hi", None, 2, 1)) == [Citation("https://b.example", "b", 0, 2)]


def test_every_chunk_of_a_segment_is_a_citation_once() -> None:
    citations = cited(["Hi there"], support("Hi", 0, 2, 0, 1, 0), support("Hi", 0, 2, 1))
    assert [citation.url for citation in citations] == ["https://a.example", "https://b.example"]


def test_offsets_of_a_later_part_count_from_that_part() -> None:
    [citation] = cited(["Ünder.", "", "Over."], support("Over", 0, 4, 0, partIndex=2))
    assert (citation.start, citation.end) == (6, 10)


def test_offsets_that_count_in_the_whole_text_are_seen_by_their_words() -> None:
    [citation] = cited(["Ünder.", "Over."], support("Over", 7, 11, 0))
    assert (citation.start, citation.end) == (6, 10)


def test_wrong_offsets_are_put_right_by_their_words() -> None:
    [citation] = cited(["Under. Over."], support("Over", 1, 5, 0))
    assert (citation.start, citation.end) == (7, 11)


def test_sources_without_a_url_are_handed_on_as_they_are() -> None:
    chunk = {"retrievedContext": {"title": "doc"}}
    [citation] = cited(["Hi"], support("Hi", 0, 2, 0), chunks=[chunk])
    assert citation == NativeCitation({"segment": {"endIndex": 2, "text": "Hi"}, "groundingChunk": chunk})


def test_a_source_that_is_missing_is_no_reason_to_fail() -> None:
    assert len(cited(["Hi"], support("Hi", 0, 2, 9))) == 1


def test_citations_follow_the_last_text_of_a_stream(
    streamed: Callable[..., list[Event]], response: Callable[..., dict[str, Any]]
) -> None:
    grounding = {"groundingChunks": CHUNKS, "groundingSupports": [support("é", 0, 2, 0)]}
    events = streamed([
        response({"text": "é"}, finish=None, groundingMetadata={}),
        response({"text": "è"}, groundingMetadata=grounding),
    ])  # fmt: skip
    assert [type(event).__name__ for event in events] == ["Start", "Text", "Citation", "Finish"]
    assert events[2] == Citation("https://a.example", "a", 0, 1)
