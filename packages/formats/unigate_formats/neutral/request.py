"""The neutral chat request: what OpenAI's chat completions and responses both ask of a model.

Every part remembers the JSON path it came from, so that a refusal can name it in the client's own spelling.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from unigate_core.json import Json
from unigate_formats.neutral.extensions import Extensions

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


TOOL_SEARCH = "tool_search"
"""The feature of a model whose vendor searches for deferred tools itself."""


class TextPart(msgspec.Struct, frozen=True):
    """Text. `cached` marks a prompt cache breakpoint after it."""

    text: str
    path: str = ""
    cached: bool = False
    extensions: Extensions = ()


class ImagePart(msgspec.Struct, frozen=True):
    """An image: a URL, or base64 data with its media type, never both. `detail` is None when unset or auto.

    In an assistant turn it is what the model made, with the vendor's proof as its `signature`.
    """

    path: str = ""
    url: str = ""
    data: str = ""
    media_type: str = ""
    detail: str | None = None
    cached: bool = False
    extensions: Extensions = ()
    signature: str | None = None


class AudioPart(msgspec.Struct, frozen=True):
    """Spoken input, base64; `format` is wav or mp3."""

    data: str
    format: str
    path: str = ""
    cached: bool = False
    extensions: Extensions = ()


class FilePart(msgspec.Struct, frozen=True):
    """A document: base64 data with its media type, a URL (Responses only), or the id of an uploaded file."""

    path: str = ""
    data: str = ""
    media_type: str = ""
    filename: str = ""
    url: str = ""
    file_id: str = ""
    cached: bool = False
    extensions: Extensions = ()


class RefusalPart(msgspec.Struct, frozen=True):
    """What an earlier answer said when it declined."""

    text: str
    path: str = ""


class ThoughtPart(msgspec.Struct, frozen=True):
    """A thought block of an earlier turn, as `ReasoningBlock` handed it out. `format` says whose it is."""

    format: str
    text: str = ""
    signature: str | None = None
    data: str | None = None
    path: str = ""


class ToolCallPart(msgspec.Struct, frozen=True):
    """A call the model made earlier. `arguments` is the JSON text as the client sent it back, for a custom tool the
    text itself. `signature` is what the client kept of the vendor's proof."""

    id: str
    name: str
    arguments: str
    path: str = ""
    custom: bool = False
    signature: str | None = None
    extensions: Extensions = ()


class ToolResultPart(msgspec.Struct, frozen=True):
    """What a tool answered. `name` is that of its call. `is_error`: it failed, and the content says why."""

    call_id: str
    name: str
    content: tuple[TextPart | ImagePart | FilePart, ...]
    path: str = ""
    is_error: bool = False
    extensions: Extensions = ()


class NativePart(msgspec.Struct, frozen=True):
    """Blocks that this provider itself made earlier, to be sent back verbatim (`format` says whose they are)."""

    format: str
    value: Any
    path: str = ""


Part = (
    TextPart | ImagePart | AudioPart | FilePart | RefusalPart | ThoughtPart | ToolCallPart | ToolResultPart | NativePart
)


def all_parts(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, and in the place of a tool's result what it holds."""
    for part in parts:
        if isinstance(part, ToolResultPart):
            yield from part.content
        else:
            yield part


class Turn(msgspec.Struct, frozen=True):
    """One message. `tool` turns hold the results of the assistant turn before them, in the order of its calls.

    `role` developer has become system. Neighbouring tool messages are one turn.
    """

    role: Literal["system", "user", "assistant", "tool"]
    parts: tuple[Part, ...]
    path: str = ""
    name: str | None = None
    extensions: Extensions = ()


class Tool(msgspec.Struct, frozen=True):
    """A function of the client's, or a custom tool (`custom`: one free text instead of JSON arguments).

    `searches`: it stands for the client's tool search, which brings more tools. `deferred`: the model need not know it
    until the vendor's own tool search finds it.

    `parameters` is the JSON Schema, None when the client gave none. A tool of a namespace has a `name` made of both;
    the client knows it by `namespace` and `local_name`.
    """

    name: str
    path: str
    description: str | None = None
    parameters: Json | None = None
    strict: bool = False
    custom: bool = False
    searches: bool = False
    deferred: bool = False
    namespace: str = ""
    local_name: str = ""
    extensions: Extensions = ()


class BuiltinTool(msgspec.Struct, frozen=True):
    """A tool that the vendor would run itself; `kind` is OpenAI's type without its date, `options` the tool object."""

    kind: str
    path: str
    options: Json


class ToolChoice(msgspec.Struct, frozen=True):
    """`mode` auto, none, required, named (one name) or builtin (`names[0]` is its kind).

    With `auto` and `required`, names limit the choice to these tools (allowed_tools).
    """

    mode: Literal["auto", "none", "required", "named", "builtin"]
    path: str
    names: tuple[str, ...] = ()


class ResponseFormat(msgspec.Struct, frozen=True):
    """Structured output. `schema` is None for json_object. `strict` is None when the client left it out.

    `in_words`: the client's API demands for json_object that the messages speak of JSON, too, as OpenAI's does.
    `bare`: an answer that is a string comes without JSON's quotes, as Gemini's `text/x.enum`.
    """

    path: str
    schema: Json | None = None
    name: str = ""
    description: str | None = None
    strict: bool | None = None
    in_words: bool = True
    bare: bool = False


class WebSearch(msgspec.Struct, frozen=True):
    """Search the web: from web_search_options or the web_search tool. `limit_path` is where `max_uses` stands."""

    path: str
    context_size: str | None = None
    location: Json | None = None
    allowed_domains: tuple[str, ...] = ()
    max_uses: int | None = None
    limit_path: str = "max_tool_calls"


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request to make text. None always means: the client did not ask for anything.

    `reasoning_budget` are tokens to think with, where the client said so beside the effort that comes nearest.
    `names` maps chat parameter names to the client's spelling where that differs (Responses).
    `provider_options` are by provider, until an encoder has taken its own (`options_for`).
    `legacy_functions` is true when the client spoke of `functions`. `dropped` and `notes` are what reading the request
    left out, to be reported in the response's headers. `tool_search`: the vendor is to search for deferred tools
    itself, where its models have the feature `TOOL_SEARCH`; `deferred` are the paths of what asks for that, which are
    reported where they have not.
    """

    model: str
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    builtin_tools: tuple[BuiltinTool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    n: int = 1
    stop: tuple[str, ...] = ()
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: bool = False
    top_logprobs: int | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: Effort | None = None
    reasoning_budget: int | None = None
    reasoning_summary: bool | None = None
    web_search: WebSearch | None = None
    service_tier: str | None = None
    end_user: str | None = None
    stream: bool = False
    include_usage: bool = False
    include_obfuscation: bool = False
    legacy_functions: bool = False
    provider_options: Json = {}
    names: Mapping[str, str] = {}
    tool_search: bool = False
    deferred: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def param(self, name: str) -> str:
        """The client's spelling of a chat parameter."""
        return self.names.get(name, name)
