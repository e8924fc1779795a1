"""Settings from environment variables: a struct, each of whose fields is one variable, read once at the start."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo


class SettingsError(ValueError):
    """A variable that is missing or cannot be used; its text names the variable, and shows no secret."""


class Secret:
    """A text that is not shown where it is printed by mistake."""

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"


def first_of(*names: str) -> str:
    """Return the value of the first variable that is set, even if it is empty; an empty string if none is set."""
    name = _first_set(names, os.environ)
    return os.environ[name] if name is not None else ""


def variables(*names: str) -> msgspec.Meta:
    """Annotates a field with the variables that it is read from; the first that is set counts, were it empty."""
    return msgspec.Meta(extra={"variables": names})


def decoded_by(decode: Callable[[str], Any]) -> msgspec.Meta:
    """Annotates a field whose variable has a form of its own. `decode` raises ValueError for what it cannot read."""
    return msgspec.Meta(extra={"decode": decode})


class EnvironmentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all settings. A field's variable is `PREFIX` and its name, if it is not annotated with others.

    Lists and mappings are written as JSON.
    """

    PREFIX: ClassVar[str] = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings. Raises SettingsError."""
        values: dict[str, Any] = {}
        for field in msgspec.structs.fields(cls):
            names = cls.variables_of(field)
            name = _first_set(names, environment)
            if name is not None:
                values[field.name] = _value(name, environment[name], field)
            elif field.required:
                raise SettingsError(f"{names[0]} is required")
        return cls(**values)

    @classmethod
    def variables_of(cls, field: FieldInfo) -> tuple[str, ...]:
        """Return the names of the variables that a field is read from."""
        names: tuple[str, ...] | None = _annotated(field, "variables")
        return names or (f"{cls.PREFIX}{field.name}".upper(),)


def _first_set(names: Iterable[str], environment: Mapping[str, str]) -> str | None:
    return next((name for name in names if name in environment), None)


def _value(name: str, text: str, field: FieldInfo) -> Any:
    decode = _annotated(field, "decode")
    kind = _bare(field.type)
    origin = get_origin(kind)
    if origin is Literal and text not in get_args(kind):
        raise SettingsError(f"{name} must be one of {', '.join(get_args(kind))}")
    try:
        if decode is not None:
            return decode(text)
        if origin in (list, dict):
            return msgspec.json.decode(text, type=field.type)
        return msgspec.convert(text, field.type, strict=False, dec_hook=_made)
    except (ValueError, msgspec.MsgspecError) as error:
        # the value itself may be a secret that was put into the wrong variable
        raise SettingsError(f"{name}: {error}") from None


def _made(kind: type, text: Any) -> Any:
    """A value of a type that msgspec does not know."""
    if kind in (Path, Secret):
        return kind(text)
    raise NotImplementedError(f"settings of type {kind}")


def _annotated(field: FieldInfo, key: str) -> Any:
    """What the annotations of a field say under a key, None where they say nothing."""
    for meta in getattr(field.type, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and key in (meta.extra or {}):
            return (meta.extra or {})[key]
    return None


def _bare(kind: Any) -> Any:
    """A type without its annotations."""
    return get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
