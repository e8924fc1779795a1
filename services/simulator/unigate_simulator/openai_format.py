"""OpenAI's request formats, which DeepSeek shares → what the simulated model is asked."""

from collections.abc import Iterable
from typing import Final

from unigate_simulator.behaviour import Choice, Prompt, Tool, attachment, context
from unigate_simulator.media import decoded_size
from unigate_simulator.prompt_schema import prompt_schema
from unigate_simulator.wire import Json, Object, dumps, joined

_INSTRUCTORS: Final = frozenset({"system", "developer"})
_CHOICES: Final = {"auto": Choice.AUTO, "none": Choice.NONE, "required": Choice.REQUIRED}


def chat_prompt(body: Object, *, thinking: bool, fault: str | None) -> Prompt:
    """A chat completion request, https://platform.openai.com/docs/api-reference/chat/create"""
    messages: list[Object] = body["messages"]
    users = [message for message in messages if message.get("role") == "user"]
    user = users[-1].get("content") if users else ""
    form = body.get("response_format") or {}
    choice, forced = tool_choice(body.get("tool_choice"))
    return Prompt(
        user_text=text_of(user),
        context=context(*(_message_text(message) for message in messages), _tools_text(body)),
        attachments=tuple(attachments(user)),
        tool_results=tuple(text_of(message.get("content")) for message in _trailing(messages, {"tool", "function"})),
        tools=tuple(_tools(body)),
        tool_choice=choice,
        forced_tool=forced,
        parallel_tools=body.get("parallel_tool_calls") is not False,
        schema=_schema(form, form.get("json_schema") or {}, messages),
        json_mode=form.get("type") == "json_object",
        thinking=thinking,
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        stop=tuple([stop] if isinstance(stop := body.get("stop") or [], str) else stop),
        fault=fault,
    )


def response_prompt(body: Object, *, thinking: bool, fault: str | None) -> Prompt:
    """A request of the Responses API, https://platform.openai.com/docs/api-reference/responses/create"""
    items = body.get("input") or ""
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    users = [item for item in items if item.get("role") == "user"]
    user = users[-1].get("content") if users else ""
    form = (body.get("text") or {}).get("format") or {}
    choice, forced = tool_choice(body.get("tool_choice"))
    results = _trailing(items, {"function_call_output", "custom_tool_call_output"})
    return Prompt(
        user_text=text_of(user),
        context=context(body.get("instructions"), *(_message_text(item) for item in items), _tools_text(body)),
        attachments=tuple(attachments(user)),
        tool_results=tuple(text_of(item.get("output")) for item in results),
        tools=tuple(_tools(body)),
        tool_choice=choice,
        forced_tool=forced,
        parallel_tools=body.get("parallel_tool_calls") is not False,
        schema=_schema(form, form, [{"role": "system", "content": body.get("instructions")}, *items]),
        json_mode=form.get("type") == "json_object",
        thinking=thinking,
        max_tokens=body.get("max_output_tokens"),
        fault=fault,
    )


def _schema(form: Object, named: Object, messages: list[Object]) -> Json:
    """The schema of the answer: as asked for, in JSON mode as the instructions tell it."""
    if form.get("type") == "json_schema":
        return named.get("schema", {})
    if form.get("type") != "json_object":
        return None
    return prompt_schema(joined(text_of(one.get("content")) for one in messages if one.get("role") in _INSTRUCTORS))


def text_of(content: Json) -> str:
    """The text in a message's content: a string, or parts of which the text ones are joined."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return joined(part if isinstance(part, str) else part.get("text") or part.get("refusal") or "" for part in parts)


def attachments(content: Json) -> Iterable[str]:
    for part in content if isinstance(content, list) else []:
        match part:
            case {"type": "image_url", "image_url": {"url": str(url)}} | {
                "type": "image_url" | "input_image",
                "image_url": str(url),
            }:
                yield _described("image", url)
            case {"type": "input_audio", "input_audio": {"data": str(data), "format": str(kind)}}:
                yield attachment("audio", f"audio/{kind}", decoded_size(data))
            case {"type": "file", "file": {"file_data": str(url)}} | {"type": "input_file", "file_data": str(url)}:
                yield _described("file", url)
            case {"type": "file", "file": {"file_id": str(name)}} | {
                "type": "input_file" | "input_image",
                "file_id": str(name),
            }:
                yield f"[file {name}]"
            case {"type": "input_file", "file_url": str(url)}:
                yield f"[file {url}]"


def _described(kind: str, url: str) -> str:
    if not url.startswith("data:"):
        return f"[{kind} {url}]"
    head, _, data = url.partition(",")
    return attachment(kind, head.removeprefix("data:").removesuffix(";base64"), decoded_size(data))


def tool_choice(value: Json) -> tuple[Choice, str | None]:
    match value:
        case str(word):
            return _CHOICES.get(word, Choice.AUTO), None
        case (
            {"type": "function", "function": {"name": str(name)}}
            | {"type": "function", "name": str(name)}
            | {"name": str(name)}
        ):
            return Choice.REQUIRED, name
        case {"type": "allowed_tools", "allowed_tools": {"mode": str(mode)}} | {
            "type": "allowed_tools",
            "mode": str(mode),
        }:
            return _CHOICES.get(mode, Choice.AUTO), None
    return Choice.AUTO, None


def _tools(body: Object) -> Iterable[Tool]:
    for tool in [*(body.get("tools") or []), *(body.get("functions") or [])]:
        declared = tool.get("function", tool)
        if tool.get("type", "function") == "function" and declared.get("name"):
            yield Tool(declared["name"], declared.get("parameters") or {})


def _tools_text(body: Object) -> str:
    return dumps(body["tools"]).decode() if body.get("tools") else ""


def _trailing(items: list[Object], kinds: set[str]) -> list[Object]:
    """The items at the very end whose role or type is one of the kinds."""
    found: list[Object] = []
    for item in reversed(items):
        if not kinds & {item.get("role", ""), item.get("type", "")}:
            break
        found.insert(0, item)
    return found


def _argued(arguments: Json) -> str:
    return arguments if isinstance(arguments, str) else dumps(arguments).decode() if arguments else ""


def _message_text(message: Object) -> str:
    calls = message.get("tool_calls")
    called = dumps(calls).decode() if calls else ""
    return joined(
        (text_of(message.get("content")), text_of(message.get("output")), _argued(message.get("arguments")), called)
    )
