"""Whose certificates vouch for vendors."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi


def trusted_context() -> ssl.SSLContext:
    """The system's certificates; where it has none, Mozilla's. It takes tens of milliseconds."""
    system = ssl.get_default_verify_paths()
    found = system.cafile or (system.capath and any(Path(system.capath).iterdir()))
    context = ssl.create_default_context(cafile=None if found else certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
