"""POST /v1/moderations. https://platform.openai.com/docs/api-reference/moderations/create"""

from __future__ import annotations

from unigate_edge.validation.messages import ImagePart, TextPart
from unigate_edge.validation.types import Request


class ModerationRequest(Request, frozen=True):
    """The body of a moderation request."""

    input: str | list[str | TextPart | ImagePart]
    model: str | None = None
