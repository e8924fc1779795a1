"""The clients to vendors by their names. One that is not used is not imported: it would take memory and time."""

from __future__ import annotations

from typing import Literal

from unigate_adapter.http.client import MAX_ANSWER_BYTES, VendorClient

ClientName = Literal["direct", "aiohttp", "httpx"]


def vendor_client(name: ClientName, *, max_bytes: int = MAX_ANSWER_BYTES) -> VendorClient:
    """A client. `max_bytes`: of a whole answer, after decompression."""
    if name == "aiohttp":
        from unigate_adapter.http.aiohttp_client import AiohttpClient  # noqa: PLC0415

        return AiohttpClient(max_bytes=max_bytes)
    if name == "httpx":
        from unigate_adapter.http.httpx_client import HttpxClient  # noqa: PLC0415

        return HttpxClient(max_bytes=max_bytes)
    from unigate_adapter.http.direct_client import DirectClient  # noqa: PLC0415

    return DirectClient(max_bytes=max_bytes)
