"""POST /v1/embeddings. https://platform.openai.com/docs/api-reference/embeddings/create"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from unigate_edge.validation.types import Request, TokenIds


class EmbeddingsRequest(Request, frozen=True):
    """The body of an embeddings request: a text, texts, a text's tokens, or several texts' tokens."""

    must_fit: ClassVar[frozenset[str] | None] = frozenset({"model"})

    input: str | Annotated[list[str | int | TokenIds], Meta(min_length=1, max_length=2048)]
    model: str
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Meta(ge=1)] | None = None
    user: str | None = None
