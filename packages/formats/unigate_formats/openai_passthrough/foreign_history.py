"""What the gateway put into earlier answers of other vendors, taken out of a request before a vendor that refuses it.

A conversation can change its model at every turn. The client sends back what it got: readable thoughts, signatures and
generated images beside a chat message, encrypted thoughts among the items of a response.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from unigate_core.encrypted_content import PREFIX
from unigate_core.json import Json, loads_object
from unigate_formats.neutral.operation import Operation
from unigate_formats.openai_responses.compaction_item import ITEM, Decrypt, read_summary
from unigate_formats.openai_responses.image_item import CALL as IMAGE
from unigate_formats.openai_responses.image_item import as_user_message, has_image

REASONING_FORMATS = frozenset({"anthropic-v1", "bedrock-v1", "deepseek-v1", "google-v1", "text"})
"""`format` of the entries of `reasoning_details` that the gateway makes."""

_OPERATIONS = (Operation.CHAT, Operation.RESPONSES, Operation.RESPONSES_RESOURCE)
_MARKS = (b'"reasoning_details"', b'"extra_content"', b'"citations"', b'"images"', PREFIX.encode(), b"_ug")
"""One of them is in every body that holds something of the gateway's: all others are not read."""

_ITEM_ID = re.compile(r"[a-z]+_ug")
"""How the ids of items begin that the gateway made."""

_MESSAGE = ("extra_content", "images", "citations")


def without_foreign_history(operation: Operation, body: bytes, decrypt: Decrypt) -> tuple[Mapping[str, Any], list[str]]:
    """The members of the body that have to be changed, and the JSON paths of what is taken out."""
    if operation not in _OPERATIONS:
        return {}, []
    for mark in _MARKS:
        if mark in body:
            break
    else:
        return {}, []
    key = "messages" if operation is Operation.CHAT else "input"
    given = loads_object(body).get(key)
    if not isinstance(given, list):
        return {}, []
    dropped: list[str] = []
    cleaned = _clean_messages(given, dropped) if key == "messages" else _clean_items(given, dropped, decrypt)
    remaining = list(cleaned)
    return ({key: remaining}, dropped) if remaining != given else ({}, [])


def _clean_messages(messages: list[Any], dropped: list[str]) -> Iterator[Any]:
    for i, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") != "assistant":
            yield message
            continue
        path = f"messages[{i}]"
        removed = [name for name in _MESSAGE if name in message]
        if _is_ours(message.get("reasoning_details")):
            removed += [name for name in ("reasoning_details", "reasoning_content") if name in message]
        dropped += [f"{path}.{name}" for name in removed]
        clean = {name: value for name, value in message.items() if name not in removed}
        if isinstance(clean.get("tool_calls"), list):
            clean["tool_calls"] = [
                _clean_call(call, f"{path}.tool_calls[{n}]", dropped) for n, call in enumerate(clean["tool_calls"])
            ]
        yield clean


def _is_ours(details: Any) -> bool:
    return isinstance(details, list) and all(
        isinstance(detail, dict) and detail.get("format") in REASONING_FORMATS for detail in details
    )


def _clean_call(call: Any, path: str, dropped: list[str]) -> Any:
    if not isinstance(call, dict) or "extra_content" not in call:
        return call
    dropped.append(f"{path}.extra_content")
    return {name: value for name, value in call.items() if name != "extra_content"}


def _clean_items(items: list[Json], dropped: list[str], decrypt: Decrypt) -> Iterator[Any]:
    for i, item in enumerate(items):
        if not isinstance(item, dict):
            yield item
            continue
        summary = read_summary(item, decrypt) if item.get("type") == ITEM else None
        if summary is not None:
            yield {"role": "user", "content": summary}
            continue
        token, id_ = item.get("encrypted_content"), item.get("id")
        made_here = isinstance(id_, str) and _ITEM_ID.match(id_) is not None
        if (isinstance(token, str) and token.startswith(PREFIX)) or (made_here and item.get("type") == "reasoning"):
            dropped.append(f"input[{i}]")
        elif made_here:
            # the vendor would look for it among its own
            dropped.append(f"input[{i}].id")
            is_image = item.get("type") == IMAGE and has_image(item)
            yield as_user_message(item) if is_image else {name: value for name, value in item.items() if name != "id"}
        else:
            yield item
