"""Content of Responses messages and tool outputs (a string or a list of parts) → neutral parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unigate_core.errors import RequestRefused, invalid_value, unsupported_parameter
from unigate_core.json import Json
from unigate_formats.neutral.extensions import read_extensions
from unigate_formats.neutral.request import FilePart, ImagePart, RefusalPart, TextPart
from unigate_formats.neutral.typed import string
from unigate_formats.openai_chat.decode_content import ContentPart, PartExtras, audio_part, file_part, image_part

_PART = frozenset(
    {
        "annotations", "detail", "file_data", "file_id", "file_url", "filename", "image_url", "input_audio", "logprobs",
        "prompt_cache_breakpoint", "refusal", "text", "type",
    }
)  # fmt: skip


def response_parts(content: Any, path: str) -> Iterator[ContentPart]:
    """The parts of some content. Raises RequestRefused."""
    if isinstance(content, str):
        yield TextPart(text=content, path=path)
    elif isinstance(content, list):
        for i, part in enumerate(content):
            if not isinstance(part, dict):
                raise _not_typed(f"{path}[{i}]", "an object")
            yield response_part(part, f"{path}[{i}]")
    else:
        raise _not_typed(path, "a string or a list of parts")


def response_part(part: Json, path: str) -> ContentPart:
    """One part."""
    extensions = read_extensions(part, _PART, path)
    extras = PartExtras(part.get("prompt_cache_breakpoint") is not None, extensions)
    match part:
        case {"type": "input_text" | "output_text", "text": str(text)}:
            return TextPart(text=text, path=path, cached=extras.cached, extensions=extensions)
        case {"type": "refusal", "refusal": str(text)}:
            return RefusalPart(text=text, path=path)
        case {"type": "input_image"}:
            return _image(part, path, extras)
        case {"type": "input_file"}:
            return file_part(part, path, extras)
        case {"type": "input_audio", "input_audio": {"data": str(data), "format": str(form)}}:
            return audio_part(data, form, path, extras)
    raise invalid_value(f"{path}.type", f"'{part.get('type')}' is not a supported content type.")


def _image(part: Json, path: str, extras: PartExtras) -> ImagePart | FilePart:
    match part:
        case {"image_url": str(url)} if url:
            return image_part(url, string(part.get("detail"), f"{path}.detail"), f"{path}.image_url", extras)
        case {"file_id": str(_)}:
            raise unsupported_parameter(f"{path}.file_id", "Uploaded files can be used at OpenAI only.")
    raise invalid_value(path, "an image needs 'image_url'.")


def _not_typed(path: str, expected: str) -> RequestRefused:
    return RequestRefused(f"Invalid type for '{path}': expected {expected}.", param=path, code="invalid_type")
