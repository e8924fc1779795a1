"""The requests and answers that are measured with: a completion of 0.7 KB, a stream of 102 events and 26 KB."""

import json
from typing import Any

EVENTS = 102
WORD = " and then the river turned south past the old mill"


def request(
    model: str, *, stream: bool = False, provider: str = "openai", name: str = "", history_kb: int = 0
) -> bytes:
    """Return a chat request of about 0.3 KB and a history of so many KB more.

    `name`: the model's name before a gateway that knows no other; what the vendor shall answer stands in `user` then.
    """
    body: dict[str, Any] = {
        "model": name or (f"{provider}/{model}" if provider else model),
        "messages": [
            {"role": "system", "content": "You are a terse assistant who answers in one paragraph."},
            *history(history_kb),
            {"role": "user", "content": "Tell me where the river that rises above the village goes, and by which way."},
        ],
        "temperature": 0.7,
        "max_completion_tokens": 256,
    }
    return compact(body | ({"user": model} if name else {}) | ({"stream": True} if stream else {})).encode()


def history(kb: int) -> list[dict[str, Any]]:
    """Return earlier turns of so many KB, a question and an answer to each."""
    text = (WORD * 11).strip()[:448]
    return [{"role": role, "content": text} for _ in range(kb) for role in ("user", "assistant")]


def messages(model: str, *, stream: bool = False) -> bytes:
    """Return the same request in Anthropic's format."""
    own = json.loads(request(model, stream=stream, provider=""))
    system, user = own.pop("messages")
    limit = own.pop("max_completion_tokens")
    return compact(own | {"max_tokens": limit, "system": system["content"], "messages": [user]}).encode()


def contents(*, stream: bool = False) -> bytes:
    """Return the same request in Gemini's format, whose model stands in the path."""
    own = json.loads(request("", stream=stream))
    system, user = ({"parts": [{"text": each["content"]}], "role": "user"} for each in own["messages"])
    config = {"temperature": own["temperature"], "maxOutputTokens": own["max_completion_tokens"]}
    return compact({"systemInstruction": system, "contents": [user], "generationConfig": config}).encode()


def upload(megabytes: int, provider: str = "openai") -> tuple[bytes, str]:
    """Return a form that uploads audio to be transcribed, and its content type."""
    fields = f'--bench\r\ncontent-disposition: form-data; name="model"\r\n\r\n{provider}/gpt-4o-transcribe\r\n'
    file = '--bench\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\n'
    body = (fields + file).encode() + bytes(megabytes << 20) + b"\r\n--bench--\r\n"
    return body, "multipart/form-data; boundary=bench"


def compact(value: Any) -> str:
    """Return JSON as OpenAI writes it, without white space."""
    return json.dumps(value, separators=(",", ":"))


def completion() -> bytes:
    """Return a whole answer."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": (WORD * 4).strip(), "refusal": None, "annotations": []},
        "logprobs": None,
        "finish_reason": "stop",
    }
    head = head_of("chat.completion")
    return compact(head | {"choices": [choice], "usage": usage(), "service_tier": "default"}).encode()


def transcription() -> bytes:
    """Return what an upload is answered with."""
    return compact({"text": WORD.strip(), "usage": {"type": "duration", "seconds": 12}}).encode()


def events() -> list[bytes]:
    """Return a stream, event by event: the role, the text, the finish, the usage, the end."""
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "content": "", "refusal": None},
        *({"content": WORD[:24]} for _ in range(EVENTS - 4)),
    ]
    chunks = [chunk([choice(delta, None)]) for delta in deltas]
    chunks += [chunk([choice({}, "stop")]), chunk([], usage())]
    return [*(b"data: " + compact(each).encode() + b"\n\n" for each in chunks), b"data: [DONE]\n\n"]


def message() -> bytes:
    """Return a whole answer in Anthropic's format."""
    text = {"type": "text", "text": (WORD * 4).strip()}
    ended = {"content": [text], "stop_reason": "end_turn", "usage": {"input_tokens": 41, "output_tokens": 98}}
    return compact(message_head() | ended).encode()


def message_events() -> list[bytes]:
    """Return a stream in Anthropic's format, event by event, as many as in OpenAI's."""
    delta = {"type": "text_delta", "text": WORD[:24]}
    stream: list[dict[str, Any]] = [
        {"type": "message_start", "message": message_head()},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for _ in range(EVENTS - 5)),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 98}},
        {"type": "message_stop"},
    ]
    return [f"event: {each['type']}\ndata: {compact(each)}\n\n".encode() for each in stream]


def message_head() -> dict[str, Any]:
    """Return a message before its first block."""
    return {
        "id": "msg_Bench0123456789abcdefgh",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5-20251001",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 41, "output_tokens": 1},
    }


def chunk(choices: list[dict[str, Any]], counts: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return one chunk of a stream."""
    return head_of("chat.completion.chunk") | {"choices": choices, "usage": counts}


def choice(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    """Return the only choice of a chunk."""
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def head_of(kind: str) -> dict[str, Any]:
    """Return the fields that every answer begins with."""
    return {
        "id": "chatcmpl-Bench0123456789abcdefgh",
        "object": kind,
        "created": 1767225600,
        "model": "gpt-4.1-mini-2025-04-14",
    }


def usage() -> dict[str, Any]:
    """Return token counts."""
    return {
        "prompt_tokens": 41,
        "completion_tokens": 98,
        "total_tokens": 139,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
