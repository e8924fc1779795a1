"""The guide's example provider, made of the guide's own text, answers."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from prometheus_client import CollectorRegistry

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc
from unigate_adapter.adapter import open_adapter
from unigate_adapter.http.httpx_client import HttpxClient
from unigate_adapter.provider import Provider
from unigate_adapter.server import start
from unigate_adapter.settings import AdapterSettings, VendorSettings
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.environment import Secret
from unigate_core.json import dumps, loads

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-provider.md"
FILE = re.compile(r"^`(services/parrot/[^`]+)`\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def parrot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    for name, text in FILE.findall(GUIDE.read_text()):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path / "services/parrot"))
    yield importlib.import_module("unigate_parrot").PROVIDER
    for module in [name for name in sys.modules if name.startswith("unigate_parrot")]:
        del sys.modules[module]


def vendor(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/v1/parrots":
        return httpx.Response(200, json={"parrots": ["parrot-1"]})
    words = loads(request.content)["prompt"].split()
    counts = {"words_in": len(words), "words_out": len(words)}
    if not loads(request.content)["stream"]:
        return httpx.Response(200, json={"id": "p1", "said": " ".join(words), **counts})
    events = [{"id": "p1", "word": word} for word in words] + [counts]
    body = b"".join(b"data: " + dumps(event) + b"\n\n" for event in events)
    return httpx.Response(200, content=body, headers={"content-type": "text/event-stream"})


async def ask(provider: Provider, **more: Any) -> list[pb.InvokeStreamResponse]:
    body = dumps({"model": "parrot/parrot-1", "messages": [{"role": "user", "content": "hello dear"}], **more})
    call = pb.Call(operation=pb.OPERATION_CHAT, model="parrot-1")
    settings = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
    client = HttpxClient(httpx.MockTransport(vendor))
    async with open_adapter(provider, settings, VendorSettings(key=Secret("k")), client=client) as adapter:
        server, _, port = await start(adapter, Telemetry("parrot", CollectorRegistry()), settings)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ProviderServiceStub(channel)
            if more.get("stream"):
                frames = [frame async for frame in stub.InvokeStream(pb.InvokeStreamRequest(call=call, body=body))]
            else:
                whole = await stub.Invoke(pb.InvokeRequest(call=call, body=body))
                frames = [pb.InvokeStreamResponse(data=whole.body, error=whole.error, summary=whole.summary)]
        await server.stop(0)
    return frames


async def test_the_guides_provider_answers_whole(parrot: Provider) -> None:
    (answer,) = await ask(parrot)
    assert loads(answer.data)["choices"][0]["message"]["content"] == "hello dear"


async def test_the_guides_provider_streams(parrot: Provider) -> None:
    frames = await ask(parrot, stream=True)
    assert b"".join(frame.data for frame in frames).endswith(b"data: [DONE]\n\n")
    assert frames[-1].summary.usage.total_tokens == 4


async def test_the_guides_provider_refuses_what_its_table_refuses(parrot: Provider) -> None:
    (answer,) = await ask(parrot, temperature=0.3)
    assert answer.error.param == "temperature"
