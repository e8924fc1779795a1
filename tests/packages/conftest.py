"""A provider of the simplest kind and a vendor made of plain functions, for everything that adapters share."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry

from unigate.provider.v1 import provider_pb2_grpc
from unigate_adapter.adapter import Adapter, open_adapter
from unigate_adapter.authentication.api_key import api_key
from unigate_adapter.backend import Backend
from unigate_adapter.http.httpx_client import HttpxClient
from unigate_adapter.provider import Provider
from unigate_adapter.server import start
from unigate_adapter.settings import AdapterSettings, VendorSettings
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.environment import Secret
from unigate_core.errors import GatewayError, UpstreamError, UpstreamTruncated
from unigate_core.json import Json, dumps, loads
from unigate_formats.neutral.events import Event, Finish, Pause, Start, Text, Usage
from unigate_formats.neutral.model import ModelInfo, ModelListing
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.parameters import Parameter, ParameterSupport
from unigate_formats.neutral.request import ChatRequest, TextPart
from unigate_formats.neutral.translation import Context, NativeCall, PassThrough, Translation

Vendor = Callable[[httpx.Request], httpx.Response]


def to_toy(chat: ChatRequest, context: Context) -> NativeCall:
    prompt = " ".join(part.text for turn in chat.turns for part in turn.parts if isinstance(part, TextPart))
    body = {"prompt": prompt, "stream": chat.stream, "n": chat.n}
    return NativeCall("say", body, stream=chat.stream, notes=("toy_note",))


def from_toy(native: Json, state: Any) -> Iterator[Event]:
    yield Start(id=native.get("id", ""), model="toy-1")
    yield Text(native["say"])
    yield Usage(input=2, output=3)
    if native.get("pause"):
        yield Pause(native["say"])
    else:
        yield Finish("stop")


class ToyStream:
    def __init__(self, state: Any) -> None:
        self.ended = False

    def feed(self, native: Json) -> Iterator[Event]:
        match native:
            case {"say": text}:
                yield Start(id="toy", model="toy-1")
                yield Text(text)
            case {"error": {"message": message}} | {"error": message}:
                raise UpstreamError(message, status=503, type="server_error", code="overloaded")
            case {"end": True}:
                self.ended = True
                yield Usage(input=2, output=3)
                yield Finish("stop")

    def close(self) -> Iterator[Event]:
        if not self.ended:
            raise UpstreamTruncated("The provider's answer broke off.")
        return iter(())


def toy_error(status: int, headers: Any, body: bytes, *, client_key: bool) -> GatewayError:
    return UpstreamError(body.decode(), status=status, type="invalid_request_error", code="toy")


PARAMETERS = {
    **{
        name: Parameter(ParameterSupport.SUPPORTED)
        for name in ("model", "messages", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens")
    },
    "seed": Parameter(ParameterSupport.DROPPED),
    "logit_bias": Parameter(ParameterSupport.UNSUPPORTED, neutral=({},)),
    "temperature": Parameter(ParameterSupport.UNSUPPORTED, neutral=(1,), droppable=True),
}

TOY = Provider(
    name="toy",
    telemetry_name="toy",
    backend=Backend(
        base_url="https://toy.example",
        version="v1",
        key_variable="TOY_API_KEY",
        base_url_variable="TOY_BASE_URL",
        authentication=api_key("x-toy-key"),
        errors=toy_error,
        models=ModelListing("models", lambda page: ([ModelInfo(id=name) for name in page["models"]], page.get("next"))),
        request_id_header="x-toy-id",
    ),
    operations={
        Operation.CHAT: Translation(
            request=to_toy,
            answer=from_toy,
            stream=ToyStream,
            parameters=PARAMETERS,
            resume=lambda call, pause: NativeCall("say", {"again": pause.content}),
            repair=lambda call, error: NativeCall("say", {"repaired": True}) if "repairable" in error.message else None,
        ),
        Operation.EMBEDDINGS: PassThrough("embeddings"),
        Operation.AUDIO_TRANSCRIPTIONS: PassThrough("audio/transcriptions"),
        Operation.AUDIO_SPEECH: PassThrough("audio/speech"),
    },
)


@pytest.fixture
def toy() -> Provider:
    """A provider whose native format is one sentence."""
    return TOY


@pytest.fixture
def say() -> Callable[..., httpx.Response]:
    """Makes the toy vendor's whole answer."""
    return lambda text, **more: httpx.Response(200, json={"say": text, **more}, headers={"x-toy-id": "up-1"})


@pytest.fixture
def sse() -> Callable[..., httpx.Response]:
    """Makes the toy vendor's event stream."""

    def make(*events: Any) -> httpx.Response:
        content = b"".join(b"data: " + (e if isinstance(e, bytes) else dumps(e)) + b"\n\n" for e in events)
        return httpx.Response(200, content=content, headers={"content-type": "text/event-stream"})

    return make


@pytest.fixture
def with_vendor(toy: Provider) -> Callable[..., AbstractAsyncContextManager[Adapter]]:
    """Opens an adapter for the toy provider in front of a vendor function."""

    @asynccontextmanager
    async def opened(vendor: Vendor, *, key: str = "k", provider: Provider = toy) -> AsyncIterator[Adapter]:
        async def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/v1/models":
                return httpx.Response(200, json={"models": ["toy-1"]})
            got = vendor(request)
            return await got if inspect.isawaitable(got) else got

        client = HttpxClient(httpx.MockTransport(answer))
        settings = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
        async with open_adapter(provider, settings, VendorSettings(key=Secret(key)), client=client) as adapter:
            yield adapter

    return opened


@pytest.fixture
def with_stub(
    with_vendor: Any,
) -> Callable[..., AbstractAsyncContextManager[provider_pb2_grpc.ProviderServiceAsyncStub]]:
    """Opens the toy adapter's gRPC server and a stub to it."""
    import grpc  # noqa: PLC0415

    @asynccontextmanager
    async def opened(vendor: Vendor, **options: Any) -> AsyncIterator[provider_pb2_grpc.ProviderServiceAsyncStub]:
        async with with_vendor(vendor, **options) as adapter:
            server, _, port = await start(adapter, Telemetry("toy", CollectorRegistry()), adapter.settings)
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield provider_pb2_grpc.ProviderServiceStub(channel)
            await server.stop(0)

    return opened


@pytest.fixture
def chunks() -> Callable[[bytes], list[Any]]:
    """The JSON of each event of a stream, [DONE] as a string."""

    def split(stream: bytes) -> list[Any]:
        datas = [event.removeprefix(b"data: ") for event in stream.split(b"\n\n") if event]
        return [data.decode() if data == b"[DONE]" else loads(data) for data in datas]

    return split
