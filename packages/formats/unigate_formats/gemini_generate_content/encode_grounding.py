"""Searches, citations and code that ran → groundingMetadata and parts of an answer.

https://ai.google.dev/gemini-api/docs/google-search#grounding-response
https://ai.google.dev/gemini-api/docs/code-execution
"""

from __future__ import annotations

from typing import Any

import msgspec

from unigate_core.counts import members
from unigate_core.json import Json, dumps_text
from unigate_formats.neutral.events import Citation, NativeCitation, ServerTool


class Grounding(msgspec.Struct):
    """What a candidate is founded on, and its text, in which citations have their places."""

    queries: list[str] = msgspec.field(default_factory=list)
    text: list[str] = msgspec.field(default_factory=list)
    _chunks: dict[str, Json] = msgspec.field(default_factory=dict)
    _spans: dict[tuple[int, int], list[str]] = msgspec.field(default_factory=dict)

    def search(self, event: ServerTool) -> None:
        """A search, and what it found."""
        self.queries += event.queries
        for url in event.sources:
            self._chunks.setdefault(url, _web(url, url))

    def cite(self, event: Citation) -> None:
        """A source, and the text that it proves where that is known."""
        if event.url not in self._chunks or event.title:
            self._chunks[event.url] = _web(event.url, event.title)
        if event.start < event.end:
            cited = self._spans.setdefault((event.start, event.end), [])
            cited += [] if event.url in cited else [event.url]

    def cite_document(self, event: NativeCitation) -> None:
        """A source without an address: a document of the request."""
        value = members(event.value)
        title = value.get("document_title") or value.get("title")
        context = {"title": title, "text": value.get("cited_text") or (None if title else dumps_text(event.value))}
        chunk = {"retrievedContext": {name: each for name, each in context.items() if isinstance(each, str)}}
        self._chunks[dumps_text(chunk)] = chunk

    def metadata(self) -> Json:
        """The groundingMetadata, empty where nothing was searched or cited."""
        if not self.queries and not self._chunks:
            return {}
        metadata: Json = {"webSearchQueries": self.queries, "groundingChunks": list(self._chunks.values())}
        if self._spans:
            places = {url: place for place, url in enumerate(self._chunks)}
            text = "".join(self.text)
            metadata["groundingSupports"] = [
                {"segment": _segment(text, start, end), "groundingChunkIndices": [places[url] for url in urls]}
                for (start, end), urls in sorted(self._spans.items())
            ]
        return metadata


def code_parts(event: ServerTool) -> list[Json]:
    """Code that the vendor ran, in whichever language, and what it printed."""
    code = {"executableCode": {"language": "LANGUAGE_UNSPECIFIED", "code": event.code}}
    outcome = "OUTCOME_FAILED" if event.failed else "OUTCOME_OK"
    result = {"codeExecutionResult": {"outcome": outcome, "output": "\n".join(event.outputs)}}
    return [code, result] if event.code else [result]


def _web(url: str, title: str) -> Json:
    return {"web": {"uri": url, "title": title}}


def _segment(text: str, start: int, end: int) -> dict[str, Any]:
    """A span of characters in bytes, as Google counts."""
    return {
        "startIndex": len(text[:start].encode()),
        "endIndex": len(text[:end].encode()),
        "text": text[start:end],
    }
