"""POST /v1/images/generations and, with JSON, /v1/images/edits. https://platform.openai.com/docs/api-reference/images"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from unigate_edge.validation.types import Object, Request, Shape


class ImageRequest(Request, frozen=True):
    """What both have."""

    must_fit: ClassVar[frozenset[str] | None] = frozenset({"model", "n", "partial_images", "stream"})

    prompt: str
    model: str | None = None
    n: Annotated[int, Meta(ge=1, le=10)] | None = None
    size: str | None = None
    quality: Literal["standard", "hd", "low", "medium", "high", "xhigh", "max", "auto"] | None = None
    background: Literal["transparent", "opaque", "auto"] | None = None
    moderation: Literal["low", "auto"] | None = None
    output_format: Literal["png", "jpeg", "webp", "gif", "svg"] | None = None
    output_compression: Annotated[int, Meta(ge=0, le=100)] | None = None
    stream: bool | None = None
    partial_images: Annotated[int, Meta(ge=0, le=3)] | None = None
    user: str | None = None


class GenerationRequest(ImageRequest, frozen=True):
    """The body of a request for a new image."""

    response_format: Literal["url", "b64_json"] | None = None
    style: Literal["vivid", "natural"] | None = None


class ImageReference(Shape, frozen=True):
    """An image to start from."""

    image_url: str | None = None
    file_id: str | None = None


class EditRequest(ImageRequest, frozen=True, kw_only=True):
    """The body of a request for a changed image, where it is JSON."""

    images: Annotated[list[ImageReference], Meta(min_length=1)]
    mask: Object | None = None
    input_fidelity: Literal["high", "low"] | None = None
