"""A request that a model refused for a hint which it does not take → one without it, and the client is told.

Which model takes what is not always known; only the refusal's words show it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from unigate_core.errors import INVALID_STATUSES, GatewayError
from unigate_core.json import Json
from unigate_formats.neutral.output_limit import MAX_MESSAGE
from unigate_formats.neutral.translation import NativeCall

_REFUSES: Final = re.compile(
    r"deprecated|n[o']t support|unsupported|not (?:allowed|available|permitted|enabled)|extraneous key"
    r"|cannot (?:both )?be (?:set|specified|used)|only (?:be )?set|(?:be|or) unset|should be '",
    re.IGNORECASE,
)
_TOGETHER: Final = re.compile(r"\bboth\b|only one|when thinking", re.IGNORECASE)
"""The refusal is about two members that do not go together."""


class Hint(msgspec.Struct, frozen=True):
    """A member of the native body at `path`, the words that name it in a refusal, and its chat parameter."""

    pattern: re.Pattern[str]
    path: tuple[str, ...]
    parameter: str


def hint(pattern: str, path: str, parameter: str) -> Hint:
    """A row of a table of hints; `path` is separated by dots."""
    return Hint(re.compile(pattern, re.IGNORECASE), tuple(path.split(".")), parameter)


def refused_hint(call: NativeCall, error: GatewayError, hints: Sequence[Hint]) -> Hint | None:
    """The first of the hints that the refusal names and the request has; None where it is about something else."""
    message = error.message[:MAX_MESSAGE]
    if error.status not in INVALID_STATUSES or not _REFUSES.search(message):
        return None
    named = [each for each in hints if each.pattern.search(message) and _at(call.body, each.path) is not None]
    if len(named) < (2 if _TOGETHER.search(message) else 1):
        return None
    return named[0]


def without_hint(call: NativeCall, refused: Hint, names: Mapping[str, str]) -> NativeCall:
    """The call without the hint; `names` has the client's spelling of its parameters."""
    dropped = names.get(refused.parameter, refused.parameter)
    body = _without(call.body, refused.path)
    return replace(call, body=body, dropped=tuple(dict.fromkeys((*call.dropped, dropped))))


def _at(body: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _without(body: Json, path: tuple[str, ...]) -> Json:
    """The object without the member, and without what holds nothing else."""
    name, *inner = path
    left = {key: value for key, value in body.items() if key != name}
    held = _without(body[name], tuple(inner)) if inner else {}
    return left | ({name: held} if held else {})
