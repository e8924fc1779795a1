"""One API in front of the gateway, as far as all its routes have it in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import GatewayError
from unigate_edge.telemetry.record import RequestRecord

RequestHeaders = Mapping[bytes, bytes]


class EventStream(msgspec.Struct, frozen=True, kw_only=True):
    """How a stream in one format says what only the edge knows: that it broke off, and that it is still alive.

    `error` is an error inside a stream, given how many events went before it, which are counted if `numbered`. `ping`
    keeps a silent stream alive, empty: the format has nothing for it. `repeatable` finds in a stream's first data what
    takes the place of the ping from then on. `unstarted` is all events of a stream that failed before its first, for
    clients that only recover by them; it is empty for all others, who get the error's HTTP status or `error`.
    """

    error: Callable[[GatewayError, int], bytes]
    ping: bytes = b": ping\n\n"
    numbered: bool = False
    repeatable: Callable[[bytes], bytes] | None = None
    unstarted: Callable[[GatewayError, RequestHeaders, RequestRecord], bytes] | None = None


class ClientApi(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is the value of metrics' label. `vendor` is the provider whose models can be named without it.

    `key_headers` may hold the client's key, the API's own first; `key_parameter` is the query's name of it, empty:
    there is none. `forwarded` begins the names of request headers that a vendor with this API is sent. `error` is an
    error's body, given the request's id.
    `request_id_header` is the API's own name for the request's id, sent where the vendor has sent none.
    `session_header` names the conversation that a request belongs to, where clients send it.
    """

    name: str
    client_format: pb.ClientFormat.ValueType = pb.CLIENT_FORMAT_OPENAI
    vendor: str = ""
    key_headers: tuple[bytes, ...] = (b"authorization",)
    key_parameter: str = ""
    forwarded: tuple[bytes, ...] = ()
    error: Callable[[GatewayError, str], Any]
    request_id_header: bytes = b""
    session_header: bytes = b""

    def client_headers(self, headers: RequestHeaders) -> dict[str, str]:
        """The request headers that a vendor with this API is sent. None of them holds a key."""
        if not self.forwarded:
            return {}
        return {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in headers.items()
            if name.startswith(self.forwarded) and name not in self.key_headers
        }
