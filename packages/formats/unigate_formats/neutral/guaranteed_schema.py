"""JSON Schema as clients write it → as vendors take it that hold a model to it: Anthropic and Bedrock alike.

https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs
https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html

`plain` for ordinary tools, which take nearly anything; `restricted` where the vendor guarantees the schema and knows
only a part of the language. What it does not know there is moved into the description instead, as the
vendor's own SDKs do; what would change the set of answers is refused. Schemas are never changed in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from unigate_core.errors import RequestRefused, unsupported_value
from unigate_core.json import Json
from unigate_formats.neutral.described_keywords import with_words
from unigate_formats.neutral.schema_limits import MAX_NODES

_ANNOTATIONS = {"$schema", "$id", "$comment"}
_NAMED = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE = (
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "additionalItems",
    "unevaluatedProperties",
    "unevaluatedItems",
)

_KEPT = {
    "type", "properties", "required", "items", "description", "title", "enum", "const", "$defs", "definitions", "$ref",
    "additionalProperties", "anyOf", "allOf",
}  # fmt: skip
_REFUSED = {
    "not", "if", "then", "else", "patternProperties", "dependentSchemas", "dependentRequired", "unevaluatedProperties",
    "unevaluatedItems",
}  # fmt: skip
_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
_SHARED = {"description", "title", "default", "examples", "$defs", "definitions"}
_OF_TYPE = {
    "object": {"properties", "required", "additionalProperties", "minProperties", "maxProperties"},
    "array": {"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"},
    "string": {"format", "pattern", "minLength", "maxLength"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


class NotGuaranteed(RequestRefused):
    """No guarantee covers the schema: it has objects with free properties, or refers to itself."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"Unsupported value for '{path}': {reason}", param=path, code="unsupported_value")


def plain(schema: Json) -> Json:
    """The schema of an ordinary tool: without annotations that mean nothing to a model, its root an object in place."""
    root: Json = _without_annotations(_with_root(schema))
    return {"type": "object"} | root


def restricted(schema: Json, path: str, *, relax: bool = False) -> tuple[Json, bool]:
    """The schema within the part of the language that is guaranteed, and whether anything was told in words instead.

    With `relax`, keywords that would change the set of answers are described in words, too. Raises RequestRefused, and
    NotGuaranteed for objects with free properties and for recursion.
    """
    root: Json = _without_annotations(_with_root(schema))
    _refuse_recursion(root, root, path, (), set())
    work = _Restriction(root=root, relax=relax)
    whole: Json = work.node(root, path)
    return whole, work.relaxed


def _with_root(schema: Json) -> Json:
    if "$ref" not in schema:
        return schema
    target = resolve(schema, schema["$ref"])
    return schema if target is None else target | _except(schema, "$ref")


def _except(schema: Json, *keys: str) -> Json:
    return {key: value for key, value in schema.items() if key not in keys}


