"""ChatRequest → a call of the Messages API. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from dataclasses import dataclass, field

from unigate_core.errors import RequestRefused, invalid_value, unsupported_value
from unigate_core.json import Json
from unigate_formats.anthropic_messages.encode_messages import Conversation, to_conversation
from unigate_formats.anthropic_messages.encode_reasoning import (
    Thinking,
    loop_lacks_thoughts,
    refuse_with_budget,
    to_thinking,
)
from unigate_formats.anthropic_messages.encode_schema import OpenObject, restricted
from unigate_formats.anthropic_messages.encode_tools import Tools, json_tool, to_tools
from unigate_formats.anthropic_messages.models import overlay
from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import ChatRequest, ResponseFormat
from unigate_formats.neutral.translation import Context, NativeCall

_PATH = "messages"
_OPTIONS = ("top_k", "thinking", "cache_control", "inference_geo")
_TIERS = {"auto": "auto", "default": "standard_only"}
_USER_ID_LIMIT = 256

# The vendor's SDKs stream when an answer might take longer than ten minutes, at 128,000 tokens an hour.
_LONG_ANSWER = 21_333


@dataclass(slots=True)
class _Body:
    """The body as it grows, and what is to be told of the way there."""

    native: Json
    dropped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    emulated: bool = False


def encode_request(chat: ChatRequest, context: Context) -> NativeCall:
    """Translate a request. Raises RequestRefused."""
    model = overlay(context.model)
    talk = to_conversation(chat, model, context.replay)
    tools = to_tools(chat, model, drop_unsupported=context.drop_unsupported)
    max_tokens = chat.max_tokens or model.max_output_tokens
    body = _Body({"model": chat.model, "max_tokens": max_tokens})
    if chat.max_tokens is None:
        body.notes.append(f"max_tokens_defaulted:{max_tokens}")
    if talk.system:
        body.native["system"] = talk.system
    body.native["messages"] = talk.messages
    _add_sampling(body, chat, drop_unsupported=context.drop_unsupported)
    _add_identity(body, chat)
    _add_tools(body, tools)
    thinking = to_thinking(chat, model, max_tokens)
    _add_format(body, chat, model)
    _add_thinking(body, chat, thinking, talk)
    streamed = chat.stream or (chat.max_tokens or 0) > _LONG_ANSWER
    if streamed:
        body.native["stream"] = True
    return NativeCall(
        path=_PATH,
        body=body.native,
        stream=streamed,
        dropped=tuple(sorted({*talk.dropped, *tools.dropped, *body.dropped})),
        notes=tuple(dict.fromkeys((*talk.notes, *body.notes, *thinking.notes))),
        state=RequestState(
            emulated=body.emulated,
            server_tools=tools.server_tools,
            default_limit=chat.max_tokens is None,
            plain=body.emulated or not tools.tools,
        ),
    )


def _add_sampling(body: _Body, chat: ChatRequest, *, drop_unsupported: bool) -> None:
    temperature, top_p = chat.temperature, chat.top_p
    if temperature is not None and temperature > 1:
        if not drop_unsupported:
            raise unsupported_value(chat.param("temperature"), "Anthropic's range ends at 1, and it is not scaled.")
        body.notes.append(f"temperature:{temperature:g}->1")
        temperature = 1
    if temperature is not None:
        body.native["temperature"] = temperature
    # Some models take only one of the two, and 1 asks for nothing.
    if top_p is not None and not (top_p == 1 and temperature is not None):
        body.native["top_p"] = top_p
    if chat.stop:
        if not all(sequence.strip() for sequence in chat.stop):
            raise unsupported_value(chat.param("stop"), "Anthropic does not take blank stop sequences.")
        body.native["stop_sequences"] = list(chat.stop)


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


def _add_format(body: _Body, chat: ChatRequest, model: ModelInfo) -> None:
    form = chat.response_format
    if form is None:
        return
    if form.schema is not None and "structured_outputs" in model.features:
        try:
            schema, relaxed = restricted(form.schema, _schema_path(form))
        except OpenObject:
            if form.strict:
                raise
        else:
            if form.description and "description" not in schema:
                schema["description"] = form.description
            if relaxed:
                body.notes.append("schema_relaxed")
            body.native["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
            return
    tool, choice = json_tool(form, chat)
    body.native |= {"tools": [tool], "tool_choice": choice}
    body.notes.append("json_emulated")
    body.emulated = True


def _schema_path(form: ResponseFormat) -> str:
    return f"{form.path}.json_schema.schema" if form.path == "response_format" else f"{form.path}.schema"


def _add_thinking(body: _Body, chat: ChatRequest, thinking: Thinking, talk: Conversation) -> None:
    """The effort's form, the client's own options over it, and the way out when a tool loop has lost its thoughts."""
    native = body.native
    if thinking.thinking is not None:
        native["thinking"] = thinking.thinking
    if thinking.effort is not None:
        native["output_config"] = {"effort": thinking.effort} | native.get("output_config", {})
    for key, value in chat.provider_options.items():
        if key not in _OPTIONS:
            raise RequestRefused(
                f"Unknown parameter: 'provider_options.anthropic.{key}'.",
                param=f"provider_options.anthropic.{key}",
                code="unknown_parameter",
            )
        native[key] = value
    if native.get("thinking") is not None and not isinstance(native["thinking"], dict):
        raise invalid_value("provider_options.anthropic.thinking", "it must be an object.")
    if (native.get("thinking") or {}).get("type") != "enabled":
        return
    if talk.messages[-1]["role"] == "assistant":
        raise unsupported_value("messages", "with a thinking budget they cannot end with an assistant message.")
    if body.emulated and chat.response_format:
        raise unsupported_value(chat.response_format.path, "with a thinking budget this model has no such JSON mode.")
    if loop_lacks_thoughts(talk.messages):
        native["thinking"] = {"type": "disabled"}
        body.notes.append("thinking_dropped")
    refuse_with_budget(chat, native["thinking"], native.get("tool_choice"))
