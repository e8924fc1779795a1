"""JSON Schema for functions and for the answer."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_core.errors import RequestRefused
from unigate_formats.gemini_generate_content.dropped_values import DroppedValues
from unigate_formats.gemini_generate_content.encode_schema import Flavour, to_json_schema

PATH = "tools[0].function.parameters"


def rewritten(schema: Any, flavour: Any = Flavour.PARAMETERS) -> Any:
    return to_json_schema(schema, PATH, flavour, DroppedValues())


def notes_of(schema: Any) -> Any:
    report = DroppedValues()
    to_json_schema(schema, PATH, Flavour.PARAMETERS, report)
    return report.notes


def objekt(**properties: Any) -> Any:
    return {"type": "object", "properties": properties}


PROPERTIES = {
    "zebra": {"$ref": "#/$defs/Kind"},
    "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
    "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}], "uniqueItems": True},
    "code": {"type": "string", "pattern": "^(?=.*[0-9])[a-z0-9]+$", "minLength": 3},
    "extra": {"type": "object", "additionalProperties": {"type": "string"}},
    "alike": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "apple": {"type": "string", "format": "date", "examples": ["2020-01-01"]},
}
TORTURE = {
    "type": "object",
    "$defs": {"Kind": {"type": "string", "enum": ["a", "b"]}},
    "properties": PROPERTIES,
    "required": ["zebra"],
    "additionalProperties": False,
}


def test_what_gemini_reads_is_sent_as_it_is() -> None:
    assert rewritten(TORTURE) == TORTURE
    assert list(rewritten(TORTURE)["properties"]) == list(PROPERTIES)


def test_the_clients_schema_is_not_changed() -> None:
    schema = objekt(a={"const": True}, b={"type": ["string", "null"]})
    before = copy.deepcopy(schema)
    rewritten(schema)
    assert schema == before


def test_annotations_of_the_schema_itself_are_removed() -> None:
    assert rewritten({"$schema": "x", "$id": "y", "$comment": "z", "type": "object"}) == {"type": "object"}
    assert notes_of({"$schema": "x", "type": "object"}) == []


def test_a_property_may_be_called_like_a_keyword() -> None:
    schema = objekt(const={"type": "string"}, enum={"type": "string"}, **{"$ref": {"type": "string"}})
    assert rewritten(schema) == schema


def test_a_list_of_types_is_a_choice() -> None:
    node = {"type": ["string", "null"], "description": "d", "minLength": 2}
    assert rewritten(objekt(a=node))["properties"]["a"] == {
        "description": "d",
        "anyOf": [{"type": "string", "minLength": 2}, {"type": "null"}],
    }


def test_a_list_of_one_type_is_that_type() -> None:
    assert rewritten(objekt(a={"type": ["string"]})) == objekt(a={"type": "string"})


def test_null_in_an_enum_is_a_choice() -> None:
    node = {"type": ["string", "null"], "enum": ["a", "b", None]}
    assert rewritten(objekt(a=node)) == objekt(a={"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "null"}]})


def test_values_of_another_type_never_were_a_choice() -> None:
    node = {"type": "string", "enum": ["a", None]}
    assert rewritten(objekt(a=node)) == objekt(a={"type": "string", "enum": ["a"]})


@pytest.mark.parametrize(("value", "kind"), [("x", "string"), (3, "integer")])
def test_a_constant_is_an_enum_of_one(value: Any, kind: Any) -> None:
    assert rewritten(objekt(a={"type": kind, "const": value})) == objekt(a={"type": kind, "enum": [value]})


def test_a_constant_boolean_is_told_in_words() -> None:
    assert rewritten(objekt(a={"const": True, "description": "d"})) == objekt(
        a={"type": "boolean", "description": "d\n\n{const: true}"}
    )
    assert notes_of(objekt(a={"const": True})) == ["schema_relaxed"]


def test_an_enum_of_one_boolean_is_told_in_words() -> None:
    assert rewritten(objekt(a={"type": "boolean", "enum": [False]})) == objekt(
        a={"type": "boolean", "description": "{enum: [false]}"}
    )


@pytest.mark.parametrize(("node", "kind"), [({"enum": [True, False]}, "boolean"), ({"const": None}, "null")])
def test_an_enum_of_a_whole_type_is_that_type(node: Any, kind: Any) -> None:
    assert rewritten(objekt(a=node)) == objekt(a={"type": kind})
    assert notes_of(objekt(a=node)) == []


def test_what_gemini_cannot_read_is_told_in_words() -> None:
    schema = objekt(a={"type": "string", "not": {"const": "x"}})
    assert rewritten(schema)["properties"]["a"] == {"type": "string", "description": '{not: {"const":"x"}}'}


def test_the_answers_schema_is_relaxed_where_a_functions_is_not() -> None:
    schema = objekt(a={"type": "string", "pattern": "^a", "format": "date"})
    assert rewritten(schema, Flavour.RESPONSE)["properties"]["a"] == {
        "type": "string",
        "format": "date",
        "description": '{pattern: "^a"}',
    }


def test_members_of_all_of_are_merged() -> None:
    schema = {
        "$defs": {"Base": {**objekt(id={"type": "string"}), "required": ["id"]}},
        "allOf": [{"$ref": "#/$defs/Base"}, {**objekt(n={"type": "integer"}), "required": ["n"]}],
    }
    result = rewritten(schema)
    assert result["properties"] == {"id": {"type": "string"}, "n": {"type": "integer"}}
    assert result["required"] == ["id", "n"]
    assert "allOf" not in result


def test_limits_of_all_of_are_the_tightest() -> None:
    node = {"allOf": [{"type": "number", "minimum": 1}, {"type": "integer", "minimum": 3, "maximum": 9}]}
    assert rewritten(objekt(a=node)) == objekt(a={"type": "integer", "minimum": 3, "maximum": 9})


def test_contradicting_members_of_all_of_are_refused_by_path() -> None:
    with pytest.raises(RequestRefused) as refused:
        rewritten(objekt(a={"allOf": [{"type": "string"}, {"type": "integer"}]}))
    assert refused.value.param == f"{PATH}.properties.a.allOf[1].type"


def test_a_reference_with_siblings_is_replaced_and_the_siblings_win() -> None:
    schema = {
        **objekt(a={"$ref": "#/$defs/Kind", "description": "mine"}),
        "$defs": {"Kind": {"type": "string", "description": "theirs"}},
    }
    assert rewritten(schema)["properties"]["a"] == {"type": "string", "description": "mine"}


def test_a_root_reference_is_replaced() -> None:
    schema = {"$ref": "#/$defs/A", "$defs": {"A": objekt(x={"type": "string"})}}
    result = rewritten(schema)
    assert result["type"] == "object"
    assert result["properties"] == {"x": {"type": "string"}}


def test_definitions_have_their_newer_name() -> None:
    schema = {**objekt(a={"$ref": "#/definitions/K"}), "definitions": {"K": {"type": "string"}}}
    assert rewritten(schema) == {**objekt(a={"$ref": "#/$defs/K"}), "$defs": {"K": {"type": "string"}}}


def test_recursion_in_an_optional_property_stays() -> None:
    node = objekt(next={"$ref": "#/$defs/Node"})
    schema = {**objekt(head={"$ref": "#/$defs/Node"}), "$defs": {"Node": node}, "required": ["head"]}
    assert rewritten(schema) == schema


def test_recursion_in_a_required_property_is_refused_by_path() -> None:
    node = {**objekt(kids={"type": "array", "items": {"$ref": "#/$defs/Node"}}), "required": ["kids"]}
    with pytest.raises(RequestRefused) as refused:
        rewritten({**objekt(root={"$ref": "#/$defs/Node"}), "$defs": {"Node": node}})
    assert refused.value.param == f"{PATH}.$defs.Node.properties.kids.items"
    assert refused.value.code == "unsupported_value"


def test_recursion_with_siblings_ends() -> None:
    node = objekt(next={"$ref": "#/$defs/Node", "description": "the next"})
    result = rewritten({**objekt(head={"$ref": "#/$defs/Node"}), "$defs": {"Node": node}})
    assert result["$defs"]["Node"]["properties"]["next"]["properties"]["next"] == {"$ref": "#/$defs/Node"}


@pytest.mark.parametrize("ref", ["#/$defs/Missing", "https://example.com/schema"])
def test_a_reference_to_nothing_is_refused(ref: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        rewritten(objekt(a={"$ref": ref}))
    assert refused.value.param == f"{PATH}.properties.a.$ref"


def test_references_that_multiply_are_refused() -> None:
    doubled = {
        f"d{i}": objekt(**{side: {"$ref": f"#/$defs/d{i + 1}", "title": side} for side in ("l", "r")})
        for i in range(40)
    }
    with pytest.raises(RequestRefused):
        rewritten({**objekt(a={"$ref": "#/$defs/d0"}), "$defs": doubled | {"d40": {"type": "string"}}})


def test_references_that_chain_for_ever_are_refused() -> None:
    chain = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}", "title": "x"} for i in range(5000)}
    with pytest.raises(RequestRefused):
        rewritten({**objekt(a={"$ref": "#/$defs/d0", "title": "y"}), "$defs": chain | {"d5000": {"type": "string"}}})


SCALARS = st.sampled_from(["string", "integer", "number", "boolean", "null"])
SCHEMAS = st.recursive(
    st.one_of(
        st.builds(lambda kind: {"type": kind}, SCALARS),
        st.builds(lambda kinds: {"type": kinds}, st.lists(SCALARS, min_size=1, max_size=3, unique=True)),
        st.builds(lambda values: {"enum": values}, st.lists(st.none() | st.booleans() | st.integers() | st.text())),
        st.builds(lambda value: {"const": value}, st.none() | st.booleans() | st.text()),
    ),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda props: {"type": "object", "properties": props}, st.dictionaries(st.text(), inner, max_size=3)),
        st.builds(lambda items: {"anyOf": items}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)


def unreadable(node: Any) -> Any:
    """The keywords that Gemini cannot read, anywhere below."""
    match node:
        case dict():
            values = node.get("enum", [])
            bad = {key for key in ("const", "allOf", "not") if key in node}
            bad |= {"types"} if isinstance(node.get("type"), list) else set()
            bad |= {"enum"} if any(v is None or isinstance(v, bool) for v in values) else set()
            properties = node.get("properties") or {}
            rest = [value for key, value in node.items() if key not in ("properties", "enum")]
            return bad.union(*map(unreadable, [*properties.values(), *rest]))
        case list():
            return set().union(*map(unreadable, node))
    return set()


@given(SCHEMAS)
def test_no_schema_keeps_what_gemini_cannot_read(schema: Any) -> None:
    assert unreadable(rewritten(schema)) == set()
