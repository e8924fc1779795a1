"""A request in Gemini's API on its way to Gemini: other names of the model, and no thoughts of other vendors.

Gemini 3 refuses a history whose calls have no thought signature, as those of other models have none: the value that
Google documents for them takes its place. https://ai.google.dev/gemini-api/docs/thought-signatures
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final

import msgspec

from unigate_core.encrypted_content import PREFIX
from unigate_core.errors import RequestRefused
from unigate_core.json import Json, dumps, loads, raw_members
from unigate_core.json_splice import splice
from unigate_formats.gemini_generate_content.decode_contents import token_of
from unigate_formats.gemini_generate_content.member import member, snake_case
from unigate_formats.gemini_generate_content.models import traits_of
from unigate_formats.gemini_generate_content.replay import SKIP_SIGNATURE, with_skip_signature

_OURS: Final = b'"' + base64.b64encode(PREFIX.encode())[: len(PREFIX) * 8 // 6]
"""How a thought signature of the gateway's own begins."""
_CALLS: Final = tuple(f'"{name}"'.encode() for name in ("functionCall", snake_case("functionCall")))
_REQUEST: Final = "generateContentRequest"
_decode_list: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_SIGNATURE: Final = ("thoughtSignature", snake_case("thoughtSignature"))


def rewrite(body: bytes, model: str, public: str) -> bytes:
    """The request with the vendor's name of the model where it says any, and without other vendors' thoughts."""
    renamed = bool(public) and public != model
    signs = traits_of(model).is_third and any(name in body for name in _CALLS)
    if not (renamed and b'"model"' in body) and _OURS not in body and not signs:
        return body
    try:
        members = raw_members(body)
        changes: dict[str, bytes | None] = {}
        if renamed and "model" in members:
            changes["model"] = _name(members["model"], model, public)
        for name in (_REQUEST, snake_case(_REQUEST)):
            if name in members:
                # countTokens holds a whole request
                changes[name] = rewrite(bytes(members[name]), model, public)
        if renamed and "requests" in members:
            changes["requests"] = _named_each(bytes(members["requests"]), model, public)
        if "contents" in members and (_OURS in body or signs):
            given = loads(bytes(members["contents"]))
            contents = _without_foreign_thoughts(given, model) if _OURS in body else given
            contents = _with_signed_calls(contents) if signs else contents
            if contents != given:
                changes["contents"] = dumps(contents)
        return splice(body, changes, members)
    except ValueError as error:
        raise RequestRefused("The request body is not a JSON object.", param=None, code="invalid_json") from error


def _name(raw: msgspec.Raw, model: str, public: str) -> bytes:
    given = loads(bytes(raw))
    return dumps(f"models/{model}" if given in (public, f"models/{public}") else given)


def _named_each(requests: bytes, model: str, public: str) -> bytes:
    """The requests of a batch of embeddings, each with the vendor's name of the model; all other bytes as they came."""
    out, place = b"", 0
    try:
        each_raw = _decode_list(requests)
    except msgspec.ValidationError:
        return requests
    for raw in each_raw:
        request = bytes(raw)
        start = requests.index(request, place)
        out += requests[place:start] + _named(request, model, public)
        place = start + len(request)
    return out + requests[place:]


def _named(request: bytes, model: str, public: str) -> bytes:
    if not request.startswith(b"{"):
        return request
    members = raw_members(request)
    if "model" not in members:
        return request
    return splice(request, {"model": _name(members["model"], model, public)}, members)


def _without_foreign_thoughts(contents: Any, model: str) -> Any:
    if isinstance(contents, dict):
        return _cleaned(contents, model)
    cleaned = _each(contents, lambda content: _cleaned(content, model))
    return [content for content in cleaned if content != {}] if isinstance(cleaned, list) else cleaned


def _cleaned(content: Json, model: str) -> Json:
    """The content without what the gateway wrote for another vendor's model; empty where nothing else was in it."""
    parts = content.get("parts")
    parts = [parts] if isinstance(parts, dict) else parts
    if not isinstance(parts, list) or not any(_is_foreign(part) for part in parts):
        return content
    kept = [_unsigned(part, model) if _is_foreign(part) else part for part in parts if not _is_unsigned_thought(part)]
    kept = [part for part in kept if part not in ({}, {"text": ""})]
    return content | {"parts": kept} if kept else {}


def _unsigned(part: Json, model: str) -> Json:
    left = {name: value for name, value in part.items() if name not in _SIGNATURE}
    if member(left, "functionCall") is not None and traits_of(model).is_third:
        left["thoughtSignature"] = SKIP_SIGNATURE
    return left


def _with_signed_calls(contents: Any) -> Any:
    """The contents with a signature on the first call of each, where it has none."""
    return _with_signed_call(contents) if isinstance(contents, dict) else _each(contents, _with_signed_call)


def _with_signed_call(content: Json) -> Json:
    parts = content.get("parts")
    listed = parts if isinstance(parts, list) else [parts]
    signed = with_skip_signature(listed)
    return content if signed is listed else content | {"parts": signed}


def _is_foreign(part: Any) -> bool:
    signature = member(part, "thoughtSignature") if isinstance(part, dict) else None
    return isinstance(signature, str) and bool(token_of(signature))


def _is_unsigned_thought(part: Any) -> bool:
    return isinstance(part, dict) and part.get("thought") is True and member(part, "thoughtSignature") is None


def _each(values: Any, change: Callable[[Json], Json]) -> Any:
    if not isinstance(values, list):
        return values
    return [change(value) if isinstance(value, dict) else value for value in values]
