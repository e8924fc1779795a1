"""`python -m bench.collector PORT`: takes spans by OTLP over gRPC and forgets them, so that sending can be measured."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import grpc
import uvloop

METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


class Export(grpc.GenericRpcHandler):
    """The one method. An empty message is a full success."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        """Return it where it is asked for."""
        if handler_call_details.method != METHOD:
            return None
        return grpc.unary_unary_rpc_method_handler(self._export)

    async def _export(self, _request: bytes, _context: Any) -> bytes:
        return b""


async def serve(port: str) -> None:
    """Serve until ended."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Export(),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
