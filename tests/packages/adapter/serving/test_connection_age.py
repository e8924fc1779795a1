"""Connections that have become old are replaced, and no call on them is cut."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import httpx
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc
from unigate_adapter.server import start
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.json import dumps

LONG = 4.0
"""Seconds: far beyond the age of a connection, and the time that calls get at SIGTERM."""


async def test_a_call_outlives_its_connections_age(with_vendor: Any, say: Any) -> None:
    async def vendor(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(LONG)
        answer: httpx.Response = say("hello")
        return answer

    async with with_vendor(vendor) as adapter:
        settings = replace(adapter.settings, connection_age_seconds=1, drain_seconds=0.1)
        server, _, port = await start(adapter, Telemetry("toy", CollectorRegistry()), settings)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: provider_pb2_grpc.ProviderServiceAsyncStub = provider_pb2_grpc.ProviderServiceStub(channel)
            call = pb.Call(operation=pb.OPERATION_CHAT, model="toy-1", request_id="r")
            body = dumps({"model": "toy/toy-1", "messages": [{"role": "user", "content": "hi"}]})
            answer = await stub.Invoke(pb.InvokeRequest(call=call, body=body), timeout=30)
        await server.stop(0)
    assert b"hello" in answer.body
