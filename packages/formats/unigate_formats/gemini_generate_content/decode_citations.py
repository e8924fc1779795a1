"""groundingMetadata → citations. https://ai.google.dev/gemini-api/docs/google-search#grounding-response

Google counts UTF-8 bytes within a part, OpenAI counts characters within the whole text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unigate_core.json import Json
from unigate_formats.neutral.events import Citation, NativeCitation


def citations_of(grounding: Json, parts: Sequence[str], choice: int) -> Iterator[Citation | NativeCitation]:
    """The citations of a finished text, whose pieces are the native parts in order (empty where a part is no text)."""
    chunks = grounding.get("groundingChunks") or []
    seen: set[tuple[str, int, int]] = set()
    for support in grounding.get("groundingSupports") or []:
        segment = support.get("segment") or {}
        for index in support.get("groundingChunkIndices") or []:
            chunk = chunks[index] if 0 <= index < len(chunks) else {}
            web = chunk.get("web")
            if web is None:
                yield NativeCitation({"segment": segment, "groundingChunk": chunk}, choice)
                continue
            start, end = _span(segment, parts)
            key = (web.get("uri", ""), start, end)
            if key not in seen:
                seen.add(key)
                yield Citation(url=key[0], title=web.get("title", ""), start=start, end=end, choice=choice)


def _span(segment: Json, parts: Sequence[str]) -> tuple[int, int]:
    """Byte offsets as character offsets; the segment's own text decides which text they count in."""
    start, end = segment.get("startIndex", 0), segment.get("endIndex", 0)
    quoted = segment.get("text")
    index = segment.get("partIndex", 0)
    whole = "".join(parts)
    before = sum(len(part) for part in parts[:index])
    for text, base in ((parts[index] if index < len(parts) else "", before), (whole, 0)):
        data = text.encode()
        piece = data[start:end].decode(errors="replace")
        if quoted is None or piece == quoted:
            first = base + len(data[:start].decode(errors="replace"))
            return first, first + len(piece)
    at = whole.find(quoted or "")
    return (at, at + len(quoted or "")) if at >= 0 else (0, 0)
