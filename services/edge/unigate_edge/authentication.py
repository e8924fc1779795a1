"""Bearer keys: who is calling, and which models that caller may name.

The configuration holds SHA-256 digests only. A digest is looked up as a whole, so the time that takes says nothing
about how much of a guessed key is right.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from fnmatch import translate
from hashlib import sha256

import msgspec

from unigate_edge.config.model import Key
from unigate_edge.errors import client_credentials_refused, expired_api_key, invalid_api_key


def tenant_id(name: str) -> str:
    """What leaves the edge of a tenant's name: 32 hexadecimal digits."""
    return sha256(name.encode()).hexdigest()[:32]


class Caller(msgspec.Struct, frozen=True):
    """A client of the gateway. `name` is the tenant to whom state belongs."""

    name: str
    patterns: tuple[re.Pattern[str], ...] | None = None
    """None: every model."""
    expires: float = float("inf")
    """Seconds since the epoch."""
    key: Key | None = None
    """The key's entry in the configuration."""
    tenant: str = ""
    """How adapters know the caller: a digest of the name."""

    @property
    def is_admin(self) -> bool:
        """Whether it may see and change what is others'. Where there are no keys, everyone who may call may."""
        return self.key is None or self.key.admin

    def may_use(self, *names: str) -> bool:
        """Tell whether one of a model's names is allowed."""
        if self.patterns is None:
            return True
        return any(pattern.match(name) for pattern in self.patterns for name in names)


ANYONE = Caller("anonymous", tenant=tenant_id("anonymous"))


class Keyring(msgspec.Struct, frozen=True):
    """All callers, by the digest of their keys. Empty: whoever reaches the edge may call."""

    callers: dict[str, Caller] = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, keys: Iterable[Key]) -> Keyring:
        """Build it from the configuration."""
        return cls({key.sha256: _caller(key) for key in keys})

    def caller(self, keys: Iterable[bytes]) -> Caller:
        """The caller whom one of the keys of a request names. Raises GatewayError."""
        if not self.callers:
            return ANYONE
        given = False
        for key in keys:
            given = True
            caller = self.callers.get(sha256(key).hexdigest())
            if caller is None:
                continue
            if caller.expires <= time.time():
                raise expired_api_key()
            return caller
        raise invalid_api_key(given=given)


def client_credential(headers: Mapping[bytes, bytes], *, allowed: bool) -> str:
    """The client's own key of the vendor, empty when it sends none. Raises GatewayError when none may be sent."""
    credential = headers.get(b"x-unigate-provider-key")
    if credential is None:
        return ""
    if not allowed:
        raise client_credentials_refused()
    return credential.decode("latin-1")


def _caller(key: Key) -> Caller:
    return Caller(key.name, _patterns(key.models), key.expiry(), key, tenant_id(key.name))


def _patterns(models: tuple[str, ...]) -> tuple[re.Pattern[str], ...] | None:
    return None if "*" in models else tuple(re.compile(translate(pattern)) for pattern in models)
