"""Converse and ConverseStream, https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html"""

from collections.abc import Iterator
from typing import Final

from unigate_simulator import faults
from unigate_simulator.bedrock_api.errors import refuse
from unigate_simulator.bedrock_api.event_stream import CONTENT_TYPE, event
from unigate_simulator.behaviour import Answer, Choice, Finish, Prompt, Tool, answer, attachment, context
from unigate_simulator.media import decoded_size
from unigate_simulator.prompt_schema import prompt_schema
from unigate_simulator.signatures import sign
from unigate_simulator.wire import Call, Object, Reply, Stream, count, dumps, grouped, joined, loads, token, whole

_STOPS: Final = {
    Finish.STOP: "end_turn",
    Finish.STOP_SEQUENCE: "stop_sequence",
    Finish.LENGTH: "max_tokens",
    Finish.TOOLS: "tool_use",
    Finish.REFUSAL: "end_turn",
    Finish.SAFETY: "guardrail_intervened",
}

_MOST_TOKENS: Final = 10_000


def converse(call: Call, model: str) -> Reply:
    answered = _answer(call, model)
    message = {"role": "assistant", "content": list(_blocks(answered))}
    return whole(
        {
            "output": {"message": message},
            "stopReason": _STOPS[answered.finish],
            "usage": _usage(answered),
            "metrics": {"latencyMs": 12},
        }
    )


def converse_stream(call: Call, model: str) -> Reply:
    return Stream(tuple(_events(_answer(call, model))), content_type=CONTENT_TYPE)


def tokens(body: Object) -> int:
    return count(_prompt(body, None).context) + 3


def _answer(call: Call, model: str) -> Answer:
    body = call.json()
    _check(body, model)
    return answer(_prompt(body, faults.named(call.headers, model, faults.last_user_text(body))))


def _check(body: Object, model: str) -> None:
    limit = (body.get("inferenceConfig") or {}).get("maxTokens")
    if "amazon.nova" in model and isinstance(limit, int) and limit > _MOST_TOKENS:
        raise refuse(
            f"The maximum tokens you requested exceeds the model limit of {_MOST_TOKENS}. "
            f"Try again with a maximum tokens value that is lower than {_MOST_TOKENS}."
        )
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise refuse("A conversation must have at least one message.")
    if messages[0].get("role") != "user":
        raise refuse("A conversation must start with a user message.")
    for number, message in enumerate(messages):
        if number and message.get("role") == messages[number - 1].get("role"):
            raise refuse("A conversation must alternate between user and assistant roles.")
        for block in message.get("content") or ():
            if "text" in block and not block["text"].strip():
                raise refuse(f"The text field in the ContentBlock object at messages.{number}.content.0 is blank.")
    used = any("toolUse" in block or "toolResult" in block for one in messages for block in one.get("content") or ())
    if used and not body.get("toolConfig"):
        raise refuse("The toolConfig field must be defined when using toolUse and toolResult content blocks.")


def _prompt(body: Object, fault: str | None) -> Prompt:
    messages: list[Object] = body.get("messages") or []
    users = [one["content"] for one in messages if one.get("role") == "user" and _spoken(one["content"])]
    last = messages[-1].get("content") or [] if messages else []
    config: Object = body.get("toolConfig") or {}
    choice: Object = config.get("toolChoice") or {}
    specs = [one["toolSpec"] for one in config.get("tools") or () if "toolSpec" in one]
    system = _text(body.get("system") or [])
    form = ((body.get("outputConfig") or {}).get("textFormat") or {}).get("structure") or {}
    limits: Object = body.get("inferenceConfig") or {}
    wanted = form.get("jsonSchema", {}).get("schema")
    return Prompt(
        user_text=_text(users[-1]) if users else "",
        context=context(system, *(dumps(one.get("content")).decode() for one in messages), dumps(specs).decode()),
        attachments=tuple(_attachments(users[-1])) if users else (),
        tool_results=tuple(_result(block["toolResult"]) for block in last if "toolResult" in block),
        tools=tuple(Tool(spec["name"], (spec.get("inputSchema") or {}).get("json") or {}) for spec in specs),
        tool_choice=Choice.REQUIRED if {"any", "tool"} & choice.keys() else _told_choice(system),
        forced_tool=(choice.get("tool") or {}).get("name"),
        schema=loads(wanted) if wanted else prompt_schema(system),
        json_mode="Answer with one JSON object" in system,
        thinking=bool(_thinking(body.get("additionalModelRequestFields") or {})),
        max_tokens=limits.get("maxTokens"),
        stop=tuple(limits.get("stopSequences") or ()),
        fault=fault,
    )


