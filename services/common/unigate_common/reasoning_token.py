"""What a vendor must see again ⇄ a text that a client can carry but not read into or change.

`ug1.` + base64url(zlib(JSON)) + `.` + base64url(HMAC-SHA256) by a secret that all replicas share. It stands in
`encrypted_content` of Responses items, where OpenAI has its own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import zlib
from typing import Any

import msgspec

from unigate_common.codec import dumps

PREFIX = "ug1."
LIMIT = 64 * 1024 * 1024
"""Bytes of JSON; signatures of generated images reach a few megabytes."""


class SealedBlock(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """A thought block as `ReasoningBlock` has it."""

    format: str
    text: str = ""
    signature: str | None = None
    data: str | None = None


class Sealed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The content of a token: who made it, thought blocks, signatures by tool-call id, other native blocks."""

    provider: str
    model: str
    blocks: tuple[SealedBlock, ...] = ()
    signatures: dict[str, str] = {}
    native: Any = None


_decoder = msgspec.json.Decoder(Sealed)


def seal(content: Sealed, secret: bytes) -> str:
    """The token of this content."""
    packed = zlib.compress(dumps(content), 6)
    return f"{PREFIX}{_text(packed)}.{_text(_mac(packed, secret))}"


def unseal(token: str, secret: bytes) -> Sealed | None:
    """The content of a token; None for what was not sealed with this secret."""
    head, _, tail = token.removeprefix(PREFIX).partition(".")
    if not token.startswith(PREFIX) or not tail:
        return None
    try:
        packed, mac = _bytes(head), _bytes(tail)
        if not hmac.compare_digest(mac, _mac(packed, secret)):
            return None
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, LIMIT)
        return None if unpacker.unconsumed_tail else _decoder.decode(content)
    except (binascii.Error, ValueError, zlib.error):
        return None


def _mac(packed: bytes, secret: bytes) -> bytes:
    return hmac.digest(hashlib.sha256(b"unigate reasoning\0" + secret).digest(), packed, "sha256")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
