"""`POST /messages`, `POST /messages/count_tokens`, https://docs.anthropic.com/en/api/messages"""

from collections.abc import Iterable, Iterator
from typing import Final

from unigate_simulator import faults
from unigate_simulator.anthropic_api.errors import refuse
from unigate_simulator.anthropic_api.models import checked
from unigate_simulator.anthropic_api.rules import blocks, check
from unigate_simulator.behaviour import Answer, Choice, Finish, Prompt, Tool, answer, attachment, context
from unigate_simulator.media import decoded_size
from unigate_simulator.signatures import sign
from unigate_simulator.wire import Call, Json, Object, Reply, Stream, count, dumps, grouped, joined, sse, token, whole

_STOPS: Final = {
    Finish.STOP: "end_turn",
    Finish.STOP_SEQUENCE: "stop_sequence",
    Finish.LENGTH: "max_tokens",
    Finish.TOOLS: "tool_use",
    Finish.REFUSAL: "refusal",
    Finish.SAFETY: "refusal",
}
_CHOICES: Final = {"auto": Choice.AUTO, "any": Choice.REQUIRED, "tool": Choice.REQUIRED, "none": Choice.NONE}
_PAD: Final = 15
"""The vendor pads the data of stream events with a changing number of blanks."""


def create(call: Call) -> Reply:
    body = call.json()
    model = _model(body)
    check(body, checked(model))
    fault = faults.named(call.headers, model, faults.last_user_text(body))
    answered = answer(_prompt(body, fault))
    shown = _shows_thinking(body)
    message = _message(model, answered, shown=shown, deferred=_deferred(body))
    return Stream(tuple(_events(message))) if body.get("stream") else whole(message)


def count_tokens(call: Call) -> Reply:
    body = call.json()
    model = _model(body)
    check(body, checked(model), counting=True)
    return whole({"input_tokens": count(_prompt(body, None).context) + 3})


def _model(body: Object) -> str:
    if not isinstance(model := body.get("model"), str):
        raise refuse("model: Field required")
    return model


def _prompt(body: Object, fault: str | None) -> Prompt:
    messages: list[Object] = body["messages"]
    users = [blocks(one.get("content")) for one in messages if one.get("role") == "user"]
    spoken = [content for content in users if _text(content) or list(_attachments(content))]
    last = blocks(messages[-1].get("content"))
    choice: Object = body.get("tool_choice") or {}
    form: Object = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    tools = body.get("tools") or []
    return Prompt(
        user_text=_text(spoken[-1]) if spoken else "",
        context=context(
            _text(blocks(body.get("system"))),
            *(_all_text(one) for one in messages),
            dumps(tools).decode() if tools else "",
        ),
        attachments=tuple(_attachments(spoken[-1])) if spoken else (),
        tool_results=tuple(_result(block) for block in last if block.get("type") == "tool_result"),
        tools=tuple(Tool(one["name"], one["input_schema"]) for one in tools if "input_schema" in one),
        tool_choice=_CHOICES.get(choice.get("type", "auto"), Choice.AUTO),
        forced_tool=choice.get("name"),
        parallel_tools=not choice.get("disable_parallel_tool_use"),
        schema=form.get("schema") if form.get("type") == "json_schema" else None,
        thinking=(body.get("thinking") or {}).get("type", "disabled") != "disabled",
        max_tokens=body.get("max_tokens"),
        stop=tuple(body.get("stop_sequences") or ()),
        fault=fault,
    )


def _shows_thinking(body: Object) -> bool:
    """Thinking text is shown unless `display` omits it."""
    return (body.get("thinking") or {}).get("display") != "omitted"


def _text(content: Json) -> str:
    return joined(block.get("text") or "" for block in content if block.get("type") == "text")


def _result(block: Object) -> str:
    content = blocks(block.get("content"))
    text = " ".join((_text(content), *_attachments(content))).strip()
    return f"error: {text}" if block.get("is_error") else text


def _all_text(message: Object) -> str:
    content = blocks(message.get("content"))
    used = (dumps(block.get("input")).decode() for block in content if block.get("type") == "tool_use")
    return joined((_text(content), *used, *(_result(one) for one in content if one.get("type") == "tool_result")))


