"""The HTTP surface: FastAPI's router over raw ASGI endpoints, and one middleware."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from importlib.metadata import version
from inspect import isfunction
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from unigate_edge.client_apis.anthropic import ANTHROPIC
from unigate_edge.config.cors import Cors
from unigate_edge.endpoints.anthropic import AnthropicModel, AnthropicModels, anthropic_routes
from unigate_edge.endpoints.docs_page import docs_routes
from unigate_edge.endpoints.gemini import gemini_routes
from unigate_edge.endpoints.health import Live, Ready
from unigate_edge.endpoints.models import ModelDetail, ModelList
from unigate_edge.endpoints.organization_keys import METHODS as KEYS_METHODS
from unigate_edge.endpoints.organization_keys import PATH as KEYS_PATH
from unigate_edge.endpoints.organization_keys import OrganizationKeys
from unigate_edge.endpoints.organization_usage import PATHS, OrganizationUsage
from unigate_edge.endpoints.page import Page
from unigate_edge.endpoints.response_resources import METHODS, ResponseResource
from unigate_edge.endpoints.table import ENDPOINTS, UPLOADS
from unigate_edge.endpoints.upload import Upload
from unigate_edge.endpoints.usage import UsageReport
from unigate_edge.gateway import Gateway
from unigate_edge.http.other_paths import use_known_path
from unigate_edge.middleware import RequestMiddleware
from unigate_edge.pipeline.endpoint import UploadEndpoint
from unigate_edge.pipeline.handle import RequestHandler


class Edge(FastAPI):
    """FastAPI with a stack of its own: the standard one wraps each answer in layers that make it plain-text errors."""

    def __init__(self, gateway: Gateway, beside: AbstractAsyncContextManager[None] | None = None) -> None:
        """`beside` is entered once the gateway is open, and left before it closes."""

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            async with gateway.open(), beside or nullcontext():
                yield

        super().__init__(
            title="unigate",
            lifespan=lifespan,
            version=version("unigate-edge"),
            description="OpenAI's API in front of many providers.",
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            routes=routes(gateway),
            telemetry={"tracing": False, "metrics": False, "logs": False},
        )
        self.gateway = gateway
        self._cors = gateway.config.cors

    def openapi(self) -> dict[str, Any]:
        """The description of the API, made when it is first asked for."""
        if self.openapi_schema is None:
            # what describes the API costs nothing until somebody reads it
            from unigate_edge.endpoints.openapi import document  # noqa: PLC0415

            self.openapi_schema = document(self.version)
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        """Put nothing around the router but what this edge needs."""
        gateway = self.gateway
        self._cors = cors = gateway.config.cors
        app = RequestMiddleware(
            ExactPaths(self.router, self.routes), gateway.telemetry, gateway.metering.settle, gateway.shedder
        )
        return with_cors(app, cors) if cors.origins else app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        """Serve one request; FastAPI's and Starlette's own would each add a coroutine to every one."""
        if scope["type"] == "http":
            use_known_path(scope)
        if self.middleware_stack is None or self._cors is not self.gateway.config.cors:
            self.middleware_stack = self.build_middleware_stack()
        scope["app"] = self
        return self.middleware_stack(scope, receive, send)


def with_cors(app: ASGIApp, cors: Cors) -> ASGIApp:
    """The application for pages of other origins too. Keys come in headers, so no cookies are allowed."""
    from starlette.middleware.cors import CORSMiddleware  # noqa: PLC0415 - what is off must cost nothing

    return CORSMiddleware(
        app,
        allow_origins=cors.origins,
        allow_methods=("GET", "POST", "DELETE"),
        allow_headers=("*",),
        expose_headers=("*",),
        max_age=cors.max_age,
    )


def routes(gateway: Gateway) -> list[BaseRoute]:
    """All paths. The busiest come first, for they are tried in order."""
    keys = OrganizationKeys(gateway)
    return [
        *(Route(endpoint.path, RequestHandler(gateway, endpoint), methods=["POST"]) for endpoint in ENDPOINTS),
        *(Route(endpoint.path, upload(gateway, endpoint), methods=["POST"]) for endpoint in UPLOADS),
        *anthropic_routes(gateway),
        *gemini_routes(gateway),
        Route("/v1/responses/{path:path}", ResponseResource(gateway), methods=METHODS),
        Route("/v1/models", ByApi(ModelList(gateway), AnthropicModels(gateway)), methods=["GET"]),
        Route("/v1/models/{model:path}", ByApi(ModelDetail(gateway), AnthropicModel(gateway)), methods=["GET"]),
        Route("/v1/usage", UsageReport(gateway), methods=["GET"]),
        *(Route(path, OrganizationUsage(gateway, kind), methods=["GET"]) for path, kind in PATHS.items()),
        Route(KEYS_PATH, keys, methods=KEYS_METHODS),
        Route(f"{KEYS_PATH}/{{name:path}}", keys, methods=KEYS_METHODS),
        Route("/", Page(gateway), methods=["GET"]),
        *docs_routes(),
        Route("/healthz", Live(), methods=["GET"]),
        Route("/readyz", Ready(gateway), methods=["GET"]),
    ]


class ExactPaths:
    """Paths without parameters, found at once; the router tries the others in their order."""

    def __init__(self, router: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._router = router
        self._apps = {
            (method, route.path): route.app
            for route in reversed(routes)
            if isinstance(route, Route) and "{" not in route.path and _is_ours(route)
            # what is read by GET may depend on who asks, which the routes themselves look at
            for method in (route.methods or set()) & {"POST"}
        }

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request."""
        if scope["type"] == "http":
            app = self._apps.get((scope["method"], scope["path"]))
            if app is not None:
                return app(scope, receive, send)
        return self._router(scope, receive, send)


def _is_ours(route: Route) -> bool:
    """Whether it is an ASGI application of this edge's, not a function that FastAPI has to wrap."""
    return not isfunction(route.endpoint)


class ByApi:
    """The application of a path that OpenAI's API and Anthropic's have in common."""

    def __init__(self, openai: ASGIApp, anthropic: ASGIApp) -> None:
        self._openai, self._anthropic = openai, anthropic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        chosen = self._anthropic if scope["unigate.exchange"].api is ANTHROPIC else self._openai
        await chosen(scope, receive, send)


def upload(gateway: Gateway, endpoint: UploadEndpoint) -> Upload:
    """The application of an endpoint that takes files."""
    return Upload(gateway, endpoint, RequestHandler(gateway, endpoint.json) if endpoint.json is not None else None)
