"""URLs that clients name are fetched only from public addresses, within bounds."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import httpx
import pytest

from unigate_adapter.http import media_download
from unigate_adapter.http.media import MediaFetcher
from unigate_adapter.http.media_download import MediaDownload, is_public
from unigate_core.errors import RequestRefused
from unigate_formats.neutral.request import ChatRequest, ImagePart, Turn
from unigate_formats.neutral.translation import Fetched

PNG = b"\x89PNG\r\n\x1a\n rest"
PUBLIC = "93.184.216.34"


class OneByOne(MediaFetcher):
    """Fetches one URL."""

    async def fetch(self, url: str, path: str) -> Fetched:
        return (await self.fetch_all([(url, path)]))[url]


def fetcher(handler: Any, addresses: dict[str, Sequence[str]] | None = None, **bounds: Any) -> OneByOne:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return (addresses or {}).get(host, [PUBLIC])

    settings = {"max_bytes": 100, "seconds": 5.0, **bounds}
    return OneByOne(**settings, transport=httpx.MockTransport(handler), resolve=resolve)


def png(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=PNG, headers={"content-type": "text/plain"})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "nonsense",
    ],
)  # fmt: skip
def test_an_inner_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_an_outer_address_is_public(address: str) -> None:
    assert is_public(address)


async def test_the_checked_address_is_the_one_connected_to() -> None:
    seen: list[httpx.Request] = []

    def recorded(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return png(request)

    got = await fetcher(recorded).fetch("https://pics.example/a.png", "p")
    assert got.data == PNG
    assert seen[0].url.host == PUBLIC
    assert seen[0].headers["host"] == "pics.example"
    assert seen[0].extensions["sni_hostname"] == "pics.example"


async def test_the_type_is_what_the_bytes_say() -> None:
    assert (await fetcher(png).fetch("https://pics.example/a", "p")).media_type == "image/png"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://pics.example/a",
        "file:///etc/passwd",
        "https://user:pw@pics.example/",
        "https://inner.example/",
        "gopher:x",
    ],
)
async def test_what_is_not_public_http_is_refused(url: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        await fetcher(png, {"inner.example": ["10.0.0.1"]}).fetch(url, "messages[0]")
    assert (refused.value.code, refused.value.param) == ("invalid_image_url", "messages[0]")


async def test_one_inner_address_among_outer_ones_is_refused() -> None:
    with pytest.raises(RequestRefused):
        await fetcher(png, {"two.example": [PUBLIC, "127.0.0.1"]}).fetch("https://two.example/", "p")


async def test_a_redirect_to_an_inner_address_is_refused() -> None:
    def redirect(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://inner.example/"})

    with pytest.raises(RequestRefused) as refused:
        await fetcher(redirect, {"inner.example": ["169.254.169.254"]}).fetch("https://pics.example/", "p")
    assert refused.value.code == "invalid_image_url"


async def test_redirects_are_bounded() -> None:
    def redirect(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "/again"})

    with pytest.raises(RequestRefused) as refused:
        await fetcher(redirect).fetch("https://pics.example/", "p")
    assert refused.value.code == "failed_to_download_image"


async def test_size_is_bounded() -> None:
    with pytest.raises(RequestRefused) as refused:
        await fetcher(png, max_bytes=5).fetch("https://pics.example/", "p")
    assert refused.value.code == "image_too_large"


async def test_a_missing_picture_is_a_failed_download() -> None:
    with pytest.raises(RequestRefused) as refused:
        await fetcher(lambda request: httpx.Response(404)).fetch("https://pics.example/", "p")
    assert refused.value.code == "failed_to_download_image"


async def test_a_part_gets_the_bytes_of_its_url() -> None:
    part = ImagePart(url="https://pics.example/a.png", path="messages[0].content[0].image_url.url")
    chat = ChatRequest(model="m", turns=(Turn(role="user", parts=(part, part)),))
    inlined = await fetcher(png).inline(chat, frozenset({"image"}))
    assert [p.data for p in inlined.turns[0].parts if isinstance(p, ImagePart)] == [base64.b64encode(PNG).decode()] * 2
    assert (await fetcher(png).inline(chat, frozenset({"file"}))) is chat


class Slow:
    """Answers when it is let, and counts what it is at."""

    def __init__(self) -> None:
        self.at_once = self.most = 0
        self.full, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        if self.at_once == 4:
            self.full.set()
        try:
            if request.url.path == "/bad":
                await self.full.wait()
                return httpx.Response(404)
            await self.go_on.wait()
        finally:
            self.at_once -= 1
        return httpx.Response(200, content=PNG + request.url.path.encode())


async def test_four_are_fetched_at_a_time_and_their_order_is_kept() -> None:
    slow = Slow()
    urls = [f"https://pics.example/{number}" for number in range(9)]
    fetching = asyncio.ensure_future(fetcher(slow).fetch_all((url, "p") for url in urls))
    async with asyncio.timeout(5):
        await slow.full.wait()
        slow.go_on.set()
        got = await fetching
    assert (list(got), slow.most) == (urls, 4)
    assert [got[url].data[-1:].decode() for url in urls] == [url[-1] for url in urls]


async def test_the_first_that_fails_ends_the_others_and_is_named() -> None:
    slow = Slow()
    links = [(f"https://pics.example/{name}", f"images[{i}]") for i, name in enumerate(("0", "1", "bad", "3", "4"))]
    async with asyncio.timeout(5):
        with pytest.raises(RequestRefused) as refused:
            await fetcher(slow).fetch_all(links)
    assert (refused.value.param, slow.at_once) == ("images[2]", 0)


async def test_a_failing_image_of_a_chat_ends_the_fetching_of_the_others() -> None:
    slow = Slow()
    names = ("0", "1", "bad", "3")
    parts = tuple(ImagePart(url=f"https://pics.example/{name}", path=f"p{i}") for i, name in enumerate(names))
    chat = ChatRequest(model="m", turns=(Turn(role="user", parts=parts),))
    async with asyncio.timeout(5):
        with pytest.raises(RequestRefused) as refused:
            await fetcher(slow).inline(chat, frozenset({"image"}))
    assert (refused.value.param, slow.at_once) == ("p2", 0)


async def test_an_inner_address_among_others_is_refused_by_its_place() -> None:
    links = [("https://pics.example/", "images[0]"), ("https://inner.example/", "images[1]")]
    with pytest.raises(RequestRefused) as refused:
        await fetcher(png, {"inner.example": ["10.0.0.1"]}).fetch_all(links)
    assert (refused.value.param, refused.value.code) == ("images[1]", "invalid_image_url")


async def test_what_is_named_twice_is_fetched_once() -> None:
    seen: list[str] = []

    def counted(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return png(request)

    await fetcher(counted).fetch_all([("https://pics.example/", "a"), ("https://pics.example/", "b")])
    assert len(seen) == 1


async def test_a_redirect_to_no_url_is_a_failed_download() -> None:
    def redirect(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://[x"})

    with pytest.raises(RequestRefused, match="downloading"):
        await fetcher(redirect).fetch("https://pics.example/", "p")


async def test_no_connection_serves_two_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        writer.close()

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(media_download, "is_public", lambda _: True)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    download = MediaDownload(max_bytes=9, seconds=5, resolve=here)
    for host in ("a.example", "b.example"):
        await download.fetch(f"http://{host}:{port}/", "messages", download.allowance(9))
    await download.close()
    server.close()
    assert connections == 2
