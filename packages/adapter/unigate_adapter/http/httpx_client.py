"""The vendor client on httpx, which is what tests use (`httpx.MockTransport`) and what an operator may fall back to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import TracebackType

import httpx

from unigate_adapter.http.client import (
    BROKE_OFF,
    CONNECT_SECONDS,
    MAX_ANSWER_BYTES,
    OWN_HEADERS,
    UNREACHABLE,
    DecodedAnswer,
    VendorAnswer,
)
from unigate_core.errors import UpstreamProtocol, UpstreamTimeout, UpstreamTruncated, UpstreamUnreachable


class _HttpxAnswer(DecodedAnswer):
    def __init__(self, response: httpx.Response, max_bytes: int) -> None:
        super().__init__(response.status_code, response.headers, max_bytes)
        if self._inflater is not None:
            # httpx decompresses by itself and without a limit, so this client asks for nothing compressed
            raise UpstreamProtocol("The provider's answer is compressed in a way that it was not asked for.")
        self._response = response
        self._chunks = response.aiter_bytes()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._response.aclose()

    async def _more(self) -> bytes | None:
        try:
            return await anext(self._chunks, None)
        except httpx.HTTPError as error:
            raise UpstreamTruncated(BROKE_OFF) from error

    @property
    def at_eof(self) -> bool:
        return False


class HttpxClient:
    """The vendor client on httpx, with any of its transports."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None, *, max_bytes: int = MAX_ANSWER_BYTES) -> None:
        """`max_bytes`: of a whole answer, after decompression."""
        self._max_bytes = max_bytes
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            follow_redirects=False,
            headers=OWN_HEADERS | {"accept-encoding": "identity"},
        )

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> VendorAnswer:
        """See VendorClient."""
        request = self._client.build_request(method, url, headers=dict(headers), content=body or None)
        try:
            response = await self._client.send(request, stream=True)
        except httpx.TimeoutException as error:
            raise UpstreamTimeout(UNREACHABLE) from error
        except httpx.HTTPError as error:
            raise UpstreamUnreachable(UNREACHABLE) from error
        try:
            return _HttpxAnswer(response, self._max_bytes)
        except UpstreamProtocol:
            await response.aclose()
            raise

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
