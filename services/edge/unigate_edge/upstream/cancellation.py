"""A call of an adapter as a request sees it: ended when its client leaves, its faults as OpenAI's errors."""

from __future__ import annotations

import asyncio
from time import perf_counter
from types import TracebackType

from grpc.aio import AioRpcError, Call

from unigate_edge.errors import of_status
from unigate_edge.http.client_connection import ClientConnection
from unigate_edge.http.exchange import Exchange


class CancelOnDisconnect:
    """A context that cancels the call the moment the client closes its connection, and in any case at its end.

    Raises ClientDisconnected or what the connection's `error` is when that ended the call, GatewayError for a fault of
    the hop.
    """

    __slots__ = ("_call", "_connection", "_exchange")

    def __init__(self, call: Call, exchange: Exchange, connection: ClientConnection | None = None) -> None:
        self._call = call
        self._exchange = exchange
        self._connection = connection or exchange.watch()

    def __enter__(self) -> None:
        self._connection.listener = self._call.cancel
        if self._connection.error is not None:
            self._call.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                self._raise_reason(error)
        finally:
            self._end()

    def _raise_reason(self, error: BaseException) -> None:
        reason, record = self._connection.error, self._exchange.record
        if isinstance(error, AioRpcError):
            raise reason or of_status(error.code(), record.path, record.model) from error
        if isinstance(error, asyncio.CancelledError) and reason is not None:
            task = asyncio.current_task()
            if task is not None and not task.cancelling():
                raise reason from None

    def _end(self) -> None:
        record = self._exchange.record
        self._connection.close()
        if not self._call.done():
            self._call.cancel()
        if not record.streamed:
            record.first_byte_at = perf_counter()
        if record.trace is not None:
            record.trace.call_ended()
