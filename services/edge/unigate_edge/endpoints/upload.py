"""A POST with files → a call whose request is written in chunks while the client still sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import IO, Any

from grpc.aio import EOF, StreamStreamCall
from starlette.types import ASGIApp, Receive, Scope, Send

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import UpstreamTruncated
from unigate_core.multipart import FormScan
from unigate_edge.client_apis.openai import CHAT_STREAM
from unigate_edge.errors import wrong_content_type
from unigate_edge.gateway import Gateway
from unigate_edge.http.body import body_chunks, hold, limited, refuse_declared_size
from unigate_edge.http.client_connection import PolledConnection
from unigate_edge.http.exchange import Exchange
from unigate_edge.http.form import in_frames, read_until_found
from unigate_edge.limits.estimate import IMAGE_OPERATIONS, UploadEstimate, images_asked_for
from unigate_edge.pipeline.call import new_call
from unigate_edge.pipeline.endpoint import UploadEndpoint
from unigate_edge.pipeline.stream import Frame, StreamedAnswer, relay
from unigate_edge.pipeline.unary import write_response
from unigate_edge.routing.router import Target
from unigate_edge.upstream.cancellation import CancelOnDisconnect

UploadCall = StreamStreamCall[pb.InvokeUploadRequest, pb.InvokeUploadResponse]


class Upload:
    """The ASGI application behind one endpoint that takes files."""

    def __init__(self, gateway: Gateway, endpoint: UploadEndpoint, json: ASGIApp | None) -> None:
        """`json` serves the same path where the body is JSON, with links instead of files."""
        self._gateway = gateway
        self._endpoint = endpoint
        self._json = json

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Raises GatewayError while no byte of an answer is sent, ClientDisconnected."""
        exchange: Exchange = scope["unigate.exchange"]
        content_type = exchange.headers.get(b"content-type", b"")
        if self._json is not None and content_type.lower().startswith(b"application/json"):
            await self._json(scope, receive, send)
            return
        gateway = self._gateway
        caller = gateway.authenticate(exchange, self._endpoint.name)
        limit = gateway.config.limits.multipart_bytes
        if content_type.partition(b";")[0].strip().lower() != b"multipart/form-data":
            raise wrong_content_type(content_type.decode("latin-1"), "multipart/form-data")
        scan = FormScan(content_type.decode("latin-1"), "model")
        refuse_declared_size(exchange, limit)
        chunks = limited(body_chunks(exchange), limit)
        waiting = await read_until_found(scan, chunks, lambda size: hold(exchange, gateway.shedder, size))
        with waiting:
            named = gateway.router.targets_or_default(scan.found, caller, model_required=self._endpoint.model_required)
            target = gateway.registry.known_by_one_name(gateway.pick_healthy(named))
            exchange.record.provider, exchange.record.model = target.provider, target.model
            if self._endpoint.name in IMAGE_OPERATIONS:
                exchange.record.units = images_asked_for(scan.fields)
            await gateway.metering.admit(exchange, scan.found or "", target, None, b"", _estimated(exchange, scan))
            call = new_call(
                gateway,
                exchange,
                caller,
                self._endpoint.operation,
                target,
                content_type=content_type.decode("latin-1"),
            )

            async def invoke(_: Target) -> None:
                await self._invoke(exchange, call, waiting, chunks)

            await gateway.fallback.answer_once(exchange, target, invoke)

    async def _invoke(
        self, exchange: Exchange, call: pb.Call, waiting: IO[bytes], chunks: AsyncIterator[bytes]
    ) -> None:
        gateway = self._gateway
        record = exchange.record
        record.phase = "wait"
        client = await gateway.connected(exchange)
        rpc = client.invoke_upload(gateway.config.timeouts.total, gateway.telemetry.metadata(record))
        async with StreamedAnswer(exchange, gateway.config.heartbeat, CHAT_STREAM) as answer:
            connection = PolledConnection(self._feed(exchange, rpc, call, in_frames(waiting, chunks)))
            with CancelOnDisconnect(rpc, exchange, connection):
                first: Any = await rpc.read()
                if first is not EOF and first.WhichOneof("frame") == "part":
                    record.streamed = True
                    answer.keep_alive()
                    await relay(gateway, exchange, answer, _parts(first.part, rpc).__anext__)
                    return
        if first is EOF:
            raise UpstreamTruncated("The provider did not answer.")
        await write_response(gateway, exchange, first.whole)

    async def _feed(self, exchange: Exchange, rpc: UploadCall, call: pb.Call, frames: AsyncIterator[bytes]) -> None:
        """Write the request, then wait until the client leaves."""
        await rpc.write(pb.InvokeUploadRequest(call=call))
        async for frame in frames:
            await rpc.write(pb.InvokeUploadRequest(chunk=frame))
        await rpc.done_writing()
        await exchange.receive()


def _estimated(exchange: Exchange, scan: FormScan) -> UploadEstimate:
    declared = exchange.headers.get(b"content-length", b"")
    return UploadEstimate(int(declared) if declared.isdigit() else None, scan.fields, scan.filename)


async def _parts(first: Frame, rpc: UploadCall) -> AsyncIterator[object]:
    frame: Any = first
    while frame is not EOF:
        yield frame
        frame = await rpc.read()
        frame = frame if frame is EOF else frame.part
    yield EOF
