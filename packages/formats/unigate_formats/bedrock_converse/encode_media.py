"""Images, films, documents, audio → content blocks. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html"""

from __future__ import annotations

import re

from unigate_core.errors import RequestRefused, unsupported_value
from unigate_core.json import Json
from unigate_core.media_types import guess_type
from unigate_formats.neutral.request import AudioPart, FilePart, ImagePart
from unigate_formats.neutral.text_files import is_text

_IMAGES = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
}
_DOCUMENTS = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/markdown": "md",
}
_VIDEOS = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
    "video/webm": "webm",
    "video/x-flv": "flv",
    "video/mpeg": "mpeg",
    "video/x-ms-wmv": "wmv",
    "video/3gpp": "three_gp",
}
_BUCKET = "s3://"
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9 \-()\[\]]+")
_NAME_LIMIT = 200


def is_own_url(url: str) -> bool:
    """Whether Bedrock reads a URL itself: that of an object in S3."""
    return url.startswith(_BUCKET)


def to_image(part: ImagePart) -> Json:
    """An image block. Raises RequestRefused for a format that Bedrock does not read."""
    kind = _IMAGES.get(part.media_type or guess_type(part.url))
    if kind is None:
        raise RequestRefused(
            f"Images of type '{part.media_type}' are not supported; use png, jpeg, gif or webp.",
            param=part.path,
            code="invalid_image_format",
        )
    return {"image": {"format": kind, "source": _source(part)}}


def to_document(part: FilePart, number: int) -> Json:
    """A block of a document or a film; Bedrock wants names of few characters, each once. Raises RequestRefused."""
    if part.file_id:
        raise unsupported_value(part.path, "files uploaded elsewhere are unknown to Bedrock; send 'file_data'.")
    media_type = part.media_type or guess_type(part.url)
    if film := _VIDEOS.get(media_type):
        return {"video": {"format": film, "source": _source(part)}}
    kind = _DOCUMENTS.get(media_type) or ("txt" if is_text(part) else None)
    if kind is None:
        raise unsupported_value(part.path, f"Bedrock does not read files of type '{media_type}'.")
    stem = part.filename.rpartition(".")[0] or part.filename
    name = " ".join(_NOT_IN_NAME.sub(" ", stem).split())[:_NAME_LIMIT] or "document"
    return {"document": {"format": kind, "name": f"{name} {number}", "source": _source(part)}}


def _source(part: ImagePart | FilePart) -> Json:
    return {"s3Location": {"uri": part.url}} if part.url else {"bytes": part.data}


def to_audio(part: AudioPart) -> Json:
    """An audio block."""
    return {"audio": {"format": part.format, "source": {"bytes": part.data}}}
