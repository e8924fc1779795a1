"""POST /v1/moderations. https://platform.openai.com/docs/api-reference/moderations/create"""

from __future__ import annotations

from typing import ClassVar

from unigate_edge.validation.messages import ImagePart, TextPart
from unigate_edge.validation.types import Request


class ModerationRequest(Request, frozen=True):
    """The body of a moderation request."""

    must_fit: ClassVar[frozenset[str] | None] = frozenset({"model"})

    input: str | list[str | TextPart | ImagePart]
    model: str | None = None
