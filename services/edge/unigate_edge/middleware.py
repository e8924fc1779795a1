"""The outermost layer, pure ASGI: makes the exchange of a request, and an answer of whatever is raised below it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from unigate_core.errors import INVALID_REQUEST, GatewayError, drop_tracebacks, nested_too_deeply
from unigate_core.telemetry.logs import get_logger
from unigate_edge.errors import ClientDisconnected, internal_error, unknown_path, wrong_method
from unigate_edge.http.exchange import Exchange
from unigate_edge.http.shedding import Shedder
from unigate_edge.state.client import begin_request
from unigate_edge.telemetry.requests import PROBE_PATHS, Telemetry

log = get_logger("unigate.edge")


class RequestMiddleware:
    """Every answer has a request id, every error OpenAI's format, every request its metrics and one log line."""

    def __init__(
        self, app: ASGIApp, telemetry: Telemetry, settle: Callable[[Exchange], Awaitable[None]], shedder: Shedder
    ) -> None:
        """`settle` is awaited for every exchange before it is over, and may have been before."""
        self._shedder = shedder
        self._app = app
        self._telemetry = telemetry
        self._settle = settle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        begin_request()
        scope["unigate.exchange"] = exchange
        with self._telemetry.observe(exchange.record):
            admitted = False
            try:
                if exchange.record.path not in PROBE_PATHS:
                    self._shedder.enter()
                    admitted = True
                await self._app(scope, receive, send)
            except ClientDisconnected as error:
                exchange.record.client_disconnected = True
                self._telemetry.disconnected(exchange.record)
                drop_tracebacks(error)
            except GatewayError as error:
                await self._fail(exchange, error)
            except HTTPException as error:
                await self._fail(exchange, _of_http(error, exchange))
            except RecursionError as error:
                # what is read and walked here comes from the request, so it is its nesting that is too deep
                drop_tracebacks(error)
                await self._fail(exchange, nested_too_deeply())
            except Exception as error:
                log.exception("unexpected_error", request_id=exchange.record.request_id, path=exchange.record.path)
                drop_tracebacks(error)
                await self._fail(exchange, internal_error(exchange.record.request_id))
            finally:
                if admitted:
                    self._shedder.leave()
                self._shedder.let_go(exchange.held_bytes)
                await self._settle(exchange)
                if exchange.record.error is not None:
                    drop_tracebacks(exchange.record.error)
                # the exchange leads back to the scope: a ring that only the garbage collector would take apart
                del scope["unigate.exchange"]

    async def _fail(self, exchange: Exchange, error: GatewayError) -> None:
        exchange.record.error = error
        await self._settle(exchange)
        if not exchange.answered:
            await exchange.fail(error)


def _of_http(error: HTTPException, exchange: Exchange) -> GatewayError:
    """The router's own errors in OpenAI's words."""
    if error.status_code == 404:
        return unknown_path(exchange.record.method, exchange.record.path)
    if error.status_code == 405:
        return wrong_method(exchange.record.method, exchange.record.path, (error.headers or {}).get("Allow", ""))
    return GatewayError(error.detail, status=error.status_code, type=INVALID_REQUEST)
