"""Members of a request, held to the type that its format gives them. All take null for a member that is missing."""

from __future__ import annotations

import sys
from typing import Any

from unigate_core.errors import invalid_value
from unigate_core.json import Json

_LARGEST = sys.float_info.max


def string(value: Any, path: str) -> str | None:
    """A string. Raises RequestRefused."""
    if value is None or isinstance(value, str):
        return value
    raise invalid_value(path, "it must be a string.")


def strings(value: Any, path: str) -> tuple[str, ...]:
    """A list of strings. Raises RequestRefused."""
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise invalid_value(path, "it must be an array of strings.")


def integer(value: Any, path: str) -> int | None:
    """A whole number, which may be written with a point. Raises RequestRefused."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise invalid_value(path, "it must be an integer.")


def number(value: Any, path: str) -> float | None:
    """A number that a double can hold. Raises RequestRefused."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST):
        return value
    raise invalid_value(path, "it must be a number.")


def mapping(value: Any, path: str) -> Json:
    """An object. Raises RequestRefused."""
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise invalid_value(path, "it must be an object.")


def array(value: Any, path: str) -> list[Any]:
    """An array. Raises RequestRefused."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise invalid_value(path, "it must be an array.")
