"""allOf → one node, since Gemini knows no allOf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unigate_core.errors import unsupported_value
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.schema_references import Schema
from unigate_formats.neutral.typed import array

OWN = frozenset({"title", "description", "default", "examples", "example", "deprecated", "$schema", "$id", "$comment"})
"""Annotations: the node's own wins."""

TIGHTEST: dict[str, Callable[[Any, Any], Any]] = {
    "minimum": max,
    "exclusiveMinimum": max,
    "minLength": max,
    "minItems": max,
    "minProperties": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxLength": min,
    "maxItems": min,
    "maxProperties": min,
}


def merge_all_of(node: Json, schema: Schema, path: str, open_refs: tuple[str, ...] = ()) -> Json:
    """The node without allOf, its members merged in. Raises RequestRefused when they contradict each other."""
    if "allOf" not in node:
        return node
    members = array(node["allOf"], f"{path}.allOf")
    result = {key: value for key, value in node.items() if key != "allOf"}
    if "$ref" in result:
        ref = result.pop("$ref")
        result = _merge(result, _member({"$ref": ref}, schema, path, open_refs), schema, path)
    for i, member in enumerate(members):
        where = f"{path}.allOf[{i}]"
        result = _merge(result, _member(member, schema, where, open_refs), schema, where)
    return result


def _member(member: Any, schema: Schema, path: str, open_refs: tuple[str, ...]) -> Json:
    schema.count()
    if not isinstance(member, dict):
        return {} if member else {"not": {}}
    if "$ref" in member:
        ref = member["$ref"]
        if ref in open_refs:
            raise unsupported_value(path, "allOf cannot refer to itself.")
        open_refs = (*open_refs, ref)
        siblings = {key: value for key, value in member.items() if key != "$ref"}
        target = _member(schema.target(ref, path), schema, path, open_refs)
        member = _merge(siblings, target, schema, path)
    return merge_all_of(member, schema, path, open_refs)


def _merge(left: Json, right: Json, schema: Schema, path: str) -> Json:
    result = dict(left)
    for key, value in right.items():
        if key not in result:
            result[key] = value
        elif result[key] != value and key not in OWN:
            result[key] = _reconciled(key, result[key], value, schema, path)
    return result


def _reconciled(key: str, left: Any, right: Any, schema: Schema, path: str) -> Any:
    schema.count()
    if key in ("properties", "$defs", "definitions"):
        both = {name: _both(left[name], right[name], schema, f"{path}.{key}.{name}") for name in left if name in right}
        return left | right | both
    if key == "required":
        return list(dict.fromkeys([*left, *right]))
    if key in TIGHTEST:
        return TIGHTEST[key](left, right)
    if key in ("type", "enum"):
        common = _common_types(left, right) if key == "type" else [value for value in left if value in right]
        if common:
            return common
    if key == "additionalProperties" and isinstance(left, bool) and isinstance(right, bool):
        return left and right
    raise unsupported_value(f"{path}.{key}", "allOf members that contradict each other cannot be merged.")


def _both(left: Any, right: Any, schema: Schema, path: str) -> Any:
    if left == right:
        return left
    return merge_all_of({"allOf": [left, right]}, schema, path)


def _common_types(left: Any, right: Any) -> Any:
    ours = left if isinstance(left, list) else [left]
    theirs = right if isinstance(right, list) else [right]
    common = [kind for kind in ours if kind in theirs or (kind == "integer" and "number" in theirs)]
    common += [kind for kind in theirs if kind == "integer" and "number" in ours and kind not in common]
    return common[0] if len(common) == 1 else common
