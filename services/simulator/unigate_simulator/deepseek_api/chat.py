"""`POST /chat/completions`, https://api-docs.deepseek.com/api/create-chat-completion

OpenAI's format with `reasoning_content`, and with the usage of a stream on the chunk that finishes it.
"""

import time
import uuid
from collections.abc import Iterator
from typing import Final

from unigate_simulator import faults
from unigate_simulator.behaviour import Answer, Finish, answer
from unigate_simulator.deepseek_api.errors import refuse
from unigate_simulator.deepseek_api.models import checked, thinks
from unigate_simulator.openai_api.chat import unanswered_calls
from unigate_simulator.openai_format import chat_prompt
from unigate_simulator.wire import Call, Object, Reply, Stream, dumps, grouped, sse, token, whole

_FINISH: Final = {
    Finish.STOP: "stop",
    Finish.STOP_SEQUENCE: "stop",
    Finish.LENGTH: "length",
    Finish.TOOLS: "tool_calls",
    Finish.REFUSAL: "stop",
    Finish.SAFETY: "content_filter",
}
_MOST_TOKENS: Final = 393_216
_FINGERPRINT: Final = "fp_8b330d02d0_prod0820_fp8_kvcache_20260402"


def create(call: Call) -> Reply:
    body = call.json()
    model = checked(body)
    thinking = thinks(body)
    _check(body, thinking=thinking)
    fault = faults.named(call.headers, body["model"], faults.last_user_text(body))
    answered = answer(chat_prompt(body, thinking=thinking, fault=fault))
    head = {"id": str(uuid.uuid4()), "created": int(time.time()), "model": model, "system_fingerprint": _FINGERPRINT}
    if body.get("stream"):
        return Stream(tuple(_chunks(answered, head, thinking=thinking)))
    return whole(_completion(answered, head, thinking=thinking))


def call_ident(number: int) -> str:
    return token(f"call_{number:02}_", 24)


def _check(body: Object, *, thinking: bool) -> None:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise refuse("Empty input messages")
    if isinstance(limit := body.get("max_tokens"), int) and not 1 <= limit <= _MOST_TOKENS:
        raise refuse(f"Invalid max_tokens value, the valid range of max_tokens is [1, {_MOST_TOKENS}]")
    form = (body.get("response_format") or {}).get("type", "text")
    if form not in {"text", "json_object"}:
        raise refuse("This response_format type is unavailable now")
    if form == "json_object" and b"json" not in dumps(messages).lower():
        raise refuse("Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.")
    if unanswered_calls(messages):
        raise refuse(
            "An assistant message with 'tool_calls' must be followed by tool messages "
            "responding to each 'tool_call_id'."
        )
    for message in messages:
        if message.get("role") not in {"system", "user", "assistant", "tool"}:
            raise refuse(
                f"Failed to deserialize the JSON body into the target type: unknown variant `{message.get('role')}`",
                422,
            )
        if any(part.get("type") != "text" for part in _parts(message)):
            raise refuse(
                "Failed to deserialize the JSON body into the target type: unknown variant, expected `text`", 422
            )
        if thinking and message.get("tool_calls") and message.get("reasoning_content") is None:
            raise refuse("The `reasoning_content` in the thinking mode must be passed back to the API.")


def _parts(message: Object) -> list[Object]:
    content = message.get("content")
    return content if isinstance(content, list) else []


def _completion(answered: Answer, head: Object, *, thinking: bool) -> Object:
    message: Object = {"role": "assistant", "content": answered.text}
    if thinking:
        message["reasoning_content"] = answered.reasoning
    if answered.calls:
        message["tool_calls"] = _calls(answered)
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _FINISH[answered.finish]}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(answered, thinking=thinking)}


def _calls(answered: Answer) -> list[Object]:
    return [
        {
            "index": index,
            "id": call_ident(index),
            "type": "function",
            "function": {"name": one.name, "arguments": dumps(one.arguments).decode()},
        }
        for index, one in enumerate(answered.calls)
    ]


def _usage(answered: Answer, *, thinking: bool) -> Object:
    details = {"completion_tokens_details": {"reasoning_tokens": answered.reasoning_tokens}} if thinking else {}
    return {
        "prompt_tokens": answered.input_tokens,
        "completion_tokens": answered.output_tokens,
        "total_tokens": answered.input_tokens + answered.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        **details,
        "prompt_cache_hit_tokens": 0,
        "prompt_cache_miss_tokens": answered.input_tokens,
    }


def _chunks(answered: Answer, head: Object, *, thinking: bool) -> Iterator[bytes]:
    head = {**head, "object": "chat.completion.chunk"}
    silent: Object = {"reasoning_content": None} if thinking else {}

    def chunk(delta: Object, finish: str | None = None, usage: Object | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return sse(dumps({**head, "choices": [choice], "usage": usage}))

    if thinking:
        yield chunk({"role": "assistant", "content": None, "reasoning_content": ""})
    else:
        yield chunk({"role": "assistant", "content": ""})
    for piece in grouped(answered.reasoning, 1):
        yield chunk({"content": None, "reasoning_content": piece})
    for piece in grouped(answered.text, 1):
        yield chunk({"content": piece, **silent})
    for one in _calls(answered):
        index, function = one["index"], one["function"]
        yield chunk({"tool_calls": [{**one, "function": {"name": function["name"], "arguments": ""}}]})
        for piece in grouped(function["arguments"], 1):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({"content": "", **silent}, _FINISH[answered.finish], _usage(answered, thinking=thinking))
    yield sse(b"[DONE]")
