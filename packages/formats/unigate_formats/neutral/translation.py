"""What a format's functions get and give: the context, native calls, translations, and operations of other kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.neutral.events import Event, Pause, Usage
from unigate_formats.neutral.extensions import KnownExtensions
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.parameters import Parameters
from unigate_formats.neutral.request import ChatRequest


class Fetched(msgspec.Struct, frozen=True):
    """A body fetched from a URL that the client named, and its media type: what its first bytes say, else what the
    server declared."""

    media_type: str
    data: bytes


class Context(msgspec.Struct, frozen=True):
    """What a translator may know beside the request. `new_id` makes a random base62 string of 24 characters.

    `provider` is the provider's name; `replay` are blobs by tool-call id; `fetched` is what was fetched for a handler,
    by URL; `created` epoch seconds.
    """

    model: ModelInfo
    new_id: Callable[[], str]
    replay: Mapping[str, bytes] = msgspec.field(default_factory=dict)
    drop_unsupported: bool = False
    created: int = 0
    fetched: Mapping[str, Fetched] = msgspec.field(default_factory=dict)
    provider: str = ""


class NativeCall(msgspec.Struct, frozen=True):
    """A request to the vendor. `path` is below the versioned base URL and may hold a query.

    `stream`: the vendor will answer with an event stream (also when the client asked for a whole answer, which is
    then folded). `dropped` and `notes` become response headers. `stops` are sequences that the vendor does not mind:
    the answer is ended at them here. `state` is what the provider's own answer and
    stream functions need to know of the request.
    """

    path: str
    body: Json
    stream: bool = False
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    state: Any = None
    method: str = "POST"
    stops: tuple[str, ...] = ()


class StreamTranslator(Protocol):
    """Native events → neutral events, sans-I/O. One per vendor call."""

    def feed(self, native: Json) -> Iterable[Event]:
        """The neutral events of one native event. Raises GatewayError for an error event in the stream."""

    def close(self) -> Iterable[Event]:
        """The vendor's stream has ended. Raises UpstreamTruncated when its end mark was not seen."""


def inline_all(chat: ChatRequest) -> frozenset[str]:
    """`inline` of a vendor that fetches nothing itself."""
    del chat
    return frozenset({"image", "file"})


class Translation(msgspec.Struct, frozen=True):
    """Chat by translation. The Responses API is served from it too, by the bridge.

    `request` raises RequestRefused. `answer` gives the same events for a whole answer as `stream` for a streamed one.
    `inline` names the part kinds (`image`, `file`) whose URLs the adapter fetches before `request` sees them, but for
    those that the vendor reads itself (`reads_url`).
    `extensions` are the members beside the neutral ones that `request` takes; all others are dropped and reported.
    `native_n` says that the vendor serves this request's `n` in one call; else the adapter makes n calls.
    `resume` makes the call that goes on after a Pause; `repair` a corrected call after an error, or None. `relax` does
    likewise where things may be dropped or shaped: it gives the call without what the vendor has just refused.
    """

    request: Callable[[ChatRequest, Context], NativeCall]
    answer: Callable[[Json, Any], Iterable[Event]]
    stream: Callable[[Any], StreamTranslator]
    parameters: Parameters
    inline: Callable[[ChatRequest], frozenset[str]] = lambda chat: frozenset()
    reads_url: Callable[[str], bool] = lambda url: False
    resume: Callable[[NativeCall, Pause], NativeCall] | None = None
    repair: Callable[[NativeCall, GatewayError], NativeCall | None] | None = None
    relax: Callable[[NativeCall, GatewayError], NativeCall | None] | None = None
    extensions: KnownExtensions = msgspec.field(default_factory=dict)
    native_n: Callable[[ChatRequest, Context], bool] = lambda chat, context: False
    fan_out_limit: int = 8

    def placed(self, place: Callable[[NativeCall], NativeCall]) -> Translation:
        """The same, with requests changed for a cloud that hosts the format in a form of its own."""
        request = self.request
        return replace(self, request=lambda chat, context: place(request(chat, context)))


class PassThrough(msgspec.Struct, frozen=True):
    """The vendor speaks OpenAI's format for this operation: bytes go through, only the model's name is changed.

    `path` may hold `{model}`, for clouds that name the model there.

    `edit` may change top-level members of the request (None removes one); it gets the decoded body. `extended`: the
    vendor's types may differ from OpenAI's in any way; else only values that are unknown here are left to it.
    """

    path: str
    edit: Callable[[Json], Mapping[str, Any]] | None = None
    parameters: Parameters | None = None
    extended: bool = False


class OperationResult(msgspec.Struct, frozen=True):
    """A whole answer of a handler. An empty `content_type` is JSON."""

    body: bytes
    usage: Usage | None = None
    content_type: str = ""
    notes: tuple[str, ...] = ()


class ResultStream(Protocol):
    """Native events → bytes for the client: whole server-sent events, or media. One per request.

    `content_type` is known from the start; `usage` after `close`.
    """

    content_type: str
    usage: Usage | None

    def feed(self, native: Json) -> bytes:
        """The bytes of one native event. Raises GatewayError for an error event."""

    def close(self) -> bytes:
        """The vendor's stream has ended. Raises UpstreamTruncated when its end mark was not seen."""


class Handler(msgspec.Struct, frozen=True):
    """An operation without a neutral form: embeddings, images, audio.

    `calls` gets OpenAI's request as a dict (multipart fields as strings or lists of strings, files as lists of
    FormFile under their field names) and gives one or more native calls, made at most four at once. `answer` gets
    their answers in order. `extra` may name one more call to be made after them, whose answer is appended, or None
    in its place when it fails. `stream` is given where the operation can be streamed. `fetch` lists the URLs in the
    request that the adapter must fetch, with their JSON paths. `answer_headers` are headers of an answer that are
    added to its object under their own names.
    """

    parameters: Parameters
    calls: Callable[[Json, Context], Sequence[NativeCall]]
    answer: Callable[[Sequence[Json | None], Any], OperationResult]
    stream: Callable[[Any], ResultStream] | None = None
    follow_up: Callable[[Sequence[Json], Any], NativeCall | None] = lambda answers, state: None
    fetch: Callable[[Json], Sequence[tuple[str, str]]] = lambda body: ()
    answer_headers: tuple[str, ...] = ()
