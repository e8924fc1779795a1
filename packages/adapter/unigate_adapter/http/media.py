"""Media that a client names by URL → bytes in the request, guarded against requests into the operator's own network.

Only public addresses are spoken to; the address that was checked is the one that is connected to, also after each
redirect, so that a name cannot change its mind in between. Size, time and redirects are bounded.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from unigate_core.errors import RequestRefused
from unigate_core.media_types import sniff
from unigate_formats.neutral.request import ChatRequest, FilePart, ImagePart, Part, ToolResultPart, Turn
from unigate_formats.neutral.translation import Fetched

MAX_REDIRECTS = 3
MAX_AT_ONCE = 4
MAX_URLS = 64

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(slots=True)
class _Allowance:
    """What the media of one request may still bring together."""

    bytes: int


class MediaFetcher:
    """Fetches what clients name. `resolve` gives a host's addresses; tests put their own in its place."""

    def __init__(
        self,
        *,
        max_bytes: int,
        seconds: float,
        max_urls: int = MAX_URLS,
        max_total_bytes: int | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self._max_urls = max_urls
        self._max_total_bytes = max_total_bytes or 4 * max_bytes
        self._seconds = seconds
        self._resolve = resolve or _resolve
        self._client = httpx.AsyncClient(
            transport=transport or httpx.AsyncHTTPTransport(), follow_redirects=False, trust_env=False, timeout=seconds
        )

    async def inline(self, chat: ChatRequest, kinds: frozenset[str]) -> ChatRequest:
        """The request with URLs of these kinds (`image`, `file`) replaced by their bytes. Raises RequestRefused."""
        wanted = [part for turn in chat.turns for part in _flat(turn.parts) if _wanted(part, kinds)]
        fetched = await self.fetch_all(
            (part.url, part.path) for part in wanted if isinstance(part, ImagePart | FilePart)
        )
        if not fetched:
            return chat
        turns = tuple(_with_bytes(turn, kinds, fetched) for turn in chat.turns)
        return msgspec.structs.replace(chat, turns=turns)

    async def fetch_all(self, links: Iterable[tuple[str, str]]) -> dict[str, Fetched]:
        """What is behind URLs that are given with their JSON paths, in the same order.

        A few are fetched at a time. The first that fails ends the others: raises RequestRefused naming its path.
        """
        paths: dict[str, str] = {}
        for url, path in links:
            paths.setdefault(url, path)
        if len(paths) > self._max_urls:
            last = list(paths.values())[self._max_urls]
            raise RequestRefused(
                f"A request may name at most {self._max_urls} URLs of media.", param=last, code="too_many_media_urls"
            )
        left = _Allowance(self._max_total_bytes)
        gate = asyncio.Semaphore(MAX_AT_ONCE)

        async def one(url: str, path: str) -> Fetched:
            async with gate:
                return await self.fetch(url, path, left)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = {url: group.create_task(one(url, path)) for url, path in paths.items()}
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed.exceptions[0].__cause__
        return {url: task.result() for url, task in tasks.items()}

    async def fetch(self, url: str, path: str, left: _Allowance | None = None) -> Fetched:
        """The bytes behind a URL, of those that are `left` to the request. Raises RequestRefused naming `path`."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(url, path, left or _Allowance(self._max_bytes))
        except (TimeoutError, httpx.HTTPError) as error:
            raise _failed(path) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _follow(self, url: str, path: str, left: _Allowance) -> Fetched:
        for _ in range(MAX_REDIRECTS + 1):
            address, host = await self._public_address(url, path)
            parts = httpx.URL(url)
            request = self._client.build_request(
                "GET",
                parts.copy_with(host=address),
                headers={"host": parts.netloc.decode(), "accept-encoding": "identity"},
                extensions={"sni_hostname": host},
            )
            answer = await self._client.send(request, stream=True)
            try:
                if answer.is_redirect and "location" in answer.headers:
                    url = urljoin(url, answer.headers["location"])
                    continue
                if answer.status_code != 200:
                    raise _failed(path)
                return await self._read(answer, path, left)
            finally:
                await answer.aclose()
        raise _failed(path)

    async def _read(self, answer: httpx.Response, path: str, left: _Allowance) -> Fetched:
        if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
            # none was asked for, and a compressed body can be of any size
            raise _failed(path)
        pieces, size = [], 0
        async for piece in answer.aiter_bytes():
            size += len(piece)
            left.bytes -= len(piece)
            if left.bytes < 0:
                raise RequestRefused(
                    f"The media of the request are larger than {self._max_total_bytes} bytes in all.",
                    param=path,
                    code="image_too_large",
                )
            if size > self._max_bytes:
                raise RequestRefused(
                    f"The media at '{path}' is larger than {self._max_bytes} bytes.", param=path, code="image_too_large"
                )
            pieces.append(piece)
        data = b"".join(pieces)
        declared = answer.headers.get("content-type", "").split(";")[0].strip().lower()
        return Fetched(sniff(data) or declared or "application/octet-stream", data)

    async def _public_address(self, url: str, path: str) -> tuple[str, str]:
        try:
            parts, _ = urlsplit(url), httpx.URL(url)
        except (ValueError, httpx.InvalidURL) as error:
            raise _refused(path) from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise _refused(path)
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            addresses = await self._resolve(parts.hostname, port)
        except (OSError, ValueError, UnicodeError) as error:
            raise _failed(path) from error
        if not addresses or not all(is_public(address) for address in addresses):
            raise _refused(path)
        return addresses[0], parts.hostname


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public Internet, also behind IPv6's ways to write IPv4."""
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in each for each in _SPECIAL)


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SPECIAL = [
    ipaddress.ip_network(block)
    for block in (
        "192.88.99.0/24",  # 6to4 relays, given back
        "::/96",  # IPv4-compatible
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b:1::/48",  # NAT64 of local use
        "100::/63",  # discard-only and dummy
        "2001::/23",  # protocol assignments
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
    )
]
"""Of IANA's special-purpose registries, what Python's own tables of all supported versions do not have.
https://www.iana.org/assignments/iana-ipv6-special-registry"""


