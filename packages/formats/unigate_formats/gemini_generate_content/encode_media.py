"""Images, sound, films and documents → inlineData and fileData parts. https://ai.google.dev/api/caching#Blob"""

from __future__ import annotations

import re

from unigate_core.errors import invalid_value, unsupported_parameter
from unigate_core.json import Json
from unigate_core.media_types import guess_type, sniff_base64
from unigate_formats.neutral.request import AudioPart, FilePart, ImagePart
from unigate_formats.neutral.text_files import is_text

AUDIO_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg"}
RESOLUTIONS = {"low": "MEDIA_RESOLUTION_LOW", "high": "MEDIA_RESOLUTION_HIGH"}
_OWN_URLS = re.compile(
    r"gs://"
    r"|https://generativelanguage\.googleapis\.com/[^/]+/files/"
    r"|https?://(?:www\.|m\.)?youtube\.com/"
    r"|https?://youtu\.be/"
)


def is_own_url(url: str) -> bool:
    """Whether Google reads a URL itself: objects in Cloud Storage, files that were uploaded to it, YouTube."""
    return _OWN_URLS.match(url) is not None


def image_data(part: ImagePart) -> Json:
    """The image as inlineData; its bytes show the type, clients often declare a wrong one."""
    if part.url:
        return file_at(part.url, guess_type(part.url) or "image/jpeg")
    if not part.data:
        raise invalid_value(part.path, "the image could not be read.")
    kind = sniff_base64(part.data)
    return inline_data(kind if kind.startswith("image/") else part.media_type or "image/jpeg", part.data)


def audio_data(part: AudioPart) -> Json:
    """Sound as inlineData."""
    return inline_data(AUDIO_TYPES.get(part.format, f"audio/{part.format}"), part.data)


def file_data(part: FilePart) -> Json:
    """A document as inlineData; any text goes as plain text. Raises RequestRefused for ids of uploaded files."""
    if part.url:
        return file_at(part.url, part.media_type or guess_type(part.url))
    if part.file_id:
        raise unsupported_parameter(
            f"{part.path}.file_id", "uploaded files can be used only at the provider that has them."
        )
    if not part.data:
        raise invalid_value(part.path, "the file could not be read.")
    return inline_data("text/plain" if is_text(part) else part.media_type, part.data)


def file_at(url: str, media_type: str) -> Json:
    """A FileData part; without a type Google finds it out, where it can."""
    return {"fileData": {"fileUri": url, **({"mimeType": media_type} if media_type else {})}}


def inline_data(media_type: str, data: str) -> Json:
    """A Blob part; `data` is base64."""
    return {"inlineData": {"mimeType": media_type, "data": data}}
