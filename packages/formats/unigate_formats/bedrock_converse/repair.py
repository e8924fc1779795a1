"""A call that the model refused for something Converse has and it has not: made once more without it, and reported."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.bedrock_converse.encode_tools import DESCRIBED
from unigate_formats.neutral.translation import NativeCall


def repair(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """The corrected call, or None when nothing is known that would help."""
    if error.status != 400:
        return None
    message = error.message.lower()
    return next((fix(call) for words, fix in _FIXES if all(word in message for word in words)), None)


def _whole(call: NativeCall) -> NativeCall | None:
    """Some models call tools in whole answers only."""
    if not call.stream:
        return None
    return replace(call, path=call.path.removesuffix("-stream"), stream=False)


def _unforced(call: NativeCall) -> NativeCall | None:
    config = call.body.get("toolConfig") or {}
    choice = config.get("toolChoice")
    if choice is None:
        return None
    which = f'the tool "{choice["tool"]["name"]}"' if "tool" in choice else "one of the tools"
    system = [*call.body.get("system", ()), {"text": f"Call {which} in this turn."}]
    body = call.body | {"toolConfig": {"tools": config["tools"]}, "system": system}
    return replace(call, body=body, notes=(*call.notes, DESCRIBED))


def _without_system(call: NativeCall) -> NativeCall | None:
    system: list[Json] = [block for block in call.body.get("system", ()) if "text" in block]
    if not system:
        return None
    first, *rest = call.body["messages"]
    messages = [first | {"content": [*system, *first["content"]]}, *rest]
    body = {key: value for key, value in call.body.items() if key != "system"} | {"messages": messages}
    return replace(call, body=body, notes=(*call.notes, "system_in_user_turn"))


def _with_user_turn(call: NativeCall) -> NativeCall | None:
    """The model does not go on with an assistant's message: it is asked to."""
    messages = call.body["messages"]
    if messages[-1]["role"] != "assistant":
        return None
    asked = {"role": "user", "content": [{"text": "Continue."}]}
    return replace(call, body=call.body | {"messages": [*messages, asked]}, notes=(*call.notes, "user_turn_added"))


def _without_cache(call: NativeCall) -> NativeCall | None:
    """The model has no prompt cache: its marks are left out everywhere."""
    body = _unmarked(call.body)
    return replace(call, body=body, notes=(*call.notes, "cache_points_dropped")) if body != call.body else None


def _unmarked(value: object) -> Json:
    def walk(item: object) -> object:
        if isinstance(item, dict):
            return {key: walk(inner) for key, inner in item.items()}
        if isinstance(item, list):
            return [walk(inner) for inner in item if not (isinstance(inner, dict) and "cachePoint" in inner)]
        return item

    cleaned = walk(value)
    return cleaned if isinstance(cleaned, dict) else {}


_FIXES: tuple[tuple[tuple[str, ...], Callable[[NativeCall], NativeCall | None]], ...] = (
    (("tool use in streaming mode",), _whole),
    (("toolchoice", "support"), _unforced),
    (("system messages",), _without_system),
    (("support", "cach"), _without_cache),
    (("end with a user message",), _with_user_turn),
    (("support", "prefill"), _with_user_turn),
)
