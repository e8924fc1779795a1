"""A streamed answer: frames of the adapter → the body of one HTTP response, as they come.

Adapters send whole server-sent events, so the edge writes bytes and reads none. It adds what only it can know: that an
answer broke off, and that a silent stream is still alive. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Self

from grpc.aio import EOF, AioRpcError

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import GatewayError, UpstreamTruncated
from unigate_edge.client_apis.client_api import EventStream
from unigate_edge.config.model import Heartbeat
from unigate_edge.cost.checked import checked
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import EVENTS, Exchange, Headers, head_headers
from unigate_edge.limits.delivered import Delivered
from unigate_edge.pipeline.alternatives import unsupported_operation_error
from unigate_edge.pipeline.answer_state import StateSink, persist_answer_state
from unigate_edge.pipeline.stream_timeout import StreamTimeout
from unigate_edge.upstream.cancellation import CancelOnDisconnect

EVENT_HEADERS = ((b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"))

Frame = pb.InvokeStreamResponse
ReadFrame = Callable[[], Awaitable[Any]]
"""The next frame, or grpc.aio.EOF."""


class StreamedAnswer:
    """The response side of a stream: status at the first data, pings while silent, an end in a form that still fits.

    A context that ends the stream with the error that passes, unless another attempt could still answer.
    """

    def __init__(self, exchange: Exchange, heartbeat: Heartbeat, events: EventStream | None) -> None:
        """`events`: None for media, which have no pings, and whose error breaks the connection."""
        self._exchange = exchange
        self._heartbeat = heartbeat
        self._events = events
        self._ping_body = events.ping if events is not None else b""
        self._loop = asyncio.get_running_loop()
        self._headers: Headers = head_headers(pb.Head(), exchange.record.provider)
        self._content_type = EVENTS if events is not None else b"application/octet-stream"
        self._numbered_events = 0
        self._last_write = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._ping: asyncio.Task[None] | None = None
        admission = exchange.record.admission
        self.delivered = Delivered() if admission is not None else None
        if admission is not None:
            admission.delivered = self.delivered
        self.begun = False
        self.last_heard = self._last_write
        """When the adapter last sent something, by the loop's clock; infinity while the client has no room for more."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        try:
            if not isinstance(error, GatewayError):
                return False
            await self._settle()
            if not self._exchange.answered:
                self._exchange.upstream_headers = self._headers
                return False
            await self.end(error=error)
            return True
        finally:
            self._close()

    def keep_alive(self) -> None:
        """Ping from now on whenever nothing was written for long enough, for the first time also counting attempts."""
        if self._ping_body:
            waited = time.perf_counter() - self._exchange.record.started
            self._timer = self._loop.call_later(max(0.0, self._heartbeat.first_event - waited), self._silent)

    def describe(self, frame: Frame) -> None:
        """Take over what a frame says about the answer."""
        if frame.HasField("head"):
            self._headers = head_headers(frame.head, self._exchange.record.provider)
        if frame.content_type:
            self._content_type = frame.content_type.encode()

    async def write(self, data: bytes) -> None:
        """Send data, the status before the first. Returns when the client has room for more."""
        if self._ping is not None or not self._exchange.answered:
            await self._begin()
        events = self._events
        if events is not None and events.numbered:
            self._numbered_events += data.count(b"\ndata:")
        if not self.begun:
            self.begun = True
            if events is not None and events.repeatable is not None:
                self._ping_body = events.repeatable(data) or events.ping
        self._last_write = self._loop.time()
        self.last_heard = math.inf
        await self._exchange.write(data)
        if self.delivered is not None:
            self.delivered.add(data)
        self.last_heard = self._loop.time()

    async def end(self, data: bytes = b"", error: GatewayError | None = None) -> None:
        """End the stream: with the last of its data, or with an error, which for media is a broken connection."""
        if error is None:
            await self._begin()
            await self._exchange.finish(data)
            self._exchange.record.phase = "done"
            return
        self._exchange.record.error = error
        if self._events is not None:
            # pings may have gone out, an event may not
            failed = b"" if self.begun else self._exchange.failed_stream(error)
            await self._exchange.end(failed or self._events.error(error, self._numbered_events))

    async def _begin(self) -> None:
        await self._settle()
        if not self._exchange.answered:
            await self._start()

    async def _start(self) -> None:
        self._exchange.record.phase = "answer"
        headers = self._headers if self._events is None else [*EVENT_HEADERS, *self._headers]
        await self._exchange.start(200, self._content_type, headers)

    async def _settle(self) -> None:
        """Wait for a ping that is being sent, so that nothing overtakes it."""
        if self._ping is not None:
            ping, self._ping = self._ping, None
            await ping

    def _silent(self) -> None:
        """Called by the loop: ping when nothing was written for long enough, look again when it will have been."""
        interval = self._heartbeat.interval if self._exchange.answered else self._heartbeat.first_event
        due = self._last_write + interval
        now = self._loop.time()
        if now >= due and (self._ping is None or self._ping.done()):
            self._last_write = now
            self._ping = self._loop.create_task(self._send_ping())
            due = now + self._heartbeat.interval
        self._timer = self._loop.call_at(max(due, now + 0.01), self._silent)

    async def _send_ping(self) -> None:
        if not self._exchange.answered:
            await self._start()
        if not self._exchange.finished:
            await self._exchange.ping(self._ping_body)

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._ping is not None:
            self._ping.cancel()


