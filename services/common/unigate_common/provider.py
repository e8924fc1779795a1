"""A provider is a value: a record of pure functions. Everything that differs between providers stands in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from unigate_common.chat import ChatRequest
from unigate_common.codec import Json
from unigate_common.errors import GatewayError
from unigate_common.events import Event, Pause
from unigate_common.parameters import Parameters


class Operation(Enum):
    """What a client can ask for; the value is the path below /v1."""

    CHAT = "chat/completions"
    RESPONSES = "responses"
    EMBEDDINGS = "embeddings"
    IMAGES_GENERATIONS = "images/generations"
    IMAGES_EDITS = "images/edits"
    AUDIO_TRANSCRIPTIONS = "audio/transcriptions"
    AUDIO_SPEECH = "audio/speech"
    MODERATIONS = "moderations"
    AUDIO_TRANSLATIONS = "audio/translations"
    IMAGES_VARIATIONS = "images/variations"
    RESPONSES_RESOURCE = "responses/"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model as the vendor lists it. Token counts are 0 when unknown; `features` are words such as `effort:high`,
    `thinking:adaptive`, `structured_outputs`; `created` epoch seconds or 0; `shutdown_date` YYYY-MM-DD or empty."""

    id: str
    display_name: str = ""
    created: int = 0
    owned_by: str = ""
    context_window: int = 0
    max_output_tokens: int = 0
    operations: tuple[Operation, ...] = ()
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    shutdown_date: str = ""
    object: bytes = b""


@dataclass(frozen=True, slots=True)
class Context:
    """What a translator may know beside the request. `new_id` makes a random base62 string of 24 characters."""

    model: ModelInfo
    new_id: Callable[[], str]
    replay: Mapping[str, bytes] = field(default_factory=dict)
    drop_unsupported: bool = False
    created: int = 0


@dataclass(frozen=True, slots=True)
class NativeCall:
    """A request to the vendor. `path` is below the versioned base URL and may hold a query.

    `stream`: the vendor will answer with an event stream (also when the client asked for a whole answer, which is
    then folded). `dropped` and `notes` become response headers. `reading` is what the provider's own answer and
    stream functions need to know of the request.
    """

    path: str
    body: Json
    stream: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reading: Any = None
    method: str = "POST"


class StreamTranslator(Protocol):
    """Native events → neutral events, sans-I/O. One per vendor call."""

    def feed(self, native: Json) -> Iterable[Event]:
        """The neutral events of one native event. Raises GatewayError for an error event in the stream."""

    def close(self) -> Iterable[Event]:
        """The vendor's stream has ended. Raises UpstreamTruncated when its end mark was not seen."""


@dataclass(frozen=True, slots=True)
class Translation:
    """Chat by translation. The Responses API is served from it too, by the bridge.

    `request` raises RequestRefused. `answer` gives the same events for a whole answer as `stream` for a streamed one.
    `inline` names the part kinds (`image`, `file`) whose URLs the adapter fetches before `request` sees them.
    `resume` makes the call that goes on after a Pause; `repair` a corrected call after an error, or None.
    """

    request: Callable[[ChatRequest, Context], NativeCall]
    answer: Callable[[Json, Any], Iterable[Event]]
    stream: Callable[[Any], StreamTranslator]
    parameters: Parameters
    inline: Callable[[ChatRequest], frozenset[str]] = lambda chat: frozenset()
    resume: Callable[[NativeCall, Pause], NativeCall] | None = None
    repair: Callable[[NativeCall, GatewayError], NativeCall | None] | None = None
    fan_out_limit: int = 8


@dataclass(frozen=True, slots=True)
class PassThrough:
    """The vendor speaks OpenAI's format for this operation: bytes go through, only the model's name is changed.

    `edit` may change top-level members of the request (None removes one); it gets the decoded body.
    """

    path: str
    edit: Callable[[Json], Mapping[str, Any]] = lambda body: {}
    parameters: Parameters | None = None


class Handler(Protocol):
    """An operation with a shape of its own (embeddings, images, audio): see `operations.py`."""

    parameters: Parameters


@dataclass(frozen=True, slots=True)
class ModelListing:
    """How the vendor lists its models. `parse` gives the models of one page and the path of the next, or None."""

    path: str
    parse: Callable[[Json], tuple[Sequence[ModelInfo], str | None]]
    overlay: Callable[[ModelInfo], ModelInfo] = lambda model: model


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider.

    `base_url` as the vendor's own SDK takes it; `version` is the path segment that is added when it has none.
    `errors` turns a vendor's error answer (status, lower-case headers, body, whether the key was the client's) into
    ours. `telemetry_name` is the value of gen_ai.provider.name. `rate_limits` turns the vendor's headers into OpenAI's.
    `request_id_header` names the header in which the vendor tells its own id of the call.
    """

    name: str
    telemetry_name: str
    base_url: str
    version: str
    key_variable: str
    base_url_variable: str
    credentials: Callable[[str], Mapping[str, str]]
    errors: Callable[[int, Mapping[str, str], bytes, bool], GatewayError]
    models: ModelListing
    operations: Mapping[Operation, Translation | PassThrough | Handler]
    request_id_header: str = ""
    rate_limits: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda headers: {}
    key_required: bool = True
