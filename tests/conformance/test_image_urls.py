"""Images that a client names by URL, from the request to the vendor: fetched where the vendor does not, and guarded."""

from __future__ import annotations

import asyncio
import base64
import importlib
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import grpc
import httpx
import pytest
from prometheus_client import CollectorRegistry

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc
from unigate_adapter.adapter import open_adapter
from unigate_adapter.http import media as media_of_clients
from unigate_adapter.http.httpx_client import HttpxClient
from unigate_adapter.http.media import DOWNLOAD_MODULE, MediaFetcher
from unigate_adapter.server import start
from unigate_adapter.settings import AdapterSettings, VendorSettings
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.environment import Secret
from unigate_core.json import dumps

PNG = b"\x89PNG\r\n\x1a\n of a cat"
PUBLIC = "93.184.216.34"
FETCHING = ["gemini"]
"""Providers whose models see images, and whose adapters fetch them."""


@asynccontextmanager
async def adapter(
    name: str, pictures: Any = None, addresses: dict[str, list[str]] | None = None
) -> AsyncIterator[tuple[Any, list[bytes]]]:
    """A stub of the provider's adapter, and the bodies that its vendor has got. Without pictures all is real."""
    bodies: list[bytes] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            bodies.append(request.content)
        return httpx.Response(400, json={"error": {"message": "enough seen"}})

    async def resolve(host: str, port: int) -> Sequence[str]:
        return (addresses or {}).get(host, [PUBLIC])

    settings = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
    media = pictures and MediaFetcher(
        max_bytes=1000, seconds=5, transport=httpx.MockTransport(pictures), resolve=resolve
    )
    async with open_adapter(
        importlib.import_module(f"unigate_{name}").PROVIDER,
        settings,
        VendorSettings(key=Secret("made-up-key"), base_url="https://vendor.example"),
        client=HttpxClient(httpx.MockTransport(vendor)),
        media=media,
    ) as opened:
        server, _, port = await start(opened, Telemetry(name, CollectorRegistry()), settings)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield provider_pb2_grpc.ProviderServiceStub(channel), bodies
        await server.stop(0)


async def error_of(stub: Any, url: str, *, stream: bool = False) -> pb.Error:
    """How the request with an image at that URL ends."""
    part = {"type": "image_url", "image_url": {"url": url}}
    body = dumps({"model": "x/m", "stream": stream, "messages": [{"role": "user", "content": [part]}]})
    call = pb.Call(operation=pb.OPERATION_CHAT, model="m")
    if stream:
        frames = [frame async for frame in stub.InvokeStream(pb.InvokeStreamRequest(call=call, body=body))]
        return frames[-1].error  # type: ignore[no-any-return]
    answer = await stub.Invoke(pb.InvokeRequest(call=call, body=body))
    return answer.error  # type: ignore[no-any-return]


INNER = (
    "http://127.0.0.1:1/a.png",
    "http://localhost:1/a.png",
    "http://[::1]:1/a.png",
    "http://[::ffff:127.0.0.1]:1/a.png",
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1/a.png",
    "http://2130706433/a.png",
    "http://user:secret@93.184.216.34/a.png",
)


@pytest.mark.parametrize("name", FETCHING)
@pytest.mark.parametrize("url", INNER)
@pytest.mark.parametrize("stream", [False, True])
async def test_an_inner_address_is_refused_before_the_vendor_is_asked(name: str, url: str, stream: bool) -> None:
    async with adapter(name) as (stub, bodies):
        error = await error_of(stub, url, stream=stream)
    assert (error.status, error.code) == (400, "invalid_image_url")
    assert error.param.startswith("messages[0].content[0]")
    assert error.origin == pb.ORIGIN_REQUEST
    assert bodies == []


@pytest.mark.parametrize("name", FETCHING)
@pytest.mark.parametrize("url", ["http://[::1/a.png", "http://x/\x00", "http://x:99999/a.png", "https:///a", "x"])
async def test_what_is_no_url_is_the_clients_fault(name: str, url: str) -> None:
    async with adapter(name, pictures=lambda request: httpx.Response(200, content=PNG)) as (stub, _):
        error = await error_of(stub, url)
    assert error.status == 400
    assert error.param.startswith("messages[0].content[0]")


@pytest.mark.parametrize("name", FETCHING)
async def test_a_redirect_inwards_is_refused(name: str) -> None:
    def pictures(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://inner.example/secret"})

    async with adapter(name, pictures, {"inner.example": ["10.0.0.7"]}) as (stub, bodies):
        error = await error_of(stub, "https://pics.example/a.png")
    assert (error.status, error.code) == (400, "invalid_image_url")
    assert bodies == []


@pytest.mark.parametrize("name", FETCHING)
async def test_a_public_images_bytes_reach_the_vendor(name: str) -> None:
    async with adapter(name, lambda request: httpx.Response(200, content=PNG)) as (stub, bodies):
        error = await error_of(stub, "https://pics.example/a.png")
    assert error.origin == pb.ORIGIN_UPSTREAM
    assert base64.b64encode(PNG) in bodies[0]
    assert b"pics.example" not in bodies[0]


@pytest.mark.parametrize("name", FETCHING)
async def test_an_image_that_is_too_large_is_refused(name: str) -> None:
    async with adapter(name, lambda request: httpx.Response(200, content=PNG * 100)) as (stub, bodies):
        error = await error_of(stub, "https://pics.example/a.png")
    assert (error.status, error.code) == (400, "image_too_large")
    assert bodies == []


async def test_a_vendor_that_fetches_by_itself_gets_the_url() -> None:
    async with adapter("anthropic") as (stub, bodies):
        await error_of(stub, "https://pics.example/a.png")
    assert b"https://pics.example/a.png" in bodies[0]


async def test_requests_that_fetch_at_the_same_time_wait_for_one_import(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module(DOWNLOAD_MODULE)

    def slowly(name: str) -> ModuleType:
        # as long as it runs, the module is there without its content
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        time.sleep(0.05)
        monkeypatch.setitem(sys.modules, name, real)
        return real

    monkeypatch.setattr(media_of_clients, "import_module", slowly)
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=PNG))
    fetcher = MediaFetcher(max_bytes=1000, seconds=5, transport=transport, resolve=always_public)
    got = await asyncio.gather(
        fetcher.fetch_all([("https://x.example/a.png", "a")]), fetcher.fetch_all([("https://x.example/b.png", "b")])
    )
    await fetcher.close()
    assert [len(fetched) for fetched in got] == [1, 1]


async def always_public(host: str, port: int) -> Sequence[str]:
    return [PUBLIC]
