"""`/docs`: Swagger UI over `/openapi.json`, from files that are installed with the edge, so that it needs no Internet.

https://swagger.io/docs/open-source-tools/swagger-ui/
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from unigate_edge.errors import unknown_path
from unigate_edge.http.exchange import Exchange, Headers

PATH = "/docs"
HTML = b"text/html; charset=utf-8"
FILES = {
    "swagger-ui-bundle.js": b"text/javascript; charset=utf-8",
    "swagger-ui.css": b"text/css; charset=utf-8",
    "favicon.png": b"image/png",
}
_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def docs_routes() -> list[Route]:
    """The page and its files."""
    return [Route(PATH, DocsPage(), methods=["GET"]), Route(f"{PATH}/{{name}}", DocsFile(), methods=["GET"])]


class DocsPage:
    """Answers with the page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        exchange: Exchange = scope["unigate.exchange"]
        body, headers = page()
        await exchange.answer(200, body, HTML, headers)


class DocsFile:
    """Answers with a file of the page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Raises GatewayError for a name that is none of them."""
        exchange: Exchange = scope["unigate.exchange"]
        name: str = scope["path_params"]["name"]
        if name not in FILES:
            raise unknown_path(exchange.record.method, exchange.record.path)
        headers = ((b"cache-control", b"public, max-age=86400"), (b"x-content-type-options", b"nosniff"))
        await exchange.answer(200, file(name), FILES[name], headers)


@cache
def page() -> tuple[bytes, Headers]:
    """The page and its headers. Its script is allowed by its hash; nothing is fetched from elsewhere."""
    # addresses without a leading slash, so that the page also works below a path of a proxy
    body = bytes(
        get_swagger_ui_html(
            openapi_url="openapi.json",
            title="unigate",
            swagger_js_url="docs/swagger-ui-bundle.js",
            swagger_css_url="docs/swagger-ui.css",
            swagger_favicon_url="docs/favicon.png",
        ).body
    )
    hashes = " ".join(f"'sha256-{b64encode(sha256(text).digest()).decode()}'" for text in _SCRIPT.findall(body))
    policy = (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return body, (
        (b"content-security-policy", policy.encode()),
        (b"cache-control", b"no-cache"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    )


@cache
def file(name: str) -> bytes:
    """A file of the page, read when it is first asked for."""
    return files("fastapi_offline").joinpath("static", name).read_bytes()
