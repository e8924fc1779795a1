"""Gemini's API in front of Gemini. https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from unigate_core.json import Json, loads
from unigate_formats.gemini_generate_content.models import model_path
from unigate_formats.gemini_generate_content.rewrite import rewrite
from unigate_formats.gemini_generate_content.usage import has_tokens, metadata_of, usage_of
from unigate_formats.neutral.native_api import NativeApi, NativeMetadata, TokenCounter


class ContentReader:
    """Reads an answer, whole or in chunks. Google's own name of the version that answered stays as it is."""

    def __init__(self, public: str) -> None:
        del public
        self.metadata = NativeMetadata()
        self._usage: Json = {}
        self._error: bytes | None = None
        self._finished: set[int] = set()
        self._begun: set[int] = set()
        self._blocked = False

    def whole(self, body: bytes) -> bytes:
        """The body as it is."""
        try:
            answer = loads(body)
        except ValueError:
            return body
        for chunk in answer if isinstance(answer, list) else [answer]:
            if isinstance(chunk, dict):
                self._read(chunk)
        return body

    def event(self, raw: bytes) -> bytes:
        """The event as it is."""
        start = raw.find(b"{")
        end = raw.rfind(b"}")
        if 0 <= start < end:
            try:
                chunk = loads(raw[start : end + 1])
            except ValueError:
                return raw
            self._read(chunk, raw[start : end + 1])
        return raw

    def ended(self) -> bool:
        """Whether all candidates have a finish reason."""
        return self._blocked or (bool(self._begun) and self._begun == self._finished)

    def error(self) -> bytes | None:
        """The error that stood in place of a chunk."""
        return self._error

    def _read(self, chunk: Json, raw: bytes = b"") -> None:
        if isinstance(chunk.get("error"), dict):
            self._error = raw
            return
        self.metadata.id = str(chunk.get("responseId") or self.metadata.id)
        self.metadata.model = str(chunk.get("modelVersion") or self.metadata.model)
        metadata = metadata_of(chunk)
        if has_tokens(metadata):
            self.metadata.usage = usage_of(metadata)
        feedback = chunk.get("promptFeedback")
        self._blocked = self._blocked or (isinstance(feedback, dict) and bool(feedback.get("blockReason")))
        for place, candidate in enumerate(chunk.get("candidates") or ()):
            if not isinstance(candidate, dict):
                continue
            index = candidate.get("index", place)
            self._begun.add(index)
            if isinstance(candidate.get("finishReason"), str):
                self._finished.add(index)
                self.metadata.finish_reasons[index] = candidate["finishReason"]


API = NativeApi(
    rewrite=rewrite,
    reader=ContentReader,
    response_headers=("x-goog-", "x-gemini-", "retry-after", "server-timing"),
)
"""Open families: whatever Google adds to them reaches the client."""

COUNTER = TokenCounter(
    path=lambda model: f"{model_path(model)}:countTokens",
    body=lambda body, model: {"generateContentRequest": {"model": model_path(model), **body}},
    count=lambda answer: int(answer["totalTokens"]),
)
"""https://ai.google.dev/api/tokens"""
