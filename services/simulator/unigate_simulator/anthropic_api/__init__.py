"""Anthropic's API, https://docs.anthropic.com/en/api"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from unigate_simulator.anthropic_api import errors, messages, models
from unigate_simulator.vendor import Vendor, body_model
from unigate_simulator.wire import Call, Handler, token

_REFILL_SECONDS: Final = 6
"""Until a limit that was used a little is whole again."""

_POST: Final[Mapping[str, Handler]] = {
    "messages": messages.create,
    "messages/count_tokens": messages.count_tokens,
}


def _route(call: Call) -> Handler | None:
    if call.method == "POST":
        return _POST.get(call.path)
    if call.method == "GET" and call.path == "models":
        return models.listed
    return models.retrieve if call.method == "GET" and call.path.startswith("models/") else None


def _headers() -> Mapping[str, str]:
    limits = {"requests": 10_000, "tokens": 12_000_000, "input-tokens": 10_000_000, "output-tokens": 2_000_000}
    full_again = (datetime.now(UTC) + timedelta(seconds=_REFILL_SECONDS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = {"request-id": token("req_011", 20), "anthropic-organization-id": "00000000-0000-0000-0000-000000000000"}
    for name, limit in limits.items():
        answer |= {
            f"anthropic-ratelimit-{name}-limit": str(limit),
            f"anthropic-ratelimit-{name}-remaining": str(limit - 1),
            f"anthropic-ratelimit-{name}-reset": full_again,
        }
    return answer


VENDOR: Final = Vendor(
    name="anthropic",
    routes=_route,
    unauthorised=errors.unauthorised,
    error=errors.error,
    overflow=errors.overflow,
    error_event=errors.error_event,
    unknown_event=errors.unknown_event,
    model=body_model,
    headers=_headers,
)
