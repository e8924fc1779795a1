"""Vendor state (reasoning, signatures) ⇄ an encrypted token that the client stores and returns.

`ug2.` + base64url(key id ‖ nonce ‖ AES-256-GCM(zlib(JSON))). It stands in `encrypted_content` of Responses items, where
OpenAI has its own. The key is made from a secret that all replicas share, and the tenant for whom a text is made is
authenticated with it: with another key of the gateway it opens to nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from unigate_core.json import dumps

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "ug2."
LIMIT = 64 * 1024 * 1024
"""Bytes of JSON; signatures of generated images reach a few megabytes."""
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class PayloadBlock(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """A thought block as `ReasoningBlock` has it."""

    format: str
    text: str = ""
    signature: str | None = None
    data: str | None = None


class EncryptedPayload(msgspec.Struct, frozen=True, omit_defaults=True):
    """The content of a token: who made it, thought blocks, signatures by tool-call id, other native blocks."""

    provider: str
    model: str
    blocks: tuple[PayloadBlock, ...] = ()
    signatures: dict[str, str] = {}
    native: Any = None


_decoder = msgspec.json.Decoder(EncryptedPayload)


class ContentCipher:
    """Encrypts with the first of some secrets and decrypts with any, so that a secret can be replaced step by step.

    https://csrc.nist.gov/pubs/sp/800/38/d/final: nonces are drawn at random, which is good for 2³² texts per secret.
    """

    def __init__(self, secrets: Iterable[bytes]) -> None:
        """`secrets`: one at least, of any length."""
        self._keys = dict(_derived(secret) for secret in secrets)
        self._first = next(iter(self._keys))
        self._ciphers: dict[bytes, AESGCM] = {}

    def encrypt(self, content: EncryptedPayload, tenant: str) -> str:
        """The text of this content, for this tenant only."""
        nonce = os.urandom(_NONCE_BYTES)
        packed = zlib.compress(dumps(content), 6)
        data = self._first + nonce + self._cipher(self._first).encrypt(nonce, packed, _bound_to(tenant))
        return PREFIX + base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def decrypt(self, token: str, tenant: str) -> EncryptedPayload | None:
        """The content of a text; None for what was not made with one of these secrets for this tenant."""
        if not token.startswith(PREFIX):
            return None
        text = token[len(PREFIX) :]
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        packed = self._opened(data, tenant)
        if packed is None:
            return None
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, LIMIT)
        return None if unpacker.unconsumed_tail else _decoder.decode(content)

    def _opened(self, data: bytes, tenant: str) -> bytes | None:
        key_id, nonce = data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
        if key_id not in self._keys or len(nonce) < _NONCE_BYTES:
            return None
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see _cipher

        try:
            return self._cipher(key_id).decrypt(nonce, data[_KEY_ID_BYTES + _NONCE_BYTES :], _bound_to(tenant))
        except InvalidTag:
            return None

    def _cipher(self, key_id: bytes) -> AESGCM:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            # an adapter that never hands thoughts to a client does not load OpenSSL's bindings for it
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

            cipher = self._ciphers[key_id] = AESGCM(self._keys[key_id])
        return cipher


def _derived(secret: bytes) -> tuple[bytes, bytes]:
    """The id and the key of a secret: HKDF-SHA256 (RFC 5869), whose blocks are HMACs."""
    extracted = hmac.digest(b"unigate encrypted content", secret, hashlib.sha256)
    key = hmac.digest(extracted, b"key\x01", hashlib.sha256)
    key_id = hmac.digest(extracted, key + b"id\x02", hashlib.sha256)[:_KEY_ID_BYTES]
    return key_id, key


def _bound_to(tenant: str) -> bytes:
    return b"tenant\0" + tenant.encode()
