"""The vendor client on aiohttp: for vendors behind a proxy, and for operators who want no other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import TracebackType

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from unigate_adapter.http.client import (
    BROKE_OFF,
    CONNECT_SECONDS,
    IDLE_CONNECTION_SECONDS,
    MAX_ANSWER_BYTES,
    OWN_HEADERS,
    READ_BUFFER,
    TIMED_OUT,
    UNREACHABLE,
    DecodedAnswer,
    VendorAnswer,
)
from unigate_adapter.http.origin import Proxies
from unigate_adapter.http.trust import trusted_context
from unigate_core.errors import UpstreamProtocol, UpstreamTimeout, UpstreamTruncated, UpstreamUnreachable

# bad framing of an answer comes as it was raised by the parser, in some places
_BROKEN = (aiohttp.ClientError, HttpProcessingError, OSError, ValueError, RuntimeError)


class _AiohttpAnswer(DecodedAnswer):
    def __init__(self, response: aiohttp.ClientResponse, max_bytes: int) -> None:
        super().__init__(response.status, response.headers, max_bytes)
        self._response = response

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # a connection whose answer was read to its end has gone back to the pool already
        self._response.close()

    async def _more(self) -> bytes | None:
        try:
            return await self._response.content.readany() or None
        except _BROKEN as error:
            raise UpstreamTruncated(BROKE_OFF) from error

    @property
    def at_eof(self) -> bool:
        return self._inflater is None and self._response.content.at_eof()


class AiohttpClient:
    """The vendor client on aiohttp. Proxies come from the environment; it reads no faster than its data is taken."""

    def __init__(self, *, max_bytes: int = MAX_ANSWER_BYTES) -> None:
        """`max_bytes`: of a whole answer, after decompression."""
        self._max_bytes = max_bytes
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_CONNECTION_SECONDS, ssl=trusted_context()),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            read_bufsize=READ_BUFFER,
            auto_decompress=False,
            headers=OWN_HEADERS,
        )
        self._proxies = Proxies()

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> VendorAnswer:
        """See VendorClient."""
        try:
            response = await self._session.request(
                method,
                # a path that is quoted already stays as it is: signatures cover it
                URL(url, encoded=True) if "%" in url else url,
                headers=headers,
                data=body or None,
                allow_redirects=False,
                # aiohttp's own reading of the environment, netrc included, would cost more than the call, each time
                proxy=self._proxies.of(url),
            )
        except TimeoutError as error:
            raise UpstreamTimeout(TIMED_OUT) from error
        except _BROKEN as error:
            raise UpstreamUnreachable(UNREACHABLE) from error
        try:
            return _AiohttpAnswer(response, self._max_bytes)
        except UpstreamProtocol:
            response.close()
            raise

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()
