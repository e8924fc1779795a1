"""The list of models for the APIs of other vendors than OpenAI."""

from __future__ import annotations

from typing import Any

from unigate_edge.errors import model_not_found
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange

Model = dict[str, Any]


async def chat_models(gateway: Gateway, exchange: Exchange) -> list[Model]:
    """The models that chat and that the caller may use, as `/v1/models` describes them. Raises GatewayError."""
    caller = gateway.authenticate(exchange, "models")
    models = await gateway.registry.models(caller)
    return [model for model in models if "chat" in model.get("unigate", {}).get("endpoints", ("chat",))]


async def find_model(gateway: Gateway, exchange: Exchange, name: str) -> Model:
    """One model by its name, which may lack its provider where that is the vendor of the API. Raises GatewayError."""
    caller = gateway.authenticate(exchange, "models")
    names = [name] if "/" in name else [f"{exchange.api.vendor}/{name}", name]
    for each in names:
        model = await gateway.registry.model(each, caller)
        if model is not None:
            return {**model, "id": name}
    raise model_not_found(name)
