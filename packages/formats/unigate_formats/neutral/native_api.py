"""A vendor's own API in front of the same vendor: bytes go through, but for the model's name, and usage is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from unigate_core.json import Json
from unigate_formats.neutral.events import Usage


@dataclass(slots=True)
class NativeMetadata:
    """What is read of an answer on its way through."""

    id: str = ""
    model: str = ""
    usage: Usage | None = None
    finish_reasons: dict[int, str] = field(default_factory=dict)


class AnswerReader(Protocol):
    """Reads one answer on its way through."""

    seen: NativeMetadata

    def whole(self, body: bytes) -> bytes:
        """The body for the client."""

    def event(self, raw: bytes) -> bytes:
        """The bytes of one event of a stream, or of one element of an array, for the client."""

    def ended(self) -> bool:
        """Whether the answer was seen to end as agreed."""

    def error(self) -> bytes | None:
        """The error that the stream carried, as JSON; None: none."""


@dataclass(frozen=True, slots=True)
class NativeApi:
    """`rewrite` puts the vendor's name of the model in the request: body, vendor's name, client's name → body.

    `reader` makes the reader of an answer, given the client's name of the model, empty: it is the vendor's own.
    `response_headers` begin the names of the vendor's
    headers that the client is told.
    """

    rewrite: Callable[[bytes, str, str], bytes]
    reader: Callable[[str], AnswerReader]
    response_headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """The vendor's own way to count a request's tokens: the call, made of a translated one and the model's name, and
    its answer's count."""

    path: Callable[[str], str]
    body: Callable[[Json, str], Json]
    count: Callable[[Json], int]
