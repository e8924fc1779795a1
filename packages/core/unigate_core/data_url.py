"""Data URLs and base64 as clients write them. https://www.rfc-editor.org/rfc/rfc2397"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from unigate_core.errors import RequestRefused, invalid_value

_DATA_URL = re.compile(r"data:([^;,]*)((?:;[^;,]*)*?)(;base64)?,", re.IGNORECASE)


def split_data_url(url: str, path: str) -> tuple[str, str]:
    """Media type (lower case, without parameters) and base64 data of a data URL."""
    match = _DATA_URL.match(url)
    if match is None:
        raise invalid_value(path, "this is not a valid data URL.")
    payload = url[match.end() :]
    if match[3]:
        return match[1].lower(), check_base64(payload, path)
    return match[1].lower() or "text/plain", base64.b64encode(unquote_to_bytes(payload)).decode()


def check_base64(text: str, path: str) -> str:
    """The same base64 in its standard spelling: padded, without white space. Raises RequestRefused."""
    if not text.isascii() or any(c.isspace() for c in text[:128]) or text[-1:].isspace():
        text = "".join(text.split())
    if "-" in text or "_" in text:
        text = text.translate(str.maketrans("-_", "+/"))
    text += "=" * (-len(text) % 4)
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        try:
            return base64.b64encode(base64.b64decode("".join(text.split()), validate=True)).decode()
        except (binascii.Error, ValueError) as error:
            raise RequestRefused(f"Invalid base64 data at '{path}'.", param=path, code="invalid_value") from error
    return text
