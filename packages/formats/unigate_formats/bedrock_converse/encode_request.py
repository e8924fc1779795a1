"""ChatRequest → a call of Converse or ConverseStream.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from unigate_core.errors import RequestRefused, unsupported_parameter, unsupported_value
from unigate_core.json import Json, dumps_text
from unigate_formats.bedrock_converse.encode_messages import as_instruction, to_conversation
from unigate_formats.bedrock_converse.encode_reasoning import to_reasoning
from unigate_formats.bedrock_converse.encode_tools import to_tools
from unigate_formats.bedrock_converse.models import overlay, top_k_member
from unigate_formats.bedrock_converse.parameters import OPTIONS
from unigate_formats.bedrock_converse.request_state import RequestState
from unigate_formats.neutral.guaranteed_schema import restricted
from unigate_formats.neutral.json_instruction import json_instruction
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.provider_options import options_for
from unigate_formats.neutral.request import ChatRequest, ResponseFormat
from unigate_formats.neutral.translation import Context, NativeCall

_TIERS = ("default", "flex", "priority")


class _Body(msgspec.Struct):
    """The body as it grows, and what is to be reported of the way there."""

    native: Json
    drop_unsupported: bool
    instructions: list[str] = msgspec.field(default_factory=list)
    fields: Json = msgspec.field(default_factory=dict)
    dropped: list[str] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)

    def drop(self, param: str, reason: str) -> None:
        """Leave a parameter out and report it. Raises RequestRefused where it may not be dropped."""
        if not self.drop_unsupported:
            raise unsupported_value(param, reason)
        self.dropped.append(param)


def encode_request(chat: ChatRequest, context: Context) -> NativeCall:
    """Translate a request. Raises RequestRefused."""
    model = overlay(context.model)
    conversation = to_conversation(chat.turns, context.replay, drop_unsupported=context.drop_unsupported)
    tools = to_tools(chat, model, conversation, drop_unsupported=context.drop_unsupported)
    body = _Body({"messages": conversation.messages}, context.drop_unsupported)
    if chat.web_search is not None:
        if not context.drop_unsupported:
            raise unsupported_parameter(chat.web_search.path, "Converse has no web search.")
        body.dropped.append(chat.web_search.path)
    _add_sampling(body, chat, model)
    _add_format(body, chat, model)
    fields, dropped, notes = to_reasoning(chat, model, drop_unsupported=context.drop_unsupported)
    body.fields |= fields
    _add_options(body, options_for(chat.provider_options, context.provider, "bedrock", OPTIONS))
    if tools.config:
        body.native["toolConfig"] = tools.config
    body.instructions += [tools.sentence] if tools.sentence else []
    system = [*conversation.system, *map(as_instruction, body.instructions)]
    if system and "system" in model.features:
        body.native["system"] = system
    elif system:
        # the model knows no system messages: its first turn has to hold it
        conversation.messages[0]["content"][:0] = [block for block in system if "text" in block]
        body.notes.append("system_in_user_turn")
    return NativeCall(
        path=path_of(chat.model, stream=chat.stream),
        body=body.native,
        stream=chat.stream,
        dropped=tuple(sorted({*conversation.dropped, *tools.dropped, *body.dropped, *dropped})),
        notes=tuple(dict.fromkeys((*conversation.notes, *tools.notes, *body.notes, *notes))),
        state=RequestState(chat.model, frozenset(tool.name for tool in chat.tools), chat.names),
    )


def path_of(model: str, *, stream: bool) -> str:
    """Where the call goes; colons and slashes of ARNs are escaped."""
    return f"model/{quote(model, safe='')}/{'converse-stream' if stream else 'converse'}"


def _add_sampling(body: _Body, chat: ChatRequest, model: ModelInfo) -> None:
    temperature = chat.temperature
    if temperature is not None and temperature > 1:
        if not body.drop_unsupported:
            raise unsupported_value(chat.param("temperature"), "Bedrock's range ends at 1, and it is not scaled.")
        body.notes.append(f"temperature:{temperature:g}->1")
        temperature = 1
    stop = [sequence for sequence in chat.stop if sequence.strip()]
    if len(stop) < len(chat.stop):
        body.drop(chat.param("stop"), "Bedrock does not take blank stop sequences.")
    values: Json = {
        "maxTokens": chat.max_tokens,
        "temperature": temperature,
        "topP": chat.top_p,
        "stopSequences": stop or None,
    }
    config = {key: value for key, value in values.items() if value is not None}
    if config:
        body.native["inferenceConfig"] = config
    if chat.top_k is not None:
        member = top_k_member(model)
        if member == "inferenceConfig":
            body.fields["inferenceConfig"] = {"topK": chat.top_k}
        elif member:
            body.fields[member] = chat.top_k
        else:
            body.drop(chat.param("top_k"), f"{model.id} does not have it.")
    if chat.service_tier in _TIERS:
        body.native["serviceTier"] = {"type": chat.service_tier}
    elif chat.service_tier not in (None, "auto"):
        body.dropped.append("service_tier")
    if chat.end_user:
        body.dropped.append(chat.param("user"))


def _add_format(body: _Body, chat: ChatRequest, model: ModelInfo) -> None:
    form = chat.response_format
    if form is None:
        return
    if form.schema is not None and "structured_outputs" in model.features:
        path = f"{form.path}.json_schema.schema" if form.path == "response_format" else f"{form.path}.schema"
        try:
            schema, relaxed = restricted(form.schema, path, relax=body.drop_unsupported)
        except RequestRefused:
            if form.strict and not body.drop_unsupported:
                raise
        else:
            body.notes += ["schema_relaxed"] if relaxed else []
            body.native["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": _structure(form, schema)}}
            return
    body.notes.append("json_emulated")
    body.instructions.append(json_instruction(form))


def _structure(form: ResponseFormat, schema: Json) -> Json:
    described: Json = {"schema": dumps_text(schema), "name": form.name or "output"}
    return {"jsonSchema": described | ({"description": form.description} if form.description else {})}


def _add_options(body: _Body, options: Json) -> None:
    """The client's own options go over what was made of the rest."""
    for key, value in options.items():
        if key == "additionalModelRequestFields" and isinstance(value, dict):
            body.fields |= value
        else:
            body.native[key] = value
    if body.fields:
        body.native["additionalModelRequestFields"] = body.fields
