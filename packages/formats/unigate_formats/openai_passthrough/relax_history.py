"""Conversations that OpenAI takes, and a vendor in its format refuses for their shape → a shape that it takes.

Mistral, and servers that run open models by their chat templates, want calls' ids of nine characters, an answer between
a tool's result and the next question, instructions at the beginning, or roles that take turns. What changes nothing of
what is said is changed after the refusal, and reported. https://docs.mistral.ai/capabilities/function_calling
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from unigate_core.counts import members
from unigate_core.json import Json
from unigate_formats.openai_passthrough.relaxed import Relaxed

BRIDGE: Final = "I have the results."
_ID_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_LENGTH: Final = 9
_INSTRUCTIONS: Final = ("system", "developer")


def reshaped(body: Json, message: str) -> Relaxed | None:
    """The request with its messages as the refusal wants them; None where it is about something else."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        return None
    for pattern, note, change in _RULES:
        if pattern.search(message):
            changed = list(change(messages))
            return Relaxed({"messages": changed}, notes=(note,)) if changed != messages else None
    return None


def _short_ids(messages: list[Json]) -> Iterator[Json]:
    """Calls and results under other ids, the same for the same."""
    for message in messages:
        calls, call_id = message.get("tool_calls"), message.get("tool_call_id")
        changes: Json = {}
        if isinstance(calls, list):
            changes["tool_calls"] = [
                call | {"id": _short_id(members(call).get("id"))} for call in calls if members(call)
            ]
        if isinstance(call_id, str):
            changes["tool_call_id"] = _short_id(call_id)
        yield message | changes if changes else message


def _short_id(call_id: Any) -> Any:
    if not isinstance(call_id, str) or (len(call_id) == _ID_LENGTH and call_id.isascii() and call_id.isalnum()):
        return call_id
    number = int.from_bytes(hashlib.sha256(call_id.encode()).digest())
    digits = []
    for _ in range(_ID_LENGTH):
        number, digit = divmod(number, len(_ID_CHARACTERS))
        digits.append(_ID_CHARACTERS[digit])
    return "".join(digits)


def _bridged(messages: list[Json]) -> Iterator[Json]:
    """An answer between the results of tools and what the user says next."""
    before = None
    for message in messages:
        if before == "tool" and message.get("role") == "user":
            yield {"role": "assistant", "content": BRIDGE}
        yield message
        before = message.get("role")


def _with_prefix(messages: list[Json]) -> Iterator[Json]:
    """The last answer as the beginning of the next, which Mistral wants to be marked."""
    *before, last = messages
    yield from before
    yield last | {"prefix": True} if last.get("role") == "assistant" else last


def _without_empty(messages: list[Json]) -> Iterator[Json]:
    """No answers that say nothing."""
    for message in messages:
        if message.get("role") != "assistant" or message.get("content") or message.get("tool_calls"):
            yield message


def _taking_turns(messages: list[Json]) -> Iterator[Json]:
    """Neighbouring messages of one role as one."""
    pending: Json | None = None
    for message in messages:
        if pending is not None and _may_join(pending, message):
            pending = pending | {"content": _joined(pending["content"], message["content"])}
            continue
        if pending is not None:
            yield pending
        pending = message
    if pending is not None:
        yield pending


def _may_join(first: Json, second: Json) -> bool:
    role = first.get("role")
    is_same = role == second.get("role") or (role in _INSTRUCTIONS and second.get("role") in _INSTRUCTIONS)
    return is_same and role != "tool" and all(_is_plain(message) for message in (first, second))


def _is_plain(message: Json) -> bool:
    return not message.get("tool_calls") and isinstance(message.get("content"), str | list)


def _joined(first: str | list[Any], second: str | list[Any]) -> str | list[Any]:
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    return [*_parts(first), *_parts(second)]


def _parts(content: str | list[Any]) -> list[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _system_first(messages: list[Json]) -> Iterator[Json]:
    """All instructions as one message at the beginning."""
    yield from _taking_turns([message for message in messages if message.get("role") in _INSTRUCTIONS])
    yield from (message for message in messages if message.get("role") not in _INSTRUCTIONS)


def _without_developer(messages: list[Json]) -> Iterator[Json]:
    """Instructions under their older role."""
    for message in messages:
        yield message | {"role": "system"} if message.get("role") == "developer" else message


_RULES: Final[tuple[tuple[re.Pattern[str], str, Callable[[list[Json]], Iterator[Json]]], ...]] = (
    (re.compile(r"Tool call id was .* with a length of 9"), "tool_ids_shortened", _short_ids),
    (re.compile(r"Unexpected role '?(?:RoleEnum\.)?user'? after role '?tool"), "assistant_inserted", _bridged),
    (re.compile(r"Expected last role User or Tool \(or Assistant with prefix True\)"), "prefix_added", _with_prefix),
    (re.compile(r"must have either content or tool_calls, but not none"), "empty_assistant_dropped", _without_empty),
    (re.compile(r"roles must alternate"), "messages_joined", _taking_turns),
    (
        re.compile(r"[Ss]ystem message must be (?:at the beginning|(?:the )?first)|Unexpected role '?system'? after"),
        "system_hoisted",
        _system_first,
    ),
    (
        re.compile(r"unknown variant `developer`|(?:[Uu]nexpected|[Ii]nvalid|[Uu]nsupported) role:? ['\"]?developer"),
        "developer_as_system",
        _without_developer,
    ),
)
