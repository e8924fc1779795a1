"""Estimates of tokens before a vendor has counted them: too many rather than too few."""

from __future__ import annotations

from typing import Final

ASCII_PER_TOKEN: Final = 4
"""Bytes of English text or JSON."""
BYTES_PER_TOKEN: Final = 3
"""Of UTF-8 text in other scripts."""
MEDIA_TOKENS: Final = 1000
"""For a picture, a recording or a file, however large."""


def text_tokens(size: int, *, ascii_only: bool) -> int:
    """The tokens of a text of `size` bytes, rounded up."""
    return -(-size // (ASCII_PER_TOKEN if ascii_only else BYTES_PER_TOKEN))
