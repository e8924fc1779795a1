"""The blocks of a turn that Anthropic must see again ⇄ the blob that is kept for it.

https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking#preserving-thinking-blocks
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from unigate_core.json import Json, dumps, loads
from unigate_formats.anthropic_messages.request_state import THINKING


def to_blob(blocks: Sequence[Json]) -> bytes:
    """The turn in its order. Of a tool call only its id: the client sends back the rest, and its word counts."""
    return dumps([_without_input(block) if block["type"] == "tool_use" else block for block in blocks])


def from_blob(blob: bytes) -> list[Json]:
    """The blocks of a kept turn; none when the blob is not ours."""
    try:
        blocks = loads(blob)
    except ValueError:
        return []
    return [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []


def restored(stored: Iterable[Json], texts: Sequence[Json], calls: Mapping[str, Json]) -> list[Json]:
    """The turn as the vendor made it, with the client's calls in place.

    When the client's text is another than the one kept, its own text follows the thoughts instead.
    """
    blocks = [calls.get(block["id"]) if block["type"] == "tool_use" else block for block in stored]
    kept_text = "".join(block["text"] for block in blocks if block and block["type"] == "text")
    same = "".join(text["text"] for text in texts).strip() == kept_text.strip()
    if same and None not in blocks and sum(1 for b in blocks if b and b["type"] == "tool_use") == len(calls):
        return [block for block in blocks if block and not is_blank(block)]
    lasting = [block for block in blocks if block and block["type"] not in ("text", "tool_use")]
    return [*lasting, *texts, *calls.values()]


def thoughts_of(blocks: Iterable[Json]) -> list[Json]:
    """The thinking blocks among some."""
    return [block for block in blocks if block["type"] in THINKING]


def _without_input(block: Json) -> Json:
    return {key: value for key, value in block.items() if key not in ("name", "input")}


def is_blank(block: Json) -> bool:
    """Whether it is a text block without text, which Anthropic makes and does not take back."""
    return block["type"] == "text" and not block["text"].strip()
