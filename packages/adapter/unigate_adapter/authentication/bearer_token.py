"""Authentication by a bearer token that a cloud's identity service hands out and that expires."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from unigate_adapter.authentication.authenticator import CredentialSource, Signed, VendorRequest
from unigate_adapter.authentication.refreshed import Expiring, Refreshed


class BearerTokens:
    """Signs with `Authorization: Bearer`. `client_header` is where a client's own key goes, with its prefix."""

    failover = True

    def __init__(
        self, source: CredentialSource, fetch: Callable[[], Expiring[str]], client_header: tuple[str, str]
    ) -> None:
        self._token = Refreshed(source.provider, fetch, source.observe_refresh)
        self._client_header = client_header

    @property
    def available(self) -> bool:
        """See Authenticator. Until it was tried, an identity is taken to be there."""
        return not self._token.failed

    async def sign(self, request: VendorRequest, client_key: str = "", tried: Collection[str] = ()) -> Signed | None:
        """See Authenticator."""
        if client_key:
            name, prefix = self._client_header
            return Signed(request.with_headers({name: f"{prefix}{client_key}", **request.headers}))
        token = await self._token.get()
        if token in tried:
            return None
        return Signed(request.with_headers({"authorization": f"Bearer {token}", **request.headers}), token)

    def judge(self, credential: str, status: int, headers: Mapping[str, str], body: bytes) -> float | None:
        """See Authenticator. A refused token may have been withdrawn before its time: the next one is tried."""
        del headers, body
        if status != 401:
            return None
        if self._token.peek() == credential:
            self._token.expire()
        return 0.0

    def secrets(self) -> Iterable[str]:
        """See Authenticator."""
        token = self._token.peek()
        return (token,) if token else ()

    def open(self) -> AbstractAsyncContextManager[None]:
        """End a renewal that is under way with the context."""
        return closing(self._token)


@asynccontextmanager
async def closing(credential: Refreshed[object] | Refreshed[str]) -> AsyncIterator[None]:
    """Close a credential at the end of the context."""
    try:
        yield
    finally:
        await credential.close()
