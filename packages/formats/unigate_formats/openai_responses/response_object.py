"""The response object of the Responses API. https://platform.openai.com/docs/api-reference/responses/object"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from unigate_core.encrypted_content import EncryptedPayload
from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.neutral.events import Start, Usage
from unigate_formats.openai_chat.encode_usage import total
from unigate_formats.openai_responses.compaction_item import ITEM as COMPACTION
from unigate_formats.openai_responses.decode_body import ENCRYPTED

ERROR_CODES = frozenset(
    {
        "invalid_prompt",
        "rate_limit_exceeded",
        "server_error",
        "invalid_image",
        "invalid_image_format",
        "invalid_base64_image",
        "invalid_image_url",
        "image_too_large",
        "failed_to_download_image",
    }
)


class ResponseContext(msgspec.Struct, frozen=True, kw_only=True):
    """What the encoder must know beside the events.

    `id` is the new response's, `provider` and `model` as the client named them, `body` the request. `store` says
    that the answer will be kept. `encrypt` makes the text of `encrypted_content`. `clock` gives epoch seconds.
    """

    id: str
    provider: str
    model: str
    created: int
    body: Json
    custom_names: frozenset[str] = frozenset()
    namespaced: Mapping[str, tuple[str, str]] = {}
    """Namespace and name of the tools that the model knows by one name."""
    search_name: str = ""
    """The function by which the model asks the client to search for tools."""
    store: bool = False
    encrypt: Callable[[EncryptedPayload], str]
    clock: Callable[[], float]

    @property
    def include(self) -> frozenset[str]:
        """What the client wants to see beside the usual."""
        return frozenset(self.body.get("include") or ())

    @property
    def shows_encrypted(self) -> bool:
        """Whether the client carries the thoughts itself."""
        return ENCRYPTED in self.include or not self.store

    @property
    def shows_reasoning(self) -> bool:
        """Whether readable thoughts were asked for."""
        reasoning = self.body.get("reasoning") or {}
        return bool(reasoning.get("summary") or reasoning.get("generate_summary"))

    @property
    def obfuscates(self) -> bool:
        """Whether deltas are to be padded."""
        return bool((self.body.get("stream_options") or {}).get("include_obfuscation"))

    def item_id(self, prefix: str, index: int, *, given: bool = False) -> str:
        """The id of an item: that of the response, so that the item can be found by it, and its place.

        `given`: it was part of the request.
        """
        return f"{prefix}_{self.id.removeprefix('resp_')}{'i' if given else 'o'}{index}"


class ResponseStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far a response has come."""

    status: str
    output: Sequence[Json] = ()
    usage: Usage | None = None
    error: Json | None = None
    incomplete: str | None = None
    completed_at: int | None = None


def response_object(terms: ResponseContext, start: Start, outcome: ResponseStatus) -> Json:
    """The object, in OpenAI's order of keys."""
    body = terms.body
    reasoning = body.get("reasoning") or {}
    return {
        "id": terms.id,
        "object": "response",
        "created_at": start.created or terms.created,
        "status": outcome.status,
        "background": False,
        "completed_at": outcome.completed_at,
        "error": outcome.error,
        "incomplete_details": {"reason": outcome.incomplete} if outcome.incomplete else None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "model": f"{terms.provider}/{start.model or terms.model}",
        "output": list(outcome.output),
        "parallel_tool_calls": _default(body.get("parallel_tool_calls"), default=True),
        "previous_response_id": body.get("previous_response_id"),
        "prompt_cache_key": body.get("prompt_cache_key"),
        "reasoning": {
            "effort": reasoning.get("effort"),
            "summary": reasoning.get("summary") or reasoning.get("generate_summary"),
        },
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": start.service_tier or ("auto" if outcome.status == "in_progress" else "default"),
        "store": terms.store,
        "temperature": _default(body.get("temperature"), default=1.0),
        "text": _text(body),
        "tool_choice": _default(body.get("tool_choice"), default="auto"),
        "tools": [_tool(tool) for tool in body.get("tools") or ()],
        "top_logprobs": _default(body.get("top_logprobs"), default=0),
        "top_p": _default(body.get("top_p"), default=1.0),
        "truncation": "disabled",
        "usage": response_usage(outcome.usage) if outcome.usage else None,
        "user": body.get("user"),
        "metadata": body.get("metadata") or {},
    }


def visible(item: Json, terms: ResponseContext) -> Json:
    """The item as the client sees it. Of a compaction nothing else is there to see."""
    if "encrypted_content" not in item or terms.shows_encrypted or item["type"] == COMPACTION:
        return item
    return {key: value for key, value in item.items() if key != "encrypted_content"}


def response_usage(usage: Usage) -> Json:
    """Usage in the words of the Responses API."""
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cache_write_tokens": usage.cache_write, "cached_tokens": usage.cache_read},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": total(usage),
    }


def response_error(error: GatewayError) -> Json:
    """An error inside a response; its codes are a closed list."""
    code = error.code if error.code in ERROR_CODES else None
    if code is None:
        code = "rate_limit_exceeded" if error.status == 429 else "server_error"
    return {"code": code, "message": error.message}


def _text(body: Json) -> Json:
    text = body.get("text") or {}
    form = text.get("format") or {"type": "text"}
    if form.get("type") == "json_schema":
        form = {
            "type": "json_schema",
            "description": form.get("description"),
            "name": form.get("name"),
            "schema": form.get("schema"),
            "strict": bool(form.get("strict")),
        }
    return {"format": form, "verbosity": text.get("verbosity") or "medium"}


def _tool(tool: Json) -> Json:
    if tool.get("type") != "function":
        return tool
    return {
        "type": "function",
        "description": tool.get("description"),
        "name": tool.get("name"),
        "parameters": tool.get("parameters"),
        "strict": bool(tool.get("strict")),
    }


def _default(value: Any, *, default: Any) -> Any:
    return default if value is None else value
