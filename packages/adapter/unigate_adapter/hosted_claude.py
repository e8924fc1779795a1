"""Claude as a cloud hosts it: Anthropic's Messages API in a form of the cloud's own, translated or passed through."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.backend import Backend
from unigate_adapter.provider import Provider
from unigate_formats.anthropic_messages.native_api import API
from unigate_formats.anthropic_messages.relax import without_refused
from unigate_formats.anthropic_messages.translation import CHAT
from unigate_formats.neutral.native_api import NativeApi, NativeRequest, TokenCounter
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import NativeCall, inline_all


def hosted_claude(  # noqa: PLR0913 - what clouds differ in
    *,
    name: str,
    telemetry_name: str,
    backend: Backend,
    place: Callable[[NativeCall], NativeCall],
    place_native: Callable[[NativeRequest, str], NativeRequest],
    token_counter: TokenCounter,
    reads_urls: bool,
    counts_natively: bool,
) -> Provider:
    """The family of a cloud's models that are Claude.

    `place` and `place_native` bring requests into the cloud's form. `reads_urls`: the cloud fetches media itself.
    `counts_natively`: it has Anthropic's own route that counts tokens.
    """
    chat = CHAT if reads_urls else replace(CHAT, inline=inline_all)
    api: NativeApi = replace(API, place=place_native, relax=without_refused)
    if not counts_natively:
        api = replace(api, operations=frozenset({Operation.CHAT}))
    return Provider(
        name=name,
        telemetry_name=telemetry_name,
        backend=backend,
        operations={Operation.CHAT: chat.placed(place)},
        native={pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES: api},
        token_counter=token_counter,
    )
