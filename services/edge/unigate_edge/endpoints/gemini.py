"""Gemini's API: contents, the count of their tokens, embeddings, and models. https://ai.google.dev/api"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import dumps
from unigate_edge.client_apis.gemini import CONTENT_ARRAY, CONTENT_STREAM
from unigate_edge.endpoints.vendor_models import chat_models, find_model
from unigate_edge.errors import unknown_path
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange
from unigate_edge.pipeline.endpoint import json_endpoint
from unigate_edge.pipeline.handle import RequestHandler
from unigate_edge.validation.content_request import ContentRequest

PREFIX = "/gemini"
STREAM = "streamGenerateContent"
OPERATIONS: Mapping[str, pb.Operation.ValueType] = {
    "generateContent": pb.OPERATION_CHAT,
    STREAM: pb.OPERATION_CHAT,
    "countTokens": pb.OPERATION_COUNT_TOKENS,
    "embedContent": pb.OPERATION_EMBEDDINGS,
    "batchEmbedContents": pb.OPERATION_EMBEDDINGS,
}
"""The methods of a model, which stand in the path after a colon."""


def gemini_routes(gateway: Gateway) -> list[BaseRoute]:
    """All routes, below a folder of their own and, where OpenAI has no such path, at the root."""
    methods, models = ModelMethods(gateway), GeminiModels(gateway)
    return [
        *(
            Route(f"{prefix}/{version}/models/{{name:path}}", methods, methods=["POST"])
            for prefix, version in ((PREFIX, "v1beta"), ("", "v1beta"), (PREFIX, "v1"), ("", "v1"))
        ),
        # the AI SDK takes a name with a slash for the whole path of a model
        *(Route(f"{prefix}/v1beta/{{name:path}}", methods, methods=["POST"]) for prefix in (PREFIX, "")),
        *(
            Route(f"{prefix}/{version}/models{rest}", models, methods=["GET"])
            for prefix, version in ((PREFIX, "v1beta"), ("", "v1beta"), (PREFIX, "v1"))
            for rest in ("", "/{name:path}")
        ),
    ]


class ModelMethods:
    """`POST …/models/{model}:{method}`."""

    def __init__(self, gateway: Gateway) -> None:
        self._handlers: dict[str, ASGIApp] = {
            name: RequestHandler(gateway, _endpoint(name, operation)) for name, operation in OPERATIONS.items()
        }
        self._array = RequestHandler(gateway, _endpoint(STREAM, pb.OPERATION_CHAT, array=True))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Raises GatewayError while no byte of an answer is sent, ClientDisconnected."""
        exchange: Exchange = scope["unigate.exchange"]
        model, _, method = scope["path_params"]["name"].rpartition(":")
        handler = self._handlers.get(method)
        if handler is None or not model:
            raise unknown_path(exchange.record.method, exchange.record.path)
        if method == STREAM and b"alt=sse" not in exchange.query:
            handler = self._array
        scope["path_params"] = {"model": model, "stream": method == STREAM}
        await handler(scope, receive, send)


def _endpoint(method: str, operation: pb.Operation.ValueType, *, array: bool = False) -> Any:
    return json_endpoint(
        f"/v1beta/models/{{model}}:{method}",
        operation,
        ContentRequest,
        events=CONTENT_ARRAY if array else CONTENT_STREAM,
        complete=_complete,
        native_path=f"models/{{model}}:{method}",
    )


def _complete(request: ContentRequest, scope: Scope) -> ContentRequest:
    """The request with what its path says."""
    path = scope["path_params"]
    return replace(request, model=path["model"], stream=path["stream"])


class GeminiModels:
    """The models that the caller may use, or one of them. https://ai.google.dev/api/models"""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the list or the model. Raises GatewayError when there is none for this caller."""
        exchange: Exchange = scope["unigate.exchange"]
        name = scope["path_params"].get("name")
        if name:
            model = await find_model(self._gateway, exchange, name)
            await exchange.answer(200, dumps(describe(model)))
            return
        models = [describe(model) for model in await chat_models(self._gateway, exchange)]
        await exchange.answer(200, dumps({"models": models}))


def describe(model: dict[str, Any]) -> dict[str, Any]:
    """A model as Gemini lists it."""
    known = model.get("unigate", {})
    described = {
        "name": f"models/{model['id']}",
        "version": model["id"].rpartition("/")[2],
        "displayName": known.get("display_name") or model["id"],
        "inputTokenLimit": known.get("context_window"),
        "outputTokenLimit": known.get("max_output_tokens"),
        "supportedGenerationMethods": ["generateContent", STREAM, "countTokens"],
    }
    return {name: value for name, value in described.items() if value is not None}
