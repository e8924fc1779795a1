"""The Gemini API, https://ai.google.dev/api"""

from collections.abc import Mapping
from typing import Final

from unigate_simulator.gemini_api import content, embeddings, errors, models
from unigate_simulator.vendor import Vendor
from unigate_simulator.wire import Call, Handler

_METHODS: Final[Mapping[str, Handler]] = {
    "generateContent": content.generate,
    "streamGenerateContent": content.stream,
    "countTokens": content.count_tokens,
    "embedContent": embeddings.embed,
    "batchEmbedContents": embeddings.embed_batch,
}


def _route(call: Call) -> Handler | None:
    if call.method == "POST" and call.path.startswith("models/"):
        return _METHODS.get(call.path.rpartition(":")[2])
    if call.method == "GET" and call.path == "models":
        return models.listed
    return models.retrieve if call.method == "GET" and call.path.startswith("models/") else None


def _headers() -> Mapping[str, str]:
    return {"x-gemini-service-tier": "standard", "server-timing": "gfet4t7; dur=12"}


VENDOR: Final = Vendor(
    name="gemini",
    routes=_route,
    unauthorised=errors.unauthorised,
    error=errors.error,
    overflow=errors.overflow,
    error_event=errors.error_event,
    unknown_event=errors.unknown_event,
    model=models.named_in,
    headers=_headers,
)
