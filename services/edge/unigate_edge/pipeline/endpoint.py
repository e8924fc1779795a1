"""What is known of an endpoint of OpenAI's API: where, what, how the request is checked, how the answer streams."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import msgspec
from starlette.types import Scope

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.operations import OPERATION_NAMES
from unigate_edge.client_apis.client_api import EventStream
from unigate_edge.client_apis.openai import CHAT_STREAM
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange
from unigate_edge.pipeline.answer_state import Prepared
from unigate_edge.validation.decoding import decoder_of
from unigate_edge.validation.types import Request

Prepare: TypeAlias = Callable[[Gateway, Exchange, Any, pb.Call, bytes], Awaitable[Prepared]]
"""What an endpoint does with a checked request, its call and its body before they are sent. Raises GatewayError."""

Complete: TypeAlias = Callable[[Any, Scope], Any]
Units: TypeAlias = Callable[[Any], int]


class Endpoint(msgspec.Struct, frozen=True):
    """One POST endpoint whose request is JSON.

    `events` is how its streams look. `complete` adds to a request what stands in its path. `native_path` is the path at
    a vendor that has this API itself, below its version; `{model}` stands for the model. `model_optional`: any provider
    that has the operation may choose the model. `units`: how many images or characters a request asks for.
    """

    path: str
    operation: pb.Operation.ValueType
    kind: type[Request]
    decode: Callable[[bytes], Request]
    events: EventStream = CHAT_STREAM
    prepare: Prepare | None = None
    complete: Complete | None = None
    native_path: str = ""
    model_optional: bool = False
    units: Units | None = None

    @property
    def name(self) -> str:
        """The operation's name for metrics and logs."""
        return OPERATION_NAMES[self.operation]


def json_endpoint(path: str, operation: pb.Operation.ValueType, kind: type[Request], **rules: Any) -> Endpoint:
    """An endpoint whose requests have the type `kind`."""
    return Endpoint(path=path, operation=operation, kind=kind, decode=decoder_of(kind), **rules)


class UploadEndpoint(msgspec.Struct, frozen=True):
    """One POST endpoint whose request has files; `json` describes the form of it that has none."""

    path: str
    operation: pb.Operation.ValueType
    model_required: bool = True
    json: Endpoint | None = None

    @property
    def name(self) -> str:
        """The operation's name for metrics and logs."""
        return OPERATION_NAMES[self.operation]
