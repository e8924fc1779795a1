"""The HTTP client to a vendor: one interface, two ways to speak it.

`AiohttpClient` is the default. Of the clients measured only those in Rust cost less CPU per call, and they keep the
vendor's connection, and so its work, going when a call is cancelled before the answer's head. The other is in
httpx_client.py.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from unigate_adapter.http.inflate import inflater_of
from unigate_core.errors import UpstreamProtocol, UpstreamTimeout, UpstreamTruncated, UpstreamUnreachable

CONNECT_SECONDS = 10.0
IDLE_CONNECTION_SECONDS = 30.0
READ_BUFFER = 64 * 1024
UNREACHABLE = "The provider could not be reached."
BROKE_OFF = "The provider's answer broke off."
MAX_ANSWER_BYTES = 64 * 1024 * 1024
OWN_HEADERS = {"user-agent": "unigate", "accept-encoding": "gzip, deflate"}
# bad framing of an answer comes as it was raised by the parser, in some places
_BROKEN = (aiohttp.ClientError, HttpProcessingError, OSError, ValueError, RuntimeError)


class VendorAnswer(Protocol):
    """A vendor's answer whose head is there. Header names are lower case, or looked up in any case.

    A context: leaving it closes the vendor's connection when the answer was not read to its end.
    """

    status: int
    headers: Mapping[str, str]

    async def read(self) -> bytes:
        """The rest of the body. Raises UpstreamTruncated."""

    async def read_available(self) -> bytes | None:
        """All bytes that have come by now, waiting for the first; None at the end. Raises UpstreamTruncated."""

    @property
    def at_eof(self) -> bool:
        """Whether the body is known to have no more bytes than were read. Not every client knows it ahead."""

    async def __aenter__(self) -> Self:
        """Read the answer."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Have done with the answer."""


class VendorClient(Protocol):
    """Sends requests."""

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> VendorAnswer:
        """The answer, whose context is to be entered. Raises UpstreamUnreachable, UpstreamTimeout."""

    async def close(self) -> None:
        """Close all connections."""


class DecodedAnswer:
    """What both clients' answers have in common: decompressed step by step, and never read beyond a limit."""

    status: int
    headers: Mapping[str, str]

    def __init__(self, status: int, headers: Mapping[str, str], max_bytes: int) -> None:
        """Raises UpstreamProtocol for an encoding that was not asked for."""
        self.status = status
        self.headers = headers
        self._max_bytes = max_bytes
        self._inflater = inflater_of(headers.get("content-encoding", ""))

    async def __aenter__(self) -> Self:
        return self

    async def read(self) -> bytes:
        """See VendorAnswer."""
        pieces, size = [], 0
        while (piece := await self.read_available()) is not None:
            size += len(piece)
            if size > self._max_bytes:
                raise UpstreamProtocol(f"The provider's answer is larger than {self._max_bytes} bytes.")
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def read_available(self) -> bytes | None:
        """See VendorAnswer."""
        inflater = self._inflater
        if inflater is None:
            return await self._more()
        while not (piece := inflater.take()):
            compressed = await self._more()
            if compressed is None:
                inflater.close()
                return None
            inflater.feed(compressed)
        return piece

    async def _more(self) -> bytes | None:
        """What has come by now as it was sent, None at the end. Raises UpstreamTruncated."""
        raise NotImplementedError


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


def _trusted() -> ssl.SSLContext | bool:
    """Whose certificates vouch for vendors: the system's, by aiohttp's one context; where it has none, Mozilla's."""
    system = ssl.get_default_verify_paths()
    if system.cafile or (system.capath and any(Path(system.capath).iterdir())):
        return True
    return ssl.create_default_context(cafile=certifi.where())


class AiohttpClient:
    """The vendor client on aiohttp. Proxies come from the environment; it reads no faster than its data is taken."""

    def __init__(self, *, max_bytes: int = MAX_ANSWER_BYTES) -> None:
        """`max_bytes`: of a whole answer, after decompression."""
        self._max_bytes = max_bytes
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_CONNECTION_SECONDS, ssl=_trusted()),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            read_bufsize=READ_BUFFER,
            auto_decompress=False,
            headers=OWN_HEADERS,
        )
        self._proxies: dict[str, str | None] = {}

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
                proxy=self._proxy(url),
            )
        except TimeoutError as error:
            raise UpstreamTimeout("The provider did not answer in time.") from error
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

    def _proxy(self, url: str) -> str | None:
        # aiohttp's own reading of the environment, netrc included, would cost more than the call, each time
        scheme, _, rest = url.partition("://")
        origin = f"{scheme}://{rest.partition('/')[0]}"
        if origin not in self._proxies:
            host = urlsplit(url).hostname or ""
            self._proxies[origin] = None if proxy_bypass(host) else getproxies().get(scheme)
        return self._proxies[origin]
