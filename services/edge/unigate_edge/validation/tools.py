"""The tools of a chat, and the choice among them. https://platform.openai.com/docs/api-reference/chat/create"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from unigate_edge.validation.types import Object, Shape


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
