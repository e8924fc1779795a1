"""An adapter that bridges the Responses API, so that the edge has something to keep."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from grpc import StatusCode

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc as pb_grpc
from unigate_core.encrypted_content import ContentCipher
from unigate_core.json import Json, loads
from unigate_formats.neutral.events import (
    Event,
    Finish,
    Reasoning,
    ReasoningBlock,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
)
from unigate_formats.openai_responses.encode_stream import ResponseAnswerEncoder, ResponseStreamEncoder
from unigate_formats.openai_responses.response_object import ResponseContext

PLAIN: list[Event] = [Start(id="1", model="small"), Text("Fine."), Finish("stop")]


class BridgingAdapter(pb_grpc.ProviderServiceServicer):
    """Says what a test tells it to, and remembers what it was asked.

    With `keeper` it is the vendor who keeps responses, under that id.
    """

    def __init__(self) -> None:
        self.events: list[Event] = PLAIN
        self.calls: list[pb.Call] = []
        self.bodies: list[Json] = []
        self.paths: list[str] = []
        self.resources = True
        self.keeper = ""
        self.kept_items: list[str] = []
        self.usage: pb.Usage | None = None

    async def Session(self, request_iterator: Any, context: Any) -> None:  # type: ignore[override] # noqa: N802
        await context.abort(StatusCode.UNIMPLEMENTED)

    async def Invoke(self, request: pb.InvokeRequest, context: Any) -> pb.InvokeResponse:  # noqa: N802
        self._note(request)
        if request.call.operation == pb.OPERATION_RESPONSES_RESOURCE:
            usage = None if request.call.usage_told else self.usage
            return pb.InvokeResponse(body=b'{"object":"elsewhere"}', summary=pb.Summary(usage=usage))
        if self.keeper:
            keep = pb.Keep(provider_response_id=self.keeper, provider_usage_told=self.usage is not None)
            keep.provider_item_ids.extend(self.kept_items)
            body = b'{"id":"%b"}' % self.keeper.encode()
            return pb.InvokeResponse(body=body, summary=pb.Summary(keep=keep, usage=self.usage))
        encoder = ResponseAnswerEncoder(self._terms(request))
        encoder.write(self.events)
        answer = pb.InvokeResponse(body=encoder.close(None), summary=pb.Summary())
        answer.summary.keep.CopyFrom(_keep(encoder))
        return answer

    async def InvokeStream(  # noqa: N802
        self, request: pb.InvokeStreamRequest, context: Any
    ) -> AsyncIterator[pb.InvokeStreamResponse]:
        self._note(request)
        if self.keeper:
            yield pb.InvokeStreamResponse(data=b"data: 1\n\n", keep=pb.Keep(provider_response_id=self.keeper))
            await context.abort(StatusCode.UNAVAILABLE, "")
        encoder = ResponseStreamEncoder(self._terms(request))
        yield pb.InvokeStreamResponse(data=encoder.write(self.events))
        yield pb.InvokeStreamResponse(data=encoder.close(None), summary=pb.Summary(), keep=_keep(encoder))

    async def InvokeUpload(  # noqa: N802
        self, request_iterator: Any, context: Any
    ) -> AsyncIterator[pb.InvokeUploadResponse]:
        raise NotImplementedError
        yield

    async def GetCapabilities(  # noqa: N802
        self, request: pb.GetCapabilitiesRequest, context: Any
    ) -> pb.GetCapabilitiesResponse:
        operations = [pb.OperationCapability(operation=pb.OPERATION_RESPONSES_RESOURCE)] if self.resources else []
        return pb.GetCapabilitiesResponse(provider="fake", operations=operations, models_complete=True)

    @property
    def earlier(self) -> list[Json]:
        """The items of earlier turns in the last call."""
        items = self.calls[-1].response_state.input_items
        return loads(items) if items else []

    def _note(self, request: Any) -> None:
        self.calls.append(request.call)
        self.bodies.append(loads(request.body) if request.body else {})

    def _terms(self, request: Any) -> ResponseContext:
        call = request.call
        return ResponseContext(
            id=call.response_state.response_id,
            provider="fake",
            model="small",
            created=call.created,
            body=self.bodies[-1],
            store=call.response_state.store,
            encrypt=lambda content: ContentCipher([b"secret"]).encrypt(content, call.tenant),
            clock=lambda: 9.0,
        )


def _keep(encoder: ResponseStreamEncoder) -> pb.Keep:
    kept = encoder.stored()
    return pb.Keep(response=kept[0], input_items=kept[1]) if kept else pb.Keep()


class Talk:
    """Requests of one client to one edge."""

    def __init__(self, world: Any, key: str | None = None) -> None:
        self._client: httpx.AsyncClient = world.client
        self._headers = {"authorization": f"Bearer {key}"} if key else {}

    async def create(self, given: Any = "Hi", **more: Any) -> httpx.Response:
        """POST a request for a response."""
        body = {"model": "fake/small", "input": given, **more}
        return await self._client.post("/v1/responses", json=body, headers=self._headers)

    async def id_of(self, *args: Any, **more: Any) -> str:
        """The id of a new response."""
        answer = await self.create(*args, **more)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def send(self, path: str, **body: Any) -> httpx.Response:
        """POST a body to what is below /v1/responses."""
        return await self._client.post(
            f"/v1/responses{path}", json={"model": "fake/small"} | body, headers=self._headers
        )

    async def ask(self, method: str, path: str, **params: Any) -> httpx.Response:
        """Ask for what is below /v1/responses."""
        return await self._client.request(method, f"/v1/responses/{path}", params=params, headers=self._headers)


@pytest.fixture
async def adapter() -> BridgingAdapter:
    """The bridging adapter's memory and orders."""
    return BridgingAdapter()


@pytest.fixture
def talk(world: Any) -> Talk:
    """One client."""
    return Talk(world)


@pytest.fixture
def client_of() -> type[Talk]:
    """Makes further clients."""
    return Talk


@pytest.fixture
def thinking() -> list[Event]:
    """An answer with a thought, a call and text."""
    return [
        Start(id="1", model="small"),
        Reasoning("hm"),
        ReasoningBlock("fake-v1", "hm", "proof"),
        Text("I look."),
        ToolCall(0, "call_1", "look"),
        ToolArguments(0, '{"at":1}'),
        ToolEnd(0),
        Finish("tool_calls"),
    ]
