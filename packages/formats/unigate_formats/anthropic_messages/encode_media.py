"""Images and documents → content blocks. https://docs.anthropic.com/en/docs/build-with-claude/vision

https://docs.anthropic.com/en/docs/build-with-claude/pdf-support
"""

from __future__ import annotations

from unigate_core.errors import RequestRefused, unsupported_value
from unigate_core.json import Json
from unigate_formats.neutral.request import FilePart, ImagePart
from unigate_formats.neutral.text_files import is_text, text_of

_IMAGES = {
    "image/png": "image/png",
    "image/jpeg": "image/jpeg",
    "image/jpg": "image/jpeg",
    "image/gif": "image/gif",
    "image/webp": "image/webp",
}
_TITLE_LIMIT = 500


def to_image(part: ImagePart) -> Json:
    """An image block. Raises RequestRefused for a format that Anthropic does not read."""
    if part.url:
        return {"type": "image", "source": {"type": "url", "url": part.url}}
    media_type = _IMAGES.get(part.media_type)
    if media_type is None:
        raise RequestRefused(
            f"Images of type '{part.media_type}' are not supported; use png, jpeg, gif or webp.",
            param=part.path,
            code="invalid_image_format",
        )
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": part.data}}


def to_document(part: FilePart) -> Json:
    """A document block. Raises RequestRefused for what is neither PDF nor text."""
    block: Json = {"type": "document", "source": _source(part)}
    if part.filename:
        block["title"] = part.filename[:_TITLE_LIMIT]
    return block


def _source(part: FilePart) -> Json:
    if part.file_id:
        raise unsupported_value(part.path, "files uploaded elsewhere are unknown to Anthropic; send 'file_data'.")
    if part.url:
        return {"type": "url", "url": part.url}
    if part.media_type == "application/pdf":
        return {"type": "base64", "media_type": "application/pdf", "data": part.data}
    if is_text(part):
        return {"type": "text", "media_type": "text/plain", "data": _text(part)}
    raise unsupported_value(part.path, f"Anthropic reads PDF and text, not '{part.media_type}'.")


def _text(part: FilePart) -> str:
    text = text_of(part)
    if not text.strip():
        raise unsupported_value(part.path, "the file is empty.")
    return text
