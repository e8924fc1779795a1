"""What becomes of each parameter: one table per provider and operation, read by check, capabilities and docs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

from unigate_core.errors import unknown_parameter, unsupported_parameter
from unigate_core.json import Json


class ParameterSupport(Enum):
    """How a parameter is supported whose value is not neutral."""

    SUPPORTED = "supported"
    TRANSFORMED = "transformed"
    DROPPED = "dropped"
    UNSUPPORTED = "unsupported"
    FORWARDED = "forwarded"
    GATEWAY = "gateway"


class Parameter(msgspec.Struct, frozen=True):
    """A row: the support, the values that ask for nothing (null always does), whether the operator may widen the drop
    list by it, and a sentence for the reader of the docs."""

    support: ParameterSupport
    note: str = ""
    neutral: tuple[Any, ...] = ()
    droppable: bool = False

    def is_neutral(self, value: Any) -> bool:
        """Whether the value asks for nothing."""
        return value is None or any(value == item and type(value) in _kinds(item) for item in self.neutral)


Parameters = Mapping[str, Parameter]


def check_parameters(body: Json, table: Parameters, *, provider: str, drop_unsupported: bool) -> list[str]:
    """Hold the top level of a request against the table.

    Returns the JSON paths of what is dropped, unknown keys among them. Raises RequestRefused for the first offending
    key in body order.
    """
    dropped = []
    for key, value in body.items():
        row = table.get(key)
        if row is None and drop_unsupported:
            dropped.append(key)
            continue
        if row is None:
            raise unknown_parameter(key)
        if row.support not in (ParameterSupport.DROPPED, ParameterSupport.UNSUPPORTED) or row.is_neutral(value):
            continue
        if row.support is ParameterSupport.DROPPED or (row.droppable and drop_unsupported):
            dropped.append(key)
        else:
            raise unsupported_parameter(key, row.note or f"{provider} has no equivalent of it.")
    return dropped


def without(body: Json, keys: list[str]) -> Json:
    """The body without some top-level keys."""
    return {key: value for key, value in body.items() if key not in keys} if keys else body


def _kinds(item: Any) -> tuple[type, ...]:
    # True == 1 in Python; a neutral 1 must not excuse a boolean.
    return (int, float) if type(item) in (int, float) else (type(item),)
