"""A request that continues responses kept by the gateway → one that holds the whole conversation itself.

For vendors who have the Responses API, but have not seen those responses: another provider gave them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from unigate_core.json import Json, loads, raw_members, with_members
from unigate_formats.neutral.generated_media import NOTE as BY_USER
from unigate_formats.neutral.notes import THINKING_DROPPED
from unigate_formats.openai_responses.compaction_item import DROPPED, ITEM, TRIGGER, Decrypt, read_summary
from unigate_formats.openai_responses.image_item import CALL as IMAGE
from unigate_formats.openai_responses.image_item import as_user_message, has_image

_ITEM_TYPES = frozenset(
    {
        "additional_tools",
        "custom_tool_call",
        "custom_tool_call_output",
        "function_call",
        "function_call_output",
        "message",
        "tool_search_call",
        "tool_search_output",
    }
)
"""Thoughts and the tools that the other provider ran mean nothing to this one."""

_NOTES: Mapping[str, str] = {"reasoning": THINKING_DROPPED, TRIGGER: ""}
"""How items of a type that are left out are reported; the trigger has done its work."""

_OURS = frozenset({"id", "status", "encrypted_content"})


def inline_previous_items(body: bytes, earlier: bytes, decrypt: Decrypt) -> tuple[bytes, list[str]]:
    """The body with the earlier items, a JSON array, before its own input, and notes on those that are left out.

    Raises ValueError.
    """
    given = loads(bytes(raw_members(body).get("input", b"null")))
    own: Sequence[Any] = [{"role": "user", "content": given}] if isinstance(given, str) else given or []
    notes: list[str] = []
    items = [*_as_input(loads(earlier), decrypt, notes), *own]
    return with_members(body, {"input": items, "previous_response_id": None}), notes


def _as_input(items: Sequence[Json], decrypt: Decrypt, notes: list[str]) -> Iterator[Json]:
    for item in items:
        kind = item.get("type") or "message"
        summary = read_summary(item, decrypt) if kind == ITEM else None
        if summary is not None:
            yield {"role": "user", "content": summary}
        elif kind == IMAGE and has_image(item):
            notes.append(BY_USER)
            yield as_user_message(item)
        elif kind in _ITEM_TYPES:
            yield {key: value for key, value in item.items() if key not in _OURS}
        else:
            note = DROPPED if kind == ITEM else _NOTES.get(kind, "builtin_calls_dropped")
            notes += [note] if note else []
