"""Where a provider's calls go."""

from __future__ import annotations

import re

import msgspec

from unigate_adapter.provider import Provider

_VERSION = re.compile(r"v\d+(alpha|beta)?\d*")


class Target(msgspec.Struct, frozen=True):
    """The provider and its versioned base URL."""

    provider: Provider
    base: str

    @classmethod
    def of(cls, provider: Provider, base_url: str) -> Target:
        """`base_url` as the vendor's own SDK takes it; the version segment is added when it ends without one."""
        backend = provider.backend
        base = (base_url or backend.base_url).rstrip("/")
        if backend.version and not _VERSION.fullmatch(base.rsplit("/", 1)[-1]):
            base = f"{base}/{backend.version}"
        return cls(provider, base)

    def of_family(self, family: Provider) -> Target:
        """Where the calls of a family of the provider's go: the same base, unless it has one of its own."""
        return Target.of(family, "" if family.backend.base_url else self.base)

    def url(self, path: str) -> str:
        """The URL of a path below the versioned base; of an address as it is."""
        if path.startswith(("https://", "http://")):
            return path
        return f"{self.base}/{path.lstrip('/')}"
