"""OpenAI's API, https://platform.openai.com/docs/api-reference"""

from collections.abc import Mapping
from typing import Final

from unigate_simulator.openai_api import (
    audio,
    chat,
    completions,
    embeddings,
    errors,
    images,
    models,
    moderations,
    responses,
    stored_responses,
)
from unigate_simulator.vendor import Vendor, body_model
from unigate_simulator.wire import Call, Handler, token

_POST: Final[Mapping[str, Handler]] = {
    "chat/completions": chat.create,
    "completions": completions.create,
    "responses": responses.create,
    "responses/input_tokens": responses.count_tokens,
    "embeddings": embeddings.create,
    "images/generations": images.generate,
    "images/edits": images.edit,
    "images/variations": images.vary,
    "audio/transcriptions": audio.transcribe,
    "audio/translations": audio.translate,
    "audio/speech": audio.speak,
    "moderations": moderations.create,
}


def _route(call: Call) -> Handler | None:
    if call.method == "POST" and call.path in _POST:
        return _POST[call.path]
    if call.path.startswith("responses/"):
        return stored_responses.route(call)
    if call.method == "GET" and call.path == "models":
        return models.listed
    return models.retrieve if call.method == "GET" and call.path.startswith("models/") else None


def _headers() -> Mapping[str, str]:
    return {
        "x-request-id": token("req_", 32),
        "openai-version": "2020-10-01",
        "openai-processing-ms": "12",
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": "9999",
        "x-ratelimit-reset-requests": "6ms",
        "x-ratelimit-limit-tokens": "2000000",
        "x-ratelimit-remaining-tokens": "1999900",
        "x-ratelimit-reset-tokens": "3ms",
    }


VENDOR: Final = Vendor(
    name="openai",
    routes=_route,
    unauthorised=errors.unauthorised,
    error=errors.error,
    overflow=errors.overflow,
    error_event=errors.error_event,
    unknown_event=errors.unknown_event,
    model=body_model,
    headers=_headers,
)
