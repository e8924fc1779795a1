"""Counts as vendors write them → numbers that can be added, priced and limited.

What a vendor says of usage is data from a stranger: a good answer must not be lost to it, nor a counter run backwards.
"""

from __future__ import annotations

import math
from typing import Any

MAX_TOKENS = 1_000_000_000
"""More than any answer can have; a larger count is a mistake and counts as this."""
MAX_SECONDS = 1_000_000.0
MAX_WAIT = 24 * 3600.0


def token_count(value: Any) -> int:
    """A count of tokens between 0 and MAX_TOKENS; 0 for what is no number. Text of digits is one, true is none."""
    # nearly all are plain numbers, a dozen in each answer
    if type(value) is int and 0 <= value <= MAX_TOKENS:
        return value
    number = None if value is None else _number(value)
    return 0 if number is None else int(min(max(number, 0), MAX_TOKENS))


def second_count(value: Any) -> float:
    """A duration in seconds between 0 and MAX_SECONDS; 0 for what is no number."""
    number = _number(value)
    return 0.0 if number is None else float(min(max(number, 0), MAX_SECONDS))


def wait_seconds(value: Any) -> float | None:
    """How long a vendor asks to wait, in seconds, a day at most; None for what is no such number."""
    number = _number(value)
    return None if number is None or number < 0 else float(min(number, MAX_WAIT))


def error_status(value: Any, otherwise: int = 502) -> int:
    """A status that an error can have in HTTP, or another where a vendor's is none."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 400 <= value <= 599 else otherwise


def members(value: Any) -> dict[str, Any]:
    """An object's members; none for what is no object."""
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int | float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None
