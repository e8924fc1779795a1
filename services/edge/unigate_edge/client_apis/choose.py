"""Which API a request speaks, by its path and headers, also when no route has it."""

from __future__ import annotations

from unigate_edge.client_apis.anthropic import ANTHROPIC
from unigate_edge.client_apis.client_api import ClientApi, RequestHeaders
from unigate_edge.client_apis.gemini import GEMINI
from unigate_edge.client_apis.openai import OPENAI

VERSION = b"anthropic-version"
"""The header that every request to Anthropic's API has."""


def choose_api(path: str, headers: RequestHeaders) -> ClientApi:
    """The API of a request."""
    if path.startswith(("/anthropic", "/v1/messages")):
        return ANTHROPIC
    if path.startswith(("/gemini", "/v1beta/")):
        return GEMINI
    if path.startswith("/v1/models"):
        if VERSION in headers:
            return ANTHROPIC
        if ":" in path:
            return GEMINI
    return OPENAI
