"""JSON Schema → the part of it that Gemini reads. https://ai.google.dev/gemini-api/docs/structured-output

What has no equal form is relaxed: taken out and described in the node's description, so that the model still reads it.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from unigate_core.errors import invalid_value
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.dropped_values import DroppedValues
from unigate_formats.gemini_generate_content.merge_schemas import merge_all_of
from unigate_formats.gemini_generate_content.schema_references import (
    DEFINITIONS,
    LISTS,
    Schema,
    check_recursion,
    normal_ref,
)
from unigate_formats.gemini_generate_content.type_unions import plain_choices
from unigate_formats.neutral.described_keywords import with_words


class Flavour(Enum):
    """Where the schema goes: functions tolerate more than the response format."""

    PARAMETERS = "parametersJsonSchema"
    RESPONSE = "responseJsonSchema"


REMOVED = frozenset({"$schema", "$id", "$comment"})
RELAXED = frozenset({
    "not", "if", "then", "else", "patternProperties", "dependentSchemas", "dependentRequired", "dependencies",
    "unevaluatedProperties", "unevaluatedItems", "contains", "minContains", "maxContains", "propertyNames",
})  # fmt: skip
READ = frozenset({
    "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items", "prefixItems", "minItems",
    "maxItems", "minimum", "maximum", "anyOf", "oneOf", "properties", "additionalProperties", "required",
    "propertyOrdering", "default", "examples",
})  # fmt: skip
"""What responseJsonSchema knows; default and examples are ignored there without harm."""


def to_json_schema(schema: Json, path: str, flavour: Flavour, report: DroppedValues) -> Json:
    """A copy that Gemini takes; the order of properties is kept. Raises RequestRefused for what cannot be said."""
    whole = Schema(schema, path)
    rewriter = _Rewriter(whole, flavour, report)
    try:
        check_recursion(whole)
        root = rewriter.inlined(schema, path, ()) if "$ref" in schema else schema
        result: Json = rewriter.node(root, path, ())
    except RecursionError as error:
        raise invalid_value(path, "its references nest too deeply.") from error
    return result


class _Rewriter:
    """One pass over one schema. `open_refs` are the references being inlined around the node."""

    def __init__(self, schema: Schema, flavour: Flavour, report: DroppedValues) -> None:
        self._schema = schema
        self._flavour = flavour
        self._report = report

    def node(self, node: Any, path: str, open_refs: tuple[str, ...]) -> Any:
        if not isinstance(node, dict):
            return node
        self._schema.count()
        if "$ref" in node:
            siblings = [key for key in node if not key.startswith("$")]
            if not siblings or node["$ref"] in open_refs:
                # Inside its own expansion a reference cannot be expanded again, so there it stands alone.
                self._schema.target(node["$ref"], path)
                return {"$ref": normal_ref(node["$ref"])}
            open_refs = (*open_refs, node["$ref"])
            return self.node(self.inlined(node, path, open_refs), path, open_refs)
        node, lost = plain_choices(merge_all_of(node, self._schema, path))
        result: Json = {}
        for key, value in node.items():
            if key in REMOVED:
                continue
            if key in RELAXED or (self._flavour is Flavour.RESPONSE and key not in READ and key not in DEFINITIONS):
                lost[key] = value
            else:
                name, rewritten = self._keyword(key, value, f"{path}.{key}", open_refs)
                result[name] = rewritten
        return self._described(result, lost)

    def inlined(self, node: Json, path: str, open_refs: tuple[str, ...]) -> Json:
        """The reference's target, overridden by what stands beside the reference."""
        siblings = {key: value for key, value in node.items() if key != "$ref"}
        target = self._schema.target(node["$ref"], path)
        if "$ref" in target and target["$ref"] not in open_refs:
            target = self.inlined(target, path, (*open_refs, node["$ref"], target["$ref"]))
        return target | siblings

    def _keyword(self, key: str, value: Any, path: str, open_refs: tuple[str, ...]) -> tuple[str, Any]:
        if key in DEFINITIONS and isinstance(value, dict):
            return "$defs", {name: self.node(child, f"{path}.{name}", ()) for name, child in value.items()}
        if key == "properties" and isinstance(value, dict):
            return key, {name: self.node(child, f"{path}.{name}", open_refs) for name, child in value.items()}
        if key in LISTS and isinstance(value, list):
            return key, [self.node(child, f"{path}[{i}]", open_refs) for i, child in enumerate(value)]
        if key == "items" and isinstance(value, list):
            return "prefixItems", [self.node(child, f"{path}[{i}]", open_refs) for i, child in enumerate(value)]
        if key in ("items", "additionalProperties"):
            return key, self.node(value, path, open_refs)
        return key, value

    def _described(self, node: Json, lost: Json) -> Json:
        if not lost:
            return node
        self._report.note("schema_relaxed")
        return with_words(node, lost)
