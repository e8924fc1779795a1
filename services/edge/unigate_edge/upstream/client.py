"""The hop to the adapters: one gRPC channel per provider, spread over all its pods.

The deadline of a call is gRPC's own. Retries are off: the edge alone knows whether a byte has reached the client.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
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
from unigate_core.errors import GatewayError
from unigate_core.mutual_tls import CertificateFiles
from unigate_edge.config.model import Config, Provider
from unigate_edge.errors import of_status
from unigate_edge.upstream.resolver import NOWHERE, Name, lookup, name_of, target_of

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
FOLLOW_INTERVAL = 5.0
FOLLOW_INTERVAL_NOWHERE = 1.0
"""Seconds between two lookups of a name, and of one that leads nowhere."""
SWITCH_SECONDS = 2.0
"""For which a channel that works is kept while the one in its place connects."""
_UNDECIDED = (grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING)


class ProviderClient:
    """One provider's adapter, on the event loop that opened it: a channel to the addresses that its name has now.

    `connect` opens a channel to a target. `names` are looked up in turn until one of them leads somewhere; without any
    the channel goes to `target` as it is. A channel that was replaced gets `grace` seconds for its calls.
    """

    def __init__(
        self, name: str, connect: Callable[[str], Channel], target: str, names: Sequence[Name] = (), grace: float = 0.0
    ) -> None:
        self.name = name
        self.target = NOWHERE if names else target
        self.state = grpc.ChannelConnectivity.CONNECTING if names else grpc.ChannelConnectivity.IDLE
        self._connect = connect
        self._names = names
        self._grace = grace
        self._channel = connect(self.target)
        self._stub = pb_grpc.ProviderServiceStub(self._channel)
        self._looked_up = not names
        self.reached = False
        """Whether a pod was ever ready."""
        self._turn = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._retired: set[asyncio.Task[None]] = set()

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

    async def capabilities(self, seconds: float) -> pb.GetCapabilitiesResponse:
        """Ask what the provider can do. Raises grpc.aio.AioRpcError."""
        with suppress(GatewayError):
            await self.connected(seconds)
        return await self._stub.GetCapabilities(pb.GetCapabilitiesRequest(), timeout=seconds)

    async def connected(self, seconds: float) -> None:
        """Return when a call will be sent or fail at once. Raises HopError when that is not known in time."""
        try:
            async with asyncio.timeout(seconds):
                while self.state in _UNDECIDED:
                    await self._turn.wait()
        except TimeoutError:
            raise of_status(grpc.StatusCode.UNAVAILABLE, "", "") from None

    def start(self) -> None:
        """Connect, and stay connected until `close`."""
        self._tasks = [asyncio.create_task(self._watch())]
        if self._names:
            self._tasks.append(asyncio.create_task(self._follow_names()))

    async def close(self) -> None:
        """Close the channel. Calls that still run are cancelled."""
        for task in (*self._tasks, *self._retired):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._retired, return_exceptions=True)
        await self._channel.close()

    async def _follow_names(self) -> None:
        while True:
            target = await self._current_target()
            if target is not None and target != self.target:
                await self._use(target)
            self._looked_up = self._looked_up or target is not None
            seconds = FOLLOW_INTERVAL if self.target != NOWHERE else FOLLOW_INTERVAL_NOWHERE
            await asyncio.sleep(seconds * random.uniform(0.8, 1.2))  # noqa: S311 - edges should not ask all at once

    async def _current_target(self) -> str | None:
        """Where calls should go; None: unknown, so that all stays as it is."""
        unknown = False
        for name in self._names:
            addresses = await lookup(name)
            if addresses:
                return target_of(addresses, name.port)
            unknown = unknown or addresses is None
        return None if unknown else NOWHERE

    async def _use(self, target: str) -> None:
        """Go on with another channel, once it is connected or the old one is of no use either."""
        channel = self._connect(target)
        over = asyncio.get_running_loop().time() + SWITCH_SECONDS
        while self.ready and asyncio.get_running_loop().time() < over:
            if channel.get_state(try_to_connect=True) is grpc.ChannelConnectivity.READY:
                break
            await asyncio.sleep(CONNECTING_POLL_INTERVAL)
        old, self._channel, self._stub, self.target = (
            self._channel,
            channel,
            pb_grpc.ProviderServiceStub(channel),
            target,
        )
        closing = asyncio.create_task(old.close(self._grace))
        self._retired.add(closing)
        closing.add_done_callback(self._retired.discard)

    async def _watch(self) -> None:
        # looked at instead of waited for: gRPC's wait for a change cannot be cancelled, and may outlive the event loop
        while True:
            state = self._channel.get_state(try_to_connect=True)
            if not self._looked_up and self.target == NOWHERE:
                state = grpc.ChannelConnectivity.CONNECTING
            if state is not self.state:
                self.state = state
                self.reached = self.reached or self.ready
                self._turn.set()
                self._turn = asyncio.Event()
            await asyncio.sleep(CONNECTING_POLL_INTERVAL if state in _UNDECIDED else STATE_POLL_INTERVAL)


def open_client(name: str, provider: Provider, config: Config, certificates: CertificateFiles | None) -> ProviderClient:
    """A provider's client, on the running event loop. Does not wait until it is connected.

    `certificates`: None, the adapter is spoken to plainly.
    """
    options = channel_options(config.limits.message_bytes)
    names = [found for found in map(name_of, (provider.target, provider.fallback_target)) if found is not None]
    if name_of(provider.target) is None:
        names = []
    if certificates is not None and (provider.tls_server_name or names):
        # a certificate has the name, not the addresses that it resolves to
        server_name = provider.tls_server_name or names[0].host.rstrip(".")
        options.append(("grpc.ssl_target_name_override", server_name))

    def connect(target: str) -> Channel:
        if certificates is None:
            return insecure_channel(target, options=options)
        return secure_channel(target, certificates.channel_credentials(), options=options)

    client = ProviderClient(name, connect, provider.target, names, config.timeouts.total)
    client.start()
    return client
