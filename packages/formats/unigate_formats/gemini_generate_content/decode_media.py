"""inlineData and fileData parts → images, sound and files. https://ai.google.dev/api/caching#Blob"""

from __future__ import annotations

from unigate_core.errors import invalid_value
from unigate_core.json import Json
from unigate_core.media_types import sniff_base64
from unigate_formats.gemini_generate_content.member import member, unknown_paths
from unigate_formats.neutral.request import AudioPart, FilePart, ImagePart
from unigate_formats.neutral.typed import string

_AUDIO = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mp3": "mp3", "audio/mpeg": "mp3"}
_NAME = "displayName"


def inline_part(inline: Json, path: str, dropped: list[str]) -> ImagePart | AudioPart | FilePart:
    """What the base64 holds, whatever its declared type. `dropped` gets what has no place."""
    at = f"{path}.inlineData"
    data, declared = inline.get("data"), str(member(inline, "mimeType") or "").lower()
    if not isinstance(data, str):
        raise invalid_value(f"{at}.data", "base64 data is needed.")
    data = data.translate(str.maketrans("-_", "+/"))
    media_type = sniff_base64(data) or declared
    known = ("data", "mimeType")
    if media_type.startswith("image/"):
        dropped += unknown_paths(inline, known, at)
        return ImagePart(data=data, media_type=media_type, path=path)
    if media_type in _AUDIO:
        dropped += unknown_paths(inline, known, at)
        return AudioPart(data=data, format=_AUDIO[media_type], path=path)
    dropped += unknown_paths(inline, (*known, _NAME), at)
    return FilePart(data=data, media_type=media_type, filename=_name(inline, at), path=path)


def linked_part(file: Json, path: str, dropped: list[str]) -> ImagePart | FilePart:
    """The same behind a web address."""
    at = f"{path}.fileData"
    url, media_type = member(file, "fileUri"), str(member(file, "mimeType") or "")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise invalid_value(f"{at}.fileUri", "only web addresses can be read here.")
    known = ("fileUri", "mimeType")
    if media_type.startswith("image/"):
        dropped += unknown_paths(file, known, at)
        return ImagePart(url=url, path=path)
    dropped += unknown_paths(file, (*known, _NAME), at)
    return FilePart(url=url, media_type=media_type, filename=_name(file, at), path=path)


def _name(given: Json, path: str) -> str:
    return string(member(given, _NAME), f"{path}.{_NAME}") or ""
