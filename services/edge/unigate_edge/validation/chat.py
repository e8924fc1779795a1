"""POST /v1/chat/completions. https://platform.openai.com/docs/api-reference/chat/create"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from unigate_edge.validation.messages import AssistantMessage, Message, TextContent
from unigate_edge.validation.tools import CustomTool, Function, FunctionTool, Named, ToolChoice
from unigate_edge.validation.types import (
    Effort,
    Metadata,
    Object,
    Penalty,
    Ratio,
    Request,
    Shape,
    Temperature,
    Verbosity,
)


class ResponseText(Struct, frozen=True, tag="text", tag_field="type"):
    """Any text."""


class ResponseJson(Struct, frozen=True, tag="json_object", tag_field="type"):
    """Any JSON object."""


class JsonSchema(Shape, frozen=True):
    """A schema by its name."""

    name: str
    description: str | None = None
    schema: Object | None = None
    strict: bool | None = None


class ResponseSchema(Struct, frozen=True, tag="json_schema", tag_field="type"):
    """JSON that follows a schema."""

    json_schema: JsonSchema


class StreamOptions(Shape, frozen=True):
    """`stream_options`."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class AudioOutput(Shape, frozen=True):
    """`audio`."""

    voice: str | Object
    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]


class Prediction(Struct, frozen=True, tag="content", tag_field="type"):
    """`prediction`."""

    content: TextContent


class Location(Shape, frozen=True):
    """Roughly where a user is."""

    country: str | None = None
    region: str | None = None
    city: str | None = None
    timezone: str | None = None


class UserLocation(Struct, frozen=True, tag="approximate", tag_field="type"):
    """`web_search_options.user_location`."""

    approximate: Location


class WebSearchOptions(Shape, frozen=True):
    """`web_search_options`."""

    user_location: UserLocation | None = None
    search_context_size: Literal["low", "medium", "high"] | None = None


class ChatRequest(Request, frozen=True):
    """The body of a chat completion request."""

    must_fit: ClassVar[frozenset[str] | None] = frozenset(
        {"max_completion_tokens", "max_tokens", "modalities", "model", "n", "stream", "stream_options"}
    )

    messages: Annotated[list[Message], Meta(min_length=1)]
    model: str
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Temperature | None = None
    top_p: Ratio | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stop: str | list[str] | None = None
    max_tokens: Annotated[int, Meta(ge=0)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=0)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    seed: int | None = None
    user: str | None = None
    safety_identifier: Annotated[str, Meta(max_length=64)] | None = None
    tools: list[FunctionTool | CustomTool] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    functions: Annotated[list[Function], Meta(min_length=1, max_length=128)] | None = None
    function_call: Literal["none", "auto"] | Named | None = None
    response_format: ResponseText | ResponseJson | ResponseSchema | None = None
    reasoning_effort: Effort | None = None
    verbosity: Verbosity | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    audio: AudioOutput | None = None
    prediction: Prediction | None = None
    store: bool | None = None
    metadata: Metadata | None = None
    service_tier: str | None = None
    web_search_options: WebSearchOptions | None = None
    prompt_cache_key: str | None = None

    def call_ids(self) -> list[str]:
        """The tool calls of earlier turns that the request repeats."""
        return [
            call.id
            for message in self.messages
            if isinstance(message, AssistantMessage)
            for call in message.tool_calls or ()
        ]
