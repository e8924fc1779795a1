"""The query of a request: numbers in it, and what of it goes on to a vendor."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_plus

_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,18}")


def whole_number(value: str) -> int | None:
    """The number that the text is, None where it is none or has more than 18 digits."""
    return int(value) if _WHOLE_NUMBER.fullmatch(value) else None


def forwarded_query(query: bytes, key_parameter: str) -> str:
    """The query without the client's key, all else as it came."""
    if not query:
        return ""
    pieces = query.decode("latin-1").split("&")
    if key_parameter:
        pieces = [piece for piece in pieces if unquote_plus(piece.partition("=")[0]) != key_parameter]
    return "&".join(pieces)
