"""Images, sound and documents → inlineData parts. https://ai.google.dev/api/caching#Blob"""

from __future__ import annotations

from unigate_core.errors import invalid_value, unsupported_parameter
from unigate_core.json import Json
from unigate_core.media_types import sniff_base64
from unigate_formats.neutral.request import AudioPart, FilePart, ImagePart

AUDIO_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg"}
RESOLUTIONS = {"low": "MEDIA_RESOLUTION_LOW", "high": "MEDIA_RESOLUTION_HIGH"}


def image_data(part: ImagePart) -> Json:
    """The image as inlineData; its bytes tell the type, clients often declare a wrong one."""
    if not part.data:
        raise invalid_value(part.path, "the image could not be read.")
    kind = sniff_base64(part.data)
    return inline_data(kind if kind.startswith("image/") else part.media_type or "image/jpeg", part.data)


def audio_data(part: AudioPart) -> Json:
    """Sound as inlineData."""
    return inline_data(AUDIO_TYPES.get(part.format, f"audio/{part.format}"), part.data)


def file_data(part: FilePart) -> Json:
    """A document as inlineData; any text goes as plain text. Raises RequestRefused for ids of uploaded files."""
    if part.file_id:
        raise unsupported_parameter(
            f"{part.path}.file_id", "uploaded files can be used only at the provider that has them."
        )
    if not part.data:
        raise invalid_value(part.path, "the file could not be read.")
    media_type = "text/plain" if part.media_type.startswith("text/") else part.media_type
    return inline_data(media_type, part.data)


def inline_data(media_type: str, data: str) -> Json:
    """A Blob part; `data` is base64."""
    return {"inlineData": {"mimeType": media_type, "data": data}}
