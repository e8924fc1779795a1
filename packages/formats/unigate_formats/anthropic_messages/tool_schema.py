"""What Anthropic refuses in the schema of any tool, brought into a form that it takes.

The root is an object without anyOf, oneOf and allOf, and property names have 1 to 64 of a few characters.
https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from unigate_core.json import Json
from unigate_formats.neutral.guaranteed_schema import children

_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_UNSAFE = re.compile(r"[^a-zA-Z0-9_.-]")


def rename_properties(schema: Json) -> tuple[Json, dict[str, str]]:
    """The schema with property names that Anthropic takes, and the client's name of each that was changed."""
    originals: dict[str, str] = {}

    def safe(name: str) -> str:
        if _NAME.fullmatch(name):
            return name
        new = f"{_UNSAFE.sub('_', name)[:55]}_{sha256(name.encode(errors='replace')).hexdigest()[:8]}"
        originals[new] = name
        return new

    def change(node: Any, path: str) -> Any:
        if not isinstance(node, dict):
            return node
        node = children(node, path, change)
        if isinstance(node.get("properties"), dict):
            node["properties"] = {safe(name): child for name, child in node["properties"].items()}
        if isinstance(node.get("required"), list):
            node["required"] = [safe(name) if isinstance(name, str) else name for name in node["required"]]
        return node

    renamed: Json = change(schema, "")
    return renamed, originals


def rename_members(value: Any, names: Mapping[str, str]) -> Any:
    """A JSON value with the members of its objects renamed, at any depth."""
    if isinstance(value, dict):
        return {names.get(key, key): rename_members(child, names) for key, child in value.items()}
    if isinstance(value, list):
        return [rename_members(child, names) for child in value]
    return value
