"""POST /v1/chat/completions. https://platform.openai.com/docs/api-reference/chat/create"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

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


class TextPart(Struct, frozen=True, tag="text", tag_field="type"):
    """`{"type": "text"}`."""

    text: str


class RefusalPart(Struct, frozen=True, tag="refusal", tag_field="type"):
    """`{"type": "refusal"}`."""

    refusal: str


class ImageUrl(Shape, frozen=True):
    """Where an image is, or the image itself as a data URL."""

    url: str
    detail: Literal["auto", "low", "high", "original"] | None = None


class ImagePart(Struct, frozen=True, tag="image_url", tag_field="type"):
    """`{"type": "image_url"}`."""

    image_url: ImageUrl


class InputAudio(Shape, frozen=True):
    """Audio in base64."""

    data: str
    format: Literal["wav", "mp3"]


class AudioPart(Struct, frozen=True, tag="input_audio", tag_field="type"):
    """`{"type": "input_audio"}`."""

    input_audio: InputAudio


class File(Shape, frozen=True):
    """A file, by its id or as a data URL."""

    filename: str | None = None
    file_data: str | None = None
    file_id: str | None = None


class FilePart(Struct, frozen=True, tag="file", tag_field="type"):
    """`{"type": "file"}`."""

    file: File


TextContent = str | Annotated[list[TextPart], Meta(min_length=1)]
UserContent = str | Annotated[list[TextPart | ImagePart | AudioPart | FilePart], Meta(min_length=1)]
AssistantContent = str | list[TextPart | RefusalPart] | None


class SystemMessage(Struct, frozen=True, tag="system", tag_field="role"):
    """`{"role": "system"}`."""

    content: TextContent
    name: str | None = None


class DeveloperMessage(Struct, frozen=True, tag="developer", tag_field="role"):
    """`{"role": "developer"}`."""

    content: TextContent
    name: str | None = None


class UserMessage(Struct, frozen=True, tag="user", tag_field="role"):
    """`{"role": "user"}`."""

    content: UserContent
    name: str | None = None


class CalledFunction(Shape, frozen=True):
    """What a tool call calls."""

    name: str
    arguments: str


class CalledCustom(Shape, frozen=True):
    """What a custom tool call calls."""

    name: str
    input: str


class FunctionCall(Struct, frozen=True, tag="function", tag_field="type"):
    """A call that the model made."""

    id: str
    function: CalledFunction


class CustomCall(Struct, frozen=True, tag="custom", tag_field="type"):
    """A call of a custom tool that the model made."""

    id: str
    custom: CalledCustom


class AudioReference(Shape, frozen=True):
    """An earlier audio answer."""

    id: str


class AssistantMessage(Struct, frozen=True, tag="assistant", tag_field="role"):
    """`{"role": "assistant"}`."""

    content: AssistantContent = None
    refusal: str | None = None
    name: str | None = None
    audio: AudioReference | None = None
    tool_calls: list[FunctionCall | CustomCall] | None = None
    function_call: CalledFunction | None = None


class ToolMessage(Struct, frozen=True, tag="tool", tag_field="role"):
    """`{"role": "tool"}`."""

    content: TextContent
    tool_call_id: str


class FunctionMessage(Struct, frozen=True, tag="function", tag_field="role"):
    """`{"role": "function"}`."""

    content: str | None
    name: str


Message = SystemMessage | DeveloperMessage | UserMessage | AssistantMessage | ToolMessage | FunctionMessage


class Function(Shape, frozen=True):
    """A function as it is declared."""

    name: str
    description: str | None = None
    parameters: Object | None = None
    strict: bool | None = None


class Grammar(Shape, frozen=True):
    """A grammar that a custom tool's input follows."""

    definition: str
    syntax: Literal["lark", "regex"]


class TextFormat(Struct, frozen=True, tag="text", tag_field="type"):
    """Input of a custom tool without form."""


class GrammarFormat(Struct, frozen=True, tag="grammar", tag_field="type"):
    """Input of a custom tool that follows a grammar."""

    grammar: Grammar


class Custom(Shape, frozen=True):
    """A custom tool as it is declared."""

    name: str
    description: str | None = None
    format: TextFormat | GrammarFormat | None = None


class FunctionTool(Struct, frozen=True, tag="function", tag_field="type"):
    """`{"type": "function"}`."""

    function: Function


class CustomTool(Struct, frozen=True, tag="custom", tag_field="type"):
    """`{"type": "custom"}`."""

    custom: Custom


class Named(Shape, frozen=True):
    """Something by its name."""

    name: str


class FunctionChoice(Struct, frozen=True, tag="function", tag_field="type"):
    """This function must be called."""

    function: Named


class CustomChoice(Struct, frozen=True, tag="custom", tag_field="type"):
    """This custom tool must be called."""

    custom: Named


class AllowedTools(Shape, frozen=True):
    """The tools that may be called."""

    mode: Literal["auto", "required"]
    tools: list[Object]


class AllowedToolsChoice(Struct, frozen=True, tag="allowed_tools", tag_field="type"):
    """These tools may be called."""

    allowed_tools: AllowedTools


ToolChoice = Literal["none", "auto", "required"] | FunctionChoice | CustomChoice | AllowedToolsChoice


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

    messages: Annotated[list[Message], Meta(min_length=1)]
    model: str
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Temperature | None = None
    top_p: Ratio | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stop: str | Annotated[list[str], Meta(max_length=4)] | None = None
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
