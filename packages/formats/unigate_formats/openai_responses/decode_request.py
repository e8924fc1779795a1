"""OpenAI's Responses request → ChatRequest. https://platform.openai.com/docs/api-reference/responses/create"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from unigate_core.encrypted_content import EncryptedPayload
from unigate_core.errors import RequestRefused, invalid_value, unsupported_parameter, unsupported_value
from unigate_core.json import Json
from unigate_formats.neutral.parameters import Parameters, ParameterSupport
from unigate_formats.neutral.request import ChatRequest, ResponseFormat, TextPart, Turn
from unigate_formats.neutral.typed import array, mapping
from unigate_formats.openai_responses.compaction import asked_for_summary, is_compaction
from unigate_formats.openai_responses.compaction_item import TRIGGER
from unigate_formats.openai_responses.decode_body import (
    LOGPROBS,
    ReasoningOptions,
    ResponsesBody,
    read_body,
    unknown_members,
)
from unigate_formats.openai_responses.decode_items import Item, ItemReader, is_foreign
from unigate_formats.openai_responses.decode_tools import Toolbox, read_tools
from unigate_formats.openai_responses.image_item import CALL as IMAGE
from unigate_formats.openai_responses.image_item import has_image
from unigate_formats.openai_responses.tool_search import CALL, OUTPUT, is_run_by_client

NAMES: Mapping[str, str] = {
    "max_completion_tokens": "max_output_tokens",
    "max_tokens": "max_output_tokens",
    "messages": "input",
    "reasoning_effort": "reasoning.effort",
    "response_format": "text.format",
    "verbosity": "text.verbosity",
    "logprobs": "include",
    "web_search_options": "tools",
}
"""Chat parameter → where the Responses API has it."""


def decode_request(
    body: Json,
    provider: str,
    *,
    chat_table: Parameters,
    earlier: Sequence[Json] = (),
    decrypt: Callable[[str], EncryptedPayload | None] = lambda _: None,
    drop_unsupported: bool = False,
) -> ChatRequest:
    """Read a Responses request for a provider.

    `chat_table` decides on what lies deeper than the top level, `earlier` are the items of the responses that this
    one continues, `decrypt` opens `encrypted_content` of the gateway's own. Raises RequestRefused.
    """
    typed = read_body(body)
    items, more_tools, found, left_out = _readable(_items(typed, earlier), drop_unsupported=drop_unsupported)
    tools = [(tool, f"tools[{i}]") for i, tool in enumerate(typed.tools or ())]
    box = read_tools(
        [*tools, *more_tools],
        typed.tool_choice,
        typed.max_tool_calls,
        found=found,
        drop_unsupported=drop_unsupported,
    )
    text_format = _text_format(typed)
    unknown = unknown_members(body, drop_unsupported=drop_unsupported)
    reasoning = typed.reasoning or ReasoningOptions()
    context = _context(reasoning, drop_unsupported=drop_unsupported)
    summary = reasoning.summary or reasoning.generate_summary
    logprobs = LOGPROBS in (typed.include or ())
    if typed.top_logprobs and not logprobs:
        raise invalid_value("top_logprobs", f"it needs '{LOGPROBS}' in 'include'.")
    asked = {
        "response_format": typed.text.format if text_format and typed.text else None,
        "verbosity": typed.text.verbosity if typed.text else None,
        "reasoning_effort": reasoning.effort,
        "logprobs": logprobs,
        "web_search_options": {"tool": box.web_search.path} if box.web_search else None,
    }
    dropped = _check_nested(asked, chat_table, provider, drop_unsupported=drop_unsupported)
    if "reasoning_effort" in dropped:
        reasoning = ReasoningOptions()
    reader = ItemReader(items, _opener(provider, typed.model, decrypt), decrypt)
    turns = (*_instructions(typed), *reader.turns())
    if summary not in (None, "auto"):
        reader.notes.append(f"summary:{summary}->auto")
    chat = ChatRequest(
        model=typed.model,
        turns=turns,
        tools=box.functions,
        builtin_tools=box.builtins,
        tool_choice=box.choice,
        parallel_tool_calls=typed.parallel_tool_calls,
        max_tokens=typed.max_output_tokens,
        temperature=typed.temperature,
        top_p=typed.top_p,
        logprobs=logprobs and "logprobs" not in dropped,
        top_logprobs=typed.top_logprobs,
        response_format=None if "response_format" in dropped else text_format,
        reasoning_effort=reasoning.effort,
        reasoning_summary=True if summary else None,
        web_search=None if "web_search_options" in dropped else box.web_search,
        service_tier=typed.service_tier,
        end_user=typed.safety_identifier or typed.user,
        stream=bool(typed.stream),
        include_usage=True,
        include_obfuscation=bool(typed.stream_options and typed.stream_options.include_obfuscation),
        provider_options=typed.provider_options or {},
        names=NAMES,
        tool_search=box.tool_search,
        deferred=box.deferred,
        dropped=(*(_path_of(name, box) for name in dropped), *box.dropped, *left_out, *context, *unknown),
        notes=tuple(reader.notes),
    )
    return asked_for_summary(chat) if is_compaction(body) else chat


def _items(typed: ResponsesBody, earlier: Sequence[Json]) -> list[Item]:
    items: list[Item] = [(item, "previous_response_id") for item in earlier]
    if typed.previous_response_id and not earlier:
        raise RequestRefused(
            f"Previous response with id '{typed.previous_response_id}' not found.",
            param="previous_response_id",
            code="previous_response_not_found",
        )
    if isinstance(typed.input, str):
        items.append(({"type": "message", "role": "user", "content": typed.input}, "input"))
    elif typed.input is not None:
        items += [(item, f"input[{i}]") for i, item in enumerate(typed.input)]
    if not items:
        raise RequestRefused("Missing required parameter: 'input'.", param="input", code="missing_required_parameter")
    return items


def _instructions(typed: ResponsesBody) -> tuple[Turn, ...]:
    if not typed.instructions:
        return ()
    part = TextPart(text=typed.instructions, path="instructions")
    return (Turn(role="system", parts=(part,), path="instructions"),)


def _text_format(typed: ResponsesBody) -> ResponseFormat | None:
    form = typed.text.format if typed.text else None
    match form:
        case None | {"type": "text"}:
            return None
        case {"type": "json_object"}:
            return ResponseFormat(path="text.format")
        case {"type": "json_schema", "name": str(name), "schema": dict(schema)}:
            return ResponseFormat(
                path="text.format",
                schema=schema,
                name=name,
                description=form.get("description"),
                strict=form.get("strict"),
            )
    raise invalid_value("text.format", "a format must be text, json_object, or json_schema with 'name' and 'schema'.")


def _context(reasoning: ReasoningOptions, *, drop_unsupported: bool) -> tuple[str, ...]:
    """What is dropped of the reasoning options. Raises RequestRefused."""
    if reasoning.mode not in (None, "standard"):
        raise unsupported_value("reasoning.mode", f"'{reasoning.mode}' is OpenAI's own.")
    if reasoning.context != "current_turn":
        return ()
    if not drop_unsupported:
        raise unsupported_value("reasoning.context", "the reasoning of all turns is passed on.")
    return ("reasoning.context",)


def _path_of(name: str, box: Toolbox) -> str:
    """Where the client finds what is dropped, by its name in the chat table."""
    if name == "web_search_options" and box.web_search is not None:
        return box.web_search.path
    return NAMES.get(name, name)


def _readable(
    items: Sequence[Item], *, drop_unsupported: bool
) -> tuple[list[Item], list[tuple[Json, str]], list[tuple[Json, str]], tuple[str, ...]]:
    """What can be read of the items, the tools among them, those that searches found, and the paths of the rest."""
    remaining: list[Item] = []
    tools: list[tuple[Json, str]] = []
    found: list[tuple[Json, str]] = []
    dropped: list[str] = []
    for item, path in items:
        given: Any = item
        kind = given.get("type") if isinstance(given, dict) else None
        if kind == TRIGGER:
            continue
        if kind == OUTPUT:
            found += _tools(item, path)
        if kind == "additional_tools":
            tools += _tools(item, path)
        elif drop_unsupported and (is_foreign(kind) or _is_kept_elsewhere(item, kind)):
            dropped.append(path)
        else:
            remaining.append((item, path))
    return remaining, tools, found, tuple(dropped)


def _tools(item: Json, path: str) -> Iterator[tuple[Json, str]]:
    """The tools that an item brings, with their paths."""
    for i, tool in enumerate(array(item.get("tools"), f"{path}.tools")):
        place = f"{path}.tools[{i}]"
        yield mapping(tool, place), place


def _is_kept_elsewhere(item: Json, kind: Any) -> bool:
    """Whether OpenAI has made an image that it keeps, or has searched for tools.

    A search of the gateway's own vendors has its blocks with it.
    """
    if kind == IMAGE:
        return not has_image(item)
    if kind not in (CALL, OUTPUT) or is_run_by_client(item):
        return False
    return not isinstance(item.get("encrypted_content"), str)


def _check_nested(asked: Mapping[str, Any], table: Parameters, provider: str, *, drop_unsupported: bool) -> list[str]:
    """Hold what lies deeper than the top level against the chat table; returns the chat names of what is dropped."""
    dropped = []
    for name, value in asked.items():
        row = table.get(name)
        if (
            row is None
            or row.support not in (ParameterSupport.DROPPED, ParameterSupport.UNSUPPORTED)
            or not value
            or row.is_neutral(value)
        ):
            continue
        if row.support is ParameterSupport.UNSUPPORTED and not (row.droppable and drop_unsupported):
            raise unsupported_parameter(NAMES[name], row.note or f"{provider} has no equivalent of it.")
        dropped.append(name)
    return dropped


def _opener(
    provider: str, model: str, decrypt: Callable[[str], EncryptedPayload | None]
) -> Callable[[str], EncryptedPayload | None]:
    def open_token(token: str) -> EncryptedPayload | None:
        payload = decrypt(token)
        return payload if payload and (payload.provider, payload.model) == (provider, model) else None

    return open_token
