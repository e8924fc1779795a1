"""Opaque signatures that a vendor wants back unchanged: they carry what they sign, so the simulator keeps no state."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

_KEY: Final = b"unigate simulator"
_MAC: Final = 16


def sign(text: str) -> str:
    raw = text.encode()
    return base64.b64encode(b"\x12" + hmac.digest(_KEY, raw, hashlib.sha256)[:_MAC] + raw).decode()


def signed(signature: str) -> str | None:
    """The text that was signed; None for a signature that is not ours or was changed."""
    try:
        content = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return None
    mac, raw = content[1 : 1 + _MAC], content[1 + _MAC :]
    genuine = content[:1] == b"\x12" and hmac.compare_digest(mac, hmac.digest(_KEY, raw, hashlib.sha256)[:_MAC])
    return raw.decode("utf-8", "replace") if genuine else None
