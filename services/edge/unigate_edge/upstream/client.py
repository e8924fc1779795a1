"""The hop to the adapters: one gRPC channel per provider, spread over all its pods.

The deadline of a call is gRPC's own. Retries are off: the edge alone knows whether a byte has reached the client.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import grpc
from grpc.aio import (
    Channel,
    Metadata,
    StreamStreamCall,
    UnaryStreamCall,
    UnaryUnaryCall,
    insecure_channel,
    secure_channel,
)

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc as pb_grpc
from unigate_core.mutual_tls import CertificateFiles
from unigate_edge.config.model import Provider
from unigate_edge.errors import of_status

SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    # a pod that drains says so, and gets no new calls
    "healthCheckConfig": {"serviceName": ""},
}


def channel_options(message_bytes: int) -> list[tuple[str, Any]]:
    """How channels behave. Seconds of patience are short because a pod that comes or goes is an everyday event."""
    return [
        # otherwise channels share connections by address, and with them the backoff after one that was refused
        ("grpc.use_local_subchannel_pool", 1),
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


CONNECTING_POLL_INTERVAL = 0.02
STATE_POLL_INTERVAL = 0.2
"""Between two looks at a channel's state."""
_UNDECIDED = (grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING)


class ProviderClient:
    """One provider's adapter. Lives as long as its channel and on the event loop that opened it."""

    def __init__(self, name: str, channel: Channel) -> None:
        self.name = name
        self._channel = channel
        self._stub = pb_grpc.ProviderServiceStub(channel)
        self.state = grpc.ChannelConnectivity.IDLE
        self._turn = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

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

    async def connected(self, patience: float) -> None:
        """Return when a call will be sent or fail at once. Raises HopError when that is not known in time."""
        try:
            async with asyncio.timeout(patience):
                while self.state in _UNDECIDED:
                    await self._turn.wait()
        except TimeoutError:
            raise of_status(grpc.StatusCode.UNAVAILABLE, "", "") from None

    def start(self) -> None:
        """Connect, and stay connected until `close`."""
        self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Close the channel. Calls that still run are cancelled."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        await self._channel.close()

    async def _watch(self) -> None:
        # looked at instead of waited for: gRPC's wait for a change cannot be cancelled, and may outlive the event loop
        while True:
            state = self._channel.get_state(try_to_connect=True)
            if state is not self.state:
                self.state = state
                self._turn.set()
                self._turn = asyncio.Event()
            await asyncio.sleep(CONNECTING_POLL_INTERVAL if state in _UNDECIDED else STATE_POLL_INTERVAL)


def open_client(
    name: str, provider: Provider, message_bytes: int, certificates: CertificateFiles | None
) -> ProviderClient:
    """A provider's client, on the running event loop. Does not wait until it is connected.

    `certificates`: None, the adapter is spoken to plainly.
    """
    options = channel_options(message_bytes)
    if certificates is None:
        channel = insecure_channel(provider.target, options=options)
    else:
        if provider.tls_server_name:
            options.append(("grpc.ssl_target_name_override", provider.tls_server_name))
        channel = secure_channel(provider.target, certificates.channel_credentials(), options=options)
    client = ProviderClient(name, channel)
    client.start()
    return client