def _without_annotations(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    return children(_except(schema, *_ANNOTATIONS), "", lambda child, _: _without_annotations(child))


def children(schema: Json, path: str, change: Callable[[Any, str], Any]) -> Json:
    """The schema with each schema directly inside it changed."""
    out: Json = {}
    for key, value in schema.items():
        below = f"{path}.{key}"
        if key in _NAMED and isinstance(value, dict):
            out[key] = {name: change(child, f"{below}.{name}") for name, child in value.items()}
        elif isinstance(value, list) and (key in _LISTS or key == "items"):
            out[key] = [change(child, f"{below}[{i}]") for i, child in enumerate(value)]
        elif key in _SINGLE:
            out[key] = change(value, below)
        else:
            out[key] = value
    return out


def resolve(root: Json, ref: Any) -> Json | None:
    """The target of a JSON pointer into the schema itself."""
    if not isinstance(ref, str) or not ref.startswith("#"):
        return None
    node: Any = root
    for step in ref[1:].split("/")[1:]:
        node = node.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else None


def _refuse_recursion(root: Json, schema: Json, path: str, within: tuple[str, ...], done: set[str]) -> None:
    """Follow every reference once; one that leads back into itself is refused."""

    def visit(child: Any, below: str) -> Any:
        if not isinstance(child, dict):
            return child
        ref = child.get("$ref")
        if isinstance(ref, str):
            if ref in within:
                raise NotGuaranteed(below, "recursive schemas cannot be guaranteed.")
            target = resolve(root, ref)
            if target is not None and ref not in done:
                _refuse_recursion(root, {"allOf": [target]}, below, (*within, ref), done)
                done.add(ref)
        return children(_except(child, "$defs", "definitions"), below, visit)

    visit(schema, path)


class _Restriction(msgspec.Struct):
    """One walk; `root` is where references point, `relaxed` whether a keyword became words."""

    root: Json
    relax: bool = False
    relaxed: bool = False
    nodes: int = 0

    def node(self, schema: Any, path: str) -> Any:
        if not isinstance(schema, dict):
            return schema
        self.nodes += 1
        if self.nodes > MAX_NODES:
            # References put in place can multiply.
            raise unsupported_value(path, f"with its references in place the schema has over {MAX_NODES} nodes.")
        while "$ref" in schema and len(schema) > 1:
            target = resolve(self.root, schema["$ref"])
            if target is None:
                raise unsupported_value(f"{path}.$ref", "it points to nothing within the schema.")
            schema = target | _except(schema, "$ref")
        for key in schema:
            if key in _REFUSED and not self.relax:
                raise unsupported_value(f"{path}.{key}", "this keyword cannot be guaranteed.")
        if isinstance(schema.get("type"), list):
            schema = _by_type(schema)
        schema = _one_of(schema)
        supported, described = _partition(schema)
        if described:
            self.relaxed = True
            supported = with_words(supported, described)
        if supported.get("type") == "object" or "properties" in supported:
            self._close(supported, path)
        return children(supported, path, self.node)

    def _close(self, schema: Json, path: str) -> None:
        # an object without named properties means any object; closed, only {} could be answered
        if schema.get("additionalProperties", not schema.get("properties")) is not False:
            raise NotGuaranteed(
                f"{path}.additionalProperties", "only objects whose properties are all named can be guaranteed."
            )
        schema["additionalProperties"] = False


def _partition(schema: Json) -> tuple[Json, Json]:
    """What stays a keyword, and what can only be described."""
    supported: Json = {}
    described: Json = {}
    for key, value in schema.items():
        known = key in _KEPT or (key == "format" and value in _FORMATS) or (key == "minItems" and value in (0, 1))
        (supported if known else described)[key] = value
    return supported, described


def _one_of(schema: Json) -> Json:
    """oneOf as anyOf, which is all that can be guaranteed."""
    if "oneOf" not in schema:
        return schema
    if "anyOf" in schema:
        rest = _except(schema, "oneOf", "anyOf")
        both = [{"anyOf": schema["anyOf"]}, {"anyOf": schema["oneOf"]}]
        return rest | {"allOf": [*rest.get("allOf", ()), *both]}
    return {("anyOf" if key == "oneOf" else key): value for key, value in schema.items()}


def _by_type(schema: Json) -> Json:
    """A list of types as one branch per type, each with the keywords that speak of it."""
    types = [kind for kind in schema["type"] if isinstance(kind, str)]
    if not types:
        return _except(schema, "type")
    if len(types) == 1:
        return schema | {"type": types[0]}
    outer = {key: value for key, value in schema.items() if key in _SHARED}
    inner = {key: value for key, value in schema.items() if key not in _SHARED and key != "type"}
    elsewhere = {key for kind in types for key in _OF_TYPE.get(kind, ())}
    branches = []
    for kind in types:
        branch: Json = {"type": kind}
        for key, value in inner.items():
            if key == "enum":
                fitting = [item for item in value if _is(item, kind)]
                if fitting and kind != "null":
                    branch["enum"] = fitting
            elif key == "const":
                if _is(value, kind):
                    branch["const"] = value
            elif key in _OF_TYPE.get(kind, ()) or key not in elsewhere:
                branch[key] = value
        branches.append(branch)
    return outer | {"anyOf": branches}


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _PYTHON_TYPES.get(kind, ())) and (kind == "boolean" or not isinstance(value, bool))
