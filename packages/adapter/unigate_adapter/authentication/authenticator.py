"""How requests to a vendor are authenticated: what signs them, and what it learns from the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec


class VendorRequest(msgspec.Struct, frozen=True):
    """One HTTP request to a vendor, whole: a signature may cover any part of it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | AsyncIterator[bytes]

    __repr__ = object.__repr__

    def with_headers(self, headers: Mapping[str, str]) -> VendorRequest:
        """The request with these headers in place of its own."""
        return VendorRequest(self.method, self.url, headers, self.body)


class Signed(msgspec.Struct, frozen=True):
    """A request that carries a credential. `credential` names it for `judge`; empty: not one of the operator's."""

    request: VendorRequest
    credential: str = ""

    __repr__ = object.__repr__


class Authenticator(Protocol):
    """Signs requests with the operator's credentials, or with the client's own."""

    failover: bool
    """Whether a request whose credential is refused or rate-limited may be sent again with another."""

    @property
    def available(self) -> bool:
        """Whether there is a credential, or the vendor needs none."""

    async def sign(self, request: VendorRequest, client_key: str = "", tried: Collection[str] = ()) -> Signed | None:
        """The request with a credential; may wait for a token to be refreshed.

        `tried` are credentials that are not to be used again; None: there is no other. Raises GatewayError when
        there is no credential at all.
        """

    def judge(self, credential: str, status: int, headers: Mapping[str, str], body: bytes) -> float | None:
        """Learn from an error. Returns for how many seconds the credential is left alone; None: it is not to blame."""

    def secrets(self) -> Iterable[str]:
        """What must never be shown, the first being the one that changes least."""

    def open(self) -> AbstractAsyncContextManager[None]:
        """Follow changes, such as those of a mounted Secret, until the end of the context."""


@dataclass(frozen=True, slots=True, repr=False)
class CredentialSource:
    """What the operator configured. `keys_file` holds several keys, one a line, in place of `key`.

    `observe_refresh` gets the outcome of each refresh of a credential that expires: ok or error.
    """

    provider: str
    key: str = ""
    keys_file: Path | None = None
    observe_refresh: Callable[[str], None] = lambda outcome: None


AuthenticatorFactory = Callable[[CredentialSource], Authenticator]
