"""What OpenAI refuses in the schema of any tool, brought into a form that it takes.

The root is an object with properties and without compositions, and arrays describe their items. Other vendors' clients,
and many MCP servers, know no such rules. https://platform.openai.com/docs/guides/function-calling
"""

from __future__ import annotations

from typing import Any

from unigate_core.json import Json
from unigate_formats.neutral.fold_root import fold_root


def tool_schema(schema: Json) -> tuple[Json, bool]:
    """The schema as OpenAI takes it, and whether a composition of its root was only said in words."""
    folded, was_composed = fold_root(schema)
    made: Json = _with_items(folded)
    if made.get("type", "object") == "object" and "$ref" not in made:
        made = {"type": "object", "properties": {}} | made
    return made, was_composed


def _with_items(node: Any) -> Any:
    """The node, itself where all of its arrays describe their items."""
    if isinstance(node, list):
        items = [_with_items(each) for each in node]
        return items if any(new is not old for new, old in zip(items, node, strict=True)) else node
    if not isinstance(node, dict):
        return node
    made = {name: _with_items(each) for name, each in node.items()}
    kind = node.get("type")
    is_array = kind == "array" or (isinstance(kind, list) and "array" in kind)
    if is_array and "items" not in node and "prefixItems" not in node:
        return made | {"items": {}}
    return made if any(made[name] is not node[name] for name in node) else node
