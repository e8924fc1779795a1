"""How a client speaks: chat completions or responses. A dialect reads a request and frames the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.encrypted_content import ContentCipher
from unigate_core.json import Json
from unigate_formats.neutral.encoder import Encoder
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.parameters import Parameters
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_chat.decode_request import decode_request
from unigate_formats.openai_chat.encode_answer import ChatAnswerEncoder
from unigate_formats.openai_chat.encode_stream import ChatStreamEncoder, new_id
from unigate_formats.openai_responses.client_format import bridged_framer, read_bridged
from unigate_formats.openai_responses.parameters import responses_parameters


@dataclass(frozen=True, slots=True)
class FormatContext:
    """Whom a dialect speaks for: the provider's name, its chat table, the cipher of what clients carry, and
    the time in epoch seconds."""

    provider: str
    parameters: Parameters
    cipher: ContentCipher
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True)
class ClientFormat:
    """`parameters` derives the parameter table from the provider's chat table; `read` gives the neutral request;
    `framer` the writer of the answer, streamed or whole as the request asks."""

    parameters: Callable[[Parameters], Parameters]
    read: Callable[[Json, pb.Call, FormatContext], ChatRequest]
    encoder: Callable[[ChatRequest, Json, pb.Call, FormatContext], Encoder]


def _read_chat(body: Json, call: pb.Call, setting: FormatContext) -> ChatRequest:
    return decode_request({**body, "model": call.model}, setting.provider, drop_unsupported=call.drop_unsupported)


def _chat_framer(chat: ChatRequest, body: Json, call: pb.Call, setting: FormatContext) -> Encoder:
    kind = ChatStreamEncoder if chat.stream else ChatAnswerEncoder
    return kind(chat, provider=setting.provider, created=call.created, fallback_id=new_id())


def _read_responses(body: Json, call: pb.Call, setting: FormatContext) -> ChatRequest:
    return read_bridged(body, setting.provider, call, setting.parameters, setting.cipher)


def _responses_framer(chat: ChatRequest, body: Json, call: pb.Call, setting: FormatContext) -> Encoder:
    return bridged_framer(chat, body, setting.provider, call, setting.cipher, setting.clock)


CHAT = ClientFormat(parameters=lambda table: table, read=_read_chat, encoder=_chat_framer)
RESPONSES = ClientFormat(parameters=responses_parameters, read=_read_responses, encoder=_responses_framer)

CLIENT_FORMATS: Mapping[Operation, ClientFormat] = {Operation.CHAT: CHAT, Operation.RESPONSES: RESPONSES}
