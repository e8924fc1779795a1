"""JSON Schema for guaranteed answers."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unigate_core.errors import RequestRefused
from unigate_formats.neutral.guaranteed_schema import NotGuaranteed, plain, restricted


def strict(schema: Any) -> Any:
    return restricted(schema, "p")[0]


def of(prop: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"x": prop}, **more}


def prop(schema: Any) -> Any:
    return strict(of(schema))["properties"]["x"]


def refusal(schema: Any) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        strict(schema)
    return caught.value


def test_annotations_are_removed_but_not_properties_of_their_name() -> None:
    schema = {"$schema": "s", "type": "object", "properties": {"$id": {"type": "string", "$comment": "c"}}}
    assert plain(schema) == {"type": "object", "properties": {"$id": {"type": "string"}}}


def test_a_root_reference_is_put_in_place() -> None:
    defs = {"A": {"type": "object", "properties": {}}}
    assert plain({"$ref": "#/$defs/A", "$defs": defs}) == {"type": "object", "properties": {}, "$defs": defs}


def test_a_schema_without_a_type_is_an_object() -> None:
    assert plain({"properties": {}}) == {"type": "object", "properties": {}}


def test_objects_are_closed_at_every_depth() -> None:
    assert prop({"type": "object", "properties": {"a": {}}})["additionalProperties"] is False


@pytest.mark.parametrize(
    "keywords",
    [
        {"additionalProperties": True},
        {"additionalProperties": {}},
        {"additionalProperties": {"type": "string"}},
        {"properties": {}},
        {},
    ],
)
def test_an_open_object_is_refused_where_it_stands(keywords: Any) -> None:
    with pytest.raises(NotGuaranteed) as caught:
        strict(of({"type": "object"} | keywords))
    assert caught.value.param == "p.properties.x.additionalProperties"


def test_what_is_known_stays_a_keyword() -> None:
    schema = {"type": "string", "enum": ["a"], "description": "d", "title": "t", "format": "date"}
    assert prop(schema) == schema


def test_a_constant_stays() -> None:
    assert prop({"const": "a"}) == {"const": "a"}


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("pattern", "^a$"),
        ("minLength", 1),
        ("maximum", 9),
        ("multipleOf", 2),
        ("minItems", 2),
        ("maxItems", 3),
        ("uniqueItems", True),
        ("default", "a"),
        ("examples", ["a"]),
        ("format", "color"),
        ("prefixItems", [{"type": "string"}]),
    ],
)
def test_what_cannot_be_guaranteed_is_told_in_the_description(keyword: str, value: Any) -> None:
    schema, relaxed = restricted(of({"description": "d", keyword: value}), "p")
    assert relaxed
    assert keyword not in schema["properties"]["x"]
    assert schema["properties"]["x"]["description"].startswith(f"d\n\n{{{keyword}: ")


def test_at_least_one_item_can_be_guaranteed() -> None:
    schema = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    assert prop(schema) == schema


@pytest.mark.parametrize(
    "keyword", ["not", "if", "patternProperties", "dependentSchemas", "unevaluatedProperties", "dependentRequired"]
)
def test_what_would_change_the_answers_is_refused(keyword: str) -> None:
    assert refusal(of({keyword: {}})).param == f"p.properties.x.{keyword}"


def test_one_of_becomes_any_of() -> None:
    assert prop({"oneOf": [{"type": "string"}]}) == {"anyOf": [{"type": "string"}]}


def test_one_of_beside_any_of_holds_both() -> None:
    schema = {"oneOf": [{"type": "string"}], "anyOf": [{"type": "integer"}]}
    assert prop(schema) == {"allOf": [{"anyOf": [{"type": "integer"}]}, {"anyOf": [{"type": "string"}]}]}


def test_all_of_is_walked() -> None:
    member = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert prop({"allOf": [member]}) == {"allOf": [member | {"additionalProperties": False}]}


def test_a_list_of_types_becomes_branches_with_their_own_keywords() -> None:
    schema = {"type": ["string", "null"], "enum": ["a", None], "description": "d"}
    assert prop(schema) == {"description": "d", "anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}


def test_an_object_or_null_keeps_its_properties_in_the_objects_branch() -> None:
    schema = {"type": ["object", "null"], "properties": {"a": {"type": "string"}}, "required": ["a"]}
    branches = prop(schema)["anyOf"]
    assert branches[0]["required"] == ["a"]
    assert branches[0]["additionalProperties"] is False
    assert branches[1] == {"type": "null"}


def test_a_reference_alone_stays() -> None:
    schema = of({"$ref": "#/$defs/A"}, **{"$defs": {"A": {"type": "string"}}})
    assert strict(schema)["properties"]["x"] == {"$ref": "#/$defs/A"}


def test_a_reference_with_siblings_is_put_in_place_and_they_win() -> None:
    schema = of(
        {"$ref": "#/$defs/A", "description": "mine"}, **{"$defs": {"A": {"type": "string", "description": "its"}}}
    )
    assert strict(schema)["properties"]["x"] == {"type": "string", "description": "mine"}


def test_a_reference_to_nothing_is_refused() -> None:
    assert refusal(of({"$ref": "#/$defs/A", "description": "d"})).param == "p.properties.x.$ref"


def test_recursion_is_refused_with_its_path() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}}
    error = refusal(of({"$ref": "#/$defs/N"}, **{"$defs": {"N": node}}))
    assert error.code == "unsupported_value"
    assert error.param is not None
    assert error.param.startswith("p.properties.x")


def test_a_shared_definition_is_no_recursion() -> None:
    properties = {"a": {"$ref": "#/$defs/T"}, "b": {"$ref": "#/$defs/T"}}
    schema = {"type": "object", "properties": properties, "$defs": {"T": {"type": "string"}}}
    assert strict(schema)["properties"] == properties


def test_references_that_multiply_are_refused() -> None:
    defs: dict[str, Any] = {"L0": {"type": "string"}}
    for level in range(1, 24):
        twice = {"$ref": f"#/$defs/L{level - 1}", "title": "t"}
        defs[f"L{level}"] = {"anyOf": [twice, twice]}
    assert refusal(of({"$ref": "#/$defs/L23", "title": "t"}, **{"$defs": defs})).code == "unsupported_value"


SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "integer", "boolean", "null"])},
        optional={"description": st.text(max_size=5), "minimum": st.integers(), "default": st.none()},
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.dictionaries(st.text(max_size=4), inner, min_size=1, max_size=3),
            }
        ),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=3)}),
    ),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None)
@given(SCHEMAS)
def test_restricting_changes_nothing_in_place_and_is_stable(inner: Any) -> None:
    schema = of(inner)
    before = copy.deepcopy(schema)
    once = strict(schema)
    assert schema == before
    assert strict(once) == once
