"""A vendor's own API in front of the same vendor: bytes go through, but for the model's name, and usage is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.operation import Operation


class NativeMetadata(msgspec.Struct):
    """What is read of an answer on its way through."""

    id: str = ""
    model: str = ""
    usage: Usage | None = None
    finish_reasons: dict[int, str] = msgspec.field(default_factory=dict)


class AnswerReader(Protocol):
    """Reads one answer on its way through."""

    metadata: NativeMetadata

    def whole(self, body: bytes) -> bytes:
        """The body for the client."""

    def event(self, raw: bytes) -> bytes:
        """The bytes of one event of a stream, or of one element of an array, for the client."""

    def ended(self) -> bool:
        """Whether the answer was seen to end as agreed."""

    def error(self) -> bytes | None:
        """The error that the stream carried, as JSON; None: none."""


class NativeRequest(msgspec.Struct, frozen=True):
    """A request in a vendor's own API: the path below the versioned base URL, body and headers."""

    path: str
    body: bytes
    headers: Mapping[str, str]


class NativeApi(msgspec.Struct, frozen=True):
    """`rewrite` puts the vendor's name of the model in the request: body, vendor's name, client's name → body.

    `reader` makes the reader of an answer, given the client's name of the model, empty: it is the vendor's own.
    `response_headers` begin the names of the vendor's headers that the client gets. `operations` are those that are
    passed through. `place` changes a request for a cloud that hosts this API in a form of its own, given the model.
    `relax` gives the request without what refusals of the cloud name, and the paths of that, or None.
    """

    rewrite: Callable[[bytes, str, str], bytes]
    reader: Callable[[str], AnswerReader]
    response_headers: tuple[str, ...]
    operations: frozenset[Operation] = frozenset(Operation)
    place: Callable[[NativeRequest, str], NativeRequest] | None = None
    relax: Callable[[NativeRequest, Sequence[GatewayError]], tuple[NativeRequest, tuple[str, ...]] | None] | None = None


class TokenCounter(msgspec.Struct, frozen=True):
    """The vendor's own way to count a request's tokens: the call, made of a translated one and the model's name, and
    its answer's count."""

    path: Callable[[str], str]
    body: Callable[[Json, str], Json]
    count: Callable[[Json], int]
    partial: bool = False
    """Whether it counts for some of the vendor's models only."""
