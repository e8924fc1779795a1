"""ChatRequest → a call of the Messages API. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from unigate_core.errors import invalid_value, unsupported_value
from unigate_core.json import Json
from unigate_formats.anthropic_messages.encode_messages import Breakpoint, Conversation, to_conversation
from unigate_formats.anthropic_messages.encode_reasoning import (
    Thinking,
    loop_lacks_thoughts,
    thinking_conflict,
    to_thinking,
)
from unigate_formats.anthropic_messages.encode_tools import Tools, json_tool, to_tools
from unigate_formats.anthropic_messages.models import FIXED_SAMPLING, ONE_SAMPLING, overlay
from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.neutral.guaranteed_schema import NotGuaranteed, restricted
from unigate_formats.neutral.json_instruction import json_instruction
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.notes import THINKING_DROPPED
from unigate_formats.neutral.provider_options import options_for
from unigate_formats.neutral.request import ChatRequest, ResponseFormat
from unigate_formats.neutral.translation import Context, NativeCall

_PATH = "messages"
_LEAST_TOP_P = 0.95
"""Of a model that thinks."""
_OPTIONS = ("top_k", "thinking", "cache_control", "inference_geo")
_TIERS = {"auto": "auto", "default": "standard_only"}
_USER_ID_LIMIT = 256
_MAX_BREAKPOINTS = 4

# The vendor's SDKs stream when an answer might take longer than ten minutes, at 128,000 tokens an hour.
_LONG_ANSWER = 21_333


class _Body(msgspec.Struct):
    """The body as it grows, and what is to be reported of the way there."""

    native: Json
    dropped: list[str] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)
    emulated: bool = False

    def drop(self, param: str, reason: str, *, may_drop: bool) -> None:
        """Leave a parameter out and report it. Raises RequestRefused where it may not be dropped."""
        if not may_drop:
            raise unsupported_value(param, reason)
        self.dropped.append(param)


def encode_request(chat: ChatRequest, context: Context) -> NativeCall:
    """Translate a request. Raises RequestRefused."""
    chat = replace(chat, provider_options=options_for(chat.provider_options, context.provider, "anthropic", _OPTIONS))
    model = overlay(context.model)
    tools = to_tools(chat, model, drop_unsupported=context.drop_unsupported)
    conversation = to_conversation(
        chat, model, context.replay, tools.renamed, drop_unsupported=context.drop_unsupported
    )
    conversation.dropped += _limit_breakpoints(
        [*tools.breakpoints, *conversation.breakpoints], drop_unsupported=context.drop_unsupported
    )
    max_tokens = chat.max_tokens or model.max_output_tokens
    body = _Body({"model": chat.model, "max_tokens": max_tokens})
    if chat.max_tokens is None:
        body.notes.append(f"max_tokens_defaulted:{max_tokens}")
    if conversation.system:
        body.native["system"] = conversation.system
    body.native["messages"] = conversation.messages
    _add_sampling(body, chat, model, drop_unsupported=context.drop_unsupported)
    _add_identity(body, chat)
    _add_format(body, chat, model, tools, drop_unsupported=context.drop_unsupported)
    _add_tools(body, tools)
    thinking = to_thinking(chat, model, max_tokens, drop_unsupported=context.drop_unsupported)
    _add_thinking(body, chat, thinking, conversation, model, drop_unsupported=context.drop_unsupported)
    streamed = chat.stream or (chat.max_tokens or 0) > _LONG_ANSWER
    if streamed:
        body.native["stream"] = True
    return NativeCall(
        path=_PATH,
        body=body.native,
        stream=streamed,
        dropped=tuple(sorted({*conversation.dropped, *tools.dropped, *body.dropped})),
        notes=tuple(dict.fromkeys((*conversation.notes, *body.notes, *thinking.notes))),
        state=RequestState(
            emulated=body.emulated,
            server_tools=tools.server_tools,
            default_limit=chat.max_tokens is None,
            plain=not tools.tools,
            renamed=tools.renamed,
            names=chat.names,
        ),
    )


def _limit_breakpoints(asked: Sequence[Breakpoint], *, drop_unsupported: bool) -> list[str]:
    """Take away the cache breakpoints that are too many, and report which: the first holds what never changes, the last
    ones what the next request will repeat. Raises RequestRefused where nothing must be dropped."""
    spare = asked[1 : len(asked) - _MAX_BREAKPOINTS + 1]
    if spare and not drop_unsupported:
        raise unsupported_value(
            asked[_MAX_BREAKPOINTS].path, f"Anthropic takes at most {_MAX_BREAKPOINTS} cache breakpoints."
        )
    for block, _ in spare:
        block.pop("cache_control", None)
    return [path for _, path in spare]


def _add_sampling(body: _Body, chat: ChatRequest, model: ModelInfo, *, drop_unsupported: bool) -> None:
    temperature, top_p = _sampling(body, chat, model, drop_unsupported=drop_unsupported)
    if temperature is not None:
        body.native["temperature"] = temperature
    if top_p is not None:
        body.native["top_p"] = top_p
    if chat.top_k is not None and FIXED_SAMPLING in model.features:
        body.drop(chat.param("top_k"), f"{model.id} does not let it be chosen.", may_drop=drop_unsupported)
    elif chat.top_k is not None:
        body.native["top_k"] = chat.top_k
    stop = [sequence for sequence in chat.stop if sequence.strip()]
    if len(stop) < len(chat.stop):
        body.drop(chat.param("stop"), "Anthropic does not take blank stop sequences.", may_drop=drop_unsupported)
    if stop:
        body.native["stop_sequences"] = stop


def _sampling(
    body: _Body, chat: ChatRequest, model: ModelInfo, *, drop_unsupported: bool
) -> tuple[float | None, float | None]:
    """Temperature and top_p as the model takes them. A value of 1 asks for nothing. Raises RequestRefused."""
    temperature, top_p = chat.temperature, chat.top_p
    if temperature is not None and temperature > 1:
        if not drop_unsupported:
            raise unsupported_value(chat.param("temperature"), "Anthropic's range ends at 1, and it is not scaled.")
        body.notes.append(f"temperature:{temperature:g}->1")
        temperature = 1
    if FIXED_SAMPLING in model.features:
        for name, value in (("temperature", temperature), ("top_p", top_p)):
            if value not in (None, 1):
                body.drop(chat.param(name), f"{model.id} does not let it be chosen.", may_drop=drop_unsupported)
        return None, None
    if temperature is not None and top_p == 1:
        top_p = None
    if temperature is not None and top_p is not None and ONE_SAMPLING in model.features:
        body.drop(chat.param("top_p"), f"{model.id} takes no top_p beside a temperature.", may_drop=drop_unsupported)
        top_p = None
    return temperature, top_p


def _add_identity(body: _Body, chat: ChatRequest) -> None:
    if chat.end_user and len(chat.end_user) <= _USER_ID_LIMIT:
        body.native["metadata"] = {"user_id": chat.end_user}
    elif chat.end_user:
        body.dropped.append("user")
    tier = _TIERS.get(chat.service_tier or "")
    if tier:
        body.native["service_tier"] = tier
    elif chat.service_tier:
        body.dropped.append("service_tier")


def _add_tools(body: _Body, tools: Tools) -> None:
    if tools.tools:
        body.native["tools"] = tools.tools
    if tools.choice is not None:
        body.native["tool_choice"] = tools.choice
    if tools.container:
        body.native["container"] = tools.container
    if tools.relaxed:
        body.notes.append("schema_relaxed")


def _add_format(body: _Body, chat: ChatRequest, model: ModelInfo, tools: Tools, *, drop_unsupported: bool) -> None:
    form = chat.response_format
    if form is None:
        return
    if form.schema is not None and "structured_outputs" in model.features:
        try:
            schema, relaxed = restricted(form.schema, _schema_path(form), relax=drop_unsupported)
        except NotGuaranteed:
            if form.strict and not drop_unsupported:
                raise
            if form.strict:
                body.dropped.append(f"{_schema_path(form).removesuffix('.schema')}.strict")
        else:
            if form.description and "description" not in schema:
                schema["description"] = form.description
            if relaxed:
                body.notes.append("schema_relaxed")
            body.native["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
            return
    body.notes.append("json_emulated")
    if tools.tools:
        # no tool can be forced beside others that the model may need first
        body.native["system"] = [*body.native.get("system", ()), {"type": "text", "text": json_instruction(form)}]
        return
    tool, choice = json_tool(form)
    body.native |= {"tools": [tool], "tool_choice": choice}
    body.emulated = True


def _schema_path(form: ResponseFormat) -> str:
    return f"{form.path}.json_schema.schema" if form.path == "response_format" else f"{form.path}.schema"


def _add_thinking(
    body: _Body,
    chat: ChatRequest,
    thinking: Thinking,
    conversation: Conversation,
    model: ModelInfo,
    *,
    drop_unsupported: bool,
) -> None:
    """The effort's form, the client's own options over it, and what gives way where thinking cannot be combined."""
    native = body.native
    if thinking.thinking is not None:
        native["thinking"] = thinking.thinking
    if thinking.effort is not None:
        native["output_config"] = {"effort": thinking.effort} | native.get("output_config", {})
    native |= chat.provider_options
    if native.get("thinking") is not None and not isinstance(native["thinking"], dict):
        raise invalid_value("provider_options.anthropic.thinking", "it must be an object.")
    kind = (native.get("thinking") or {}).get("type")
    if kind not in ("enabled", "adaptive"):
        return
    conflict = thinking_conflict(chat, native, emulated=body.emulated)
    if kind == "enabled" and conflict is None and loop_lacks_thoughts(conversation.messages):
        native["thinking"] = {"type": "disabled"}
        body.notes.append(THINKING_DROPPED)
    elif conflict is not None:
        if not drop_unsupported or "thinking" in chat.provider_options:
            raise conflict
        _switch_off(body, model)
    else:
        _free_sampling(body, chat, drop_unsupported=drop_unsupported)


def _free_sampling(body: _Body, chat: ChatRequest, *, drop_unsupported: bool) -> None:
    """Leave to a thinking model what it does not let be chosen.

    https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking#feature-compatibility
    """
    native = body.native
    if native.get("temperature") not in (None, 1):
        body.drop(chat.param("temperature"), "it can only be 1 when the model thinks.", may_drop=drop_unsupported)
        del native["temperature"]
    if native.get("top_k") is not None and "top_k" not in chat.provider_options:
        body.drop(chat.param("top_k"), "it cannot be chosen when the model thinks.", may_drop=drop_unsupported)
        del native["top_k"]
    top_p = native.get("top_p")
    if top_p is not None and top_p < _LEAST_TOP_P:
        if not drop_unsupported:
            raise unsupported_value(chat.param("top_p"), f"it is at least {_LEAST_TOP_P} when the model thinks.")
        native["top_p"] = _LEAST_TOP_P
        body.notes.append(f"top_p:{top_p:g}->{_LEAST_TOP_P}")


def _switch_off(body: _Body, model: ModelInfo) -> None:
    """Do without thinking for this turn: the answer's form counts for more than its manner."""
    body.notes.append(THINKING_DROPPED)
    if "thinking:disabled" in model.features:
        body.native["thinking"] = {"type": "disabled"}
    else:
        del body.native["thinking"]
