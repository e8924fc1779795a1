"""AWS Bedrock's runtime, and the list of its models. https://docs.aws.amazon.com/bedrock/latest/APIReference/"""

import base64
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from unigate_simulator.bedrock_api import converse, errors, invoke
from unigate_simulator.bedrock_api.signature import unauthorised
from unigate_simulator.vendor import Vendor
from unigate_simulator.wire import Call, Handler, Reply, loads, token, whole

_MODELS: Final = (
    ("amazon.nova-lite-v1:0", "Amazon", ["TEXT", "IMAGE"], ["TEXT"]),
    ("amazon.nova-canvas-v1:0", "Amazon", ["TEXT"], ["IMAGE"]),
    ("amazon.titan-embed-text-v2:0", "Amazon", ["TEXT"], ["EMBEDDING"]),
    ("anthropic.claude-sonnet-4-20250514-v1:0", "Anthropic", ["TEXT", "IMAGE"], ["TEXT"]),
    ("meta.llama3-3-70b-instruct-v1:0", "Meta", ["TEXT"], ["TEXT"]),
)
_PROFILES: Final = ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us.amazon.nova-2-lite-v1:0")


def _route(call: Call) -> Handler | None:
    if call.method == "GET":
        return {"foundation-models": _models, "inference-profiles": _profiles}.get(call.path)
    model, _, method = call.path.removeprefix("model/").rpartition("/")
    if call.method != "POST" or not model:
        return None
    handlers: dict[str, Callable[[Call, str], Reply]] = {
        "converse": converse.converse,
        "converse-stream": converse.converse_stream,
        "invoke": invoke.invoke,
        "invoke-with-response-stream": partial(invoke.invoke, streamed=True),
        "count-tokens": _count,
    }
    handler = handlers.get(method)
    return None if handler is None else partial(_served, handler, model)


def _served(handler: Callable[[Call, str], Reply], model: str, call: Call) -> Reply:
    return handler(call, model)


def _count(call: Call, model: str) -> Reply:
    asked = call.json()["input"]
    if "converse" in asked:
        return whole({"inputTokens": converse.tokens(asked["converse"])})
    if "anthropic." not in model:
        raise errors.refuse("The provided model doesn't support counting tokens.")
    body = loads(base64.b64decode(asked["invokeModel"]["body"]))
    return whole({"inputTokens": invoke.count_tokens(call, model, body)})


def _models(call: Call) -> Reply:
    del call
    summaries = [
        {
            "modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{name}",
            "modelId": name,
            "modelName": name.partition(".")[2],
            "providerName": maker,
            "inputModalities": given,
            "outputModalities": made,
            "responseStreamingSupported": True,
        }
        for name, maker, given, made in _MODELS
    ]
    return whole({"modelSummaries": summaries})


def _profiles(call: Call) -> Reply:
    del call
    return whole({"inferenceProfileSummaries": [{"inferenceProfileId": name, "models": []} for name in _PROFILES]})


def _model(call: Call) -> str:
    return call.path.removeprefix("model/").rpartition("/")[0]


def _headers() -> Mapping[str, str]:
    return {"x-amzn-requestid": token("", 32)}


VENDOR: Final = Vendor(
    name="bedrock",
    routes=_route,
    unauthorised=unauthorised,
    error=errors.error,
    overflow=errors.overflow,
    error_event=errors.error_event,
    unknown_event=errors.unknown_event,
    model=_model,
    headers=_headers,
)
