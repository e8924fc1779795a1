"""What comes back in the APIs of other vendors than OpenAI, as types for `/openapi.json`.

The vendors describe them whole: https://docs.anthropic.com/en/api and https://ai.google.dev/api. Members that a client
reads in any case are here, all others are left open.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field


class AnthropicErrorDetail(Struct, frozen=True):
    """What went wrong, in Anthropic's words."""

    type: str
    message: str


class AnthropicError(Struct, frozen=True):
    """The body of every error in Anthropic's API."""

    type: Literal["error"]
    error: AnthropicErrorDetail
    request_id: str | None = None


class MessageUsage(Struct, frozen=True):
    """Tokens; cache reads and writes stand beside `input_tokens`."""

    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class AnthropicMessage(Struct, frozen=True):
    """What the model says: blocks of text, thinking and tool_use."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[dict[str, Any]]
    stop_reason: str | None
    stop_sequence: str | None
    usage: MessageUsage


class MessageEvent(Struct, frozen=True):
    """An event of a streamed message."""

    type: Literal[
        "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
        "message_stop", "ping", "error",
    ]  # fmt: skip
    index: int | None = None
    delta: dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    content_block: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None


class MessageTokens(Struct, frozen=True):
    """How many tokens a message has."""

    input_tokens: int


class AnthropicModel(Struct, frozen=True):
    """A model as Anthropic lists it."""

    type: Literal["model"]
    id: str
    display_name: str
    created_at: str
    max_input_tokens: int | None = None
    max_tokens: int | None = None


class AnthropicModelPage(Struct, frozen=True):
    """A page of the list of models."""

    data: list[AnthropicModel]
    has_more: bool
    first_id: str | None
    last_id: str | None


class GoogleErrorDetail(Struct, frozen=True):
    """What went wrong, in Google's words."""

    code: int
    message: str
    status: str
    details: list[dict[str, Any]] | None = None


class GoogleError(Struct, frozen=True):
    """The body of every error in Gemini's API."""

    error: GoogleErrorDetail


class GeneratedContent(Struct, frozen=True):
    """What the model says, or the next piece of it."""

    candidates: list[dict[str, Any]]
    usage_metadata: dict[str, Any] | None = field(name="usageMetadata", default=None)
    model_version: str | None = field(name="modelVersion", default=None)
    response_id: str | None = field(name="responseId", default=None)


class ContentTokens(Struct, frozen=True):
    """How many tokens a content has."""

    total_tokens: int = field(name="totalTokens")


class ContentEmbedding(Struct, frozen=True):
    """The embedding of one content."""

    embedding: dict[str, Any]


class ContentEmbeddings(Struct, frozen=True):
    """The embeddings of several contents."""

    embeddings: list[dict[str, Any]]


class GeminiModel(Struct, frozen=True):
    """A model as Gemini lists it."""

    name: str
    version: str
    display_name: str = field(name="displayName")
    methods: list[str] = field(name="supportedGenerationMethods")
    input_limit: int | None = field(name="inputTokenLimit", default=None)
    output_limit: int | None = field(name="outputTokenLimit", default=None)


class GeminiModelList(Struct, frozen=True):
    """The list of models."""

    models: list[GeminiModel]
