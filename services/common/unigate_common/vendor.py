"""The HTTP client to a vendor: one interface, two ways to speak it.

`PyreqwestClient` is the default: of the clients measured it costs the least CPU per call, hands on each chunk as it
comes, and closes the vendor's connection at once when its task is cancelled. `HttpxClient` takes any httpx transport,
which is what tests use (`httpx.MockTransport`) and what an operator may fall back to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Protocol

import httpx
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import ConnectTimeoutError, PyreqwestError, RequestTimeoutError
from pyreqwest.request import RequestBuilder
from pyreqwest.response import Response

from unigate_common.errors import UpstreamTimeout, UpstreamTruncated, UpstreamUnreachable

CONNECT_SECONDS = 10.0
UNREACHABLE = "The provider could not be reached."
BROKE_OFF = "The provider's answer broke off."


class VendorAnswer(Protocol):
    """A vendor's answer whose head is there. Header names are lower case."""

    status: int
    headers: Mapping[str, str]

    async def read(self) -> bytes:
        """The rest of the body. Raises UpstreamTruncated."""

    async def chunk(self) -> bytes | None:
        """The next bytes as they come, None at the end. Raises UpstreamTruncated."""


class VendorClient(Protocol):
    """Sends requests. Leaving the context closes the vendor's connection when the answer was not read to its end."""

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> AbstractAsyncContextManager[VendorAnswer]:
        """Raises UpstreamUnreachable, UpstreamTimeout."""

    async def close(self) -> None:
        """Close all connections."""


class _PyreqwestAnswer:
    __slots__ = ("_response", "headers", "status")

    def __init__(self, response: Response) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        try:
            return bytes(await self._response.bytes())
        except PyreqwestError as error:
            raise _broken(error) from error

    async def chunk(self) -> bytes | None:
        try:
            data = await self._response.body_reader.read_chunk()
        except PyreqwestError as error:
            raise _broken(error) from error
        return None if data is None else bytes(data)


class PyreqwestClient:
    """The vendor client on reqwest (Rust)."""

    def __init__(self) -> None:
        self._client: Client = (
            ClientBuilder()
            .connect_timeout(timedelta(seconds=CONNECT_SECONDS))
            .pool_idle_timeout(timedelta(seconds=60))
            .tcp_keepalive(timedelta(seconds=30))
            .tcp_nodelay(enabled=True)
            .follow_redirects(enable=False)
            .error_for_status(enable=False)
            .build()
        )

    @asynccontextmanager
    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> AsyncIterator[VendorAnswer]:
        """See VendorClient."""
        request: RequestBuilder = self._client.request(method, url).headers(dict(headers)).streamed_read_buffer_limit(0)
        if isinstance(body, bytes):
            if body:
                request = request.body_bytes(body)
        else:
            request = request.body_stream(body)
        entered = False
        try:
            async with request.build_streamed() as response:
                entered = True
                yield _PyreqwestAnswer(response)
        except PyreqwestError as error:
            raise (_broken(error) if entered else _failed(error)) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


class _HttpxAnswer:
    __slots__ = ("_chunks", "_response", "headers", "status")

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._chunks: AsyncIterator[bytes] | None = None
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        try:
            return await self._response.aread()
        except httpx.HTTPError as error:
            raise UpstreamTruncated(BROKE_OFF) from error

    async def chunk(self) -> bytes | None:
        if self._chunks is None:
            self._chunks = self._response.aiter_bytes()
        try:
            return await anext(self._chunks, None)
        except httpx.HTTPError as error:
            raise UpstreamTruncated(BROKE_OFF) from error


class HttpxClient:
    """The vendor client on httpx, with any of its transports."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = httpx.AsyncClient(
            transport=transport, timeout=httpx.Timeout(None, connect=CONNECT_SECONDS), follow_redirects=False
        )

    @asynccontextmanager
    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> AsyncIterator[VendorAnswer]:
        """See VendorClient."""
        request = self._client.build_request(method, url, headers=dict(headers), content=body or None)
        try:
            response = await self._client.send(request, stream=True)
        except httpx.TimeoutException as error:
            raise UpstreamTimeout(UNREACHABLE) from error
        except httpx.HTTPError as error:
            raise UpstreamUnreachable(UNREACHABLE) from error
        try:
            yield _HttpxAnswer(response)
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _failed(error: PyreqwestError) -> UpstreamUnreachable | UpstreamTimeout:
    if isinstance(error, RequestTimeoutError) and not isinstance(error, ConnectTimeoutError):
        return UpstreamTimeout("The provider did not answer in time.")
    return UpstreamUnreachable(UNREACHABLE)


def _broken(_error: PyreqwestError) -> UpstreamTruncated:
    return UpstreamTruncated(BROKE_OFF)
