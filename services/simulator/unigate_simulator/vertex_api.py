"""Vertex AI: Gemini's, Anthropic's and OpenAI's formats below a project and a location.

https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
"""

import re
from dataclasses import replace
from typing import Final

from unigate_simulator import anthropic_api, gemini_api, openai_api
from unigate_simulator.gemini_api import errors, models
from unigate_simulator.identity import is_valid
from unigate_simulator.media import embedding
from unigate_simulator.vendor import Vendor, bearer
from unigate_simulator.wire import Call, Handler, Reply, Whole, count, dumps, whole

VERSION: Final = "vertex-2023-10-16"
_BETAS: Final = frozenset(["context-1m-2025-08-07", "context-management-2025-06-27", "interleaved-thinking-2025-05-14"])
"""Those that are known here; a cloud knows some of Anthropic's, each in its own time."""
_PROJECT: Final = re.compile(r"(?:v1beta1/)?(?:projects/[^/]+/locations/[^/]+/)?(.+)")
_CLAUDE: Final = re.compile(r"publishers/anthropic/models/([^/:]+):(rawPredict|streamRawPredict)")


def _route(call: Call) -> Handler | None:
    found = _PROJECT.fullmatch(call.path)
    path = found[1] if found else call.path
    if claude := _CLAUDE.fullmatch(path):
        return _claude(call, claude[1], streamed=claude[2] == "streamRawPredict")
    if path == "publishers/google/models" and call.method == "GET":
        return _models
    if path.startswith("endpoints/openapi/"):
        body = call.json()
        model = str(body.get("model") or "").rpartition("/")[2]
        inner = replace(
            call, path=path.removeprefix("endpoints/openapi/"), body=dumps({**body, "model": f"gpt-4.1-{model}"})
        )
        handler = openai_api.VENDOR.routes(inner)
    elif path.startswith("publishers/google/") and path.endswith(":predict"):
        return _predict
    else:
        inner = replace(call, path=path.removeprefix("publishers/google/"))
        handler = gemini_api.VENDOR.routes(inner)
    return None if handler is None else lambda _: handler(inner)


def _claude(call: Call, model: str, *, streamed: bool) -> Handler | None:
    body = call.json()
    if body.pop("anthropic_version", None) != VERSION:
        return lambda _: anthropic_api.VENDOR.error(400, "anthropic_version: Field required")
    betas = [beta.strip() for beta in call.headers.get("anthropic-beta", "").split(",")]
    if unknown := [f"`{beta}`" for beta in betas if beta and beta not in _BETAS]:
        message = (
            f"Unexpected value(s) {', '.join(unknown)} for the `anthropic-beta` header. Please consult our "
            "documentation at docs.anthropic.com or try again without the header."
        )
        return lambda _: anthropic_api.VENDOR.error(400, message)
    counting = model == "count-tokens"
    if not counting and "model" in body:
        return lambda _: anthropic_api.VENDOR.error(400, "model: Extra inputs are not permitted")
    named = {"model": str(body.get("model") or "") if counting else model.replace("@", "-")}
    if streamed != (body.get("stream") is True):
        return lambda _: anthropic_api.VENDOR.error(400, "stream: does not fit the method")
    inner = replace(call, path="messages/count_tokens" if counting else "messages", body=dumps({**body, **named}))
    handler = anthropic_api.VENDOR.routes(inner)
    return None if handler is None else lambda _: handler(inner)


def _models(call: Call) -> Reply:
    del call
    names = [f"publishers/google/models/{model.id}" for model in models.MODELS]
    return whole({"publisherModels": [{"name": name, "launchStage": "GA"} for name in names]})


def _predict(call: Call) -> Reply:
    body = call.json()
    dimensions = (body.get("parameters") or {}).get("outputDimensionality") or 768
    return whole({"predictions": [_prediction(one["content"], dimensions) for one in body["instances"]]})


def _prediction(text: str, dimensions: int) -> dict[str, object]:
    statistics = {"token_count": count(text), "truncated": False}
    return {"embeddings": {"values": embedding(text, dimensions), "statistics": statistics}}


def _unauthorised(call: Call) -> Whole | None:
    key, token = call.headers.get("x-goog-api-key"), bearer(call)
    if (key and key != "invalid") or (token and is_valid("google", token)):
        return None
    message = "Request had invalid authentication credentials. Expected OAuth 2 access token."
    return whole({"error": {"code": 401, "message": message, "status": "UNAUTHENTICATED"}}, 401)


def _model(call: Call) -> str:
    if "/models/" in call.path:
        return call.path.rpartition("/models/")[2].partition(":")[0]
    return str(call.json().get("model") or "").rpartition("/")[2] if call.body else ""


def _is_claude(call: Call) -> bool:
    return "publishers/anthropic" in call.path


VENDOR: Final = Vendor(
    name="vertex",
    routes=_route,
    unauthorised=_unauthorised,
    error=errors.error,
    overflow=errors.overflow,
    error_event=lambda call: (anthropic_api if _is_claude(call) else gemini_api).VENDOR.error_event(call),
    unknown_event=lambda call: (anthropic_api if _is_claude(call) else gemini_api).VENDOR.unknown_event(call),
    model=_model,
    headers=gemini_api.VENDOR.headers,
)
