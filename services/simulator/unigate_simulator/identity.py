"""Short-lived credentials of the clouds' identity services: what the simulator hands out, it knows again.

A token carries its kind and its end, signed, so that nothing has to be remembered.
"""

import hashlib
import hmac
import time
from typing import Final

from unigate_simulator.signatures import sign, signed

LIFE_SECONDS: Final = 60
"""So short that refreshing is seen."""

_KEY: Final = b"unigate simulator: identities"
AWS_KEY_ID: Final = "AKIASIMULATED0000000"
"""A long-lived access key that is known beside those of STS; its secret is made like theirs."""


def issue(kind: str, now: float | None = None) -> tuple[str, float]:
    """A token of a kind, and when it ends in epoch seconds."""
    end = (time.time() if now is None else now) + LIFE_SECONDS
    return sign(f"{kind}|{end:.0f}"), end


def is_valid(kind: str, token: str) -> bool:
    """Whether the token is of this kind, one of ours, and has not ended."""
    answer, _, end = (signed(token) or "").partition("|")
    return answer == kind and end.isdecimal() and time.time() < int(end)


def secret_of(access_key: str) -> str:
    """The secret that belongs to an access key."""
    return hmac.digest(_KEY, access_key.encode(), hashlib.sha256).hex()[:40]
