"""Azure OpenAI and Foundry: OpenAI's and Anthropic's APIs below the resource's own paths.

https://learn.microsoft.com/en-us/azure/ai-foundry/openai/latest
"""

import re
from dataclasses import replace
from typing import Final

from unigate_simulator import anthropic_api, openai_api
from unigate_simulator.identity import is_valid
from unigate_simulator.vendor import Vendor, bearer, body_model
from unigate_simulator.wire import Call, Handler, Whole, dumps, whole

_CLAUDE: Final = "anthropic/v1/"
_DEPLOYMENT: Final = re.compile(r"openai/deployments/([^/]+)/(.+)")


def _route(call: Call) -> Handler | None:
    inner = _inner(call)
    if _DEPLOYMENT.fullmatch(call.path) and "api-version" not in call.query:
        return None
    handler = _api(call).routes(inner)
    return None if handler is None else lambda _: handler(inner)


def _api(call: Call) -> Vendor:
    """The vendor whose API it is."""
    return anthropic_api.VENDOR if call.path.startswith(_CLAUDE) else openai_api.VENDOR


def _inner(call: Call) -> Call:
    """The call as that vendor would get it; the model of an older address stands in its path."""
    if call.path.startswith(_CLAUDE):
        return replace(call, path=call.path.removeprefix(_CLAUDE))
    if found := _DEPLOYMENT.fullmatch(call.path):
        body = call.body if call.fields else dumps({**call.json(), "model": found[1]})
        return replace(call, path=found[2], body=body)
    return replace(call, path=call.path.removeprefix("openai/").removeprefix("v1/"))


def _unauthorised(call: Call) -> Whole | None:
    key, token = call.headers.get("api-key"), bearer(call)
    if key and key != "invalid":
        return None
    if token and is_valid("entra", token):
        return None
    message = "Access denied due to invalid subscription key or wrong API endpoint."
    return whole({"error": {"code": "401", "message": message}}, 401)


VENDOR: Final = Vendor(
    name="azure",
    routes=_route,
    unauthorised=_unauthorised,
    error=openai_api.VENDOR.error,
    overflow=openai_api.VENDOR.overflow,
    error_event=lambda call: _api(call).error_event(_inner(call)),
    unknown_event=lambda call: _api(call).unknown_event(_inner(call)),
    model=body_model,
    headers=lambda: {**openai_api.VENDOR.headers(), "apim-request-id": "00000000-0000-0000-0000-000000000000"},
)
