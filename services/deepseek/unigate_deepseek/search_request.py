"""ChatRequest that wants the web searched → POST /responses, the one endpoint of DeepSeek's that searches.

https://api-docs.deepseek.com/api/responses

Everything else of the Responses API is served from chat completions: DeepSeek's own is stateless, ignores items that it
does not know and takes the developer for a user, none of which a client of that API expects.
"""

from __future__ import annotations

from typing import Any

import msgspec

from unigate_core.errors import unsupported_parameter
from unigate_core.json import Json
from unigate_deepseek.profile import PROFILE
from unigate_deepseek.reasoning import FORMAT
from unigate_formats.neutral.request import ChatRequest, WebSearch
from unigate_formats.neutral.translation import Context, NativeCall
from unigate_formats.openai_chat.chat_state import ChatState
from unigate_formats.openai_chat.encode_request import encode_request

PATH = "responses"


class SearchState(ChatState, frozen=True):
    """The request went to the endpoint that searches."""


_RENAMED = {"max_tokens": "max_output_tokens", "temperature": "temperature", "top_p": "top_p", "stream": "stream"}


def to_responses(chat: ChatRequest, context: Context) -> NativeCall:
    """Translate a Responses request: to /responses when it searches, else to chat completions.

    Raises RequestRefused.
    """
    search = chat.web_search
    choice = chat.tool_choice
    forced = choice is not None and choice.mode == "builtin"
    if search is None:
        return encode_request(PROFILE, chat, context)
    dropped = _unsupported(chat, search, drop_unsupported=context.drop_unsupported)
    plain = msgspec.structs.replace(chat, web_search=None, tool_choice=None if forced else choice)
    call = encode_request(PROFILE, plain, context)
    body: Json = {"model": chat.model, "input": to_items(call.body["messages"])}
    body |= {theirs: call.body[ours] for ours, theirs in _RENAMED.items() if ours in call.body}
    body["tools"] = [*map(_tool, call.body.get("tools", ())), {"type": "web_search"}]
    if forced:
        body["tool_choice"] = {"type": "web_search"}
    elif choice is not None:
        body["tool_choice"] = _choice(call.body.get("tool_choice", choice.mode))
    effort = _effort(call.body)
    if effort:
        body["reasoning"] = {"effort": effort}
    if "response_format" in call.body:
        body["text"] = {"format": call.body["response_format"]}
    dropped += [f"{search.path}.{name}" for name in ("user_location", "search_context_size") if _given(search, name)]
    if "user_id" in call.body:
        dropped.append(chat.param("user"))
    return NativeCall(
        path=PATH,
        body=body,
        stream=chat.stream,
        notes=call.notes,
        dropped=(*call.dropped, *dropped),
        state=SearchState(call.state.parallel, FORMAT),
    )


def to_items(messages: list[Json]) -> list[Json]:
    """Chat messages as input items; the calls of one answer stay neighbours, as DeepSeek demands."""
    return [item for message in messages for item in _items(message)]


def _items(message: Json) -> list[Json]:
    if message["role"] == "tool":
        return [{"type": "function_call_output", "call_id": message["tool_call_id"], "output": message["content"]}]
    items: list[Json] = []
    if message.get("reasoning_content"):
        thought = {"type": "reasoning_text", "text": message["reasoning_content"]}
        items.append({"type": "reasoning", "summary": [], "content": [thought]})
    calls: list[Json] = message.get("tool_calls", [])
    if message["content"] or not calls:
        items.append({"role": message["role"], "content": _content(message["content"])})
    return items + [{"type": "function_call", "call_id": call["id"], **call["function"]} for call in calls]


def _content(content: str | list[Json]) -> str | list[Json]:
    if isinstance(content, str):
        return content
    return [_part(part) for part in content]


def _part(part: Json) -> Json:
    if part["type"] == "image_url":
        image: Json = part["image_url"]
        return {"type": "input_image", "image_url": image["url"], "detail": image.get("detail", "auto")}
    return {"type": "input_text", "text": part["text"]}


def _tool(tool: Json) -> Json:
    return {"type": "function", **tool["function"]}


def _choice(choice: Any) -> Any:
    return {"type": "function", **choice["function"]} if isinstance(choice, dict) else choice


def _effort(body: Json) -> str | None:
    match body:
        case {"thinking": {"type": "disabled"}}:
            return "none"
        case {"reasoning_effort": str(effort)}:
            return effort
    return None


def _unsupported(chat: ChatRequest, search: WebSearch, *, drop_unsupported: bool) -> list[str]:
    """What DeepSeek's search does not know. Raises RequestRefused for what must not be left out."""
    found = []
    if search.allowed_domains:
        found.append(unsupported_parameter(f"{search.path}.filters", "DeepSeek searches the whole web."))
    if search.max_uses is not None:
        found.append(unsupported_parameter("max_tool_calls", "DeepSeek does not limit its searches."))
    if found and not drop_unsupported:
        raise found[0]
    if chat.logprobs:
        raise unsupported_parameter(chat.param("top_logprobs"), "DeepSeek gives none while it searches.")
    return [str(refusal.param) for refusal in found]


def _given(search: WebSearch, name: str) -> bool:
    if name == "user_location":
        return search.location is not None
    return search.context_size not in (None, "medium")
