"""A call of an adapter as a request sees it: ended when its client leaves, its faults as OpenAI's errors."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from grpc.aio import AioRpcError, Call

from unigate_core.errors import GatewayError
from unigate_edge.errors import ClientDisconnected, of_status
from unigate_edge.http.exchange import Exchange


@contextmanager
def cancel_on_disconnect(
    call: Call, exchange: Exchange, client: Coroutine[Any, Any, Any] | None = None
) -> Iterator[None]:
    """Cancel the call the moment the client closes its connection, and in any case at the end.

    `client` ends when the client leaves, and raises why the request is bad; by default it waits for the connection.
    Raises ClientGone or what `client` raised when that ended the call, GatewayError for a fault of the hop.
    """
    watch: asyncio.Future[Any] = asyncio.ensure_future(client if client is not None else exchange.receive())

    def left(done: asyncio.Future[Any]) -> None:
        if not done.cancelled() and _reason(done) is not None:
            call.cancel()

    watch.add_done_callback(left)
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        reason = _reason(watch)
        if reason is not None and task is not None and not task.cancelling():
            raise reason from None
        raise
    except AioRpcError as error:
        raise _reason(watch) or of_status(error.code(), exchange.record.path, exchange.record.model) from error
    finally:
        watch.cancel()
        if not call.done():
            call.cancel()
        if not exchange.record.streamed:
            exchange.record.first_byte_at = perf_counter()
        if exchange.record.trace is not None:
            exchange.record.trace.call_ended()


def _reason(watch: asyncio.Future[Any]) -> Exception | None:
    """Why there is nobody to answer any more. None while there is, or when the adapter was first to end the call."""
    if not watch.done() or watch.cancelled():
        return None
    error = watch.exception()
    if error is None:
        return ClientDisconnected()
    return error if isinstance(error, ClientDisconnected | GatewayError) else None
