"""A request → the tokens it may need, before anyone has counted them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from unigate_edge.validation.types import Request

BYTES_PER_TOKEN: Final = 4
MEDIA_TOKENS: Final = 1000
"""For a picture, a recording or a file inside the request, however large."""
BYTES_PER_STREAMED_TOKEN: Final = 64
"""Of a stream that broke off: an event has a few tokens and some hundred bytes."""
ANSWERS_IN_TOKENS: Final = frozenset({"chat", "responses"})

_MEDIA = re.compile(rb'"(?:data:[^",]{0,128},)?[A-Za-z0-9+/=_-]{4096,}"')
_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens of a request and at most of its answer."""

    input: int
    output: int

    @property
    def total(self) -> int:
        """Both."""
        return self.input + self.output


def estimate(operation: str, request: Request | None, body: bytes, default_output: int) -> Estimate:
    """The tokens that a request is worth until its usage is known. None for a request of files."""
    texts, media = len(body), 0
    if texts > 4096:
        for match in _MEDIA.finditer(body):
            texts -= len(match[0])
            media += 1
    return Estimate(
        input=-(-texts // BYTES_PER_TOKEN) + media * MEDIA_TOKENS,
        output=_output(request, default_output) if operation in ANSWERS_IN_TOKENS else 0,
    )


def _output(request: Request | None, default: int) -> int:
    limits = (getattr(request, name, None) for name in _LIMITS)
    limit = next((limit for limit in limits if limit is not None), default)
    return int(limit) * int(getattr(request, "n", None) or 1)
