"""How a client speaks: chat completions or responses. A dialect reads a request and frames the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from unigate.provider.v1 import provider_pb2 as pb
from unigate_common.chat import ChatRequest
from unigate_common.chat_request import read_chat
from unigate_common.codec import Json
from unigate_common.framers import Framer
from unigate_common.framers.chat import ChatChunks, new_id
from unigate_common.framers.chat_fold import ChatFold
from unigate_common.parameters import Parameters
from unigate_common.provider import Operation


@dataclass(frozen=True, slots=True)
class Dialect:
    """`parameters` derives the fate table from the provider's chat table; `read` gives the neutral request;
    `framer` the writer of the answer, streamed or whole as the request asks."""

    parameters: Callable[[Parameters], Parameters]
    read: Callable[[Json, str, pb.Call], ChatRequest]
    framer: Callable[[ChatRequest, Json, str, pb.Call], Framer]


def _read_chat(body: Json, provider: str, call: pb.Call) -> ChatRequest:
    return read_chat({**body, "model": call.model}, provider)


def _chat_framer(chat: ChatRequest, body: Json, provider: str, call: pb.Call) -> Framer:
    kind = ChatChunks if chat.stream else ChatFold
    return kind(chat, provider=provider, created=call.created, fallback_id=new_id())


CHAT = Dialect(parameters=lambda table: table, read=_read_chat, framer=_chat_framer)

DIALECTS: Mapping[Operation, Dialect] = {Operation.CHAT: CHAT}
