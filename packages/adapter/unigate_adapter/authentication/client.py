"""The vendor client that signs requests, and sends one again with another credential when its own is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from types import TracebackType
from typing import Self

from unigate_adapter.authentication.authenticator import Authenticator, VendorRequest
from unigate_adapter.http.client import VendorAnswer, VendorClient
from unigate_core.errors import UpstreamTimeout
from unigate_core.telemetry.logs import get_logger

ERROR_SECONDS = 10.0
"""In which the body of an error has to come that may speak against a credential."""

log = get_logger()


class AuthenticatedClient:
    """Signs and sends. A request is sent again with the next credential before the first byte of an answer only."""

    def __init__(self, client: VendorClient, authenticator: Authenticator) -> None:
        self._client = client
        self._authenticator = authenticator

    async def send(self, request: VendorRequest, *, client_key: str = "") -> VendorAnswer:
        """See VendorClient. `client_key`: the client's own, used in place of the operator's.

        A body that comes in parts is sent once. Raises GatewayError when there is no credential.
        """
        authenticator, tried = self._authenticator, list[str]()
        signed = await authenticator.sign(request, client_key)
        while signed is not None:
            sent = signed.request
            answer = await self._client.send(sent.method, sent.url, sent.headers, sent.body)
            if not (signed.credential and authenticator.failover and answer.status >= 400):
                return answer
            async with answer:
                error = await _buffered(answer)
            seconds = authenticator.judge(signed.credential, error.status, error.headers, error.body)
            if seconds is None:
                return error
            tried.append(signed.credential)
            key = fingerprint(signed.credential)
            log.warning("credential_cooling_down", key=key, status=error.status, seconds=seconds)
            again = await authenticator.sign(request, tried=tried) if isinstance(request.body, bytes) else None
            if again is None:
                return error
            signed = again
        raise LookupError("sign() returned None on the first attempt; it must return a request or raise")


class BufferedResponse:
    """An answer whose body has come."""

    __slots__ = ("_unread", "body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = self._unread = body

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    async def read(self) -> bytes:
        """See VendorAnswer."""
        unread, self._unread = self._unread, b""
        return unread

    async def read_available(self) -> bytes | None:
        """See VendorAnswer."""
        return await self.read() or None

    @property
    def at_eof(self) -> bool:
        """See VendorAnswer."""
        return not self._unread


async def _buffered(answer: VendorAnswer) -> BufferedResponse:
    """Read an error. Raises UpstreamTimeout, UpstreamTruncated."""
    try:
        async with asyncio.timeout(ERROR_SECONDS):
            return BufferedResponse(answer.status, answer.headers, await answer.read())
    except TimeoutError as error:
        raise UpstreamTimeout("The provider did not finish its error in time.") from error


def fingerprint(credential: str) -> str:
    """What logs may show of a credential."""
    return sha256(credential.encode()).hexdigest()[:8]
