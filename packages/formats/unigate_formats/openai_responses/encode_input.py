"""Input items of a request → the same items as OpenAI lists them: with ids, types and whole content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unigate_core.json import Json
from unigate_formats.openai_responses.response_object import ResponseContext

PREFIXES: Mapping[str, str] = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "web_search_call": "ws",
    "code_interpreter_call": "ci",
    "image_generation_call": "ig",
}


def input_items(terms: ResponseContext) -> list[Json]:
    """The request's own items, without those of earlier responses."""
    given = terms.body.get("input")
    if given is None:
        return []
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    return [_item(item, terms, index) for index, item in enumerate(items)]


def _item(item: Json, terms: ResponseContext, index: int) -> Json:
    kind = item.get("type") or "message"
    given = terms.item_id(PREFIXES.get(kind, "item"), index, given=True)
    listed: Json = {"id": item.get("id") or given, "type": kind}
    if kind != "reasoning":
        listed["status"] = item.get("status") or "completed"
    listed.update({key: value for key, value in item.items() if key not in listed})
    if kind == "message":
        listed["content"] = _content(item)
    return listed


def _content(item: Json) -> list[Any]:
    content = item.get("content")
    answer = item.get("role") == "assistant"
    if isinstance(content, str):
        content = [{"type": "output_text" if answer else "input_text", "text": content}]
    return [_part(part) for part in content or ()]


def _part(part: Json) -> Json:
    if part.get("type") == "output_text":
        return {"annotations": [], "logprobs": [], **part}
    if part.get("type") == "input_image":
        return {"detail": "auto", **part}
    return part
