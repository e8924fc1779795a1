"""Google's form of a schema → JSON Schema. https://ai.google.dev/api/caching#Schema

Types are upper-case words there, numbers may be strings, and null is a flag.
"""

from __future__ import annotations

from typing import Any

from unigate_core.json import Json

_NUMBERS = frozenset({"maxItems", "minItems", "maxLength", "minLength", "maxProperties", "minProperties"})
_SPELLINGS = {
    "any_of": "anyOf", "max_items": "maxItems", "max_length": "maxLength", "max_properties": "maxProperties",
    "min_items": "minItems", "min_length": "minLength", "min_properties": "minProperties",
}  # fmt: skip
_LEFT_OUT = frozenset({"propertyOrdering", "property_ordering", "nullable"})


def to_json_schema(schema: Any) -> Any:
    """The same schema as JSON Schema has it; never changed in place."""
    if not isinstance(schema, dict):
        return schema
    out: Json = {}
    given: str
    for given, value in schema.items():
        key: str = _SPELLINGS.get(given, given)
        if key in _LEFT_OUT:
            continue
        out[key] = _keyword(key, value)
    if schema.get("nullable") is True:
        _allow_null(out)
    return out


def _keyword(key: str, value: Any) -> Any:
    if key == "type" and isinstance(value, str):
        return value.lower()
    if key in _NUMBERS and isinstance(value, str) and value.isdigit():
        return int(value)
    if key in ("properties", "$defs") and isinstance(value, dict):
        return {name: to_json_schema(child) for name, child in value.items()}
    if key in ("anyOf", "oneOf", "allOf", "prefixItems") and isinstance(value, list):
        return [to_json_schema(child) for child in value]
    if key in ("items", "additionalProperties"):
        return to_json_schema(value)
    return value


def _allow_null(schema: Json) -> None:
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
    elif "anyOf" in schema:
        schema["anyOf"] = [*schema["anyOf"], {"type": "null"}]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
