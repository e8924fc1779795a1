"""Media types by their first bytes, since names and declared types lie."""

from __future__ import annotations

import base64
import binascii
import mimetypes

_PREFIXES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "audio/webm"),
    (b"BM", "image/bmp"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_FTYP = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
    b"M4A ": "audio/mp4",
}


def guess_type(url: str) -> str:
    """The media type that the end of a URL's path shows, empty when it shows none."""
    return mimetypes.guess_type(url.partition("?")[0])[0] or ""


def sniff(data: bytes) -> str:
    """The media type of a file by its first 16 bytes, empty when they show none."""
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12], "")
    if data[4:8] == b"ftyp":
        return _FTYP.get(data[8:12], "video/mp4")
    return next((media_type for prefix, media_type in _PREFIXES if data.startswith(prefix)), "")


def sniff_base64(data: str) -> str:
    """The media type that the first bytes of base64 data show, empty when they show none."""
    try:
        return sniff(base64.b64decode(data[:32]))
    except binascii.Error:
        return ""
