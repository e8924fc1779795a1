"""A provider is a value: a backend, and how each operation is served there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.backend import Backend
from unigate_formats.neutral.native_api import NativeApi, TokenCounter
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import Handler, PassThrough, Translation


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """One provider. `name` stands before its models' names; `telemetry_name` is the value of gen_ai.provider.name.

    `native` are the APIs of other vendors than OpenAI that it has itself. `translation` serves chats in other formats
    where chat completions pass through. `token_counter` is the vendor's own, where there is one.
    `families` are models that are served otherwise, by a test of their names, true or not: a cloud hosts models of
    several formats. All of them share the credentials and the list of models of the provider that holds them.
    `model_prefixes`: what the vendor lets stand before a model's name; the edge leaves it out, so that limits and
    prices know the model by one name.
    """

    name: str
    telemetry_name: str
    backend: Backend
    operations: Mapping[Operation, Translation | PassThrough | Handler]
    native: Mapping[pb.ClientFormat.ValueType, NativeApi] = msgspec.field(default_factory=dict)
    translation: Translation | None = None
    token_counter: TokenCounter | None = None
    families: Sequence[tuple[Callable[[str], object], Provider]] = ()
    model_prefixes: Sequence[str] = ()

    @property
    def chat_translation(self) -> Translation | None:
        """What serves chats that come in another format than the provider's own; None: nothing does."""
        chat = self.operations.get(Operation.CHAT)
        return chat if isinstance(chat, Translation) else self.translation if chat is not None else None
