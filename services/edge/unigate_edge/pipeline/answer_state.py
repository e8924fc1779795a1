"""What an answer leaves behind for the next turn, remembered before the client can see that there will be one."""

from __future__ import annotations

from typing import Protocol

import msgspec

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.gateway import Gateway
from unigate_edge.telemetry.record import RequestRecord


class StateSink(Protocol):
    """Remembers what an answer leaves behind."""

    async def keep(self, state: pb.Keep) -> None:
        """Remember it, before the client can know of it."""


class Prepared(msgspec.Struct, frozen=True):
    """The body to send to the adapter, and what remembers the answer beside the gateway itself."""

    body: bytes
    sink: StateSink | None = None


async def persist_answer_state(gateway: Gateway, record: RequestRecord, state: pb.Keep, sink: StateSink | None) -> None:
    """Keep the provider's replay blobs, and what the endpoint's own sink wants of the answer."""
    if state.replay:
        await gateway.replays.keep(record.caller, record.provider, state.replay)
    if sink is not None:
        await sink.keep(state)
