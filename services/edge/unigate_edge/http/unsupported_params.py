"""What is done about parameters that a provider cannot honour: as the request's header says, else as configured."""

from __future__ import annotations

from collections.abc import Mapping

from unigate_core.errors import RequestRefused

HEADER = b"x-unigate-unsupported"
_DROPS = {b"drop": True, b"reject": False}


def should_drop(headers: Mapping[bytes, bytes], *, configured: bool) -> bool:
    """Whether they are dropped where that is possible, instead of refused. Raises RequestRefused."""
    asked = headers.get(HEADER)
    if asked is None:
        return configured
    drops = _DROPS.get(asked.strip().lower())
    if drops is None:
        name = HEADER.decode()
        raise RequestRefused(
            f"Invalid value for the header '{name}': it is 'drop' or 'reject'.", param=name, code="invalid_value"
        )
    return drops
