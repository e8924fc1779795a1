"""A new key of the gateway, and what the audit says of one; never the key itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from unigate_edge.config.keys import Key

PREFIX: Final = "sk-ug-"


def new_secret() -> str:
    """A random key."""
    return PREFIX + secrets.token_urlsafe(32)


def new_key(described: Mapping[str, Any]) -> tuple[str, Key]:
    """A new key and its entry, from the entry's other members. Raises pydantic's ValidationError."""
    secret = new_secret()
    return secret, Key.model_validate({**described, "sha256": sha256(secret.encode()).hexdigest()})


def audited(key: Key) -> dict[str, Any]:
    """What the audit's lines say of a key, of its digest only the beginning."""
    return {
        "key": key.name,
        "sha256": key.sha256[:12],
        "owner": key.metadata.get("owner"),
        "models": list(key.models),
        "expires": key.expires.isoformat() if key.expires else None,
    }
