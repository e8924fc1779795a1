"""How much of a streamed answer a client has got, for when no usage is reported: it left, or the stream broke off."""

from __future__ import annotations

import re
from typing import Final

from unigate_core.token_estimate import text_tokens

TOKENS_PER_SECOND: Final = 150
"""At which models write at most, for answers of which nothing was seen."""

_TEXT = re.compile(
    rb'"(?:content|reasoning_content|reasoning|arguments|delta|text|refusal|input|thinking|partial_json|transcript)"'
    rb':\s?"((?:[^"\\]|\\.)+)"'
)


class Delivered:
    """Counts the text in a stream's events, in whatever format."""

    __slots__ = ("_ascii", "_bytes", "_pieces")

    def __init__(self) -> None:
        self._bytes = self._pieces = 0
        self._ascii = True

    def add(self, data: bytes) -> None:
        """Take over what was written to the client."""
        for text in _TEXT.findall(data):
            self._bytes += len(text)
            self._pieces += 1
        self._ascii = self._ascii and data.isascii()

    @property
    def tokens(self) -> int:
        """The tokens of this text, rather too many: a piece has one at least."""
        return max(self._pieces, text_tokens(self._bytes, ascii_only=self._ascii))
