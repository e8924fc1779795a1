"""`POST /completions`, https://platform.openai.com/docs/api-reference/completions"""

import re
import time
from collections.abc import Iterator
from typing import Final

from unigate_simulator import faults
from unigate_simulator.behaviour import Answer, Prompt, answer, context
from unigate_simulator.openai_api.chat import FINISH
from unigate_simulator.openai_api.errors import refuse
from unigate_simulator.openai_api.models import checked
from unigate_simulator.wire import Call, Object, Reply, Stream, dumps, grouped, pieces, sse, token, whole

_MODELS: Final = re.compile(r"(ft:)?(gpt-3\.5-turbo-instruct|davinci-|babbage-|sim)")


def create(call: Call) -> Reply:
    body = call.json()
    model = checked(body)
    if not _MODELS.match(model):
        message = (
            "This is a chat model and not supported in the v1/completions endpoint. "
            "Did you mean to use v1/chat/completions?"
        )
        raise refuse(message, param="model", status=404)
    given = body.get("prompt") or "<|endoftext|>"
    prompts = given if isinstance(given, list) and not all(isinstance(each, int) for each in given) else [given]
    texts = [prompt if isinstance(prompt, str) else f"{len(prompt)} tokens" for prompt in prompts]
    n = int(body.get("n") or 1)
    answers = [answered for text in texts for answered in [answer(_prompt(call, body, model, text))] * n]
    head = {"id": token("cmpl-", 29), "object": "text_completion", "created": int(time.time()), "model": model}
    if body.get("stream"):
        return Stream(tuple(_chunks(body, head, answers, n)))
    choices = [
        {
            "text": (texts[index // n] if body.get("echo") else "") + answered.text,
            "index": index,
            "logprobs": _logprobs(answered.text) if body.get("logprobs") is not None else None,
            "finish_reason": FINISH[answered.finish],
        }
        for index, answered in enumerate(answers)
    ]
    return whole({**head, "choices": choices, "usage": _usage(answers, n)})


def _prompt(call: Call, body: Object, model: str, text: str) -> Prompt:
    stop = body.get("stop") or []
    return Prompt(
        user_text=text,
        context=context(text, body.get("suffix")),
        max_tokens=body.get("max_tokens", 16),
        stop=tuple([stop] if isinstance(stop, str) else stop),
        fault=faults.named(call.headers, model, text),
    )


def _chunks(body: Object, head: Object, answers: list[Answer], n: int) -> Iterator[bytes]:
    with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    usage: Object = {"usage": None} if with_usage else {}
    for index, answered in enumerate(answers):
        for piece in grouped(answered.text, 1):
            choice = {"text": piece, "index": index, "logprobs": None, "finish_reason": None}
            yield sse(dumps({**head, "choices": [choice], **usage}))
        last = {"text": "", "index": index, "logprobs": None, "finish_reason": FINISH[answered.finish]}
        yield sse(dumps({**head, "choices": [last], **usage}))
    if with_usage:
        yield sse(dumps({**head, "choices": [], "usage": _usage(answers, n)}))
    yield sse(b"[DONE]")


def _logprobs(text: str) -> Object:
    tokens = pieces(text)
    return {
        "tokens": tokens,
        "token_logprobs": [-0.1] * len(tokens),
        "top_logprobs": [{piece: -0.1} for piece in tokens],
        "text_offset": [sum(map(len, tokens[:index])) for index in range(len(tokens))],
    }


def _usage(answers: list[Answer], n: int) -> Object:
    asked = sum(answered.input_tokens for answered in answers[::n])
    made = sum(answered.output_tokens for answered in answers)
    return {"prompt_tokens": asked, "completion_tokens": made, "total_tokens": asked + made}
