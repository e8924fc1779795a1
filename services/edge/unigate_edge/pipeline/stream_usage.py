"""Usage at the end of chat streams whose requests do not say whether they want it."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import raw_members, with_members
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange
from unigate_edge.validation.chat import ChatRequest


async def add_usage(gateway: Gateway, exchange: Exchange, request: ChatRequest, call: pb.Call, body: bytes) -> bytes:
    """The body with `stream_options.include_usage`, where the configuration asks for it and the client does not say."""
    options = request.stream_options
    if not gateway.config.stream_usage or not request.wants_stream():
        return body
    if options is None:
        return with_members(body, {"stream_options": {"include_usage": True}})
    if options.include_usage is None:
        own = bytes(raw_members(body)["stream_options"])
        return with_members(body, {"stream_options": raw_members(own) | {"include_usage": True}})
    return body
