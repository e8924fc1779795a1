"""Anthropic's API: messages, the count of their tokens, and models. https://docs.anthropic.com/en/api/overview"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import dumps
from unigate_edge.client_apis.anthropic import MESSAGES_STREAM
from unigate_edge.endpoints.health import Live
from unigate_edge.endpoints.vendor_models import chat_models, find_model
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange
from unigate_edge.http.query import whole_number
from unigate_edge.pipeline.endpoint import Endpoint, json_endpoint
from unigate_edge.pipeline.handle import RequestHandler
from unigate_edge.validation.messages_request import MessagesRequest

MESSAGES = json_endpoint(
    "/v1/messages", pb.OPERATION_CHAT, MessagesRequest, events=MESSAGES_STREAM, native_path="messages"
)
COUNT_TOKENS = json_endpoint(
    "/v1/messages/count_tokens", pb.OPERATION_COUNT_TOKENS, MessagesRequest, native_path="messages/count_tokens"
)
PREFIX = "/anthropic"
DEFAULT_PAGE = 20
MAX_PAGE = 1000


def anthropic_routes(gateway: Gateway) -> list[BaseRoute]:
    """All routes, below a folder of their own and, where OpenAI has no such path, at the root."""
    return [*_posts(gateway, MESSAGES, COUNT_TOKENS), *_gets(gateway)]


def _posts(gateway: Gateway, *endpoints: Endpoint) -> list[BaseRoute]:
    return [
        Route(f"{prefix}{endpoint.path}", RequestHandler(gateway, endpoint), methods=["POST"])
        for endpoint in endpoints
        for prefix in ("", PREFIX)
    ]


def _gets(gateway: Gateway) -> list[BaseRoute]:
    return [
        # Claude Code looks whether its base URL is there
        Route(PREFIX, Live(), methods=["GET"]),
        Route(f"{PREFIX}/v1/models", AnthropicModels(gateway), methods=["GET"]),
        Route(f"{PREFIX}/v1/models/{{model:path}}", AnthropicModel(gateway), methods=["GET"]),
    ]


class AnthropicModels:
    """All models that answer messages and that the caller may use. https://docs.anthropic.com/en/api/models-list"""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a page of the list."""
        exchange: Exchange = scope["unigate.exchange"]
        models = [describe(model) for model in await chat_models(self._gateway, exchange)]
        await exchange.answer(200, dumps(page(models, exchange.query)))


class AnthropicModel:
    """One model."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the model. Raises GatewayError when there is none for this caller."""
        exchange: Exchange = scope["unigate.exchange"]
        model = await find_model(self._gateway, exchange, scope["path_params"]["model"])
        await exchange.answer(200, dumps(describe(model)))


def describe(model: dict[str, Any]) -> dict[str, Any]:
    """A model as Anthropic lists it."""
    known = model.get("unigate", {})
    created = datetime.fromtimestamp(model.get("created") or 0, UTC)
    described = {
        "type": "model",
        "id": model["id"],
        "display_name": known.get("display_name") or model["id"],
        "created_at": created.isoformat().replace("+00:00", "Z"),
    }
    limits = {"max_input_tokens": known.get("context_window"), "max_tokens": known.get("max_output_tokens")}
    return described | {name: value for name, value in limits.items() if value}


def page(models: list[dict[str, Any]], query: bytes) -> dict[str, Any]:
    """The part of the list that the query asks for: `limit`, `after_id`, `before_id`."""
    asked = {name: values[0] for name, values in parse_qs(query.decode("latin-1")).items()}
    limit = whole_number(asked.get("limit", ""))
    limit = min(max(limit, 1), MAX_PAGE) if limit is not None else DEFAULT_PAGE
    ids = [model["id"] for model in models]
    start, end = 0, len(models)
    if asked.get("after_id") in ids:
        start = ids.index(asked["after_id"]) + 1
    if asked.get("before_id") in ids:
        end = ids.index(asked["before_id"])
        start = max(start, end - limit)
    data = models[start:end][:limit]
    return {
        "data": data,
        "has_more": start + len(data) < end,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
    }
