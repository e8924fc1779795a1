"""Media that a client names by URL → bytes in the request: which parts, how many of them, and how much in all."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from unigate_core.errors import RequestRefused
from unigate_formats.neutral.request import ChatRequest, FilePart, ImagePart, Part, ToolResultPart, all_parts
from unigate_formats.neutral.translation import Fetched

if TYPE_CHECKING:
    from unigate_adapter.http.media_download import MediaDownload

P = TypeVar("P", bound=Part)

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

    async def inline(
        self, chat: ChatRequest, kinds: frozenset[str], reads_url: Callable[[str], bool] = lambda url: False
    ) -> ChatRequest:
        """The request with URLs of these kinds (`image`, `file`) replaced by their bytes. Raises RequestRefused.

        Those that the vendor reads itself stay.
        """
        fetched = await self.fetch_all(
            (part.url, part.path)
            for turn in chat.turns
            for part in all_parts(turn.parts)
            if isinstance(part, ImagePart | FilePart) and _is_wanted(part, kinds) and not reads_url(part.url)
        )
        if not fetched:
            return chat
        turns = tuple(replace(turn, parts=_with_bytes(turn.parts, fetched)) for turn in chat.turns)
        return replace(chat, turns=turns)

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
        if self._download is None:
            # waits for an import that another request has begun
            module = await asyncio.to_thread(import_module, DOWNLOAD_MODULE)
            if self._download is None:
                self._download = module.MediaDownload(**self._settings)
        return self._download


def _is_wanted(part: ImagePart | FilePart, kinds: frozenset[str]) -> bool:
    return bool(part.url) and ("image" if isinstance(part, ImagePart) else "file") in kinds


def _with_bytes(parts: Iterable[P], fetched: dict[str, Fetched]) -> tuple[P, ...]:
    return tuple(_replace(part, fetched) for part in parts)


def _replace(part: P, fetched: dict[str, Fetched]) -> P:
    if isinstance(part, ToolResultPart):
        return replace(part, content=_with_bytes(part.content, fetched))
    if not isinstance(part, ImagePart | FilePart) or part.url not in fetched:
        return part
    got = fetched[part.url]
    return replace(part, url="", data=base64.b64encode(got.data).decode(), media_type=got.media_type)
