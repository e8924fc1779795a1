"""Neutral events: what any vendor's answer is made of, whole or streamed.

A translator turns native JSON into these; an encoder turns these into one of OpenAI's formats. `choice` is OpenAI's
choice index, `index` counts the tool calls of a choice from 0 in order of appearance.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


class Start(msgspec.Struct, frozen=True, gc=False):
    """First event. `id` is the vendor's (may be empty), `created` epoch seconds or None: the time of the request."""

    id: str
    model: str
    created: int | None = None
    service_tier: str | None = None
    system_fingerprint: str | None = None


class Text(msgspec.Struct, frozen=True, gc=False):
    """A piece of the answer's text."""

    text: str
    choice: int = 0


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A piece of the text by which the model or the vendor declines."""

    text: str
    choice: int = 0


class Reasoning(msgspec.Struct, frozen=True, gc=False):
    """A piece of readable thought."""

    text: str
    choice: int = 0


class ReasoningBlock(msgspec.Struct, frozen=True):
    """A thought block is complete: its whole text and what the vendor wants to see again.

    `signature` proves the text, `data` is an encrypted block without text; `format` names the vendor's form.
    """

    format: str
    text: str = ""
    signature: str | None = None
    data: str | None = None
    choice: int = 0


class ToolCall(msgspec.Struct, frozen=True, gc=False):
    """A call of one of the client's tools begins."""

    index: int
    id: str
    name: str
    signature: str | None = None
    choice: int = 0


class ToolArguments(msgspec.Struct, frozen=True, gc=False):
    """A piece of the JSON text of a call's arguments."""

    index: int
    text: str
    choice: int = 0


class ToolEnd(msgspec.Struct, frozen=True, gc=False):
    """The arguments of a call are complete."""

    index: int
    choice: int = 0


class ServerTool(msgspec.Struct, frozen=True):
    """A tool that the vendor runs itself was used. Shown by the Responses API only.

    `kind` is web_search, code_interpreter or tool_search, which has found `tools` by their names; `native` are the
    vendor's blocks for replay.
    """

    kind: str
    id: str
    queries: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    code: str = ""
    outputs: tuple[str, ...] = ()
    failed: bool = False
    native: Any = None
    choice: int = 0


class Citation(msgspec.Struct, frozen=True):
    """A URL citation; `start` and `end` count Unicode code points of the choice's whole content."""

    url: str
    title: str
    start: int
    end: int
    choice: int = 0


class NativeCitation(msgspec.Struct, frozen=True):
    """A citation without a URL: OpenAI has no form for it, so it is passed on as the vendor wrote it."""

    value: Any
    choice: int = 0


class Media(msgspec.Struct, frozen=True):
    """Generated media inside a text answer; `data` is base64. `signature` is the vendor's proof of it."""

    media_type: str
    data: str
    choice: int = 0
    signature: str | None = None


class Logprobs(msgspec.Struct, frozen=True):
    """OpenAI's `logprobs.content` items for the text that came just before."""

    content: list[Any]
    choice: int = 0


class Usage(msgspec.Struct, frozen=True, gc=False):
    """Tokens so far. A later one replaces an earlier one of the same call, never adds to it.

    Cached and cache-written tokens are part of `input`, reasoning tokens part of `output`.
    """

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0
    input_audio: int = 0
    output_audio: int = 0
    input_image: int = 0
    output_image: int = 0
    total: int = 0

    def plus(self, other: Usage) -> Usage:
        """The sum, for several vendor calls behind one answer."""
        return Usage(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


UNKNOWN_FINISH_REASON = "unknown_finish_reason"
"""The kind of what is ignored when a vendor ends an answer for a reason that is not known: it counts as a stop."""


class Finish(msgspec.Struct, frozen=True, gc=False):
    """The choice is complete. Exactly one per choice."""

    reason: FinishReason
    choice: int = 0


class Pause(msgspec.Struct, frozen=True):
    """The vendor wants to be called again to go on with this answer; `content` is its own words so far."""

    content: Any


class ReplayBlob(msgspec.Struct, frozen=True, gc=False):
    """What the vendor must see again in the turn that answers the tool call `call_id`; opaque to all others."""

    call_id: str
    blob: bytes


class Ignored(msgspec.Struct, frozen=True, gc=False):
    """Something native that has no place in OpenAI's answer; only counted."""

    kind: str


Event = (
    Start
    | Text
    | Refusal
    | Reasoning
    | ReasoningBlock
    | ToolCall
    | ToolArguments
    | ToolEnd
    | ServerTool
    | Citation
    | NativeCitation
    | Media
    | Logprobs
    | Usage
    | Finish
    | Pause
    | ReplayBlob
    | Ignored
)
