"""ChatRequest → POST /chat/completions of DeepSeek. https://api-docs.deepseek.com/api/create-chat-completion

Structured output: DeepSeek has a JSON mode but enforces no schema. A json_schema is served by JSON mode with the schema
told in a system message (note `json_emulated`): it works while the model thinks and beside tools, which a forced
function does not, and a request refused would help nobody. What cannot be promised is that the answer obeys it.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import structs

from unigate_core.errors import unknown_parameter, unsupported_parameter, unsupported_value
from unigate_core.json import Json
from unigate_deepseek.answer import Reading
from unigate_deepseek.messages import to_messages
from unigate_deepseek.reasoning import thinking, thinks
from unigate_formats.neutral.json_instruction import json_instruction
from unigate_formats.neutral.request import ChatRequest, ResponseFormat, Tool, ToolChoice
from unigate_formats.neutral.translation import Context, NativeCall
from unigate_formats.openai_chat.decode_tools import CUSTOM_SCHEMA

PATH = "chat/completions"
OPTIONS = frozenset({"thinking"})
USER_ID = re.compile(r"[A-Za-z0-9_-]{1,512}")
_UNTHINKING = {"temperature": 1, "frequency_penalty": 0, "presence_penalty": 0}
"""What DeepSeek ignores while it thinks, with the values that ask for nothing.
https://api-docs.deepseek.com/guides/thinking_mode"""


def to_deepseek(chat: ChatRequest, context: Context) -> NativeCall:
    """Translate a chat request. Raises RequestRefused."""
    notes: list[str] = []
    dropped: list[str] = []
    if context.drop_unsupported and (chat.tool_choice is None or chat.tool_choice.mode != "builtin"):
        dropped += [tool.path for tool in chat.builtin_tools]
        chat = structs.replace(chat, builtin_tools=())
    _refuse_builtin(chat)
    body: Json = {"model": chat.model, "messages": to_messages(chat, context)}
    body |= _sampling(chat)
    body |= _tools(chat)
    body |= thinking(chat)
    if chat.response_format is not None:
        body["response_format"] = {"type": "json_object"}
        if chat.response_format.schema is not None:
            notes.append("json_emulated")
            body["messages"] = _with_schema(body["messages"], chat.response_format)
    if chat.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    if chat.end_user:
        if USER_ID.fullmatch(chat.end_user):
            body["user_id"] = chat.end_user
        else:
            dropped.append(chat.param("user"))
    body |= _options(chat)
    if thinks(chat):
        notes += [
            f"upstream_ignores:{key}" for key, neutral in _UNTHINKING.items() if body.get(key, neutral) != neutral
        ]
    reading = Reading(parallel=chat.parallel_tool_calls is not False)
    return NativeCall(
        path=PATH, body=body, stream=chat.stream, notes=tuple(notes), dropped=tuple(dropped), state=reading
    )


def _sampling(chat: ChatRequest) -> Json:
    values: Json = {
        "max_tokens": chat.max_tokens,
        "temperature": chat.temperature,
        "top_p": chat.top_p,
        "frequency_penalty": chat.frequency_penalty,
        "presence_penalty": chat.presence_penalty,
        "stop": list(chat.stop) or None,
        "logprobs": chat.logprobs or None,
        "top_logprobs": chat.top_logprobs,
    }
    return {key: value for key, value in values.items() if value is not None}


def _tools(chat: ChatRequest) -> Json:
    choice = chat.tool_choice
    allowed = choice.names if choice is not None and choice.mode in ("auto", "required") else ()
    tools = [_tool(tool) for tool in chat.tools if not allowed or tool.name in allowed]
    if not tools:
        return {}
    return {"tools": tools} if choice is None else {"tools": tools, "tool_choice": _choice(choice)}


def _tool(tool: Tool) -> Json:
    function: Json = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    parameters = CUSTOM_SCHEMA if tool.custom else tool.parameters
    if parameters is not None:
        function["parameters"] = parameters
    if tool.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _choice(choice: ToolChoice) -> Any:
    if choice.mode == "named":
        return {"type": "function", "function": {"name": choice.names[0]}}
    return choice.mode


def _refuse_builtin(chat: ChatRequest) -> None:
    if chat.web_search is not None:
        raise unsupported_parameter(chat.web_search.path, "DeepSeek's chat completions do not search.")
    for tool in chat.builtin_tools:
        raise unsupported_value(f"{tool.path}.type", f"DeepSeek does not run '{tool.kind}'.")
    if chat.tool_choice is not None and chat.tool_choice.mode == "builtin":
        raise unsupported_value(chat.tool_choice.path, "DeepSeek runs no tools of its own.")


def _with_schema(messages: list[Json], form: ResponseFormat) -> list[Json]:
    """The messages with the schema after the leading system messages, where it keeps the cached prefix stable."""
    lead = next((i for i, message in enumerate(messages) if message["role"] != "system"), len(messages))
    return [*messages[:lead], {"role": "system", "content": json_instruction(form)}, *messages[lead:]]


def _options(chat: ChatRequest) -> Json:
    for key in chat.provider_options:
        if key not in OPTIONS:
            path = f"provider_options.deepseek.{key}"
            raise unknown_parameter(path)
    return dict(chat.provider_options)
