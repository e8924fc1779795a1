"""A call of an adapter as a request sees it: ended when its client leaves, its faults told as OpenAI's errors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from grpc.aio import AioRpcError, Call

from unigate_edge.errors import ClientGone, of_status
from unigate_edge.exchange import Exchange


@contextmanager
def tied_to_client(call: Call, exchange: Exchange) -> Iterator[None]:
    """Cancel the call the moment the client closes its connection, and in any case at the end.

    Raises ClientGone when that is why the call ended, GatewayError for a fault of the hop.
    """
    watch = asyncio.ensure_future(exchange.receive())
    watch.add_done_callback(lambda done: done.cancelled() or call.cancel())
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if watch.done() and task is not None and not task.cancelling():
            raise ClientGone from None
        raise
    except AioRpcError as error:
        if watch.done():
            raise ClientGone from None
        raise of_status(error.code(), exchange.path, exchange.model) from error
    finally:
        watch.cancel()
        if not call.done():
            call.cancel()
