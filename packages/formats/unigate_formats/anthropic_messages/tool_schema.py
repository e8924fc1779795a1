"""What Anthropic refuses in the schema of any tool, brought into a form that it takes.

The root is an object without anyOf, oneOf and allOf, and property names have 1 to 64 of a few characters.
https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from unigate_core.json import Json
from unigate_formats.neutral.described_keywords import with_words
from unigate_formats.neutral.guaranteed_schema import children, resolve

ALTERNATIVES = ("anyOf", "oneOf")
COMPOSED = (*ALTERNATIVES, "allOf")
MAX_FOLDED = 16
"""Levels of compositions within compositions that are folded into the root."""

_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_UNSAFE = re.compile(r"[^a-zA-Z0-9_.-]")


def fold_root(schema: Json) -> tuple[Json, bool]:
    """The schema with the properties of its root's alternatives in the root itself, and whether there were any.

    Which of them belong together is said in the description.
    """
    if not any(key in schema for key in COMPOSED):
        return schema, False
    described = {key: schema[key] for key in COMPOSED if key in schema}
    folded = _folded(schema, schema, 0)
    return with_words(folded, described), True


def _folded(node: Json, root: Json, depth: int) -> Json:
    out = {key: value for key, value in node.items() if key not in COMPOSED}
    properties: Json = dict(out.get("properties") or {})
    required = list(out.get("required") or ())
    if depth < MAX_FOLDED:
        for key in COMPOSED:
            branches = [_folded(branch, root, depth + 1) for branch in _branches(node.get(key), root)]
            for branch in branches:
                _add(properties, branch.get("properties") or {}, "allOf" if key == "allOf" else "anyOf")
            required += _required(branches, every=key != "allOf")
    if properties:
        out["properties"] = properties
    if required:
        out["required"] = list(dict.fromkeys(required))
    return out


def _branches(members: Any, root: Json) -> Iterator[Json]:
    for member in members if isinstance(members, list) else ():
        target = resolve(root, member["$ref"]) if isinstance(member, dict) and "$ref" in member else member
        if isinstance(target, dict):
            yield target


def _add(properties: Json, more: Json, how: str) -> None:
    for name, schema in more.items():
        known = properties.get(name, schema)
        properties[name] = schema if known == schema else {how: [known, schema]}


def _required(branches: list[Json], *, every: bool) -> list[str]:
    lists = [list(branch.get("required") or ()) for branch in branches]
    if not every:
        return [name for names in lists for name in names]
    return [name for name in lists[0] if all(name in names for names in lists)] if lists else []


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
