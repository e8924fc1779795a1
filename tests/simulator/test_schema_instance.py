"""The generator of instances, judged by a JSON Schema validator."""

from typing import Any

import jsonschema
import pytest

from unigate_simulator.schema_instance import instance

SCHEMAS: dict[str, dict[str, Any]] = {
    "plain object": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "closed object": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}},
        "required": ["a"],
        "additionalProperties": False,
    },
    "enum": {"enum": ["red", "green"]},
    "null in an enum": {"enum": [None, "red"]},
    "const": {"const": 7},
    "bounds": {"type": "integer", "minimum": 3, "maximum": 4},
    "upper bound only": {"type": "number", "maximum": -2},
    "exclusive bounds": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "exclusive integer": {"type": "integer", "exclusiveMinimum": 5},
    "multiple": {"type": "integer", "multipleOf": 5, "minimum": 11},
    "lengths": {"type": "string", "minLength": 30, "maxLength": 31},
    "short": {"type": "string", "maxLength": 3},
    "date pattern": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    "code pattern": {"type": "string", "pattern": "^[A-Z]{3}$"},
    "array": {"type": "array", "items": {"type": "string"}, "minItems": 2},
    "unique": {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
    "tuple": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2},
    "no items": {"type": "array", "maxItems": 0},
    "type list": {"type": ["null", "string"]},
    "any of": {
        "anyOf": [{"type": "null"}, {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}]
    },
    "all of": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"b": {"type": "integer"}}, "required": ["b"]},
        ]
    },
    "definitions": {
        "type": "object",
        "properties": {"at": {"$ref": "#/$defs/Point"}},
        "required": ["at"],
        "$defs": {"Point": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}},
    },
    "recursive": {
        "type": "object",
        "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "value": {"type": "integer"}},
        "required": ["next", "value"],
    },
    "recursive list": {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
                "required": ["children"],
            }
        },
    },
    "least properties": {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_instance_satisfies_the_schema(name: str) -> None:
    jsonschema.validate(instance(SCHEMAS[name]), SCHEMAS[name])


def test_google_types_in_capitals_are_understood() -> None:
    schema = {"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}, "required": ["n"]}
    assert instance(schema) == {"n": 1}


def test_optional_properties_are_left_out_when_some_are_required() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["b"]}
    assert instance(schema) == {"b": 1}


def test_all_properties_are_given_when_nothing_says_which_are_required() -> None:
    assert instance({"type": "object", "properties": {"a": {"type": "integer"}}}) == {"a": 1}
