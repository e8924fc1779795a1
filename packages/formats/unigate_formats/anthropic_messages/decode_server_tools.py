"""Tools that Anthropic runs itself: what is asked of them, and what they did.

https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/web-search-tool
https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/code-execution-tool
https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/tool-search-tool
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unigate_core.json import Json
from unigate_formats.neutral.events import ServerTool

_KINDS = {
    "web_search_tool_result": "web_search",
    "code_execution_tool_result": "code_interpreter",
    "bash_code_execution_tool_result": "code_interpreter",
    "text_editor_code_execution_tool_result": "code_interpreter",
    "tool_search_tool_result": "tool_search",
}


def server_tool(result: Json, before: Sequence[Json]) -> ServerTool | None:
    """The event of a result block; its call is among the blocks before it. None for tools OpenAI does not know."""
    kind = _KINDS.get(result.get("type", ""))
    if kind is None:
        return None
    id_ = result.get("tool_use_id", "")
    use = next((block for block in before if block["type"] == "server_tool_use" and block.get("id") == id_), None)
    asked: Json = (use or {}).get("input") or {}
    found = result.get("content")
    query = asked.get("query") or asked.get("pattern")
    references = _items(_member(found, "tool_references"))
    return ServerTool(
        kind=kind,
        id=id_,
        queries=(query,) if isinstance(query, str) else (),
        sources=tuple(item["url"] for item in _items(found) if isinstance(item.get("url"), str)),
        tools=tuple(item["tool_name"] for item in references if isinstance(item.get("tool_name"), str)),
        code=asked.get("code") or asked.get("command") or "",
        outputs=tuple(text for key in ("stdout", "stderr") if (text := _member(found, key))),
        failed=bool(_member(found, "error_code")),
        native=[use, result] if use else [result],
    )


def _items(found: Any) -> list[Json]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _member(found: Any, key: str) -> Any:
    return found.get(key) if isinstance(found, dict) else None
