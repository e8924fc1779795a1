"""The HTTP client to a vendor: one interface, two ways to speak it.

`AiohttpClient` is the default. Of the clients measured only those in Rust cost less CPU per call, and they keep the
vendor's connection, and so its work, going when a call is cancelled before the answer's head. `HttpxClient` takes any
httpx transport, which is what tests use (`httpx.MockTransport`) and what an operator may fall back to.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi
import httpx

from unigate_common.errors import UpstreamTimeout, UpstreamTruncated, UpstreamUnreachable

CONNECT_SECONDS = 10.0
IDLE_CONNECTION_SECONDS = 30.0
READ_BUFFER = 64 * 1024
UNREACHABLE = "The provider could not be reached."
BROKE_OFF = "The provider's answer broke off."


class VendorAnswer(Protocol):
    """A vendor's answer whose head is there. Header names are lower case, or looked up in any case."""

    status: int
    headers: Mapping[str, str]

    async def read(self) -> bytes:
        """The rest of the body. Raises UpstreamTruncated."""

    async def chunk(self) -> bytes | None:
        """All bytes that have come by now, waiting for the first; None at the end. Raises UpstreamTruncated."""

    @property
    def ended(self) -> bool:
        """Whether the body is known to have no more bytes than were read. Not every client knows it ahead."""


class VendorClient(Protocol):
    """Sends requests. Leaving the context closes the vendor's connection when the answer was not read to its end."""

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> AbstractAsyncContextManager[VendorAnswer]:
        """Raises UpstreamUnreachable, UpstreamTimeout."""

    async def close(self) -> None:
        """Close all connections."""


class _AiohttpAnswer:
    __slots__ = ("_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        try:
            return await self._response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise UpstreamTruncated(BROKE_OFF) from error

    async def chunk(self) -> bytes | None:
        try:
            return await self._response.content.readany() or None
        except (aiohttp.ClientError, OSError) as error:
            raise UpstreamTruncated(BROKE_OFF) from error

    @property
    def ended(self) -> bool:
        return self._response.content.at_eof()


class AiohttpClient:
    """The vendor client on aiohttp. Proxies come from the environment; it reads no faster than its data is taken."""

    def __init__(self) -> None:
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_CONNECTION_SECONDS, ssl=context),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            read_bufsize=READ_BUFFER,
        )
        self._proxies: dict[str, str | None] = {}

    @asynccontextmanager
    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> AsyncIterator[VendorAnswer]:
        """See VendorClient."""
        try:
            response = await self._session.request(
                method, url, headers=headers, data=body or None, allow_redirects=False, proxy=self._proxy(url)
            )
        except TimeoutError as error:
            raise UpstreamTimeout("The provider did not answer in time.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise UpstreamUnreachable(UNREACHABLE) from error
        try:
            yield _AiohttpAnswer(response)
        finally:
            # a connection whose answer was read to its end has gone back to the pool already
            response.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    def _proxy(self, url: str) -> str | None:
        # aiohttp's own reading of the environment, netrc included, would cost more than the call, each time
        scheme, _, rest = url.partition("://")
        origin = f"{scheme}://{rest.partition('/')[0]}"
        if origin not in self._proxies:
            host = urlsplit(url).hostname or ""
            self._proxies[origin] = None if proxy_bypass(host) else getproxies().get(scheme)
        return self._proxies[origin]


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

    @property
    def ended(self) -> bool:
        return False


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
