"""The hop to the adapters: one gRPC channel per provider, spread over all its pods.

The deadline of a call is gRPC's own. Retries are off: the edge alone knows whether a byte has reached the client.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import grpc
from grpc.aio import Channel, Metadata, StreamStreamCall, UnaryStreamCall, UnaryUnaryCall, insecure_channel

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc as pb_grpc
from unigate_edge.config import Config

SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    # a pod that drains says so, and gets no new calls
    "healthCheckConfig": {"serviceName": ""},
}


def channel_options(message_bytes: int) -> list[tuple[str, Any]]:
    """How channels behave. Seconds of patience are short because a pod that comes or goes is an everyday event."""
    return [
        ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
        ("grpc.enable_retries", 0),
        ("grpc.max_send_message_length", message_bytes),
        ("grpc.max_receive_message_length", message_bytes),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.dns_min_time_between_resolutions_ms", 5_000),
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.min_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 5_000),
    ]


class ProviderClient:
    """One provider's adapter. Lives as long as its channel and on the event loop that opened it."""

    def __init__(self, name: str, channel: Channel) -> None:
        self.name = name
        self._channel = channel
        self._stub = pb_grpc.ProviderServiceStub(channel)
        self.state = grpc.ChannelConnectivity.IDLE

    @property
    def ready(self) -> bool:
        """Whether at least one pod takes calls."""
        return self.state is grpc.ChannelConnectivity.READY

    def invoke(
        self, request: pb.InvokeRequest, timeout: float, metadata: Metadata | None
    ) -> UnaryUnaryCall[pb.InvokeRequest, pb.InvokeResponse]:
        """Start a call for a whole answer."""
        return self._stub.Invoke(request, timeout=timeout, metadata=metadata)

    def invoke_stream(
        self, request: pb.InvokeStreamRequest, timeout: float, metadata: Metadata | None
    ) -> UnaryStreamCall[pb.InvokeStreamRequest, pb.InvokeStreamResponse]:
        """Start a call for a streamed answer."""
        return self._stub.InvokeStream(request, timeout=timeout, metadata=metadata)

    def invoke_upload(
        self, timeout: float, metadata: Metadata | None
    ) -> StreamStreamCall[pb.InvokeUploadRequest, pb.InvokeUploadResponse]:
        """Start a call whose request is written in parts."""
        return self._stub.InvokeUpload(timeout=timeout, metadata=metadata)

    async def capabilities(self, patience: float) -> pb.GetCapabilitiesResponse:
        """Ask what the provider can do. Raises grpc.aio.AioRpcError."""
        return await self._stub.GetCapabilities(pb.GetCapabilitiesRequest(), timeout=patience)

    async def watch(self) -> None:
        """Keep the channel connected and `state` true, until cancelled."""
        while True:
            self.state = self._channel.get_state(try_to_connect=True)
            await self._channel.wait_for_state_change(self.state)


@asynccontextmanager
async def open_clients(config: Config) -> AsyncIterator[Mapping[str, ProviderClient]]:
    """All providers' clients, on the running event loop. Does not wait until they are ready."""
    options = channel_options(config.limits.message_bytes)
    async with AsyncExitStack() as stack:
        clients = {}
        for name, provider in config.providers.items():
            channel = await stack.enter_async_context(insecure_channel(provider.target, options=options))
            clients[name] = ProviderClient(name, channel)
        watchers = [asyncio.create_task(client.watch()) for client in clients.values()]
        try:
            yield clients
        finally:
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)
