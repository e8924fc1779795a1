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
from typing import Any

from grpc.aio import EOF, AioRpcError

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import GatewayError, UpstreamTruncated
from unigate_core.json import dumps
from unigate_edge.config.model import Heartbeat
from unigate_edge.cost.checked import checked
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import EVENTS, Exchange, Headers, head_headers
from unigate_edge.limits.delivered import Delivered
from unigate_edge.pipeline.alternatives import unsupported_operation_error
from unigate_edge.pipeline.answer_state import persist_answer_state
from unigate_edge.pipeline.stream_timeout import StreamTimeout
from unigate_edge.upstream.cancellation import cancel_on_disconnect

EVENT_HEADERS = ((b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"))

Frame = pb.InvokeStreamResponse
ReadFrame = Callable[[], Awaitable[Any]]
"""The next frame, or grpc.aio.EOF."""
ErrorEvent = Callable[[GatewayError, int], bytes]
"""An error inside a stream after so many events."""


def _in_progress(data: bytes) -> bytes:
    """The event that says that a response is being made, empty without one. Told again it keeps a silent stream alive
    for clients that count data only, such as Codex CLI; the SDKs ignore it."""
    start = data.find(b"event: response.in_progress\n")
    end = data.find(b"\n\n", start)
    return data[start : end + 2] if 0 <= start < end else b""


def chat_error_event(error: GatewayError, _events: int) -> bytes:
    """How chat streams tell an error: as data, and without [DONE] after it."""
    return b"data: %b\n\n" % dumps(error.to_openai())


def responses_error_event(error: GatewayError, events: int) -> bytes:
    """How response streams tell an error. https://platform.openai.com/docs/api-reference/responses-streaming/error"""
    event = {
        "type": "error",
        "code": error.code,
        "message": error.message,
        "param": error.param,
        "sequence_number": events,
    }
    return b"event: error\ndata: %b\n\n" % dumps(event)


class StreamedAnswer:
    """The response side of a stream: status at the first data, pings while silent, errors in a form that still fits."""

    def __init__(self, exchange: Exchange, heartbeat: Heartbeat, error_event: ErrorEvent | None) -> None:
        """Without a way to tell errors the stream is media: no pings, and an error breaks the connection."""
        self._exchange = exchange
        self._heartbeat = heartbeat
        self._error_event = error_event
        self._loop = asyncio.get_running_loop()
        self._headers: Headers = head_headers(pb.Head(), exchange.provider)
        self._content_type = EVENTS if error_event is not None else b"application/octet-stream"
        self._events = 0
        self._last_write = self._loop.time()
        self._ping: asyncio.Task[None] | None = None
        self._delivered: Delivered | None = None
        if exchange.admission is not None:
            self._delivered = exchange.delivered = Delivered()
        self.begun = False
        self.last_heard = self._last_write
        """When the adapter was last heard, by the loop's clock; infinity while the client has no room for more."""
        # of all attempts together
        waited = time.perf_counter() - exchange.started
        self._timer = self._loop.call_later(max(0.0, heartbeat.first_event - waited), self._silent)

    def describe(self, frame: Frame) -> None:
        """Take over what a frame says about the answer."""
        if frame.HasField("head"):
            self._headers = head_headers(frame.head, self._exchange.provider)
        if frame.content_type:
            self._content_type = frame.content_type.encode()

    async def write(self, data: bytes) -> None:
        """Send data, the status before the first. Returns when the client has room for more."""
        await self._begin()
        if self._error_event is responses_error_event:
            self._events += data.count(b"\ndata:")
            if not self.begun:
                self._exchange.keep_alive = _in_progress(data)
        self.begun = True
        self._last_write = self._loop.time()
        self.last_heard = math.inf
        await self._exchange.write(data)
        if self._delivered is not None:
            self._delivered.add(data)
        self.last_heard = self._loop.time()

    async def release_headers(self) -> bool:
        """Whether another attempt could still be made: tells what this one said about its answer, if so."""
        await self._settle()
        if self._exchange.answered:
            return False
        self._exchange.upstream_headers = self._headers
        return True

    async def fail(self, error: GatewayError) -> None:
        """End with an error: a status while that is possible, then an event, for media a broken connection."""
        self._exchange.error = error
        await self._settle()
        if not self._exchange.answered:
            await self._exchange.fail(error, self._headers)
        elif self._error_event is not None:
            await self._exchange.end(self._error_event(error, self._events))

    async def end(self, data: bytes) -> None:
        """End as agreed, with the last of the data."""
        await self._begin()
        await self._exchange.finish(data)

    def close(self) -> None:
        """Write nothing more."""
        self._timer.cancel()
        if self._ping is not None:
            self._ping.cancel()

    async def _begin(self) -> None:
        await self._settle()
        if not self._exchange.answered:
            await self._start()

    async def _start(self) -> None:
        self._exchange.phase = "answer"
        headers = self._headers if self._error_event is None else [*EVENT_HEADERS, *self._headers]
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
        if (
            now >= due
            and self._error_event is not None
            and self._exchange.api.ping
            and (self._ping is None or self._ping.done())
        ):
            self._last_write = now
            self._ping = self._loop.create_task(self._send_ping())
            due = now + self._heartbeat.interval
        self._timer = self._loop.call_at(max(due, now + 0.01), self._silent)

    async def _send_ping(self) -> None:
        if not self._exchange.answered:
            await self._start()
        if not self._exchange.finished:
            await self._exchange.ping()


async def proxy_stream(
    gateway: Gateway, exchange: Exchange, request: pb.InvokeStreamRequest, error_event: ErrorEvent | None
) -> None:
    """Call the adapter and pass its frames on; None for `error_event`: they are media.

    Raises GatewayError while no byte of an answer is sent, ClientGone.
    """
    exchange.phase = "wait"
    exchange.streamed = True
    client = await gateway.connected(exchange)
    timeouts = gateway.config.timeouts
    call = client.invoke_stream(request, gateway.time_left(exchange), gateway.telemetry.metadata(exchange))
    answer = StreamedAnswer(exchange, gateway.config.heartbeat, error_event)
    try:
        with cancel_on_disconnect(call, exchange), StreamTimeout(call, answer, timeouts.first_byte, timeouts.idle):
            await relay(gateway, exchange, answer, call.read)
    except GatewayError as error:
        if await answer.release_headers():
            raise
        await answer.fail(error)
    finally:
        answer.close()


async def relay(gateway: Gateway, exchange: Exchange, answer: StreamedAnswer, read: ReadFrame) -> None:
    """Write frames until the last. Raises GatewayError when they tell or show a failure."""
    while (frame := await read()) is not EOF:
        answer.describe(frame)
        await _keep(gateway, exchange, frame)
        if frame.HasField("summary"):
            exchange.summary = checked(frame.summary)
        if frame.HasField("error"):
            error = await unsupported_operation_error(gateway.registry, exchange, frame.error)
            if not frame.data:
                raise error
            # the adapter has told the client already, in the format of its stream
            exchange.error = error
        elif frame.HasField("summary"):
            # before the client sees the end and comes again
            await gateway.metering.settle(exchange)
        elif frame.data:
            await answer.write(frame.data)
            if exchange.delivered is not None:
                await gateway.metering.extend(exchange, exchange.delivered)
            continue
        else:
            continue
        with suppress(AioRpcError):
            await read()
        await answer.end(frame.data)
        exchange.phase = "done"
        return
    raise UpstreamTruncated("The provider's answer broke off before its end.")


async def _keep(gateway: Gateway, exchange: Exchange, frame: Frame) -> None:
    """Keep what the next turn needs, before the client can see that there will be one."""
    for part in (frame, frame.summary) if frame.HasField("summary") else (frame,):
        if part.HasField("keep"):
            await persist_answer_state(gateway, exchange, part.keep)
