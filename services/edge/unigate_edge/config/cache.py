"""The section of the configuration about the response cache."""

from __future__ import annotations

from pydantic import Field

from unigate_edge.config.section import ConfigModel


class CacheSettings(ConfigModel):
    """The response cache. Only keys with `cache: true` use it."""

    ttl: float = Field(default=300, ge=1)
    """Seconds for which an answer is given again."""
    max_bytes: int = Field(default=64 * 1024 * 1024, ge=0)
    """Bytes that answers take in this process; the ones not asked for longest make room. Not for a shared store."""
    max_entry_bytes: int = Field(default=1024 * 1024, ge=0)
    """Bytes of the largest answer that is kept."""
