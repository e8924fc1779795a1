"""What is changed of a request that was refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

_SUPPORTED: Final = re.compile(r"[Ss]upported values are: (.*)")
_QUOTED: Final = re.compile(r"'(\w+)'")


class Relaxed(msgspec.Struct, frozen=True):
    """Members to set, or to remove where the value is None; what was dropped, and what else to report.

    `stops` are the sequences at which the answer is to be ended here.
    """

    changes: Mapping[str, Any]
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()


def listed_values(message: str) -> list[str]:
    """The values that a refusal names as supported."""
    match = _SUPPORTED.search(message)
    return _QUOTED.findall(match[1]) if match else []
