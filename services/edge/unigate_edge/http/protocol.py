"""One client's connection: HTTP/1.1 by uvicorn and httptools, bounded in bytes and in time.

uvicorn's protocol takes heads of any size, merges trailers into the headers and waits for ever; its methods that do are
replaced here. tests/edge/http/test_uvicorn.py names what is relied on, and fails when another uvicorn lacks it.
"""

from __future__ import annotations

import asyncio
import math
import urllib.parse
from enum import IntEnum
from typing import Any, cast

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from unigate_edge.http.client_connection import ClientConnection
from unigate_edge.http.connections import ConnectionTracker
from unigate_edge.http.head import check_head, check_upgrade
from unigate_edge.http.http10 import Http10Cycle
from unigate_edge.http.refusals import (
    HeadRefused,
    body_too_slow,
    encode_response,
    head_too_large,
    head_too_slow,
    malformed,
    too_many_connections,
    too_many_headers,
    url_too_long,
)
from unigate_edge.http.transport import HeaderCoalescingTransport

NEVER = math.inf
LINGER_SECONDS = 2.0
"""For which input is read and thrown away after a refusal, so that the client gets to read it instead of a reset."""
REST_SECONDS = 5.0
"""For the rest of a body whose request is answered already."""
MAX_PIPELINED = 32
"""Requests that a client may send ahead on one connection."""


class Stage(IntEnum):
    """What a connection waits for."""

    IDLE = 0  # the next request
    HEAD = 1  # the rest of the headers
    BODY = 2  # the rest of the body
    ANSWER = 3  # the application
    REST = 4  # the rest of a body whose answer is out
    LINGER = 5  # the client, to read a refusal and to leave


