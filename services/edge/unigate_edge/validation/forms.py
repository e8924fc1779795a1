"""The fields of requests that have files. They pass to the adapter unread; these types describe them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

File = Annotated[str, Meta(extra_json_schema={"format": "binary"})]
"""A part with a file name."""


class TranscriptionForm(Struct, frozen=True, kw_only=True):
    """The fields of a transcription request."""

    file: File
    model: str
    language: str | None = None
    prompt: str | None = None
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] | None = None
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None
    timestamp_granularities: list[Literal["word", "segment"]] | None = None
    include: list[str] | None = None
    stream: bool | None = None
    chunking_strategy: str | None = None
    known_speaker_names: list[str] | None = None
    known_speaker_references: list[str] | None = None


class TranslationForm(Struct, frozen=True, kw_only=True):
    """The fields of a request for a translation to English."""

    file: File
    model: str
    prompt: str | None = None
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt"] | None = None
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None


class ImageEditForm(Struct, frozen=True, kw_only=True):
    """The fields of a request for a changed image."""

    image: list[File]
    prompt: str
    mask: File | None = None
    model: str | None = None
    n: Annotated[int, Meta(ge=1, le=10)] | None = None
    size: str | None = None
    quality: Literal["standard", "low", "medium", "high", "xhigh", "max", "auto"] | None = None
    background: Literal["transparent", "opaque", "auto"] | None = None
    input_fidelity: Literal["high", "low"] | None = None
    output_format: Literal["png", "jpeg", "webp", "gif", "svg"] | None = None
    output_compression: Annotated[int, Meta(ge=0, le=100)] | None = None
    response_format: Literal["url", "b64_json"] | None = None
    partial_images: Annotated[int, Meta(ge=0, le=3)] | None = None
    stream: bool | None = None
    user: str | None = None


class ImageVariationForm(Struct, frozen=True, kw_only=True):
    """The fields of a request for another image like one."""

    image: File
    model: str | None = None
    n: Annotated[int, Meta(ge=1, le=10)] | None = None
    size: str | None = None
    response_format: Literal["url", "b64_json"] | None = None
    user: str | None = None
