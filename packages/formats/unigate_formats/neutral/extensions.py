"""Members of a client's object that the neutral request has no field for: a vendor may know them, others are told.

A decoder gathers them, an encoder takes those that its vendor knows, and what is left is reported as dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from unigate_core.errors import unknown_parameter
from unigate_core.json import Json


class Extension(msgspec.Struct, frozen=True):
    """One member, as the client wrote it, and the JSON path it has in the request."""

    name: str
    value: Any
    path: str


Extensions = tuple[Extension, ...]
KnownExtensions = Mapping[type, frozenset[str]]
"""The members that a vendor's encoder takes, by the neutral class of the object."""


def read_extensions(given: Json, known: frozenset[str], path: str) -> Extensions:
    """The members of an object at `path` that are not among the known ones; null asks for nothing."""
    if given.keys() <= known:
        return ()
    return tuple(
        Extension(name, value, f"{path}.{name}")
        for name, value in given.items()
        if name not in known and value is not None
    )


def drop_members(given: Json, known: frozenset[str], path: str, *, drop_unsupported: bool) -> list[str]:
    """The paths of the members of an object at `path` that no vendor knows.

    Raises RequestRefused where they must not be dropped.
    """
    paths = [item.path for item in read_extensions(given, known, path)]
    if paths and not drop_unsupported:
        raise unknown_parameter(paths[0])
    return paths


def extension(extensions: Extensions, name: str) -> Any:
    """The value of a member, None where the client gave none."""
    return next((item.value for item in extensions if item.name == name), None)
