"""A request that continues responses kept by the gateway → one that tells the whole conversation itself.

For vendors who have the Responses API, but have not seen those responses: another provider gave them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from unigate_core.json import Json, loads, raw_members, with_members

_ITEM_TYPES = frozenset(
    {
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

_OURS = frozenset({"id", "status", "encrypted_content"})


def inline_previous_items(body: bytes, earlier: bytes) -> bytes:
    """The body with the earlier items, a JSON array, before its own input. Raises ValueError."""
    given = loads(bytes(raw_members(body).get("input", b"null")))
    own: Sequence[Any] = [{"role": "user", "content": given}] if isinstance(given, str) else given or []
    return with_members(body, {"input": [*_as_input(loads(earlier)), *own], "previous_response_id": None})


def _as_input(items: Sequence[Json]) -> Iterator[Json]:
    for item in items:
        if item.get("type", "message") in _ITEM_TYPES:
            yield {key: value for key, value in item.items() if key not in _OURS}
