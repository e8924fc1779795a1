"""OpenAI's message content (a string or a list of parts) → neutral parts; data URLs are taken apart here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from unigate_core.data_url import check_base64, split_data_url
from unigate_core.errors import invalid_value
from unigate_core.json import Json
from unigate_core.media_types import guess_type, sniff_base64
from unigate_formats.neutral.extensions import Extensions, read_extensions
from unigate_formats.neutral.request import AudioPart, FilePart, ImagePart, RefusalPart, TextPart
from unigate_formats.neutral.typed import string

ContentPart = TextPart | ImagePart | AudioPart | FilePart | RefusalPart

_PART = frozenset({"annotations", "prompt_cache_breakpoint", "type"})
_INNER = {
    "image_url": frozenset({"detail", "url"}),
    "input_audio": frozenset({"data", "format"}),
    "file": frozenset({"file_data", "file_id", "file_url", "filename"}),
    "video_url": frozenset({"url"}),
}
_IMAGES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
_FILE_TYPES = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "xml": "text/xml",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class PartExtras(NamedTuple):
    """What any part may have: a prompt cache breakpoint after it, and members that are no format's own."""

    cached: bool = False
    extensions: Extensions = ()


NO_EXTRAS = PartExtras()


def content_parts(content: Any, path: str) -> Iterator[ContentPart]:
    """The parts of a message's content; nothing for null. Raises RequestRefused for malformed data."""
    if content is None:
        return
    if isinstance(content, str):
        yield TextPart(text=content, path=path)
        return
    for i, part in enumerate(content):
        yield content_part(part, f"{path}[{i}]")


def content_part(part: Json, path: str) -> ContentPart:
    """One part of chat content."""
    kind = part.get("type")
    extras = PartExtras(part.get("prompt_cache_breakpoint") is not None, _part_extensions(part, kind, path))
    match part:
        case {"type": "text", "text": str(text)}:
            return TextPart(text=text, path=path, cached=extras.cached, extensions=extras.extensions)
        case {"type": "refusal", "refusal": str(text)}:
            return RefusalPart(text=text, path=path)
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return image_part(url, part["image_url"].get("detail"), f"{path}.image_url.url", extras)
        case {"type": "input_audio", "input_audio": {"data": str(data), "format": str(form)}}:
            return audio_part(data, form, path, extras)
        case {"type": "file", "file": file}:
            return file_part(file, path, extras)
        case {"type": "video_url", "video_url": {"url": str(url)}}:
            return _video_part(url, f"{path}.video_url.url", extras)
    raise invalid_value(f"{path}.type", f"'{kind}' is not a supported content type.")


def _part_extensions(part: Json, kind: Any, path: str) -> Extensions:
    """The unknown members of a part, and of the object inside it that holds its content."""
    found = read_extensions(part, _PART | {kind} if isinstance(kind, str) else _PART, path)
    inner = part.get(kind) if kind in _INNER else None
    if isinstance(inner, dict):
        found += read_extensions(inner, _INNER[kind], f"{path}.{kind}")
    return found


def audio_part(data: str, form: str, path: str, extras: PartExtras = NO_EXTRAS) -> AudioPart:
    """Sound in base64, which some clients write as a data URL."""
    if data[:5].lower() == "data:":
        _, data = split_data_url(data, f"{path}.input_audio.data")
    return AudioPart(data=data, format=form, path=path, cached=extras.cached, extensions=extras.extensions)


def image_part(url: str, detail: str | None, path: str, extras: PartExtras = NO_EXTRAS) -> ImagePart | FilePart:
    """An image from its URL, which may be a data URL. The bytes show what it is: clients send PDFs as images, too."""
    detail = None if detail == "auto" else detail
    cached, extensions = extras
    if url[:5].lower() != "data:":
        return ImagePart(url=url, detail=detail, path=path, cached=cached, extensions=extensions)
    media_type, data = split_data_url(url, path)
    media_type = sniff_base64(data) or media_type
    if media_type == "application/pdf":
        return FilePart(data=data, media_type=media_type, path=path, cached=cached, extensions=extensions)
    return ImagePart(data=data, media_type=media_type, detail=detail, path=path, cached=cached, extensions=extensions)


def _video_part(url: str, path: str, extras: PartExtras) -> FilePart:
    """A film from its URL, a form that several vendors know beside OpenAI's."""
    cached, extensions = extras
    if url[:5].lower() != "data:":
        return FilePart(
            url=url, media_type=guess_type(url) or "video/mp4", path=path, cached=cached, extensions=extensions
        )
    media_type, data = split_data_url(url, path)
    return FilePart(data=data, media_type=media_type, path=path, cached=cached, extensions=extensions)


def file_part(file: Json, path: str, extras: PartExtras = NO_EXTRAS) -> FilePart | ImagePart:
    """A document or an image: `file_data` is a data URL, or bare base64 whose type its bytes or its name show.

    A `file_id` that is a URL is taken for one: other gateways have documents named in this way.
    """
    file_id, url, value, name = (
        string(file.get(member), f"{path}.{member}") for member in ("file_id", "file_url", "file_data", "filename")
    )
    filename = name or ""
    cached, extensions = extras
    if file_id and "://" in file_id:
        url = file_id
    elif file_id:
        return FilePart(file_id=file_id, filename=filename, path=path, cached=cached, extensions=extensions)
    if url:
        return FilePart(url=url, filename=filename, path=path, cached=cached, extensions=extensions)
    if not value:
        raise invalid_value(path, "a file needs 'file_data' or 'file_id'.")
    if value[:5].lower() == "data:":
        media_type, data = split_data_url(value, path)
    else:
        media_type, data = "", check_base64(value, path)
    media_type = (
        sniff_base64(data)
        or media_type
        or _FILE_TYPES.get(filename.rsplit(".", 1)[-1].lower(), "application/octet-stream")
    )
    if media_type in _IMAGES:
        return ImagePart(data=data, media_type=media_type, path=path, cached=cached, extensions=extensions)
    return FilePart(
        data=data, media_type=media_type, filename=filename, path=path, cached=cached, extensions=extensions
    )
