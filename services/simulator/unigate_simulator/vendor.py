"""A vendor as a value: its errors, its key check and its operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from unigate_simulator.wire import Call, Handler, Reply, Whole


@dataclass(frozen=True, slots=True)
class Vendor:
    name: str
    routes: Callable[[Call], Handler | None]
    """The operation behind a method and a path; None when there is no such path."""
    unauthorised: Callable[[Call], Whole | None]
    """The native error for a missing or a wrong key; None when the key will do."""
    error: Callable[[int, str | None], Whole]
    """The native error for a status; the second argument replaces its usual message."""
    overflow: Callable[[Call], Reply]
    """The native error for an input that is longer than the model's context."""
    error_event: Callable[[Call], bytes]
    """How the vendor reports an error inside a stream."""
    unknown_event: Callable[[Call], bytes]
    """An event of a stream that nobody knows yet: vendors add such at any time."""
    model: Callable[[Call], str]
    headers: Callable[[], Mapping[str, str]]
    """Headers on every answer: request id, rate limits."""

    def reply(self, call: Call) -> Reply:
        handler = self.routes(call)
        return handler(call) if handler else self.error(404, f"Unknown path: {call.method} /{call.path}")


def bearer(call: Call) -> str | None:
    scheme, _, key = call.headers.get("authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def body_model(call: Call) -> str:
    """The `model` of a JSON body or a form; the last segment of `models/{id}`; else empty."""
    try:
        model = call.json().get("model") if call.body or call.fields else None
    except ValueError:
        return ""
    if isinstance(model, str):
        return model
    return call.path.removeprefix("models/") if call.path.startswith("models/") else ""
