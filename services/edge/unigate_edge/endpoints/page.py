"""`GET /`: one page for people: what runs, a playground, snippets. It fetches nothing from elsewhere.

The policy allows the page's own style and script by their hashes, and calls of this gateway; nothing else.
https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from starlette.types import Receive, Scope, Send

from unigate_edge.errors import unknown_path
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange, Headers

_INLINE = re.compile(rb"<(style|script)>(.*?)</\1>", re.DOTALL)


class Page:
    """Answers with the page, 404 where the configuration switches it off."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        exchange: Exchange = scope["unigate.exchange"]
        if not self._gateway.config.page:
            raise unknown_path(exchange.record.method, exchange.record.path)
        body, headers = page()
        await exchange.answer(200, body, b"text/html; charset=utf-8", headers)


@cache
def page() -> tuple[bytes, Headers]:
    """The page and its headers, read when it is first asked for."""
    body = files("unigate_edge").joinpath("page", "index.html").read_bytes()
    hashes = {kind: f"'sha256-{b64encode(sha256(text).digest()).decode()}'" for kind, text in _INLINE.findall(body)}
    policy = (
        f"default-src 'none'; style-src {hashes[b'style']}; script-src {hashes[b'script']}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers: Headers = (
        (b"content-security-policy", policy.encode()),
        (b"cache-control", b"no-cache"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    )
    return body, headers
