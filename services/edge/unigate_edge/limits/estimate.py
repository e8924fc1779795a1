"""A request → what it may use, before anyone has counted it.

An estimate errs on the side of too much: what it reserves is given back when the answer's usage is known, and what it
does not reserve could be spent twice by requests that run at the same time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.counts import MAX_TOKENS
from unigate_core.token_estimate import MEDIA_TOKENS, text_tokens
from unigate_edge.validation.types import Request

ANSWERS_IN_TOKENS: Final = frozenset({"chat", "completions", "responses", "responses_resource"})
TOKENS_IN: Final = MappingProxyType({"embeddings": "input", "completions": "prompt"})
"""Where an operation takes numbers of tokens."""
IMAGE_OPERATIONS: Final = frozenset({"images_generations", "images_edits", "images_variations"})
RECORDING_OPERATIONS: Final = frozenset({"audio_transcriptions", "audio_translations"})

IMAGE_TOKENS: Final = MappingProxyType({"low": 410, "medium": 1590, "high": 6240})
"""Output tokens of an image by quality, of the largest of gpt-image's sizes; `auto` may be the highest.
https://platform.openai.com/docs/guides/image-generation"""
PARTIAL_IMAGE_TOKENS: Final = 100
RECORDING_BYTES_PER_SECOND: Final = 4000
"""Of speech as it is usually compressed (32 kbit/s), and of PCM at 8 kHz below."""
PCM_BYTES_PER_SECOND: Final = 16_000
RECORDING_TOKENS_PER_SECOND: Final = 17
TRANSCRIPT_TOKENS_PER_SECOND: Final = 5
SPEECH_TOKENS_PER_CHARACTER: Final = 2
UNKNOWN_UPLOAD_BYTES: Final = 1024 * 1024
"""Of an upload that does not say how long it is."""

_MEDIA = re.compile(rb'"(?:data:[^",]{0,128},)?[A-Za-z0-9+/=_-]{4096,}"')
_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")


class UploadEstimate(msgspec.Struct, frozen=True):
    """What is known of an upload when it begins: its size in bytes, None when unknown, and its text fields."""

    size: int | None
    fields: Mapping[str, str] = msgspec.field(default_factory=dict)
    filename: str = ""


class Estimate(msgspec.Struct, frozen=True):
    """Tokens of a request and at most of its answer. `media`: which part of the price list the answer falls under."""

    input: int
    output: int
    media: str = ""
    audio_seconds: float = 0.0
    cached: bool = False

    @property
    def total(self) -> int:
        """Input and output tokens."""
        return self.input + self.output

    def usage(self) -> pb.Usage:
        """The usage that the request is expected to have at most."""
        return pb.Usage(
            input_tokens=self.input,
            output_tokens=self.output,
            cache_write_tokens=self.input if self.cached else 0,
            input_audio_tokens=self.input if self.media == "recording" else 0,
            output_audio_tokens=self.output if self.media == "speech" else 0,
            output_image_tokens=self.output if self.media == "image" else 0,
            audio_seconds=self.audio_seconds,
        )


def estimate(
    operation: str, request: Request | None, body: bytes, default_output: int, upload: UploadEstimate | None = None
) -> Estimate:
    """What a request is worth until its usage is known. `request` is None for uploads and for resources."""
    if upload is not None and operation in RECORDING_OPERATIONS:
        return _recording(upload)
    texts = _prompt_tokens(operation, request, body)
    if operation in IMAGE_OPERATIONS:
        return _images(request, upload, texts)
    if operation == "audio_speech":
        characters = len(getattr(request, "input", ""))
        return Estimate(texts, characters * SPEECH_TOKENS_PER_CHARACTER, media="speech")
    output = _output(request, default_output) if body and operation in ANSWERS_IN_TOKENS else 0
    speaks = "audio" in (getattr(request, "modalities", None) or ())
    return Estimate(texts, output, media="speech" if speaks else "", cached=b'"cache_control"' in body)


def _prompt_tokens(operation: str, request: Request | None, body: bytes) -> int:
    if operation in TOKENS_IN and _is_tokens(getattr(request, TOKENS_IN[operation], "")):
        return len(body) // 2  # numbers of tokens, the shortest of which has one digit and a comma
    texts, media = len(body), 0
    if texts > 4096:
        for match in _MEDIA.finditer(body):
            texts -= len(match[0])
            media += 1
    return text_tokens(texts, ascii_only=body.isascii()) + media * MEDIA_TOKENS


def _is_tokens(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], int | list)


def _images(request: Request | None, upload: UploadEstimate | None, prompt: int) -> Estimate:
    fields: Mapping[str, Any] = upload.fields if upload is not None else {}

    def asked(name: str) -> Any:
        return fields.get(name) if request is None else getattr(request, name, None)

    tokens = IMAGE_TOKENS.get(str(asked("quality")), IMAGE_TOKENS["high"])
    tokens += _whole_number(asked("partial_images"), 0, 3) * PARTIAL_IMAGE_TOKENS
    if upload is not None:
        prompt = text_tokens(len(fields.get("prompt", "")), ascii_only=False) + MEDIA_TOKENS
    return Estimate(prompt, _whole_number(asked("n"), 1, 10) * tokens, media="image")


def images_asked_for(fields: Mapping[str, Any]) -> int:
    """How many images a form asks for."""
    return _whole_number(fields.get("n"), 1, 10) or 1


def _recording(upload: UploadEstimate) -> Estimate:
    size = UNKNOWN_UPLOAD_BYTES if upload.size is None else upload.size
    pcm = upload.filename.lower().endswith((".wav", ".wave"))
    seconds = size / (PCM_BYTES_PER_SECOND if pcm else RECORDING_BYTES_PER_SECOND)
    return Estimate(
        input=round(seconds * RECORDING_TOKENS_PER_SECOND),
        output=round(seconds * TRANSCRIPT_TOKENS_PER_SECOND),
        media="recording",
        audio_seconds=seconds,
    )


def _whole_number(value: Any, default: int, limit: int) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value[:4])
    return min(value, limit) if isinstance(value, int) else default


def _output(request: Request | None, default: int) -> int:
    """The largest limit that the request names, for the vendor may take any of them."""
    given = [limit for name in _LIMITS if (limit := getattr(request, name, None)) is not None]
    return min(int(max(given, default=default)) * _answers(request), MAX_TOKENS)


def _answers(request: Request | None) -> int:
    """How many answers are asked for: `n` for each prompt, of which completions have several."""
    prompt = getattr(request, "prompt", None)
    prompts = len(prompt) if isinstance(prompt, list) and not isinstance(prompt[0], int) else 1
    return prompts * max(int(getattr(request, name, None) or 1) for name in ("n", "best_of"))
