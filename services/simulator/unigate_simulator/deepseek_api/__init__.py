"""DeepSeek's API, https://api-docs.deepseek.com"""

from collections.abc import Mapping
from typing import Final

from unigate_simulator.deepseek_api import chat, errors, models, responses
from unigate_simulator.vendor import Vendor, body_model
from unigate_simulator.wire import Call, Handler, token

_POST: Final[Mapping[str, Handler]] = {"chat/completions": chat.create, "responses": responses.create}


def _route(call: Call) -> Handler | None:
    if call.method == "POST":
        return _POST.get(call.path.removeprefix("beta/"))
    if call.method == "GET" and call.path == "models":
        return models.listed
    return models.retrieve if call.method == "GET" and call.path.startswith("models/") else None


def _headers() -> Mapping[str, str]:
    return {"x-ds-trace-id": token("", 32), "access-control-allow-credentials": "true"}


VENDOR: Final = Vendor(
    name="deepseek",
    routes=_route,
    unauthorised=errors.unauthorised,
    error=errors.error,
    overflow=errors.overflow,
    error_event=errors.error_event,
    unknown_event=errors.unknown_event,
    model=body_model,
    headers=_headers,
)
