"""`GET /v1/models` and `GET /v1/models/{model}`. https://platform.openai.com/docs/api-reference/models"""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from unigate_core.json import dumps
from unigate_edge.errors import model_not_found
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange, Headers


class ModelList:
    """All models that the caller may use."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the list. A provider that cannot be asked is a note, never an error."""
        exchange: Exchange = scope["unigate.exchange"]
        caller = self._gateway.authenticate(exchange, "models")
        models = await self._gateway.registry.models(caller)
        partial = self._gateway.registry.partial()
        notes: Headers = [(b"x-unigate-notes", f"models_partial:{'+'.join(partial)}".encode())] if partial else []
        await exchange.answer(200, dumps({"object": "list", "data": models}), headers=notes)


class ModelDetail:
    """One model. Its name has slashes, so it is the rest of the path."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the model. Raises GatewayError when there is none for this caller."""
        exchange: Exchange = scope["unigate.exchange"]
        caller = self._gateway.authenticate(exchange, "models")
        name: str = scope["path_params"]["model"]
        model = await self._gateway.registry.model(name, caller)
        if model is None:
            raise model_not_found(name)
        await exchange.answer(200, dumps(model))
