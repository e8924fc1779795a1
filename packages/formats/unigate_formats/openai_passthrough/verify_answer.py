"""What an answer with status 200 must be before it is passed on: vendors and proxies answer 200 with anything.

A web page, an error object, an empty body or JSON of another shape is an error of the provider's.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from unigate_core.errors import GatewayError, UpstreamProtocol
from unigate_core.json import Raw, clean_text, loads, raw_members
from unigate_core.json_splice import normalise_json
from unigate_formats.neutral.operation import Operation
from unigate_formats.openai_chat.rewrite import stream_error

_ANY_OF: Mapping[Operation, frozenset[str]] = MappingProxyType(
    {
        Operation.CHAT: frozenset({"choices"}),
        Operation.COMPLETIONS: frozenset({"choices"}),
        Operation.RESPONSES: frozenset({"output", "status"}),
        Operation.RESPONSES_RESOURCE: frozenset({"object", "id", "output", "data"}),
        Operation.EMBEDDINGS: frozenset({"data"}),
        Operation.IMAGES_GENERATIONS: frozenset({"data"}),
        Operation.IMAGES_EDITS: frozenset({"data"}),
        Operation.IMAGES_VARIATIONS: frozenset({"data"}),
        Operation.MODERATIONS: frozenset({"results"}),
        Operation.AUDIO_TRANSCRIPTIONS: frozenset({"text", "segments"}),
        Operation.AUDIO_TRANSLATIONS: frozenset({"text", "segments"}),
    }
)
"""Members of which the operation's JSON has one at least. Speech has no JSON."""

_LISTS = frozenset({"choices", "data", "results"})
_TEXTS = frozenset({Operation.AUDIO_TRANSCRIPTIONS, Operation.AUDIO_TRANSLATIONS})
_PAGE = (b"<!doctype html", b"<html")


def check_whole(operation: Operation, body: bytes, content_type: str) -> bytes:
    """A whole answer in a spelling that can be read. Raises GatewayError when it is none of the operation's."""
    if is_page(body, content_type):
        raise UpstreamProtocol("The provider answered with a web page.")
    if operation is Operation.AUDIO_SPEECH or (operation in _TEXTS and "json" not in content_type):
        return _media(operation, body, content_type)
    # a decoder that leaves most of a body unread does not notice
    body, members = _members(clean_text(body))
    if not any(_has(members, name) for name in _ANY_OF.get(operation, frozenset({"object", "id"}))):
        raise error_in(members) or UpstreamProtocol("The provider's answer is not of the kind that was asked for.")
    return body


def is_page(body: bytes, content_type: str) -> bool:
    """Whether this is a web page, such as a proxy shows."""
    return content_type.startswith("text/html") or body[:32].lstrip().lower().startswith(_PAGE)


def error_in(members: Mapping[str, Raw]) -> GatewayError | None:
    """The error that an answer holds instead of what was asked for, None when it holds none."""
    raw = bytes(members.get("error", b"null"))
    fault = loads(raw) if raw != b"null" else None
    if isinstance(fault, str):
        fault = {"message": fault}
    return stream_error(fault) if isinstance(fault, dict) else None


def _media(operation: Operation, body: bytes, content_type: str) -> bytes:
    if not body:
        raise UpstreamProtocol("The provider's answer is empty.")
    if operation is Operation.AUDIO_SPEECH and "json" in content_type:
        _, members = _members(body)
        raise error_in(members) or UpstreamProtocol("The provider answered with JSON instead of speech.")
    if operation in _TEXTS and content_type.startswith("text/"):
        return clean_text(body)
    return body


def _members(body: bytes) -> tuple[bytes, dict[str, Raw]]:
    try:
        return body, raw_members(body)
    except ValueError:
        pass
    try:
        body = normalise_json(body)
        return body, raw_members(body)
    except ValueError as error:
        raise UpstreamProtocol("The provider's answer is not a JSON object.") from error


def _has(members: Mapping[str, Raw], name: str) -> bool:
    value = bytes(members.get(name, b"null"))
    return value != b"null" and (name not in _LISTS or value.startswith(b"["))
