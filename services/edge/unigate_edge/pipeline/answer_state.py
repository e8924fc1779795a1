"""What an answer leaves behind for the next turn, remembered before the client can see that there will be one."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange


async def persist_answer_state(gateway: Gateway, exchange: Exchange, kept: pb.Keep) -> None:
    """Keep the provider's replay blobs, and the response where the request was for one."""
    if kept.replay:
        await gateway.replays.keep(exchange.caller, exchange.provider, kept.replay)
    if exchange.pending_response is not None:
        await exchange.pending_response.keep(kept)