async def proxy_stream(
    gateway: Gateway,
    exchange: Exchange,
    request: pb.InvokeStreamRequest,
    events: EventStream | None,
    sink: StateSink | None = None,
) -> None:
    """Call the adapter and pass its frames on; `events` None: they are media. `sink` remembers what they leave behind.

    Raises GatewayError while no byte of an answer is sent, ClientDisconnected.
    """
    record = exchange.record
    record.phase = "wait"
    record.streamed = True
    client = await gateway.connected(exchange)
    timeouts = gateway.config.timeouts
    call = client.invoke_stream(request, gateway.time_left(exchange), gateway.telemetry.metadata(record))
    async with StreamedAnswer(exchange, gateway.config.heartbeat, events) as answer:
        answer.keep_alive()
        with CancelOnDisconnect(call, exchange), StreamTimeout(call, answer, timeouts.first_byte, timeouts.idle):
            await relay(gateway, exchange, answer, call.read, sink)


async def relay(
    gateway: Gateway, exchange: Exchange, answer: StreamedAnswer, read: ReadFrame, sink: StateSink | None = None
) -> None:
    """Write frames until the last. Raises GatewayError when they say or show a failure."""
    record = exchange.record
    while (frame := await read()) is not EOF:
        if not answer.begun:
            answer.describe(frame)
        has_summary = frame.HasField("summary")
        # what the next turn needs is kept before the client can see that there will be one
        for part in (frame, frame.summary) if has_summary else (frame,):
            if part.HasField("keep"):
                await persist_answer_state(gateway, record, part.keep, sink)
        if has_summary:
            record.summary = checked(frame.summary)
        if frame.HasField("error"):
            error = await unsupported_operation_error(gateway.registry, record, frame.error)
            if not frame.data:
                raise error
            # the adapter has sent the error to the client already, in the format of its stream
            record.error = error
        elif has_summary:
            # before the client sees the end and comes again
            await gateway.metering.settle(exchange)
        elif frame.data:
            await answer.write(frame.data)
            if record.admission is not None and answer.delivered is not None:
                await gateway.metering.extend(record, record.admission, answer.delivered)
            continue
        else:
            continue
        with suppress(AioRpcError):
            await read()
        await answer.end(frame.data)
        return
    raise UpstreamTruncated("The provider's answer broke off before its end.")