def _attachments(content: list[Object]) -> Iterable[str]:
    for block in content:
        match block:
            case {"type": str(kind), "source": {"type": "base64", "media_type": str(media), "data": str(data)}}:
                yield attachment(kind, media, decoded_size(data))
            case {"type": str(kind), "source": {"type": "text", "data": str(text)}}:
                yield attachment(kind, "text/plain", len(text.encode()))
            case {"type": str(kind), "source": {"url": str(name)} | {"file_id": str(name)}}:
                yield f"[{kind} {name}]"


def _deferred(body: Object) -> set[str]:
    """Names of the tools that have to be searched for, where there is a tool that searches."""
    tools: list[Object] = body.get("tools") or []
    searches = any(str(one.get("type")).startswith("tool_search_tool_") for one in tools)
    return {one["name"] for one in tools if one.get("defer_loading")} if searches else set()


def _search(name: str) -> list[Object]:
    """How the vendor tells that it has searched for a tool. https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/tool-search-tool"""
    ident = token("srvtoolu_01", 22)
    use = {"type": "server_tool_use", "id": ident, "name": "tool_search_tool_regex", "input": {"pattern": name}}
    found = {
        "type": "tool_search_tool_search_result",
        "tool_references": [{"type": "tool_reference", "tool_name": name}],
    }
    return [use, {"type": "tool_search_tool_result", "tool_use_id": ident, "content": found}]


def _message(model: str, answered: Answer, *, shown: bool, deferred: set[str]) -> Object:
    content: list[Object] = []
    if answered.reasoning:
        thinking = answered.reasoning if shown else ""
        content.append({"type": "thinking", "thinking": thinking, "signature": sign(answered.reasoning)})
    if answered.text:
        content.append({"type": "text", "text": answered.text})
    for one in answered.calls:
        if one.name in deferred:
            content += _search(one.name)
        used = {"type": "tool_use", "id": token("toolu_01", 22), "name": one.name, "input": one.arguments}
        content.append({**used, "caller": {"type": "direct"}})
    refused = answered.finish in {Finish.REFUSAL, Finish.SAFETY}
    details = {"type": "refusal", "category": None, "explanation": None}
    return {
        "model": model,
        "id": token("msg_01", 22),
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": _STOPS[answered.finish],
        "stop_sequence": answered.stop_sequence,
        "stop_details": details if refused else None,
        "usage": _usage(answered),
    }


def _usage(answered: Answer) -> Object:
    thinking = (
        {"output_tokens_details": {"thinking_tokens": answered.reasoning_tokens}} if answered.reasoning_tokens else {}
    )
    return {
        "input_tokens": answered.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": answered.output_tokens,
        "service_tier": "standard",
        "inference_geo": "not_available",
        **thinking,
    }


def _events(message: Object) -> Iterator[bytes]:
    """The message as https://docs.anthropic.com/en/api/messages-streaming has it; usage is cumulative."""
    for number, event in enumerate(_plain_events(message)):
        data = dumps(event)
        pad = b"" if event["type"] == "ping" else b" " * (len(data) * 7 % _PAD)
        yield sse(data[:-1] + pad + data[-1:], event["type"])
        if number == 1:
            yield sse(b'{"type": "ping"}', "ping")


def _plain_events(message: Object) -> Iterator[Object]:
    usage = message["usage"]
    begun: Object = {"content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
    yield {"type": "message_start", "message": {**message, **begun, "usage": {**usage, "output_tokens": 1}}}
    for index, block in enumerate(message["content"]):
        yield {"type": "content_block_start", "index": index, "content_block": _empty(block)}
        for delta in _deltas(block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    counted = {key: value for key, value in usage.items() if key.endswith("_tokens") or key == "output_tokens_details"}
    ended = {key: message[key] for key in ("stop_reason", "stop_sequence", "stop_details")}
    yield {"type": "message_delta", "delta": ended, "usage": counted}
    yield {"type": "message_stop"}


def _empty(block: Object) -> Object:
    match block["type"]:
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case "text":
            return {"type": "text", "text": ""}
    return {**block, "input": {}} if "input" in block else block


def _deltas(block: Object) -> Iterator[Object]:
    match block["type"]:
        case "thinking":
            for piece in grouped(block["thinking"], 3):
                yield {"type": "thinking_delta", "thinking": piece}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case "text":
            for piece in grouped(block["text"], 2):
                yield {"type": "text_delta", "text": piece}
        case "tool_use" | "server_tool_use":
            yield {"type": "input_json_delta", "partial_json": ""}
            if block["input"]:
                for piece in grouped(dumps(block["input"]).decode(), 3):
                    yield {"type": "input_json_delta", "partial_json": piece}
