"""A value and the type that it does not fit → OpenAI's words for the first fault, in the order of the type's fields.

Runs only for requests that are refused anyway, so it may take its time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import inspect

from unigate_core.errors import UNKNOWN_VALUE, RequestRefused
from unigate_edge.errors import missing_parameter

_KINDS: dict[type, tuple[str, ...]] = {
    inspect.StrType: ("a string",),
    inspect.BoolType: ("a boolean",),
    inspect.IntType: ("an integer",),
    inspect.FloatType: ("a decimal",),
    inspect.NoneType: (),
    inspect.StructType: ("an object",),
    inspect.DictType: ("an object",),
}


def first_fault(kind: type, value: Any) -> RequestRefused | None:
    """Where and why a decoded JSON value does not fit the type. None when it does."""
    return _fault(_type_of(kind), value, "")


@functools.cache
def _type_of(kind: type) -> inspect.Type:
    return inspect.type_info(kind)


def _fault(kind: inspect.Type, value: Any, path: str) -> RequestRefused | None:
    kind = _plain(kind)
    check = _CHECKS.get(type(kind))
    return None if check is None else check(kind, value, path)


def _plain(kind: inspect.Type) -> inspect.Type:
    return _plain(kind.type) if isinstance(kind, inspect.Metadata) else kind


def _string(kind: inspect.StrType, value: Any, path: str) -> RequestRefused | None:
    if not isinstance(value, str):
        return _wrong_type(kind, value, path)
    if kind.max_length is not None and len(value) > kind.max_length:
        return _refuse(
            f"Invalid '{path}': string too long. Expected a string with maximum length {kind.max_length}, "
            f"but got a string with length {len(value)} instead.",
            path,
            "string_above_max_length",
        )
    if kind.min_length is not None and len(value) < kind.min_length:
        return _refuse(
            f"Invalid '{path}': empty string. Expected a string with minimum length {kind.min_length}, "
            "but got an empty string instead.",
            path,
            "empty_string",
        )
    return None


def _number(kind: inspect.IntType | inspect.FloatType, value: Any, path: str) -> RequestRefused | None:
    whole = isinstance(kind, inspect.IntType)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _wrong_type(kind, value, path)
    if whole and isinstance(value, float):
        return _wrong_type(kind, value, path)
    word = "integer" if whole else "decimal"
    if kind.ge is not None and value < kind.ge:
        side, code, bound = "below minimum", f"{word}_below_min_value", f">= {kind.ge:g}"
    elif kind.le is not None and value > kind.le:
        side, code, bound = "above maximum", f"{word}_above_max_value", f"<= {kind.le:g}"
    else:
        return None
    return _refuse(
        f"Invalid '{path}': {word} {side} value. Expected a value {bound}, but got {value} instead.", path, code
    )


def _boolean(kind: inspect.BoolType, value: Any, path: str) -> RequestRefused | None:
    return None if isinstance(value, bool) else _wrong_type(kind, value, path)


def _null(kind: inspect.NoneType, value: Any, path: str) -> RequestRefused | None:
    return None if value is None else _wrong_type(kind, value, path)


def _literal(kind: inspect.LiteralType, value: Any, path: str) -> RequestRefused | None:
    if value in kind.values:
        return None
    return _unsupported_value(kind.values, value, path) if isinstance(value, str) else _wrong_type(kind, value, path)


def _list(kind: inspect.ListType, value: Any, path: str) -> RequestRefused | None:
    if not isinstance(value, list):
        return _wrong_type(kind, value, path)
    if kind.min_length is not None and len(value) < kind.min_length:
        return _refuse(
            f"Invalid '{path}': empty array. Expected an array with minimum length {kind.min_length}, "
            "but got an empty array instead.",
            path,
            "empty_array",
        )
    if kind.max_length is not None and len(value) > kind.max_length:
        return _refuse(
            f"Invalid '{path}': array too long. Expected an array with maximum length {kind.max_length}, "
            f"but got an array with length {len(value)} instead.",
            path,
            "array_above_max_length",
        )
    return _first(_fault(kind.item_type, item, f"{path}[{i}]") for i, item in enumerate(value))


def _mapping(kind: inspect.DictType, value: Any, path: str) -> RequestRefused | None:
    if not isinstance(value, dict):
        return _wrong_type(kind, value, path)
    return _first(_fault(kind.value_type, item, _join(path, key)) for key, item in value.items())


def _struct(kind: inspect.StructType, value: Any, path: str) -> RequestRefused | None:
    if not isinstance(value, dict):
        return _wrong_type(kind, value, path)
    # where there is no choice, the decoder takes an object without its tag
    if kind.tag_field in value and (fault := _tag((kind,), value, path)):
        return fault
    for field in kind.fields:
        if field.encode_name in value:
            if fault := _fault(field.type, value[field.encode_name], _join(path, field.encode_name)):
                return fault
        elif field.required:
            return missing_parameter(_join(path, field.encode_name))
    return None


def _union(kind: inspect.UnionType, value: Any, path: str) -> RequestRefused | None:
    members = [_plain(member) for member in kind.types]
    if isinstance(value, dict):
        structs = tuple(member for member in members if isinstance(member, inspect.StructType))
        if len(structs) > 1:
            if fault := _tag(structs, value, path):
                return fault
            tag = value[structs[0].tag_field]
            return _struct(next(member for member in structs if member.tag == tag), value, path)
    fitting = [member for member in members if _takes(member, value)]
    if not fitting:
        return _wrong_type(kind, value, path)
    faults = [_fault(member, value, path) for member in fitting]
    return None if None in faults else faults[0]


def _tag(structs: tuple[inspect.StructType, ...], value: dict[str, Any], path: str) -> RequestRefused | None:
    name = structs[0].tag_field or ""
    where = _join(path, name)
    if name not in value:
        return missing_parameter(where)
    if not isinstance(value[name], str):
        return _wrong_type(inspect.StrType(), value[name], where)
    tags = tuple(struct.tag for struct in structs)
    return None if value[name] in tags else _unsupported_value(tags, value[name], where)


def _takes(kind: inspect.Type, value: Any) -> bool:
    match kind:
        case inspect.LiteralType():
            return isinstance(value, str)
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType() | inspect.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case inspect.NoneType():
            return value is None
        case inspect.ListType():
            return isinstance(value, list)
        case inspect.StructType() | inspect.DictType():
            return isinstance(value, dict)
    return True


def _names(kind: inspect.Type) -> tuple[str, ...]:
    """What the type takes, in words."""
    kind = _plain(kind)
    match kind:
        case inspect.UnionType():
            names = tuple(name for member in kind.types for name in _names(member))
            return tuple(dict.fromkeys(names))
        case inspect.LiteralType():
            return ("a string",)
        case inspect.ListType():
            items = {name.split()[-1] for name in _names(kind.item_type)}
            return (f"an array of {items.pop()}s",) if len(items) == 1 else ("an array",)
    return _KINDS.get(type(kind), ("a value",))


def _got(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a decimal"
        case str():
            return "a string"
        case list():
            return "an array"
    return "an object"


def _wrong_type(kind: inspect.Type, value: Any, path: str) -> RequestRefused:
    names = _names(kind)
    if len(names) > 1:
        first, *others = names
        expected = f"one of {first} or " + " or ".join(other.split(maxsplit=1)[1] for other in others)
    else:
        expected = names[0] if names else "null"
    where = f" for '{path}'" if path else ""
    return _refuse(f"Invalid type{where}: expected {expected}, but got {_got(value)} instead.", path, "invalid_type")


def _unsupported_value(values: Iterable[Any], value: str, path: str) -> RequestRefused:
    return _refuse(f"Invalid value: '{value}'. Supported values are: {_quoted(values)}.", path, UNKNOWN_VALUE)


def _quoted(values: Iterable[Any]) -> str:
    *others, last = (f"'{value}'" for value in values)
    if not others:
        return last
    return f"{', '.join(others)}{',' if len(others) > 1 else ''} and {last}"


def _refuse(message: str, path: str, code: str) -> RequestRefused:
    return RequestRefused(message, param=path or None, code=code)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _first(faults: Iterable[RequestRefused | None]) -> RequestRefused | None:
    return next((fault for fault in faults if fault is not None), None)


_CHECKS: dict[type, Callable[[Any, Any, str], RequestRefused | None]] = {
    inspect.StrType: _string,
    inspect.IntType: _number,
    inspect.FloatType: _number,
    inspect.BoolType: _boolean,
    inspect.NoneType: _null,
    inspect.LiteralType: _literal,
    inspect.ListType: _list,
    inspect.DictType: _mapping,
    inspect.StructType: _struct,
    inspect.UnionType: _union,
}
