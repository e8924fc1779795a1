"""POST /v1beta/models/{model}:generateContent, as far as the edge reads it. https://ai.google.dev/api/generate-content

What the vendor's own API takes is for the vendor to say: only what routes, limits and meters a request is looked at.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from unigate_edge.validation.types import Request


class _Config(Struct, frozen=True):
    max_output_tokens: Any = field(name="maxOutputTokens", default=None)
    snake_max_output_tokens: Any = field(name="max_output_tokens", default=None)
    candidate_count: Any = field(name="candidateCount", default=None)


class _Call(Struct, frozen=True):
    id: str | None = None


class _Part(Struct, frozen=True):
    call: _Call | None = field(name="functionCall", default=None)


class _Content(Struct, frozen=True):
    parts: list[_Part] = []


_contents = msgspec.json.Decoder(list[_Content])


class ContentRequest(Request, frozen=True):
    """The body of a request to a model; the model and whether the answer streams stand in the path."""

    contents: Raw | UnsetType = UNSET
    config: _Config | None = field(name="generationConfig", default=None)
    model: Any = None
    stream: bool = False

    @property
    def max_output_tokens(self) -> int | None:
        """The limit of the answer."""
        config = self.config
        limit = (config.max_output_tokens or config.snake_max_output_tokens) if config is not None else None
        return limit if isinstance(limit, int) and limit >= 0 else None

    @property
    def n(self) -> int:
        """How many answers are asked for."""
        count = self.config.candidate_count if self.config is not None else None
        return count if isinstance(count, int) and 0 < count <= 128 else 1

    def call_ids(self) -> list[str]:
        """The function calls of earlier turns that the request repeats."""
        raw = bytes(self.contents) if isinstance(self.contents, Raw) else b""
        if b'"functionCall"' not in raw:
            return []
        try:
            contents = _contents.decode(raw)
        except ValueError:
            return []
        return [part.call.id for content in contents for part in content.parts if part.call and part.call.id]