async def _resolve(host: str, port: int) -> Sequence[str]:
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in infos]


def _flat(parts: Sequence[Part]) -> Sequence[Part]:
    flat: list[Part] = []
    for part in parts:
        flat += part.content if isinstance(part, ToolResultPart) else [part]
    return flat


def _wanted(part: Part, kinds: frozenset[str]) -> bool:
    return (isinstance(part, ImagePart) and bool(part.url) and "image" in kinds) or (
        isinstance(part, FilePart) and bool(part.url) and "file" in kinds
    )


def _with_bytes(turn: Turn, kinds: frozenset[str], fetched: dict[str, Fetched]) -> Turn:
    return msgspec.structs.replace(turn, parts=tuple(_replace(part, kinds, fetched) for part in turn.parts))


def _replace(part: Part, kinds: frozenset[str], fetched: dict[str, Fetched]) -> Part:
    if isinstance(part, ToolResultPart):
        return msgspec.structs.replace(part, content=tuple(_replace(p, kinds, fetched) for p in part.content))
    if not isinstance(part, ImagePart | FilePart) or not _wanted(part, kinds):
        return part
    got = fetched[part.url]
    data = base64.b64encode(got.data).decode()
    return msgspec.structs.replace(part, url="", data=data, media_type=got.media_type)


def _refused(path: str) -> RequestRefused:
    return RequestRefused(
        f"The URL at '{path}' is not allowed: it must be http(s) to a public address.",
        param=path,
        code="invalid_image_url",
    )


def _failed(path: str) -> RequestRefused:
    return RequestRefused(f"Error while downloading the URL at '{path}'.", param=path, code="failed_to_download_image")
