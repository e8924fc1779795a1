"""The least that this shape can cost, measured beside: an edge and an adapter that pass bytes on and do nothing else.

`python -m bench.floor edge PORT TARGET` and `python -m bench.floor adapter PORT URL CLIENT`, on the gateway's own
client to vendors (`direct`) or on `aiohttp`, with which it is nothing but libraries. How a machine differs from
another, or from itself an hour ago, shows in the floor as it does in the gateway.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any, cast

import grpc
import uvicorn
import uvloop

from unigate_adapter.http.client import VendorClient
from unigate_adapter.http.clients import ClientName, vendor_client

METHOD = "/floor/Invoke"
STREAM_METHOD = "/floor/InvokeStream"
STREAM = b'"stream":true'
HEADERS = {"content-type": "application/json"}
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Edge:
    """An ASGI application that hands bodies to the adapter."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
        self._stream: grpc.aio.UnaryStreamMultiCallable[bytes, bytes]

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Open the channel at start, answer after it."""
        if scope["type"] == "lifespan":
            await receive()
            channel = grpc.aio.insecure_channel(self._target)
            self._call, self._stream = channel.unary_unary(METHOD), channel.unary_stream(STREAM_METHOD)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message.get("more_body", False)
        if STREAM in body:
            await self._pass_on(body, send)
            return
        answer = await self._call(body) if body else b"ok"
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _pass_on(self, body: bytes, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        call = self._stream(body)
        while (data := await call.read()) is not grpc.aio.EOF:
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


class Adapter(grpc.GenericRpcHandler):
    """A gRPC service of two methods that post to the vendor, for a whole answer and for a stream."""

    def __init__(self, client: VendorClient, url: str) -> None:
        self._client = client
        self._url = url

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        """Return the method that is asked for."""
        if handler_call_details.method == STREAM_METHOD:
            return grpc.unary_stream_rpc_method_handler(self._invoke_stream)
        return grpc.unary_unary_rpc_method_handler(self._invoke)

    async def _invoke(self, request: bytes, _context: object) -> bytes:
        async with await self._client.send("POST", self._url, HEADERS, request) as answer:
            return await answer.read()

    async def _invoke_stream(self, request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> None:
        async with await self._client.send("POST", self._url, HEADERS, request) as answer:
            while (data := await answer.read_available()) is not None:
                await context.write(data)


async def serve_adapter(port: str, url: str, client: ClientName) -> None:
    """Serve until ended."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Adapter(vendor_client(client), url),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    part, number, destination, *rest = sys.argv[1:]
    if part == "adapter":
        uvloop.run(serve_adapter(number, destination, *cast("list[ClientName]", rest)))
    else:
        uvicorn.run(Edge(destination), port=int(number), log_level="error", access_log=False, http="httptools")
