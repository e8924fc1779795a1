"""What passes between the server and a vendor module: a request read whole, a reply not yet sent."""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import msgspec

from unigate_simulator.lru import Lru

Json: TypeAlias = Any
Object: TypeAlias = dict[str, Any]

dumps: Final = msgspec.json.encode
loads: Final = msgspec.json.decode

_PIECE: Final = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart form."""

    name: str
    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. `path` lacks the vendor's prefix and the version segment; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fields: tuple[tuple[str, str], ...] = ()
    uploads: tuple[Upload, ...] = ()
    target: str = ""
    """The path and query as they were sent, which signatures cover."""
    root: str = ""
    """Where the vendor's API stands, for links: `http://host:port/openai`."""
    lru: Lru = field(default_factory=Lru)
    """What the vendor remembers from one request to the next."""

    def json(self) -> Object:
        """The body as an object; a form's fields when the body is a form. Raises ValueError when it is neither."""
        if self.fields or self.uploads:
            return dict(self.fields)
        value = loads(self.body)
        if not isinstance(value, dict):
            raise ValueError("the body is not a JSON object")  # noqa: TRY004 - bad input, no bug
        return value


@dataclass(frozen=True, slots=True)
class Whole:
    """An answer in one piece."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer in pieces; every piece is one event of the vendor's stream, or one block of media."""

    events: tuple[bytes, ...]
    content_type: str = "text/event-stream; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Reply: TypeAlias = Whole | Stream
Handler: TypeAlias = Callable[[Call], Reply]


class RefusedError(Exception):
    """The vendor would not serve this request; carries its native error."""

    def __init__(self, reply: Whole) -> None:
        super().__init__(reply.status)
        self.reply = reply


def whole(value: Json, status: int = 200, **headers: str) -> Whole:
    return Whole(dumps(value), status, headers={name.replace("_", "-"): text for name, text in headers.items()})


def sse(data: bytes, event: str | None = None, end: bytes = b"\n") -> bytes:
    name = b"event: " + event.encode() + end if event else b""
    return name + b"data: " + data + end + end


def pieces(text: str) -> list[str]:
    """The text cut into tokens: words and marks, each with the white space before it. Joined, they are the text."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """How many tokens the text has; the same text always has the same number."""
    return len(pieces(text))


def grouped(text: str, size: int) -> Iterator[str]:
    """The text in runs of `size` tokens, as vendors send several tokens in one event."""
    tokens = pieces(text)
    for start in range(0, len(tokens), size):
        yield "".join(tokens[start : start + size])


def token(prefix: str, length: int = 24) -> str:
    return prefix + secrets.token_hex(length // 2)


def joined(values: Iterable[str]) -> str:
    return "\n".join(value for value in values if value)
