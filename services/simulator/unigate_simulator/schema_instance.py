"""JSON Schema → an instance of it: the arguments of a tool call, the answer under a response schema.

Takes the dialects vendors take: JSON Schema with local `$ref`, and OpenAPI's `nullable` and upper-case types.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from unigate_simulator.wire import Json, Object

_DEPTH: Final = 8
"""Where a recursive schema stops being followed."""

_SHALLOW: Final = 2
"""Where alternatives without a reference start to be preferred."""

_FORMATS: Final[Mapping[str, str]] = {
    "date": "2025-01-31",
    "date-time": "2025-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "ada@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
_GUESSES: Final = (
    *(
        "",
        "a",
        "A",
        "0",
        "1",
        "12",
        "123",
        "1234",
        "12345",
        "ab",
        "AB",
        "abc",
        "ABC",
        "a1",
        "A1",
        "abc-123",
        "ABC-123",
        "a_b",
    ),
    *_FORMATS.values(),
    *(
        "2025-01",
        "12:00",
        "+4930123456",
        "555-1234",
        "52.52",
        "USD",
        "en-US",
        "#aabbcc",
        "v1.0.0",
        "/a/b",
        "AB12",
        "AB-1234",
    ),
)


def instance(schema: Json, name: str = "value") -> Json:
    """A small valid instance: required properties only, unless the schema names none. `name` flavours plain strings."""
    root = schema if isinstance(schema, dict) else {}
    return _value(schema, name, root, 0)


def _value(schema: Json, name: str, root: Object, depth: int) -> Json:
    if not isinstance(schema, dict):
        return f"example {name}"
    schema = _merged(schema, root, depth)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return next((value for value in schema["enum"] if value is not None), None)
    for key in ("default", "example"):
        if schema.get(key) is not None:
            return schema[key]
    if schema.get("examples"):
        return schema["examples"][0]
    make = _MAKERS.get(_kind(schema), _string)
    return make(schema, name, root, depth)


def _merged(schema: Object, root: Object, depth: int) -> Object:
    """The schema with references followed, `allOf` laid over it and the simplest alternative taken."""
    for _ in range(_DEPTH):
        if isinstance(reference := schema.get("$ref"), str):
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**_pointed(reference, root), **rest}
        elif parts := schema.get("allOf"):
            schema = _overlaid({key: value for key, value in schema.items() if key != "allOf"}, parts, root, depth)
        elif branches := schema.get("anyOf") or schema.get("oneOf"):
            rest = {key: value for key, value in schema.items() if key not in {"anyOf", "oneOf"}}
            schema = _overlaid(rest, [_branch(branches, depth)], root, depth)
        else:
            break
    return schema


def _overlaid(base: Object, parts: list[Json], root: Object, depth: int) -> Object:
    merged = dict(base)
    for part in parts:
        part_schema = (
            _merged(part, root, depth + 1) if isinstance(part, dict) and (depth < _DEPTH or "$ref" not in part) else {}
        )
        properties = {**merged.get("properties", {}), **part_schema.get("properties", {})}
        required = [*merged.get("required", []), *part_schema.get("required", [])]
        merged |= part_schema
        merged |= {"properties": properties} if properties else {}
        merged |= {"required": required} if required else {}
    return merged


def _branch(branches: list[Json], depth: int) -> Json:
    """The first alternative that is something; deeper down one without a reference, so that recursion ends."""
    real = [branch for branch in branches if isinstance(branch, dict) and branch.get("type") not in {"null", "NULL"}]
    plain = [branch for branch in branches if isinstance(branch, dict) and "$ref" not in branch]
    if depth >= _SHALLOW and plain:
        return next((branch for branch in plain if branch in real), plain[0])
    return (real or branches)[0]


def _pointed(reference: str, root: Object) -> Object:
    found: Any = root
    for part in reference.removeprefix("#").strip("/").split("/") if reference != "#" else []:
        found = found.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def _kind(schema: Object) -> str:
    declared = schema.get("type")
    if isinstance(declared, list):
        declared = next((one for one in declared if one != "null"), "null")
    if isinstance(declared, str):
        return declared.lower()
    if "properties" in schema or "required" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    return "number" if "minimum" in schema or "maximum" in schema else "string"


def _object(schema: Object, _name: str, root: Object, depth: int) -> Object:
    properties: Object = schema.get("properties") or {}
    wanted = schema["required"] if "required" in schema else ([] if depth >= _DEPTH else list(properties))
    made = {key: _value(properties.get(key, {}), key, root, depth + 1) for key in dict.fromkeys(wanted)}
    extra = schema.get("additionalProperties")
    for number in range(len(made), schema.get("minProperties", 0)):
        made[f"key{number + 1}"] = _value(extra if isinstance(extra, dict) else {}, "entry", root, depth + 1)
    return made


def _array(schema: Object, name: str, root: Object, depth: int) -> list[Json]:
    made = [_value(item, name, root, depth + 1) for item in schema.get("prefixItems") or []]
    items = schema.get("items")
    least = schema.get("minItems", 0)
    length = max(int(least), 0 if made or depth >= _DEPTH else 1)
    length = min(length, int(schema.get("maxItems", length)))
    if not isinstance(items, bool):
        unique = bool(schema.get("uniqueItems"))
        values = ((number, _value(items, name, root, depth + 1)) for number in range(len(made), length))
        made += [_numbered(value, items, number, unique=unique) for number, value in values]
    return made


def _numbered(value: Json, schema: Json, number: int, *, unique: bool) -> Json:
    """The n-th item of a list whose items must differ."""
    if not unique or not number:
        return value
    choices = schema.get("enum") if isinstance(schema, dict) else None
    if choices:
        return choices[number % len(choices)]
    if isinstance(value, str):
        return f"{value} {number + 1}"
    return value + number if isinstance(value, int | float) and not isinstance(value, bool) else value


def _string(schema: Object, name: str, _root: Object, _depth: int) -> str:
    if pattern := schema.get("pattern"):
        return _matching(pattern, schema)
    text = _FORMATS.get(schema.get("format", ""), f"example {name}")
    least, limit = int(schema.get("minLength", 0)), int(schema.get("maxLength", len(text) + 1_000_000))
    return text.ljust(least, "x")[:limit]


def _matching(pattern: str, schema: Object) -> str:
    """A string that a short list of usual shapes finds to match; the pattern itself is not solved."""
    least, limit = int(schema.get("minLength", 0)), int(schema.get("maxLength", 1_000_000))
    try:
        compiled = re.compile(pattern)
    except re.error:
        return "x" * least
    candidates = [*_GUESSES, *(letter * size for size in range(1, 41) for letter in ("a", "A", "1", "0"))]
    return next((one for one in candidates if compiled.search(one) and least <= len(one) <= limit), "x" * least)


def _number(schema: Object, _name: str, _root: Object, _depth: int) -> float | int:
    value = _bounded(schema, 1.0)
    return int(value) if value == int(value) else value


def _integer(schema: Object, _name: str, _root: Object, _depth: int) -> int:
    return math.ceil(_bounded(schema, 1.0))


def _bounded(schema: Object, step: float) -> float:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if isinstance(above, int | float) and not isinstance(above, bool):
        low = above + step if below is None or above + step < below else (above + below) / 2
    if isinstance(below, int | float) and not isinstance(below, bool):
        high = below - step if low is None or below - step >= low else low
    value = float(low if low is not None else min(1.0, high) if high is not None else 1.0)
    if multiple := schema.get("multipleOf"):
        value = math.ceil(value / multiple) * multiple
    return value


def _boolean(_schema: Object, _name: str, _root: Object, _depth: int) -> bool:
    return True


def _null(_schema: Object, _name: str, _root: Object, _depth: int) -> None:
    return None


_MAKERS: Final[Mapping[str, Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "null": _null,
}
