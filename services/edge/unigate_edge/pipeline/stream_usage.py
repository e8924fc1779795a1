"""Usage at the end of streams of chats and completions whose requests do not say whether they want it."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import raw_members, with_members
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange
from unigate_edge.pipeline.answer_state import Prepared
from unigate_edge.validation.chat import ChatRequest
from unigate_edge.validation.completions import CompletionRequest


async def add_usage(
    gateway: Gateway, _: Exchange, request: ChatRequest | CompletionRequest, _call: pb.Call, body: bytes
) -> Prepared:
    """The body with `stream_options.include_usage`, where the configuration asks for it and the client does not say."""
    options = request.stream_options
    if gateway.config.stream_usage and request.wants_stream():
        if options is None:
            body = with_members(body, {"stream_options": {"include_usage": True}})
        elif options.include_usage is None:
            own = bytes(raw_members(body)["stream_options"])
            body = with_members(body, {"stream_options": raw_members(own) | {"include_usage": True}})
    return Prepared(body)
