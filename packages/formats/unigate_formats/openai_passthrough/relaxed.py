"""What is changed of a request that was refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Relaxed(msgspec.Struct, frozen=True):
    """Members to set, or to remove where the value is None; what was dropped, and what else to tell."""

    changes: Mapping[str, Any]
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
