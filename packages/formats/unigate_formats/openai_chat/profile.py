"""How a vendor of OpenAI's format departs from it, for requests that are translated to it.

What a vendor takes is data; what it wants of a model's thoughts can be functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from unigate_core.json import Json
from unigate_formats.neutral.request import ChatRequest, Turn
from unigate_formats.neutral.translation import Context

ANY_USER = re.compile(r"(?s).+")


class Reasoning(msgspec.Struct, frozen=True):
    """The members that ask for thoughts, and the notes about an effort that was changed."""

    members: Json = msgspec.field(default_factory=dict)
    notes: tuple[str, ...] = ()
    fixed_sampling: bool = False
    """The model takes no temperature and top_p."""


def effort_as_asked(chat: ChatRequest, context: Context) -> Reasoning:
    """The effort by OpenAI's parameter."""
    del context
    return Reasoning({"reasoning_effort": chat.reasoning_effort} if chat.reasoning_effort else {})


def no_thoughts(chat: ChatRequest, turn: Turn, context: Context, *, called: bool) -> Json:
    """Earlier thoughts are not sent back."""
    del chat, turn, context, called
    return {}


class ChatProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor. `name` stands in `provider_options`, `title` in sentences.

    `limit` is its name of the limit of tokens, `end_user` that of the client's own user, with the form that it takes.
    `media` are the kinds of parts that it takes of users (image, audio, file); `follows_urls`: it fetches images
    itself. `choices`: it makes several. `max_stops`: how many sequences may end an answer. `schemas`: it holds the
    model to a JSON Schema. `parallel`: it knows parallel_tool_calls. `options` may stand in provider_options.
    `ignored_while_thinking` are parameters that have no effect then, with their neutral values. `thought_format` marks
    its thoughts.
    """

    name: str
    title: str
    limit: str = "max_completion_tokens"
    end_user: tuple[str, re.Pattern[str]] = ("safety_identifier", ANY_USER)
    media: frozenset[str] = frozenset({"image", "audio", "file"})
    follows_urls: bool = True
    choices: bool = True
    max_stops: int = 4
    schemas: bool = True
    parallel: bool = True
    stream_usage: bool = True
    options: frozenset[str] = frozenset()
    thinks: Callable[[ChatRequest], bool] = lambda chat: False
    ignored_while_thinking: Mapping[str, float] = msgspec.field(default_factory=dict)
    reasoning: Callable[[ChatRequest, Context], Reasoning] = effort_as_asked
    thoughts: Callable[..., Json] = no_thoughts
    thought_format: str = "text"
    edit: Callable[[Json], Mapping[str, object]] | None = None
    """Changes of top-level members of the finished body; None removes one."""
