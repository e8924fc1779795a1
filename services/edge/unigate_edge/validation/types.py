"""What OpenAI's request types are made of."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Raw, Struct

Object = dict[str, Raw]
"""Any JSON object, its members unread."""

TokenIds = Annotated[list[int], Meta(min_length=1)]
Ratio = Annotated[float, Meta(ge=0, le=1)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Temperature = Annotated[float, Meta(ge=0, le=2)]
Metadata = dict[str, str]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Verbosity = Literal["low", "medium", "high"]


class Shape(Struct, frozen=True, gc=False):
    """A JSON object of which some members are known."""


class Request(Shape, frozen=True, gc=False):
    """What every operation's request has for the edge to read.

    `must_fit` are the members that the edge itself depends on. Where others do not fit, a vendor that speaks OpenAI's
    format may be asked all the same; None: no request that does not fit is sent to anyone.
    """

    must_fit: ClassVar[frozenset[str] | None] = None

    def model_name(self) -> str | None:
        """The model that the client names."""
        name: Any = getattr(self, "model", None)
        return name if isinstance(name, str) else None

    def wants_stream(self) -> bool:
        """Whether the answer is to be streamed."""
        return bool(getattr(self, "stream", False))

    def wants_events(self) -> bool:
        """Whether a streamed answer is server-sent events, not media."""
        return True

    def stands_alone(self) -> bool:
        """Whether the answer depends on the request alone, and nothing later on the answer."""
        return True

    def conversation_name(self) -> str:
        """What the client calls the conversation, empty: nothing. It is offered to routing, and not trusted."""
        name: Any = getattr(self, "prompt_cache_key", None)
        return name if isinstance(name, str) else ""

    def call_ids(self) -> list[str]:
        """The tool calls of earlier turns that the request repeats."""
        return []
