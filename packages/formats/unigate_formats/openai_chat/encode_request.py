"""ChatRequest → a call of chat completions. https://platform.openai.com/docs/api-reference/chat/create

Structured output: where a vendor enforces no schema, a json_schema is served by JSON mode with the schema told in a
system message (note `json_emulated`): it works while the model thinks and beside tools, which a forced function does
not, and refusing the request would not help. What cannot be promised is that the answer obeys it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec import structs

from unigate_core.errors import unsupported_parameter, unsupported_value
from unigate_core.json import Json, dumps
from unigate_formats.neutral.custom_tool import CUSTOM_SCHEMA
from unigate_formats.neutral.generated_media import said_by_user
from unigate_formats.neutral.json_instruction import INSTRUCTION_ADDED, json_instruction
from unigate_formats.neutral.notes import add_note
from unigate_formats.neutral.provider_options import options_for
from unigate_formats.neutral.request import ChatRequest, ResponseFormat, Tool, ToolChoice, ToolResultPart, all_parts
from unigate_formats.neutral.translation import Context, NativeCall
from unigate_formats.openai_chat.chat_state import ChatState
from unigate_formats.openai_chat.encode_messages import to_messages
from unigate_formats.openai_chat.profile import ChatProfile, Reasoning
from unigate_formats.openai_chat.tool_schema import tool_schema

PATH = "chat/completions"


def request_encoder(profile: ChatProfile) -> Callable[[ChatRequest, Context], NativeCall]:
    """The encoder of requests to one vendor."""
    return partial(encode_request, profile)


def encode_request(profile: ChatProfile, chat: ChatRequest, context: Context) -> NativeCall:
    """Translate a request. Raises RequestRefused."""
    notes: list[str] = []
    dropped = [*_failures(chat), *_breakpoints(chat)]
    if context.drop_unsupported and (chat.tool_choice is None or chat.tool_choice.mode != "builtin"):
        dropped += [tool.path for tool in chat.builtin_tools]
        chat = structs.replace(chat, builtin_tools=())
    _refuse_builtin(profile, chat)
    turns, noted = said_by_user(chat.turns)
    options = options_for(chat.provider_options, context.provider, profile.name, profile.options)
    chat = structs.replace(chat, turns=turns, provider_options=options)
    notes += noted
    reasoning = profile.reasoning(chat, context)
    body: Json = {"model": chat.model, "messages": to_messages(profile, chat, context, notes)}
    body |= _sampling(profile, chat, reasoning, dropped)
    body |= _tools(profile, chat, notes)
    body |= reasoning.members
    notes += reasoning.notes
    _add_format(profile, chat, body, notes)
    if chat.stream:
        body["stream"] = True
        if profile.stream_usage:
            body["stream_options"] = {"include_usage": True}
    _add_user(profile, chat, body, dropped)
    body |= chat.provider_options
    if profile.thinks(chat):
        ignored = profile.ignored_while_thinking
        notes += [f"upstream_ignores:{key}" for key, neutral in ignored.items() if body.get(key, neutral) != neutral]
    for key, value in (profile.edit(body) if profile.edit else {}).items():
        if value is None:
            body.pop(key, None)
        else:
            body[key] = value
    state = ChatState(parallel=chat.parallel_tool_calls is not False, thought_format=profile.thought_format)
    return NativeCall(path=PATH, body=body, stream=chat.stream, notes=tuple(notes), dropped=tuple(dropped), state=state)


def _breakpoints(chat: ChatRequest) -> list[str]:
    """The marks of what is to be cached: who translates to this format has a vendor that caches by itself."""
    return [
        f"{part.path}.prompt_cache_breakpoint"
        for turn in chat.turns
        for part in all_parts(turn.parts)
        if getattr(part, "cached", False)
    ]


def _failures(chat: ChatRequest) -> list[str]:
    """The marks of failed tools, which have no place here: the result itself says so."""
    return [
        f"{part.path}.is_error"
        for turn in chat.turns
        for part in turn.parts
        if isinstance(part, ToolResultPart) and part.is_error
    ]


def _sampling(profile: ChatProfile, chat: ChatRequest, reasoning: Reasoning, dropped: list[str]) -> Json:
    values: Json = {
        profile.limit: chat.max_tokens,
        "temperature": chat.temperature,
        "top_p": chat.top_p,
        "frequency_penalty": chat.frequency_penalty,
        "presence_penalty": chat.presence_penalty,
        "seed": chat.seed,
        "stop": list(chat.stop[: profile.max_stops]) or None,
        "logprobs": chat.logprobs or None,
        "top_logprobs": chat.top_logprobs,
        "n": chat.n if chat.n > 1 and profile.choices else None,
        "service_tier": chat.service_tier,
    }
    if len(chat.stop) > profile.max_stops:
        dropped.append(f"{chat.param('stop')}[{profile.max_stops}:]")
    for name in ("temperature", "top_p") if reasoning.fixed_sampling else ():
        if values[name] not in (None, 1):
            dropped.append(chat.param(name))
        values[name] = None
    return {key: value for key, value in values.items() if value is not None}


def _tools(profile: ChatProfile, chat: ChatRequest, notes: list[str]) -> Json:
    choice = chat.tool_choice
    allowed = choice.names if choice is not None and choice.mode in ("auto", "required") else ()
    tools = [_tool(profile, tool, notes) for tool in chat.tools if not allowed or tool.name in allowed]
    if not tools:
        return {}
    members: Json = {"tools": tools}
    if choice is not None:
        members["tool_choice"] = _choice(choice)
    if profile.parallel and chat.parallel_tool_calls is not None:
        members["parallel_tool_calls"] = chat.parallel_tool_calls
    return members


def _tool(profile: ChatProfile, tool: Tool, notes: list[str]) -> Json:
    function: Json = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.custom:
        function["parameters"] = CUSTOM_SCHEMA
    elif tool.parameters is not None:
        # who holds the model to schemas looks at them closely, the others at the root's type
        as_it_is = not profile.schemas and tool.parameters.get("type") == "object"
        function["parameters"], relaxed = (tool.parameters, False) if as_it_is else tool_schema(tool.parameters)
        if relaxed:
            add_note(notes, "schema_relaxed")
    if tool.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _choice(choice: ToolChoice) -> Any:
    if choice.mode == "named":
        return {"type": "function", "function": {"name": choice.names[0]}}
    return choice.mode


def _refuse_builtin(profile: ChatProfile, chat: ChatRequest) -> None:
    if chat.web_search is not None:
        raise unsupported_parameter(chat.web_search.path, f"{profile.title}'s chat completions have no web search.")
    for tool in chat.builtin_tools:
        raise unsupported_value(f"{tool.path}.type", f"{profile.title} does not run '{tool.kind}'.")
    if chat.tool_choice is not None and chat.tool_choice.mode == "builtin":
        raise unsupported_value(chat.tool_choice.path, f"{profile.title} runs no tools of its own.")


def _add_format(profile: ChatProfile, chat: ChatRequest, body: Json, notes: list[str]) -> None:
    form = chat.response_format
    if form is None:
        return
    if form.schema is not None and profile.schemas:
        schema: Json = {"name": form.name or "output", "schema": form.schema}
        schema |= {"description": form.description} if form.description else {}
        schema |= {"strict": form.strict} if form.strict is not None else {}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return
    body["response_format"] = {"type": "json_object"}
    if form.schema is not None:
        notes.append("json_emulated")
        body["messages"] = _with_instruction(body["messages"], form)
    elif not form.in_words and b"json" not in dumps(body["messages"]).lower():
        # OpenAI and DeepSeek refuse the mode unless the messages speak of JSON
        notes.append(INSTRUCTION_ADDED)
        body["messages"] = _with_instruction(body["messages"], form)


def _with_instruction(messages: list[Json], form: ResponseFormat) -> list[Json]:
    """The messages with the form in words after the leading system messages, where the cached prefix stays stable."""
    lead = next((i for i, message in enumerate(messages) if message["role"] != "system"), len(messages))
    return [*messages[:lead], {"role": "system", "content": json_instruction(form)}, *messages[lead:]]


def _add_user(profile: ChatProfile, chat: ChatRequest, body: Json, dropped: list[str]) -> None:
    member, form = profile.end_user
    if chat.end_user and form.fullmatch(chat.end_user):
        body[member] = chat.end_user
    elif chat.end_user:
        dropped.append(chat.param("user"))
