"""A provider is a value: a backend, and how each operation is served there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.backend import Backend
from unigate_formats.neutral.native_api import NativeApi, TokenCounter
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import Handler, PassThrough, Translation


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider. `name` stands before its models' names; `telemetry_name` is the value of gen_ai.provider.name.

    `native` are the APIs of other vendors than OpenAI that it has itself. `translation` serves chats in other formats
    where chat completions pass through. `token_counter` is the vendor's own, where there is one.
    """

    name: str
    telemetry_name: str
    backend: Backend
    operations: Mapping[Operation, Translation | PassThrough | Handler]
    native: Mapping[pb.ClientFormat.ValueType, NativeApi] = field(default_factory=dict)
    translation: Translation | None = None
    token_counter: TokenCounter | None = None
