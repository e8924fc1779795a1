"""Lists of types, const and enum → what Gemini reads: one type per node, enum of strings and numbers."""

from __future__ import annotations

from typing import Any

from unigate_core.json import Json

OF_TYPE: dict[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"}),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"}),
    "object": frozenset({
        "properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties",
        "propertyNames", "propertyOrdering",
    }),
    "boolean": frozenset(),
    "null": frozenset(),
}  # fmt: skip
"""Which keywords speak of which type; all others speak of the node as a whole."""

_SPECIFIC = frozenset().union(*OF_TYPE.values())


def plain_choices(node: Json) -> tuple[Json, Json]:
    """The node with its choices in Gemini's words, and what got lost (keyword → value) for the description."""
    types = node.get("type")
    if isinstance(types, list):
        # what is no word is no type, whoever wrote it
        types = [kind for kind in types if isinstance(kind, str)]
        node = {**node, "type": types} if types else {key: node[key] for key in node if key != "type"}
        types = types or None
    values = [node["const"]] if "const" in node else node.get("enum")
    if not isinstance(values, list):
        return (_of_types(node, types), {}) if isinstance(types, list) else (node, {})
    if isinstance(types, list) or not all(_is_plain(value) for value in values):
        return _of_values(node, values, types)
    return _with_enum(node, values), {}


def _with_enum(node: Json, values: list[Any]) -> Json:
    return {("enum" if key == "const" else key): (values if key == "const" else value) for key, value in node.items()}


def _of_types(node: Json, types: list[str]) -> Json:
    if len(types) == 1:
        return node | {"type": types[0]}
    if "anyOf" in node:
        return {key: value for key, value in node.items() if key != "type"}
    branches = [
        {"type": kind} | {key: value for key, value in node.items() if key in OF_TYPE.get(kind, frozenset())}
        for kind in types
    ]
    return _in_place_of_type(node, branches)


def _of_values(node: Json, values: list[Any], types: Any) -> tuple[Json, Json]:
    keyword = "const" if "const" in node else "enum"
    allowed = types if isinstance(types, list) else [types] if types else None
    values = [value for value in values if allowed is None or any(kind in allowed for kind in _type_of(value))]
    plain = [value for value in values if _is_plain(value)]
    others = [value for value in values if not _is_plain(value)]
    kinds = dict.fromkeys(kind for value in others for kind in _type_of(value))
    branches: list[Json] = ([_enum_branch(plain)] if plain else []) + [{"type": kind} for kind in kinds]
    if not branches or (len(branches) > 1 and "anyOf" in node):
        return {key: value for key, value in node.items() if key != keyword}, {keyword: node[keyword]}
    lost: Json = {} if _are_whole_types(others) else {keyword: node[keyword]}
    if len(branches) == 1:
        rest = {key: value for key, value in node.items() if key not in ("type", "enum", "const")}
        return branches[0] | rest, lost
    return _in_place_of_type(node, branches), lost


def _in_place_of_type(node: Json, branches: list[Json]) -> Json:
    moved = _SPECIFIC | {"type", "enum", "const"}
    return {key: value for key, value in node.items() if key not in moved} | {"anyOf": branches}


def _enum_branch(values: list[Any]) -> Json:
    strings = all(isinstance(value, str) for value in values)
    numbers = all(not isinstance(value, str) for value in values)
    return ({"type": "string"} if strings else {"type": "number"} if numbers else {}) | {"enum": values}


def _are_whole_types(values: list[Any]) -> bool:
    """Whether naming their types says the same: null is all of its type, and so are both booleans together."""
    booleans = {value for value in values if isinstance(value, bool)}
    others = [value for value in values if value is not None and not isinstance(value, bool)]
    return not others and len(booleans) != 1


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _type_of(value: Any) -> set[str]:
    match value:
        case None:
            return {"null"}
        case bool():
            return {"boolean"}
        case str():
            return {"string"}
        case int():
            return {"integer", "number"}
        case float():
            return {"number", "integer"} if value.is_integer() else {"number"}
        case list():
            return {"array"}
    return {"object"}
