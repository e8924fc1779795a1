"""What is done about parameters that a provider cannot honour: as the request's header says, else as configured."""

from __future__ import annotations

from collections.abc import Mapping

from unigate_core.errors import RequestRefused
from unigate_edge.config.keys import Key
from unigate_edge.config.model import Config

HEADER = b"x-unigate-unsupported"
_DROPS = {b"drop": True, b"reject": False}


def should_drop(headers: Mapping[bytes, bytes], config: Config, key: Key | None, provider: str) -> bool:
    """Whether they are dropped where that is possible, instead of refused. Raises RequestRefused."""
    asked = headers.get(HEADER)
    if asked is None:
        return drops(config, key, provider)
    wanted = _DROPS.get(asked.strip().lower())
    if wanted is None:
        name = HEADER.decode()
        raise RequestRefused(
            f"Invalid value for the header '{name}': it must be 'drop' or 'reject'.", param=name, code="invalid_value"
        )
    return wanted


def drops(config: Config, key: Key | None, provider: str) -> bool:
    """What the configuration says: the key's own setting first, then the provider's, then that for all."""
    if key is not None and key.drop_unsupported is not None:
        return key.drop_unsupported
    own = config.providers[provider].drop_unsupported if provider in config.providers else None
    return config.drop_unsupported if own is None else own
