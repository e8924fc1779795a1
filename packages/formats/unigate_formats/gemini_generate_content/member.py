"""Members of Google's JSON, which may be spelled in camelCase or in snake_case. https://protobuf.dev/programming-guides/json/"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from unigate_core.json import Json
from unigate_formats.neutral import typed

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_UPPER = re.compile(r"(?<!^)(?=[A-Z])")


def member(given: Json, name: str) -> Any:
    """A member by its name in camelCase, in whichever spelling it stands there; None without it."""
    value = given.get(name)
    return value if value is not None else given.get(snake_case(name))


def repeated(value: Any, path: str) -> list[Any]:
    """A list, of which a single element may stand alone. Raises RequestRefused."""
    return [value] if isinstance(value, dict) else typed.array(value, path)


def number(value: Any, path: str) -> float | None:
    """A number, which may be written as a string. Raises RequestRefused."""
    return typed.number(_parsed(value), path)


def integer(value: Any, path: str) -> int | None:
    """A whole number, which may be written as a string. Raises RequestRefused."""
    return typed.integer(_parsed(value), path)


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value


def snake_case(name: str) -> str:
    """The other spelling of a name."""
    return _UPPER.sub("_", name).lower()


def unknown_members(given: Json, known: Iterable[str]) -> list[str]:
    """The names of the members that are neither null nor among the known ones."""
    names = {spelling for name in known for spelling in (name, snake_case(name))}
    return [name for name, value in given.items() if name not in names and value is not None]


def unknown_paths(given: Any, known: Iterable[str], path: str) -> list[str]:
    """The paths of those members of what stands at `path`, which may be anything."""
    return [f"{path}.{name}" for name in unknown_members(given, known)] if isinstance(given, dict) else []
