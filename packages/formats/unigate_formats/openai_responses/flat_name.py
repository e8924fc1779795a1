"""Tools within a namespace, which other vendors do not have: one name holds both."""

from __future__ import annotations

import re
from hashlib import sha256

MAX_NAME = 64
"""Characters of a tool's name, at most."""


def flat_name(namespace: str, name: str) -> str:
    """One name for a tool within a namespace, which every vendor takes."""
    joined = f"{namespace}{name}" if namespace.endswith("__") else f"{namespace}__{name}"
    flat = re.sub(r"[^A-Za-z0-9_-]", "_", joined)
    if len(flat) <= MAX_NAME and flat == joined:
        return flat
    return f"{flat[: MAX_NAME - 9]}_{sha256(joined.encode()).hexdigest()[:8]}"
