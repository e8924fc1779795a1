"""What comes back, as types: for `/openapi.json`, and for tests that hold answers against them.

Members that only some vendors fill are left open; the gateway adds none of its own beside `unigate` in a model.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType


class ErrorDetail(Struct, frozen=True):
    """What went wrong, in OpenAI's words. `param` names the parameter, as a path."""

    message: str
    type: str
    param: str | None
    code: str | None


class Error(Struct, frozen=True):
    """The body of every answer that is an error."""

    error: ErrorDetail


class CalledFunction(Struct, frozen=True):
    """A function and its arguments, JSON as text."""

    name: str
    arguments: str


class ToolCall(Struct, frozen=True, kw_only=True):
    """A call of a function or of a custom tool."""

    id: str
    type: Literal["function", "custom"]
    function: CalledFunction | None = None
    custom: dict[str, Any] | None = None


class ChatMessage(Struct, frozen=True, kw_only=True):
    """What the model says. `reasoning_content` is there where the vendor shows it."""

    role: Literal["assistant"]
    content: str | None
    refusal: str | None
    tool_calls: list[ToolCall] | None = None
    annotations: list[dict[str, Any]] | None = None
    audio: dict[str, Any] | None = None
    reasoning_content: str | None = None


class ChatChoice(Struct, frozen=True):
    """One of the answers asked for."""

    index: int
    message: ChatMessage
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter", "function_call"]
    logprobs: dict[str, Any] | None


class ChatUsage(Struct, frozen=True, kw_only=True):
    """Tokens. `prompt_tokens` has those of the cache in it, `completion_tokens` those of reasoning."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: dict[str, Any] | None = None
    completion_tokens_details: dict[str, Any] | None = None


class ChatCompletion(Struct, frozen=True, kw_only=True):
    """A whole chat completion."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage | None = None
    service_tier: str | None = None
    system_fingerprint: str | None = None


class ChatChunkChoice(Struct, frozen=True, kw_only=True):
    """A piece of one of the answers."""

    index: int
    delta: dict[str, Any]
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter", "function_call"] | None
    logprobs: dict[str, Any] | None = None


class ChatCompletionChunk(Struct, frozen=True, kw_only=True):
    """One event of a streamed chat completion; `data: [DONE]` ends the stream."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChatChunkChoice]
    usage: ChatUsage | None = None
    service_tier: str | None = None
    system_fingerprint: str | None = None


class CompletionChoice(Struct, frozen=True, kw_only=True):
    """A prompt's continuation, or in a stream a piece of it. `reasoning_content` is there where the vendor shows it."""

    text: str
    index: int
    logprobs: dict[str, Any] | None
    finish_reason: Literal["stop", "length", "content_filter"] | None
    reasoning_content: str | None = None


class Completion(Struct, frozen=True, kw_only=True):
    """A completion, or an event of a streamed one; `data: [DONE]` ends the stream."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: ChatUsage | None = None
    service_tier: str | None = None
    system_fingerprint: str | None = None


class Response(Struct, frozen=True, kw_only=True):
    """A response of the Responses API."""

    id: str
    object: Literal["response"]
    created_at: float
    status: Literal["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"]
    model: str
    output: list[dict[str, Any]]
    error: dict[str, Any] | None
    incomplete_details: dict[str, Any] | None
    instructions: str | list[dict[str, Any]] | None
    usage: dict[str, Any] | None = None
    previous_response_id: str | None = None


class ResponseEvent(Struct, frozen=True):
    """One event of a streamed response; members beside these depend on its type."""

    type: str
    sequence_number: int


class Embedding(Struct, frozen=True):
    """One vector: numbers, or base64 of 32-bit floats where that was asked for."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingList(Struct, frozen=True):
    """The vectors, in the order of the input."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: dict[str, int]


class Image(Struct, frozen=True, kw_only=True):
    """One image, as base64 or by its address."""

    b64_json: str | None = None
    url: str | None = None
    revised_prompt: str | None = None


class ImageList(Struct, frozen=True, kw_only=True):
    """The images that were made."""

    created: int
    data: list[Image]
    usage: dict[str, Any] | None = None


class Transcription(Struct, frozen=True, kw_only=True):
    """A transcript; `verbose_json` and `diarized_json` have more members."""

    text: str
    usage: dict[str, Any] | None = None


class ModerationList(Struct, frozen=True):
    """What was found in each input."""

    id: str
    model: str
    results: list[dict[str, Any]]


class Model(Struct, frozen=True, kw_only=True):
    """One model. `unigate` holds its limits, modalities, prices, endpoints and how each parameter is supported."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    unigate: dict[str, Any] | None = None


class ModelPage(Struct, frozen=True):
    """All models that the key may use."""

    object: Literal["list"]
    data: list[Model]


class DeletedResponse(Struct, frozen=True):
    """A response that is forgotten."""

    id: str
    object: str
    deleted: bool


class ItemList(Struct, frozen=True, kw_only=True):
    """A page of items."""

    object: Literal["list"]
    data: list[dict[str, Any]]
    first_id: str | None = None
    last_id: str | None = None
    has_more: bool = False


class TokenCount(Struct, frozen=True):
    """How many tokens an input has."""

    object: str
    input_tokens: int


class Usage(Struct, frozen=True, kw_only=True):
    """What the calling key has used."""

    object: Literal["usage"]
    key: str
    today: dict[str, Any]
    this_month: dict[str, Any]
    models: list[dict[str, Any]]


class UsageBucket(Struct, frozen=True):
    """One day of a report of usage or costs, in seconds since the epoch; a result for each group."""

    object: Literal["bucket"]
    start_time: int
    end_time: int
    results: list[dict[str, Any]]


class UsagePage(Struct, frozen=True):
    """A report of usage or costs."""

    object: Literal["page"]
    data: list[UsageBucket]
    has_more: bool
    next_page: str | None


class NewKey(Struct, frozen=True, kw_only=True):
    """What a new key of the gateway may do, as an entry of `keys` in the configuration."""

    name: str
    models: list[str] | UnsetType = UNSET
    limits: dict[str, Any] | UnsetType = UNSET
    expires: str | UnsetType = UNSET
    owner: str | UnsetType = UNSET
    metadata: dict[str, str] | UnsetType = UNSET
    admin: bool | UnsetType = UNSET
    cache: bool | UnsetType = UNSET
    drop_unsupported: bool | UnsetType = UNSET


class OrganizationKey(Struct, frozen=True, kw_only=True):
    """A key of the gateway. `sha256`: the beginning of its digest; `value`: the key, when it has just been made."""

    object: Literal["organization.key"]
    id: str
    name: str
    sha256: str
    models: list[str]
    admin: bool
    cache: bool
    expires: str | None
    owner: str | None
    metadata: dict[str, str]
    limits: dict[str, Any] | UnsetType = UNSET
    drop_unsupported: bool | UnsetType = UNSET
    value: str | UnsetType = UNSET


class KeyList(Struct, frozen=True):
    """All keys of the gateway."""

    object: Literal["list"]
    data: list[OrganizationKey]


class RevokedKey(Struct, frozen=True):
    """A key that is no more."""

    object: Literal["organization.key.deleted"]
    id: str
    deleted: bool
