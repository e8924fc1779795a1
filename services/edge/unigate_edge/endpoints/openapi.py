"""`/openapi.json`: the HTTP API described in OpenAPI 3.1, from the types that validate requests.

Made when it is first asked for. https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.operations import OPERATION_NAMES
from unigate_edge.endpoints.openapi_routes import ROUTES, Route
from unigate_edge.endpoints.table import ENDPOINTS, UPLOADS
from unigate_edge.validation import answers, forms
from unigate_edge.validation import vendor_answers as vendors

Schema = dict[str, Any]
Refs = Mapping[type[msgspec.Struct], Schema]
"""The reference of each type that is described."""

REF = "#/components/schemas/{name}"


class Answer(msgspec.Struct, frozen=True):
    """What an operation answers: a type, the events of its stream, or media."""

    whole: type[msgspec.Struct] | None
    events: type[msgspec.Struct] | None = None
    media: str = "application/json"


ANSWERS: Mapping[pb.Operation.ValueType, Answer] = MappingProxyType(
    {
        pb.OPERATION_CHAT: Answer(answers.ChatCompletion, answers.ChatCompletionChunk),
        pb.OPERATION_COMPLETIONS: Answer(answers.Completion, answers.Completion),
        pb.OPERATION_RESPONSES: Answer(answers.Response, answers.ResponseEvent),
        pb.OPERATION_EMBEDDINGS: Answer(answers.EmbeddingList),
        pb.OPERATION_IMAGES_GENERATIONS: Answer(answers.ImageList, answers.ResponseEvent),
        pb.OPERATION_IMAGES_EDITS: Answer(answers.ImageList, answers.ResponseEvent),
        pb.OPERATION_IMAGES_VARIATIONS: Answer(answers.ImageList),
        pb.OPERATION_AUDIO_SPEECH: Answer(None, media="audio/*"),
        pb.OPERATION_AUDIO_TRANSCRIPTIONS: Answer(answers.Transcription, answers.ResponseEvent),
        pb.OPERATION_AUDIO_TRANSLATIONS: Answer(answers.Transcription),
        pb.OPERATION_MODERATIONS: Answer(answers.ModerationList),
    }
)
FORMS: Mapping[int, type[msgspec.Struct]] = MappingProxyType(
    {
        pb.OPERATION_AUDIO_TRANSCRIPTIONS: forms.TranscriptionForm,
        pb.OPERATION_AUDIO_TRANSLATIONS: forms.TranslationForm,
        pb.OPERATION_IMAGES_EDITS: forms.ImageEditForm,
        pb.OPERATION_IMAGES_VARIATIONS: forms.ImageVariationForm,
    }
)
SUMMARIES: Mapping[int, str] = MappingProxyType(
    {
        pb.OPERATION_CHAT: "Create a chat completion",
        pb.OPERATION_COMPLETIONS: "Continue a prompt",
        pb.OPERATION_RESPONSES: "Create a response",
        pb.OPERATION_EMBEDDINGS: "Create embeddings",
        pb.OPERATION_IMAGES_GENERATIONS: "Create an image",
        pb.OPERATION_IMAGES_EDITS: "Edit an image",
        pb.OPERATION_IMAGES_VARIATIONS: "Create a variation of an image",
        pb.OPERATION_AUDIO_SPEECH: "Create speech",
        pb.OPERATION_AUDIO_TRANSCRIPTIONS: "Transcribe audio",
        pb.OPERATION_AUDIO_TRANSLATIONS: "Translate audio to English",
        pb.OPERATION_MODERATIONS: "Classify text and images",
    }
)
STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "400": "The request cannot be understood, or the model cannot do what it asks for.",
        "401": "There is no valid API key.",
        "403": "The key may not do this.",
        "404": "There is no such model, response or endpoint.",
        "408": "The request did not arrive in time.",
        "413": "The body is too large.",
        "415": "The content type or encoding is not supported.",
        "429": "A limit of the key or of the provider is reached; `Retry-After` says when to try again.",
        "500": "A fault of the gateway.",
        "502": "The provider's answer is not valid.",
        "503": "The provider or the gateway is overloaded or unavailable; `Retry-After` says when to try again.",
        "504": "The provider did not answer in time.",
    }
)
OPENAI = "OpenAI's API"
_TAGS: Mapping[type, str] = MappingProxyType(
    {vendors.AnthropicError: "Anthropic's API", vendors.GoogleError: "Gemini's API"}
)
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "x-request-id": "The id of the request, as in logs and traces.",
        "x-unigate-provider": "Who answered.",
        "x-unigate-dropped-params": "Parameters that were dropped, by their paths.",
        "x-unigate-notes": "What was changed on the way, as stable identifiers.",
        "x-unigate-cost-usd": "What the answer cost, where the model's price is known.",
        "x-ratelimit-remaining-requests": "Requests left in the key's window.",
        "x-ratelimit-remaining-tokens": "Tokens left in the key's window.",
    }
)
REQUEST_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Idempotency-Key": "Requests with the same key are answered once; not for streams.",
        "X-Client-Request-Id": "An id of the client's own, which is echoed and logged.",
        "X-Unigate-Unsupported": "What happens to parameters that the model does not support: `drop` or `reject`.",
    }
)


def document(version: str) -> Schema:
    """The whole description."""
    types: list[type[msgspec.Struct]] = list(dict.fromkeys((answers.Error, *_types())))
    refs, schemas = msgspec.json.schema_components(types, ref_template=REF)
    by_type: Refs = dict(zip(types, refs, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "unigate",
            "version": version,
            "description": "OpenAI's, Anthropic's and Gemini's APIs in front of many providers. Models are named "
            "`<provider>/<model>`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in (OPENAI, *_TAGS.values(), "Administration", "Health")],
        "security": [{"key": []}, {"x-api-key": []}, {"api-key": []}, {"x-goog-api-key": []}],
        "paths": _paths(by_type),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
                "x-goog-api-key": {"type": "apiKey", "in": "header", "name": "x-goog-api-key"},
            },
            "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()},
            "responses": {
                status: {"description": text, "content": _content(by_type[answers.Error])}
                for status, text in STATUSES.items()
            },
        },
    }


def _types() -> Iterator[type[msgspec.Struct]]:
    for endpoint in ENDPOINTS:
        yield endpoint.kind
    for upload in UPLOADS:
        yield FORMS[upload.operation]
        if upload.json is not None:
            yield upload.json.kind
    for answer in ANSWERS.values():
        yield from (kind for kind in (answer.whole, answer.events) if kind is not None)
    for route in ROUTES:
        yield from route.types()


def _paths(refs: Refs) -> dict[str, Schema]:
    paths: dict[str, Schema] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})["post"] = _operation(
            endpoint.operation, _content(refs[endpoint.kind]), refs
        )
    for upload in UPLOADS:
        content = _content(refs[FORMS[upload.operation]], "multipart/form-data")
        if upload.json is not None:
            content |= _content(refs[upload.json.kind])
        paths.setdefault(upload.path, {})["post"] = _operation(upload.operation, content, refs)
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _route(route, refs)
    return paths


def _operation(operation: pb.Operation.ValueType, content: Schema, refs: Refs) -> Schema:
    answer = ANSWERS[operation]
    good = _content(
        refs[answer.whole] if answer.whole is not None else {"type": "string", "format": "binary"}, answer.media
    )
    if answer.events is not None:
        good |= _content(refs[answer.events], "text/event-stream")
    return {
        "summary": SUMMARIES[operation],
        "tags": [OPENAI],
        "operationId": OPERATION_NAMES[operation],
        "parameters": [_parameter(name, "header", text) for name, text in REQUEST_HEADERS.items()],
        "requestBody": {"required": True, "content": content},
        "responses": _responses(good),
    }


def _route(route: Route, refs: Refs) -> Schema:
    parts = re.findall(r"\{(\w+)\}", route.path)
    good = _content(refs[route.answer] if route.answer is not None else {"type": "object"})
    if route.events is not None:
        good |= _content(refs[route.events], "text/event-stream")
    parameters = [_parameter(part, "path") for part in parts] + [_parameter(name, "query") for name in route.query]
    described: Schema = {
        "summary": route.summary,
        "tags": [_tag(route)],
        "operationId": re.sub(r"\W+", "_", f"{route.method}{route.path}").strip("_"),
        "parameters": parameters,
        "responses": _responses(good) if route.keyed else _probe(good),
    }
    if route.request is not None:
        described["requestBody"] = {"required": True, "content": _content(refs[route.request])}
    if route.error is not answers.Error:
        content = _content(refs[route.error])
        described["responses"] |= {
            status: {"description": text, "content": content} for status, text in STATUSES.items()
        }
    return described if route.keyed else {**described, "security": []}


def _tag(route: Route) -> str:
    if not route.keyed:
        return "Health"
    if "/organization/" in route.path or route.path == "/v1/usage":
        return "Administration"
    return _TAGS.get(route.error, OPENAI)


def _responses(good: Schema) -> Schema:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
    errors = {status: {"$ref": f"#/components/responses/{status}"} for status in STATUSES}
    return {"200": {"description": "The answer.", "headers": headers, "content": good}, **errors}


def _probe(good: Schema) -> Schema:
    return {"200": {"description": "Yes.", "content": good}, "503": {"description": "No.", "content": good}}


def _parameter(name: str, where: str, description: str = "") -> Schema:
    parameter: Schema = {"name": name, "in": where, "required": where == "path", "schema": {"type": "string"}}
    return parameter | ({"description": description} if description else {})


def _content(schema: Schema, media: str = "application/json") -> Schema:
    return {media: {"schema": schema}}
