"""OpenAI's API. https://platform.openai.com/docs/api-reference"""

from __future__ import annotations

from unigate_edge.client_apis.client_api import ClientApi

OPENAI = ClientApi(
    name="openai",
    key_headers=(b"authorization", b"x-api-key"),
    error=lambda error, request_id: error.to_openai(),
)