class HttpProtocol(HttpToolsProtocol):
    """A connection, one request after the other."""

    def __init__(self, tracker: ConnectionTracker, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tracker = tracker
        self._stage = Stage.IDLE
        self._since = 0.0
        # Since when the client does not read what is written.
        self._stalled = NEVER
        self._in_head = False
        # Bytes of the head that are fed but not parsed into headers yet, and of the headers and the body so far.
        self._unparsed = self._head_size = self._body_size = 0
        self._discarding = False
        self.url = b""
        # Bytes to come of a body that follows an offer of another protocol.
        self._unparsed_body = 0
        # The request whose application runs; `cycle` is the one that was parsed last.
        self._running: RequestResponseCycle | None = None
        self.deadline = NEVER

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or refuse it when there are too many."""
        super().connection_made(cast("asyncio.Transport", HeaderCoalescingTransport(transport)))
        self._enter(Stage.IDLE, self._tracker.settings.idle_timeout)
        if self._tracker.full():
            self._refuse(too_many_connections())

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the application whose answer runs, too; uvicorn informs only the request that was parsed last."""
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
            self._running.scope["unigate.connection"].lose()  # type: ignore[typeddict-item]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came. Never raises: what cannot be parsed is answered, and the connection ends."""
        if self._unparsed_body:
            self._take_unparsed_body(data)
        if self._discarding:
            return
        head_continues = self._in_head
        if self._stage == Stage.IDLE:
            self._enter(Stage.HEAD, self._tracker.settings.head_timeout)
        try:
            self.parser.feed_data(data)
            if head_continues and self._in_head:
                # a single header may come in many pieces, and the parser reports it only when it is whole
                self._unparsed += len(data)
                if self._unparsed > self._tracker.settings.head_bytes + self._tracker.settings.url_bytes:
                    raise head_too_large(self._tracker.settings.head_bytes)
        except httptools.HttpParserUpgrade as upgrade:
            self._take_unparsed_body(data[upgrade.args[0] :])
        except HeadRefused as refused:
            self._refuse(refused)
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, HeadRefused) else malformed("The request cannot be parsed."))
        except httptools.HttpParserError:
            self._refuse(malformed("This is not a valid HTTP/1.1 request."))

    def _take_unparsed_body(self, data: bytes) -> None:
        """Another protocol was offered and not taken. The parser has ended with the head: the body is read here.

        Java's HttpClient offers HTTP/2 in this way. This request is answered, and nothing is read after it.
        """
        self._discarding = True
        if not self._unparsed_body:
            return
        self.on_body(data[: self._unparsed_body])
        self._unparsed_body -= min(len(data), self._unparsed_body)
        if not self._unparsed_body:
            self.on_message_complete()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head = True
        self._unparsed = self._head_size = self._body_size = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target. Raises HeadRefused."""
        self.url += url
        if len(self.url) > self._tracker.settings.url_bytes:
            raise url_too_long(self._tracker.settings.url_bytes)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header. Raises HeadRefused. Trailers, which come after the body, are ignored."""
        if not self._in_head:
            return
        self._head_size += len(name) + len(value)
        if self._head_size > self._tracker.settings.head_bytes:
            raise head_too_large(self._tracker.settings.head_bytes)
        if len(self.headers) >= self._tracker.settings.headers:
            raise too_many_headers(self._tracker.settings.headers)
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Start the application, or queue the request behind the one that is being answered. Raises HeadRefused."""
        self._in_head = False
        version = self.parser.get_http_version()
        check_head(self.headers, version)
        upgrade = self.parser.should_upgrade()
        if upgrade:
            self._unparsed_body = check_upgrade(self.headers)
        self._fill_scope(version)
        self.scope["unigate.connection"] = ClientConnection()  # type: ignore[typeddict-unknown-key]
        busy = self._running is not None and not self._running.response_complete
        if busy and len(self.pipeline) >= MAX_PIPELINED:
            raise malformed("There are too many requests ahead of this one.")
        kind = Http10Cycle if version == "1.0" else RequestResponseCycle
        self.cycle = kind(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and not upgrade and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if busy:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))
        else:
            self._enter(Stage.BODY, self._tracker.settings.body_timeout)
            self._start_asgi_task(self.cycle, self.app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _fill_scope(self, version: str) -> None:
        scope = self.scope
        scope["method"] = self.parser.get_method().decode("ascii")
        if version != "1.1":
            scope["http_version"] = version
        parsed = httptools.parse_url(self.url)
        raw_path = parsed.path or b"/"
        path = raw_path.decode("ascii")
        scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        scope["raw_path"] = raw_path
        scope["query_string"] = parsed.query or b""

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body_size += len(body)
        if self.cycle.response_complete:
            return
        self.cycle.body += body
        if len(self.cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        self.cycle.message_event.set()

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._unparsed_body:
            return
        if self._stage == Stage.REST:
            self._enter(Stage.IDLE, self._tracker.settings.idle_timeout)
        if self.cycle.response_complete:
            return
        if self._stage == Stage.BODY:
            self._enter(Stage.ANSWER, NEVER)
        self.cycle.more_body = False
        self.cycle.message_event.set()

    def on_response_complete(self) -> None:
        """An answer is out: the next request may come, or is there already."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            if cycle.more_body:
                self._enter(Stage.BODY, self._tracker.settings.body_timeout)
            else:
                self._enter(Stage.ANSWER, NEVER)
            self._start_asgi_task(cycle, app)
        elif self.cycle.more_body:
            self._enter(Stage.REST, REST_SECONDS)
        elif self._in_head:
            self._enter(Stage.HEAD, self._tracker.settings.head_timeout)
        else:
            self._enter(Stage.IDLE, self._tracker.settings.idle_timeout)

    def pause_writing(self) -> None:
        """The client does not read fast enough."""
        super().pause_writing()
        if self._stage != Stage.LINGER:
            self.deadline = min(self.deadline, self.loop.time() + self._tracker.settings.write_timeout)
            self._stalled = self.loop.time()

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        self._stalled = NEVER
        if self._stage == Stage.ANSWER:
            self.deadline = NEVER

    def expire(self, now: float) -> None:
        """The deadline is over: end the connection, or wait on where that is right."""
        settings = self._tracker.settings
        if now - self._stalled >= settings.write_timeout:
            self._tracker.closed("write_timeout")
            self.deadline = NEVER
            self.transport.abort()
        elif self._stage == Stage.BODY:
            self._expire_body(now)
        elif self._stage == Stage.HEAD:
            self._refuse(head_too_slow())
        elif self._stage == Stage.IDLE:
            self._tracker.closed("idle_timeout")
            self.transport.close()
            self.deadline = NEVER
        elif self._stage == Stage.REST:
            self._tracker.closed("rest")
            self._linger()
        elif self._stage == Stage.LINGER:
            self.deadline = NEVER
            self.transport.abort()
        else:
            self.deadline = NEVER

    def _expire_body(self, now: float) -> None:
        settings = self._tracker.settings
        if self.flow.read_paused or self.cycle.waiting_for_100_continue:
            # it is the gateway that does not read
            self._since, self._body_size = now, 0
        due = self._since + settings.body_timeout + self._body_size / settings.body_rate
        if due > now:
            self.deadline = due
        else:
            self._refuse(body_too_slow())

    def _enter(self, stage: Stage, seconds: float) -> None:
        self._stage = stage
        self._since = self.loop.time()
        self.deadline = self._since + seconds

    def _refuse(self, refused: HeadRefused) -> None:
        """Answer what cannot become a request, then let the connection end. An answer that runs is not cut."""
        self._tracker.closed(refused.reason)
        self._discarding = True
        running, receiving = self._running, self._stage == Stage.BODY
        self.pipeline.clear()
        if running is not None and not running.response_complete:
            running.keep_alive = False
            if not receiving:
                self.deadline = NEVER
                return
            # its body will never be whole
            running.disconnected = True
            running.message_event.set()
            if running.response_started:
                self.transport.close()
                return
        self.transport.write(encode_response(refused.error, self.url))
        self._linger()

    def _linger(self) -> None:
        self._discarding = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._enter(Stage.LINGER, LINGER_SECONDS)
