"""How a client speaks: which decoder reads its request, and which encoder writes the answer.

A format's modules are imported when a client first speaks it. Most processes see one format or two; all of them cost
every process a fifth of its start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.encrypted_content import ContentCipher
from unigate_core.ids import base62_id
from unigate_core.json import Json
from unigate_formats.neutral.encoder import Encoder
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.parameters import Parameters
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_chat.decode_request import decode_request
from unigate_formats.openai_chat.encode_answer import ChatAnswerEncoder
from unigate_formats.openai_chat.encode_stream import ChatStreamEncoder
from unigate_formats.openai_responses.parameters import responses_parameters


class FormatContext(msgspec.Struct, frozen=True):
    """Whom a client format is served by: the provider's name, its chat table, the cipher of what clients carry, and
    the time in epoch seconds."""

    provider: str
    parameters: Parameters
    cipher: ContentCipher
    clock: Callable[[], float]


class ClientFormat(msgspec.Struct, frozen=True):
    """`parameters` derives the table of the body's members from the provider's chat table, None: what they ask for is
    held against the chat table once it is read. `read` gives the neutral request, `encoder` the writer of the answer,
    streamed or whole as the request asks. `content_type` is that of a stream, empty: server-sent events.
    `chats` are the requests that are answered together, choice after choice: one, but for several prompts.
    `counted` is the request whose tokens a body asks to count, `count` the answer."""

    parameters: Callable[[Parameters], Parameters] | None
    read: Callable[[Json, pb.Call, FormatContext], ChatRequest]
    encoder: Callable[[ChatRequest, Json, pb.Call, FormatContext], Encoder]
    chats: Callable[[ChatRequest, Json], Sequence[ChatRequest]] = lambda chat, body: (chat,)
    content_type: Callable[[pb.Call], str] = lambda call: ""
    counted: Callable[[Json], Json] = lambda body: body
    count: Callable[[int], Json] = lambda tokens: {"input_tokens": tokens}


def _read_chat(body: Json, call: pb.Call, context: FormatContext) -> ChatRequest:
    return decode_request({**body, "model": call.model}, drop_unsupported=call.drop_unsupported)


def _chat_encoder(chat: ChatRequest, body: Json, call: pb.Call, context: FormatContext) -> Encoder:
    kind = ChatStreamEncoder if chat.stream else ChatAnswerEncoder
    return kind(chat, provider=context.provider, created=call.created, fallback_id=base62_id())


def _read_responses(body: Json, call: pb.Call, context: FormatContext) -> ChatRequest:
    from unigate_formats.openai_responses.client_format import read_bridged  # noqa: PLC0415

    return read_bridged(body, context.provider, call, context.parameters, context.cipher)


def _responses_encoder(chat: ChatRequest, body: Json, call: pb.Call, context: FormatContext) -> Encoder:
    from unigate_formats.openai_responses.client_format import bridged_encoder  # noqa: PLC0415

    return bridged_encoder(chat, body, context.provider, call, context.cipher, context.clock)


def _completions_parameters(table: Parameters) -> Parameters:
    from unigate_formats.openai_completions.parameters import completions_parameters  # noqa: PLC0415

    return completions_parameters(table)


def _read_completion(body: Json, call: pb.Call, context: FormatContext) -> ChatRequest:
    from unigate_formats.openai_completions.decode_request import decode_request  # noqa: PLC0415

    return decode_request({**body, "model": call.model}, drop_unsupported=call.drop_unsupported)


def _completion_encoder(chat: ChatRequest, body: Json, call: pb.Call, context: FormatContext) -> Encoder:
    from unigate_formats.openai_completions.client_format import completion_encoder  # noqa: PLC0415

    return completion_encoder(chat, body, context.provider, call)


def _completion_chats(chat: ChatRequest, body: Json) -> Sequence[ChatRequest]:
    from unigate_formats.openai_completions.decode_request import chats  # noqa: PLC0415

    return chats(chat, body)


def _read_messages(body: Json, call: pb.Call, context: FormatContext) -> ChatRequest:
    from unigate_formats.anthropic_messages.client_format import read_messages  # noqa: PLC0415

    return read_messages(body, context.provider, call, context.cipher)


def _message_encoder(chat: ChatRequest, body: Json, call: pb.Call, context: FormatContext) -> Encoder:
    from unigate_formats.anthropic_messages.client_format import message_encoder  # noqa: PLC0415

    return message_encoder(chat, context.provider, call, context.cipher)


def _read_contents(body: Json, call: pb.Call, context: FormatContext) -> ChatRequest:
    from unigate_formats.gemini_generate_content.client_format import read_contents  # noqa: PLC0415

    return read_contents(body, context.provider, call, context.cipher)


def _content_encoder(chat: ChatRequest, body: Json, call: pb.Call, context: FormatContext) -> Encoder:
    from unigate_formats.gemini_generate_content.client_format import content_encoder  # noqa: PLC0415

    return content_encoder(chat, context.provider, call, context.cipher)


def _content_type(call: pb.Call) -> str:
    from unigate_formats.gemini_generate_content.client_format import is_array  # noqa: PLC0415

    return "application/json" if is_array(call) else ""


def _counted_contents(body: Json) -> Json:
    from unigate_formats.gemini_generate_content.client_format import counted_contents  # noqa: PLC0415

    return counted_contents(body)


CHAT = ClientFormat(parameters=lambda table: table, read=_read_chat, encoder=_chat_encoder)
RESPONSES = ClientFormat(parameters=responses_parameters, read=_read_responses, encoder=_responses_encoder)

COMPLETIONS = ClientFormat(
    parameters=_completions_parameters, read=_read_completion, encoder=_completion_encoder, chats=_completion_chats
)

CLIENT_FORMATS: Mapping[Operation, ClientFormat] = {
    Operation.CHAT: CHAT,
    Operation.RESPONSES: RESPONSES,
    Operation.COMPLETIONS: COMPLETIONS,
}
"""Of OpenAI's API, by operation."""

OTHER_CLIENT_FORMATS: Mapping[pb.ClientFormat.ValueType, ClientFormat] = {
    pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES: ClientFormat(parameters=None, read=_read_messages, encoder=_message_encoder),
    pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT: ClientFormat(
        parameters=None,
        read=_read_contents,
        encoder=_content_encoder,
        content_type=_content_type,
        counted=_counted_contents,
        count=lambda tokens: {"totalTokens": tokens},
    ),
}
"""Of other vendors' APIs, for chats."""
