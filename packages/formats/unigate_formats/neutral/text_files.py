"""Files that are text, whatever their type calls them: vendors take any text, but few of its types."""

from __future__ import annotations

import base64
from typing import Final

from unigate_core.errors import invalid_value
from unigate_formats.neutral.request import FilePart

_TYPES: Final = frozenset(
    {
        "application/ecmascript", "application/javascript", "application/json", "application/ld+json",
        "application/sql", "application/toml", "application/typescript", "application/x-httpd-php",
        "application/x-javascript", "application/x-ndjson", "application/x-python", "application/x-python-code",
        "application/x-sh", "application/x-yaml", "application/xml", "application/yaml",
    }
)  # fmt: skip
_UNKNOWN: Final = frozenset({"", "application/octet-stream"})


def is_text(part: FilePart) -> bool:
    """Whether a file is text: as its type says, else, where it says nothing, as its bytes do."""
    kind = part.media_type
    if kind.startswith("text/") or kind in _TYPES or kind.endswith(("+json", "+xml")):
        return True
    return kind in _UNKNOWN and bool(part.data) and _is_readable(part.data)


def text_of(part: FilePart) -> str:
    """The text of a file. Raises RequestRefused for any other encoding than UTF-8, and for data that is no base64."""
    try:
        return base64.b64decode(part.data).decode()
    except ValueError as error:
        raise invalid_value(part.path, "the file is not UTF-8 text.") from error


def _is_readable(data: str) -> bool:
    try:
        return "\0" not in base64.b64decode(data).decode()
    except ValueError:
        return False
