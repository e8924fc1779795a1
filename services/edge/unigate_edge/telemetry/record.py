"""What becomes known of one request on its way. The log line, metrics, spans and limits read it; none of it is HTTP."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import GatewayError
from unigate_core.ids import request_id

if TYPE_CHECKING:
    from unigate_edge.limits.admission import Admission


class Trace(Protocol):
    """The spans of one request."""

    exemplar: dict[str, str] | None
    trace_id: str

    def call(self, record: RequestRecord) -> dict[str, str]:
        """Start the span of a call of an adapter; returns the headers that put the adapter's own below it."""

    def call_ended(self) -> None:
        """End the span of the call, with the exception that is passing, if one is."""

    def end(self, record: RequestRecord, status: int) -> None:
        """End the request's span."""


class RequestRecord:
    """One request. Times with a name in `_at` and `started` are seconds of time.perf_counter(), 0: not yet.

    Who asked for what: `request_id`, `created` (Unix time), `method`, `path`, `client_api` (name of the API that the
    client speaks), `caller` (name of the key), `operation`, `units` (images or characters that were asked for).

    Who answered: `provider`, `model`, `attempts` (calls of adapters), `failures` (model and reason of each attempt that
    failed), `cached`.

    How it went: `phase` (body, wait, answer or done, when it ended), `status` (0: none was sent), `error`, `streamed`,
    `client_disconnected`, `bytes_sent`, `writes` and `events` (of a stream), `time_to_first_byte` (seconds),
    `body_received_at`, `rpc_sent_at` (last call of an adapter), `first_byte_at`, `summary` (of the adapter).

    What it used: `admission` (reserved of the key's limits), `settled` (whether that is over), `cost_usd`.
    """

    __slots__ = (
        "admission", "attempts", "body_received_at", "bytes_sent", "cached", "caller", "client_api",
        "client_disconnected", "cost_usd", "created", "error", "events", "failures", "first_byte_at", "method", "model",
        "operation", "path", "phase", "provider", "request_id", "rpc_sent_at", "settled", "started", "status",
        "streamed", "summary", "time_to_first_byte", "trace", "traceparent", "tracestate", "units", "writes",
    )  # fmt: skip

    def __init__(self, method: str, path: str, client_api: str = "") -> None:
        self.started = time.perf_counter()
        self.created = int(time.time())
        self.request_id = request_id()
        self.method = method
        self.path = path
        self.client_api = client_api
        self.caller = self.operation = self.provider = self.model = ""
        self.streamed = self.cached = self.settled = self.client_disconnected = False
        self.phase = "body"
        self.status = self.units = self.attempts = 0
        self.bytes_sent = self.writes = self.events = 0
        self.time_to_first_byte = self.body_received_at = self.rpc_sent_at = self.first_byte_at = 0.0
        self.failures: tuple[tuple[str, str], ...] = ()
        self.error: GatewayError | None = None
        self.summary: pb.Summary | None = None
        self.cost_usd: float | None = None
        self.admission: Admission | None = None
        # the client's trace context, and the spans where this request is traced
        self.traceparent: bytes | None = None
        self.tracestate: bytes | None = None
        self.trace: Trace | None = None
