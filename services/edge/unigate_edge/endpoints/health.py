"""`/healthz`: the process lives. `/readyz`: it can serve, which needs one provider and no shutdown.

At the start each provider has a while to be reached, so that a new edge does not answer 503 for one that is there.
"""

from __future__ import annotations

from time import monotonic

from starlette.types import Receive, Scope, Send

from unigate_core.json import dumps
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange

START_SECONDS = 10.0
"""For which an edge that has just started waits for providers that it has not reached yet."""


class Live:
    """Answers as long as the event loop runs."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 200."""
        exchange: Exchange = scope["unigate.exchange"]
        await exchange.answer(200, b'{"status":"ok"}')


class Ready:
    """Tells whether requests can be served, and the state of every provider's channel."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._patient_until = monotonic() + START_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 200 or 503."""
        exchange: Exchange = scope["unigate.exchange"]
        clients = self._gateway.clients
        known = all(client.reached for client in clients.values()) or monotonic() > self._patient_until
        ready = known and not self._gateway.draining and any(client.ready for client in clients.values())
        status = "draining" if self._gateway.draining else "ready" if ready else "unavailable"
        body = {"status": status, "providers": {name: client.state.name.lower() for name, client in clients.items()}}
        await exchange.answer(200 if ready else 503, dumps(body))
