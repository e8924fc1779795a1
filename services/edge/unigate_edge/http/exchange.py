"""One HTTP request and its answer, written as ASGI messages. https://asgi.readthedocs.io/en/latest/specs/www.html"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import GatewayError
from unigate_core.json import dumps
from unigate_edge.client_apis.choose import choose_api
from unigate_edge.client_apis.client_api import ClientApi
from unigate_edge.errors import error_headers
from unigate_edge.http.client_connection import ClientConnection, PolledConnection
from unigate_edge.telemetry.record import RequestRecord
from unigate_edge.telemetry.trace_context import valid_context

Headers = Iterable[tuple[bytes, bytes]]

Unstarted = Callable[[GatewayError, Mapping[bytes, bytes], RequestRecord], bytes]

JSON: Final = b"application/json"
EVENTS: Final = b"text/event-stream; charset=utf-8"
# An echo lands in the logs of others: long or odd values are not worth it.
_ECHO_LIMIT = 512


class Exchange:
    """The HTTP side of one request: what came, and the way to answer it. What becomes known of it is in `record`.

    `upstream_headers` go with an error that is raised: what the adapter asked last says about its answer.
    `extra_headers` go with whatever answer there will be, in place of all others of their name. `held_bytes` of the
    body count as held until the exchange is over; see body.py. `unstarted` may give a stream in place of an error's
    status.
    """

    __slots__ = ("_connection", "_send", "api", "extra_headers", "finished", "headers", "held_bytes", "query",
                 "receive", "record", "schema_fault", "unstarted", "upstream_headers")  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        self.headers = request_headers(scope["headers"])
        self.query: bytes = scope.get("query_string", b"")
        self.api: ClientApi = choose_api(path, self.headers)
        self.record = record = RequestRecord(scope["method"], path, self.api.name)
        if b"traceparent" in self.headers:
            context = valid_context(self.headers[b"traceparent"], self.headers.get(b"tracestate"))
            record.traceparent, record.tracestate = context
        self.receive = receive
        self._send = send
        self._connection: ClientConnection | None = scope.get("unigate.connection")
        self.finished = False
        self.held_bytes = 0
        self.unstarted: Unstarted | None = None
        self.upstream_headers: Headers = ()
        self.extra_headers: dict[bytes, bytes] = {}
        self.schema_fault: pb.SchemaFault | None = None

    @property
    def answered(self) -> bool:
        """Whether the status is out, so that it cannot be another any more."""
        return self.record.status != 0

    def watch(self) -> ClientConnection:
        """What notices that the client leaves. Not before the body is received, and to be closed in the end."""
        return self._connection or PolledConnection(self.receive())  # type: ignore[arg-type]

    async def start(self, status: int, content_type: bytes, headers: Headers = ()) -> None:
        """Send the status and the headers."""
        record = self.record
        record.status = status
        record.time_to_first_byte = time.perf_counter() - record.started
        fields = [
            (b"content-type", content_type),
            (b"x-request-id", record.request_id.encode()),
            (b"openai-processing-ms", b"%d" % (record.time_to_first_byte * 1000)),
            (b"openai-version", b"2020-10-01"),
            *headers,
        ]
        if self.api.request_id_header and all(name != self.api.request_id_header for name, _ in fields):
            fields.append((self.api.request_id_header, record.request_id.encode()))
        if self.extra_headers:
            fields = [field for field in fields if field[0] not in self.extra_headers]
            fields += self.extra_headers.items()
        if record.attempts:
            fields.append((b"x-unigate-attempts", b"%d" % record.attempts))
        client_id = self.headers.get(b"x-client-request-id")
        if client_id is not None and len(client_id) <= _ECHO_LIMIT:
            fields.append((b"x-client-request-id", client_id))
        await self._send({"type": "http.response.start", "status": status, "headers": fields})

    async def write(self, data: bytes) -> None:
        """Send a part of the body. Waits while the client is slow to read."""
        self._count(data)
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def finish(self, data: bytes) -> None:
        """Send the last part of a body that is written in parts."""
        if data:
            self._count(data)
        await self.end(data)

    async def ping(self, body: bytes) -> None:
        """Keep a silent stream alive. It is no part of the answer, and not counted."""
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    def keys(self) -> Iterator[bytes]:
        """What may be the client's key, the likeliest first. A key in the query is not to be shown anywhere."""
        for name in self.api.key_headers:
            value = self.headers.get(name)
            if value is None:
                continue
            scheme, _, token = value.partition(b" ")
            if name != b"authorization":
                yield value.strip()
            elif scheme.lower() == b"bearer" and token.strip():
                yield token.strip()
        if self.api.key_parameter and self.query:
            given = parse_qs(self.query.decode("latin-1")).get(self.api.key_parameter)
            if given:
                yield given[0].encode("latin-1", "replace")

    def _count(self, data: bytes) -> None:
        record = self.record
        if not record.writes:
            record.first_byte_at = time.perf_counter()
        record.writes += 1
        record.events += data.count(b"\n\n")
        record.bytes_sent += len(data)

    async def end(self, data: bytes = b"") -> None:
        """Send the last part of the body."""
        self.finished = True
        await self._send({"type": "http.response.body", "body": data, "more_body": False})

    async def answer(self, status: int, body: bytes, content_type: bytes = JSON, headers: Headers = ()) -> None:
        """Send a whole answer."""
        await self.start(status, content_type, [(b"content-length", b"%d" % len(body)), *headers])
        await self.end(body)

    def listen(self, listener: Callable[[Any], None]) -> None:
        """Let a listener see the ASGI messages of the answer, each after it is sent."""
        send = self._send

        async def send_and_tell(message: Any) -> None:
            await send(message)
            listener(message)

        self._send = send_and_tell

    def failed_stream(self, error: GatewayError) -> bytes:
        """The stream that reports an error to this client before its first event; empty: there is no such stream."""
        return self.unstarted(error, self.headers, self.record) if self.unstarted is not None else b""

    async def fail(self, error: GatewayError, headers: Headers = ()) -> None:
        """Send an error as the answer. Not after `start`."""
        self.record.error = error
        own = encode_headers(error_headers(error))
        names = {name for name, _ in own}
        events = self.failed_stream(error)
        others = [(name, value) for name, value in headers or self.upstream_headers if name not in names]
        if events:
            await self.answer(200, events, EVENTS, headers=[*own, *others])
            return
        body = error.body or dumps(self.api.error(error, self.record.request_id))
        content_type = error.content_type.encode("latin-1", "replace") or JSON if error.body else JSON
        await self.answer(error.status, body, content_type, headers=[*own, *others])


def request_headers(fields: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by name; the lines of a header that stands there repeatedly are one list.

    https://www.rfc-editor.org/rfc/rfc9110#section-5.3
    """
    headers = dict(fields)
    if len(headers) == len(fields):
        return headers
    headers = {}
    for name, value in fields:
        headers[name] = b"%b, %b" % (headers[name], value) if name in headers else value
    return headers


def encode_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI wants them. What cannot stand in a header is left out rather than breaking the answer."""
    encoded = []
    for name, value in headers.items():
        if value.isprintable():
            encoded.append((name.lower().encode(), value.encode("latin-1", "replace")))
    return encoded


def head_headers(head: pb.Head, provider: str) -> list[tuple[bytes, bytes]]:
    """What an adapter says about its answer, as response headers."""
    headers = dict(head.headers)
    if head.upstream_request_id:
        headers["x-unigate-upstream-request-id"] = head.upstream_request_id
    if head.dropped_params:
        headers["x-unigate-dropped-params"] = ",".join(head.dropped_params)
    if head.notes:
        headers["x-unigate-notes"] = ",".join(head.notes)
    return [(b"x-unigate-provider", provider.encode()), *encode_headers(headers)]
