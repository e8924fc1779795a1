"""Random ids in the forms that each API's clients expect: the one place where they are made."""

from __future__ import annotations

from os import urandom
from secrets import token_urlsafe

RESPONSE_PREFIX = "resp_ug"
"""Of responses that the gateway made and stores itself."""
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def request_id() -> str:
    """The id of an HTTP request, as OpenAI's `x-request-id`."""
    return f"req_{_hex(16)}"


def response_id(provider: str) -> str:
    """The id of a response that the gateway makes; the letter after the prefix is that of the provider."""
    return f"{RESPONSE_PREFIX}{provider[:1]}{_hex(20)}"


def message_id() -> str:
    """The id of a message, in Anthropic's form."""
    return f"msg_{_hex(12)}"


def gemini_response_id() -> str:
    """The id of an answer, in Gemini's form."""
    return token_urlsafe(16)


def base62_id() -> str:
    """24 random base62 characters, as in OpenAI's ids of chats and calls."""
    return "".join([_BASE62[byte % 62] for byte in urandom(24)])


def call_id() -> str:
    """The id of a tool's call, in OpenAI's form."""
    return f"call_{base62_id()}"


def padding(text: str) -> str:
    """Random characters that fill a delta up to a multiple of sixteen: OpenAI's `obfuscation`."""
    return token_urlsafe(16)[: 16 - len(text) % 16]


def _hex(size: int) -> str:
    """So many random bytes. What `secrets` does, three calls shorter: every request has one."""
    return urandom(size).hex()
