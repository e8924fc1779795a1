"""POST /v1/responses. https://platform.openai.com/docs/api-reference/responses/create

Items of the input have dozens of kinds, and new ones come often: the adapter knows those that its provider can take.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from unigate_edge.validation.types import Effort, Metadata, Object, Ratio, Request, Shape, Temperature, Verbosity


class InputItem(Shape, frozen=True):
    """One item of the input: a message where it names no type."""

    type: str | None = None
    role: Literal["user", "assistant", "system", "developer"] | None = None
    content: str | list[Object] | None = None
    call_id: str | None = None
    id: str | None = None

    def is_reference(self) -> bool:
        """Whether it stands for an item that is kept elsewhere."""
        return self.type == "item_reference" or (self.type is None and self.role is None)


class Tool(Shape, frozen=True):
    """A tool, of whatever type."""

    type: str
    container: str | Object | None = None


class ToolChoiceObject(Shape, frozen=True):
    """A tool that must be called, or those that may be."""

    type: str


class TextFormat(Struct, frozen=True, tag="text", tag_field="type"):
    """Any text."""


class JsonFormat(Struct, frozen=True, tag="json_object", tag_field="type"):
    """Any JSON object."""


class SchemaFormat(Struct, frozen=True, tag="json_schema", tag_field="type"):
    """JSON that follows a schema."""

    name: str
    schema: Object
    description: str | None = None
    strict: bool | None = None


class Text(Shape, frozen=True):
    """`text`."""

    format: TextFormat | JsonFormat | SchemaFormat | None = None
    verbosity: Verbosity | None = None


class Reasoning(Shape, frozen=True):
    """`reasoning`."""

    effort: Effort | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    generate_summary: Literal["auto", "concise", "detailed"] | None = None


class StreamOptions(Shape, frozen=True):
    """`stream_options`."""

    include_obfuscation: bool | None = None


class ResponsesRequest(Request, frozen=True):
    """The body of a request for a response."""

    must_fit: ClassVar[frozenset[str] | None] = frozenset(
        {
            "background", "conversation", "input", "max_output_tokens", "model", "previous_response_id", "store",
            "stream", "tools",
        }
    )  # fmt: skip

    model: str | None = None
    input: str | list[InputItem] | None = None
    instructions: str | list[Object] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Temperature | None = None
    top_p: Ratio | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    max_output_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_tool_calls: Annotated[int, Meta(ge=0)] | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | ToolChoiceObject | None = None
    parallel_tool_calls: bool | None = None
    text: Text | None = None
    reasoning: Reasoning | None = None
    include: list[str] | None = None
    store: bool | None = None
    background: bool | None = None
    previous_response_id: str | None = None
    conversation: str | Object | None = None
    truncation: Literal["auto", "disabled"] | None = None
    metadata: Metadata | None = None
    prompt: Object | None = None
    user: str | None = None
    safety_identifier: Annotated[str, Meta(max_length=64)] | None = None
    prompt_cache_key: str | None = None
    service_tier: str | None = None

    def stands_alone(self) -> bool:
        """Whether the response neither continues another nor can be continued."""
        continued = self.previous_response_id or self.conversation or self.background
        return self.store is False and not continued

    def call_ids(self) -> list[str]:
        """The tool calls of earlier turns that the request repeats or answers."""
        if not isinstance(self.input, list):
            return []
        return list(dict.fromkeys(item.call_id for item in self.input if item.call_id is not None))
