"""`POST /chat/completions`, https://platform.openai.com/docs/api-reference/chat"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from unigate_simulator import faults
from unigate_simulator.behaviour import Answer, Finish, answer
from unigate_simulator.openai_api.errors import refuse
from unigate_simulator.openai_api.model_rules import check_chat, check_tools
from unigate_simulator.openai_api.models import checked, reasons
from unigate_simulator.openai_api.request_values import check_values
from unigate_simulator.openai_format import chat_prompt
from unigate_simulator.wire import Call, Object, Reply, Stream, count, dumps, grouped, pieces, sse, token, whole

FINISH: Final = {
    Finish.STOP: "stop",
    Finish.STOP_SEQUENCE: "stop",
    Finish.LENGTH: "length",
    Finish.TOOLS: "tool_calls",
    Finish.REFUSAL: "stop",
    Finish.SAFETY: "content_filter",
}


def create(call: Call) -> Reply:
    body = call.json()
    model = checked(body)
    _check(body, model)
    fault = faults.named(call.headers, model, faults.last_user_text(body))
    answered = answer(chat_prompt(body, thinking=reasons(model), fault=fault))
    chat = _Completion(body, model, answered)
    return Stream(tuple(chat.chunks())) if body.get("stream") else whole(chat.object())


def _check(body: Object, model: str) -> None:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise refuse("Missing required parameter: 'messages'.", param="messages", code="missing_required_parameter")
    check_values(body)
    check_chat(body, model)
    check_tools(body)
    form = body.get("response_format") or {}
    kind = ((form.get("json_schema") or {}).get("schema") or {}).get("type", "object")
    if kind != "object":
        message = (
            f"Invalid schema for response_format '{form['json_schema'].get('name')}': schema must be a JSON Schema of "
            f"'type: \"object\"', got 'type: \"{kind}\"'."
        )
        raise refuse(message, param="response_format")
    if form.get("type") == "json_object" and b"json" not in dumps(messages).lower():
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
        raise refuse(message, param="messages")
    if any(_unknown_image(url) for url in _image_urls(messages)):
        message = (
            "You uploaded an unsupported image. Please make sure your image has of one the following formats: "
            "['png', 'jpeg', 'gif', 'webp']."
        )
        raise refuse(message, code="invalid_image_format")
    if unanswered := unanswered_calls(messages):
        message = (
            "An assistant message with 'tool_calls' must be followed by tool messages "
            "responding to each 'tool_call_id'. "
            f"The following tool_call_ids did not have response messages: {', '.join(unanswered)}"
        )
        raise refuse(message, param="messages")


def _image_urls(messages: list[Object]) -> Iterator[str]:
    for message in messages:
        content = message.get("content")
        for part in content if isinstance(content, list) else []:
            if part.get("type") == "image_url":
                yield part["image_url"]["url"]


def _unknown_image(url: str) -> bool:
    """Whether the data in a data URL begins like no picture."""
    begins = {"iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR"}
    return url.startswith("data:") and not url.partition(",")[2].startswith(tuple(begins))


def unanswered_calls(messages: list[Object]) -> list[str]:
    """Ids of tool calls that the messages right after them do not answer."""
    for position, message in enumerate(messages):
        wanted = [one["id"] for one in message.get("tool_calls") or []]
        for follower in messages[position + 1 :]:
            if follower.get("role") != "tool":
                break
            wanted = [one for one in wanted if one != follower.get("tool_call_id")]
        if wanted:
            return wanted
    return []


@dataclass(slots=True)
class _Completion:
    body: Object
    model: str
    answered: Answer
    id: str = field(default_factory=lambda: token("chatcmpl-", 28))
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def _choices(self) -> int:
        return int(self.body.get("n") or 1)

    def object(self) -> Object:
        message: Object = {
            "role": "assistant",
            "content": None if self.answered.calls or self.answered.refused else self.answered.text,
            "refusal": self.answered.text if self.answered.refused else None,
            "annotations": [],
        }
        if self.answered.calls:
            message["tool_calls"] = self._calls()
        ended = {**self._logprobs(self.answered.text), "finish_reason": FINISH[self.answered.finish]}
        return {
            **self._head("chat.completion"),
            "choices": [{"index": index, "message": message, **ended} for index in range(self._choices)],
            "usage": self._usage(),
        }

    def _head(self, kind: str) -> Object:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": "fp_50906f2aac",
        }

    def _calls(self) -> list[Object]:
        return [
            {
                "id": token("call_", 24),
                "type": "function",
                "function": {"name": call.name, "arguments": dumps(call.arguments).decode()},
            }
            for call in self.answered.calls
        ]

    def _usage(self) -> Object:
        answered = self.answered
        output = answered.output_tokens * self._choices
        reasoning = answered.reasoning_tokens * self._choices
        return {
            "prompt_tokens": answered.input_tokens,
            "completion_tokens": output,
            "total_tokens": answered.input_tokens + output,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": reasoning,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def _logprobs(self, text: str) -> Object:
        """The `logprobs` of a choice; reasoning models leave the field out."""
        if reasons(self.model):
            return {}
        if not self.body.get("logprobs") or not text:
            return {"logprobs": None}
        top = int(self.body.get("top_logprobs") or 0)
        return {"logprobs": {"content": [_logprob(piece, top) for piece in pieces(text)], "refusal": None}}

    def chunks(self) -> Iterator[bytes]:
        options = self.body.get("stream_options") or {}
        head = self._head("chat.completion.chunk")
        usage: Object = {"usage": None} if options.get("include_usage") else {}
        hidden = options.get("include_obfuscation") is not False

        def chunk(choices: list[Object], usage: Object) -> bytes:
            noise = {"obfuscation": token("", 2 + count(str(choices)) % 14)} if hidden else {}
            return sse(dumps({**head, "choices": choices, **usage, **noise}))

        for index in range(self._choices):
            for delta in self._deltas():
                logprobs = self._logprobs(delta.get("content") or "")
                yield chunk([{"index": index, "delta": delta, **logprobs, "finish_reason": None}], usage)
            ended = {**self._logprobs(""), "finish_reason": FINISH[self.answered.finish]}
            yield chunk([{"index": index, "delta": {}, **ended}], usage)
        if options.get("include_usage"):
            yield chunk([], {"usage": self._usage()})
        yield sse(b"[DONE]")

    def _deltas(self) -> Iterator[Object]:
        if not self.answered.calls:
            key = "refusal" if self.answered.refused else "content"
            yield {"role": "assistant", "content": None if self.answered.refused else "", "refusal": None}
            yield from ({key: piece} for piece in grouped(self.answered.text, 1))
            return
        for index, one in enumerate(self._calls()):
            begun = {"index": index, **one, "function": {"name": one["function"]["name"], "arguments": ""}}
            first = {"role": "assistant", "content": None} if index == 0 else {}
            yield {**first, "tool_calls": [begun], **({"refusal": None} if index == 0 else {})}
            for piece in grouped(one["function"]["arguments"], 2):
                yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _logprob(piece: str, top: int) -> Object:
    one: Object = {"token": piece, "logprob": -0.1, "bytes": list(piece.encode())}
    return {**one, "top_logprobs": [dict(one)] * min(top, 1)}
