"""`GET /v1/usage`: what the calling key has used today and this month, by model, and what it may use."""

from __future__ import annotations

from typing import Any

from starlette.types import Receive, Scope, Send

from unigate_core.json import dumps
from unigate_edge.config.keys import Key
from unigate_edge.errors import state_unavailable
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange
from unigate_edge.keys.stores import MADE_BY
from unigate_edge.state.blob_store import StoreDown


class UsageReport:
    """Answers for the calling key alone."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the report. Raises GatewayError."""
        exchange: Exchange = scope["unigate.exchange"]
        caller = self._gateway.authenticate(exchange, "usage")
        try:
            report = await self._gateway.metering.usage.report(caller.name)
        except StoreDown as error:
            raise state_unavailable("Usage cannot be read") from error
        await exchange.answer(200, dumps({"object": "usage", "key": caller.name, **_key(caller.key), **report}))


def _key(key: Key | None) -> dict[str, Any]:
    """What the configuration says about the key."""
    if key is None:
        return {}
    members: dict[str, Any] = {"expires_at": int(key.expiry())} if key.expires is not None else {}
    notes = {name: value for name, value in key.metadata.items() if name not in MADE_BY}
    if notes:
        members["metadata"] = notes
    if key.limits is not None:
        members["limits"] = key.limits.model_dump(exclude_none=True, exclude_defaults=True)
    return members
