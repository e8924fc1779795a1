"""The HTTP client to a vendor: one interface, and what all that speak it have in common.

direct_client.py is the default, aiohttp_client.py goes through proxies, httpx_client.py is for tests; see clients.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Protocol, Self

from unigate_adapter.http.inflate import inflater_of
from unigate_core.errors import UpstreamProtocol

CONNECT_SECONDS = 10.0
IDLE_CONNECTION_SECONDS = 30.0
READ_BUFFER = 64 * 1024
UNREACHABLE = "The provider could not be reached."
TIMED_OUT = "The provider did not answer in time."
BROKE_OFF = "The provider's answer broke off."
MAX_ANSWER_BYTES = 64 * 1024 * 1024
OWN_HEADERS = {"user-agent": "unigate", "accept-encoding": "gzip, deflate"}


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
    """What all clients' answers have in common: decompressed step by step, and never read beyond a limit."""

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
