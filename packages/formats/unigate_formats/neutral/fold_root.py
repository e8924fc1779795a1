"""Schemas of tools whose root is one object: neither Anthropic nor OpenAI takes anyOf, oneOf or allOf there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unigate_core.json import Json
from unigate_formats.neutral.described_keywords import with_words
from unigate_formats.neutral.guaranteed_schema import resolve

ALTERNATIVES = ("anyOf", "oneOf")
COMPOSED = (*ALTERNATIVES, "allOf")
MAX_FOLDED = 16
"""Levels of compositions within compositions that are folded into the root."""


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
