"""Media that a client names by URL → bytes in the request: which parts, how many of them, and how much in all."""

from __future__ import annotations

import asyncio
import base64
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import msgspec

from unigate_core.errors import RequestRefused
from unigate_formats.neutral.request import ChatRequest, FilePart, ImagePart, Part, ToolResultPart, Turn
from unigate_formats.neutral.translation import Fetched

if TYPE_CHECKING:
    from unigate_adapter.http.media_download import MediaDownload

DOWNLOAD_MODULE = "unigate_adapter.http.media_download"
MAX_AT_ONCE = 4
MAX_URLS = 64


class MediaFetcher:
    """Fetches what clients name; `download` is what is given to MediaDownload besides the bounds of one URL."""

    def __init__(
        self,
        *,
        max_bytes: int,
        seconds: float,
        max_urls: int = MAX_URLS,
        max_total_bytes: int | None = None,
        **download: Any,
    ) -> None:
        self._max_urls = max_urls
        self._max_total_bytes = max_total_bytes or 4 * max_bytes
        self._settings = {"max_bytes": max_bytes, "seconds": seconds, **download}
        self._download: MediaDownload | None = None

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
        if not paths:
            return {}
        download = await self._opened()
        left = download.allowance(self._max_total_bytes)
        gate = asyncio.Semaphore(MAX_AT_ONCE)

        async def one(url: str, path: str) -> Fetched:
            async with gate:
                return await download.fetch(url, path, left)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = {url: group.create_task(one(url, path)) for url, path in paths.items()}
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed.exceptions[0].__cause__
        return {url: task.result() for url, task in tasks.items()}

    async def close(self) -> None:
        """Close all connections."""
        if self._download is not None:
            await self._download.close()

    async def _opened(self) -> MediaDownload:
        # most adapters never fetch anything: the HTTP client and its certificates take 4 MB
        if DOWNLOAD_MODULE not in sys.modules:
            await asyncio.to_thread(import_module, DOWNLOAD_MODULE)
        if self._download is None:
            self._download = sys.modules[DOWNLOAD_MODULE].MediaDownload(**self._settings)
        return self._download


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
