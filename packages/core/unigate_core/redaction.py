"""Errors → errors without keys. Vendors repeat what they were sent, a key too; clients, logs and spans see errors."""

from __future__ import annotations

import re

from unigate_core.errors import GatewayError

HIDDEN = "***"
_SHAPES = re.compile(
    r"\b(?:sk|pk|rk|ug)-[\w-]{12,}|\bAIza[\w-]{16,}|(?<=[?&]key=)[^&\s\"'<>]+|(?<=Bearer )[\w.~+/-]{8,}=*"
)
MAX_HEADER = 1024
_SHORTEST = 8
"""What is shorter is no key, and hiding it would spoil words."""


def redact(error: GatewayError, *secrets: str) -> GatewayError:
    """The error, with these secrets and all that looks like a key made unreadable."""
    known = [secret for secret in secrets if len(secret) >= _SHORTEST]
    error.message = _hide(error.message, known)
    error.args = (error.message,)
    if error.body:
        error.body = _hide(error.body.decode(errors="replace"), known).encode()
    error.message = error.message.encode("utf-8", "replace").decode()
    error.headers = {name: _hide(value, known) for name, value in error.headers.items()}
    return error


def safe_header(value: str, *secrets: str) -> str:
    """A vendor's header without keys; empty when it is not printable ASCII, or longer than a header should be."""
    if len(value) > MAX_HEADER or not value.isascii() or not value.isprintable():
        return ""
    return _hide(value, [secret for secret in secrets if len(secret) >= _SHORTEST]) if value else ""


def _hide(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return _SHAPES.sub(HIDDEN, text)