def _told_choice(system: str) -> Choice:
    """A model follows what it is told."""
    if "Do not call any tool in this turn." in system:
        return Choice.NONE
    return Choice.REQUIRED if "Call the tool" in system or "Call one of the tools" in system else Choice.AUTO


def _thinking(fields: Object) -> bool:
    config = fields.get("thinking") or fields.get("reasoningConfig") or {}
    return config.get("type") == "enabled" or fields.get("reasoning_effort") in ("medium", "high")


def _spoken(content: list[Object]) -> bool:
    return bool(_text(content)) or any(_attachments(content))


def _text(content: list[Object]) -> str:
    return joined(block["text"] for block in content if "text" in block)


def _result(result: Object) -> str:
    content = result.get("content") or []
    answer = [_text(content), *(dumps(block["json"]).decode() for block in content if "json" in block)]
    text = " ".join((*answer, *_attachments(content))).strip()
    return f"error: {text}" if result.get("status") == "error" else text


def _attachments(content: list[Object]) -> Iterator[str]:
    for block in content:
        for kind in ("image", "document", "audio"):
            if kind in block:
                size = decoded_size(block[kind]["source"].get("bytes", ""))
                yield attachment(kind, f"{kind}/{block[kind]['format']}", size)


def _blocks(answered: Answer) -> Iterator[Object]:
    if answered.reasoning:
        text = {"text": answered.reasoning, "signature": sign(answered.reasoning)}
        yield {"reasoningContent": {"reasoningText": text}}
    if answered.text:
        yield {"text": answered.text}
    for one in answered.calls:
        yield {"toolUse": {"toolUseId": token("tooluse_", 22), "name": one.name, "input": one.arguments}}


def _usage(answered: Answer) -> Object:
    answer = {"inputTokens": answered.input_tokens, "outputTokens": answered.output_tokens}
    return answer | {"totalTokens": answered.input_tokens + answered.output_tokens}


def _events(answered: Answer) -> Iterator[bytes]:
    yield event("messageStart", {"role": "assistant"})
    for index, block in enumerate(_blocks(answered)):
        if "toolUse" in block:
            used = {key: value for key, value in block["toolUse"].items() if key != "input"}
            yield event("contentBlockStart", {"contentBlockIndex": index, "start": {"toolUse": used}})
        for delta in _deltas(block):
            yield event("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})
        yield event("contentBlockStop", {"contentBlockIndex": index})
    yield event("messageStop", {"stopReason": _STOPS[answered.finish]})
    yield event("metadata", {"usage": _usage(answered), "metrics": {"latencyMs": 12}})


def _deltas(block: Object) -> Iterator[Object]:
    if "toolUse" in block:
        for piece in grouped(dumps(block["toolUse"]["input"]).decode(), 2):
            yield {"toolUse": {"input": piece}}
    elif "text" in block:
        yield from ({"text": piece} for piece in grouped(block["text"], 1))
    else:
        thought = block["reasoningContent"]["reasoningText"]
        yield from ({"reasoningContent": {"text": piece}} for piece in grouped(thought["text"], 3))
        yield {"reasoningContent": {"signature": thought["signature"]}}
