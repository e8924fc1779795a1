"""Answers of all operations but chats with any value in any place: each is passed on, or ends in an error."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any, NamedTuple

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import Json

ODD: list[Any] = [None, True, -1.5, 1e300, 10**30, "", "x", [], [1], [None], [{}], {}, {"x": 1}, {"type": "x"}]
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
BOUNDARY = "b"
FORM = (
    b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nm\r\n'
    b'--b\r\ncontent-disposition: form-data; name="response_format"\r\n\r\njson\r\n'
    b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\nRIFF\r\n'
    b"--b--\r\n"
)

EMBEDDINGS: Json = {
    "object": "list", "model": "m", "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 1]}],
    "usage": {"prompt_tokens": 9, "total_tokens": 9},
}  # fmt: skip
IMAGES: Json = {
    "created": 1, "data": [{"b64_json": PNG, "revised_prompt": "p"}], "size": "1024x1024", "output_format": "png",
    "usage": {"input_tokens": 9, "output_tokens": 5, "total_tokens": 14,
              "input_tokens_details": {"text_tokens": 9, "image_tokens": 0}},
}  # fmt: skip
TRANSCRIPT: Json = {
    "text": "hi", "language": "english", "duration": 1.5, "segments": [{"id": 0, "start": 0, "end": 1, "text": "hi"}],
    "usage": {"type": "tokens", "input_tokens": 9, "output_tokens": 5, "total_tokens": 14,
              "input_token_details": {"audio_tokens": 9}},
}  # fmt: skip
TEXT: Json = {"type": "output_text", "text": "hi", "logprobs": [], "annotations": [
    {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1}]}  # fmt: skip
ITEM: Json = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [TEXT]}
RESPONSE: Json = {
    "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m", "error": None,
    "incomplete_details": None, "instructions": None, "parallel_tool_calls": True, "tools": [], "tool_choice": "auto",
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}],
         "encrypted_content": "x"},
        ITEM,
        {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}", "status": "completed"},
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}},
    ],
    "usage": {"input_tokens": 9, "output_tokens": 5, "total_tokens": 14, "input_tokens_details": {"cached_tokens": 1},
              "output_tokens_details": {"reasoning_tokens": 1}},
    "service_tier": "default", "metadata": {},
}  # fmt: skip
BEGUN: Json = {**RESPONSE, "output": [], "usage": None, "status": "in_progress"}
PLACE: Json = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
RESPONSE_EVENTS: list[Json] = [
    {"type": "response.created", "sequence_number": 0, "response": BEGUN},
    {"type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": {**ITEM, "content": []}},
    {"type": "response.content_part.added", "sequence_number": 2, **PLACE, "part": {**TEXT, "text": ""}},
    {"type": "response.output_text.delta", "sequence_number": 3, **PLACE, "delta": "hi"},
    {"type": "response.completed", "sequence_number": 4, "response": RESPONSE},
]
GEMINI_USAGE = {"promptTokenCount": 9, "candidatesTokenCount": 5, "totalTokenCount": 14}


def candidate(part: Json) -> Json:
    content = {"role": "model", "parts": [part]}
    return {"candidates": [{"content": content, "finishReason": "STOP"}], "usageMetadata": GEMINI_USAGE}


def media(kind: str, data: str) -> Json:
    return candidate({"inlineData": {"mimeType": kind, "data": data}})


class Case(NamedTuple):
    """What is asked of a model, and what the vendor answers: events for a stream. A body of bytes is an upload."""

    provider: str
    model: str
    operation: pb.Operation.ValueType
    body: Json | bytes
    answer: Json | list[Json]
    path: str = ""


EMBED: Json = {"model": "m", "input": "hi"}
CONTENT: Json = {"parts": [{"text": "hi"}]}
CONTENTS: Json = {"contents": [CONTENT]}
DRAW: Json = {"model": "m", "prompt": "p"}
SAY: Json = {"model": "m", "input": "hi", "voice": "alloy", "response_format": "wav"}
ASK: Json = {"model": "m", "input": "hi"}
COUNT: Json = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
EMBEDDING, DRAWING = pb.OPERATION_EMBEDDINGS, pb.OPERATION_IMAGES_GENERATIONS
RESPONDING, COUNTING = pb.OPERATION_RESPONSES, pb.OPERATION_COUNT_TOKENS
SPEAKING, HEARING = pb.OPERATION_AUDIO_SPEECH, pb.OPERATION_AUDIO_TRANSCRIPTIONS
COUNT_MESSAGES, COUNT_CONTENTS = "messages/count_tokens", "models/m:countTokens"
TEXT_3, GPT, CLAUDE, FLASH = "text-embedding-3-small", "gpt-4o", "claude-sonnet-4-20250514", "gemini-2.0-flash"
GEMINI_EMBEDDING, FLASH_IMAGE, FLASH_TTS = (
    "gemini-embedding-001", "gemini-2.5-flash-image", "gemini-2.5-flash-preview-tts"
)  # fmt: skip
COHERE, NOVA = "cohere.embed-english-v3", "amazon.nova-2-multimodal-embeddings-v1:0"
GEMINI_COUNT: Json = {"totalTokens": 3, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 3}]}

CASES = [
    Case("openai", TEXT_3, EMBEDDING, EMBED, EMBEDDINGS),
    Case("openai", TEXT_3, EMBEDDING, {"content": CONTENT}, EMBEDDINGS, "models/m:embedContent"),
    Case("openai", TEXT_3, EMBEDDING, {"requests": [{"content": CONTENT}]}, EMBEDDINGS, "models/m:batchEmbedContents"),
    Case("openai", "gpt-image-1", DRAWING, DRAW, IMAGES),
    Case("openai", "whisper-1", HEARING, FORM, TRANSCRIPT),
    Case("openai", GPT, RESPONDING, ASK, RESPONSE),
    Case("openai", GPT, RESPONDING, {**ASK, "stream": True}, RESPONSE_EVENTS),
    Case("openai", GPT, COUNTING, COUNT, {"object": "response.input_tokens", "input_tokens": 3}, COUNT_MESSAGES),
    Case("openai", GPT, COUNTING, CONTENTS, {"object": "response.input_tokens", "input_tokens": 3}, COUNT_CONTENTS),
    Case("azure", TEXT_3, EMBEDDING, EMBED, EMBEDDINGS),
    Case("azure", GPT, RESPONDING, ASK, RESPONSE),
    Case("azure", GPT, RESPONDING, {**ASK, "stream": True}, RESPONSE_EVENTS),
    Case("anthropic", CLAUDE, COUNTING, COUNT, {"input_tokens": 3}, COUNT_MESSAGES),
    Case("anthropic", CLAUDE, COUNTING, CONTENTS, {"input_tokens": 3}, COUNT_CONTENTS),
    Case("gemini", GEMINI_EMBEDDING, EMBEDDING, EMBED, {"embeddings": [{"values": [0.5, 1]}], "usageMetadata": {
        "promptTokenCount": 3, "totalTokenCount": 3}}),
    Case("gemini", GEMINI_EMBEDDING, EMBEDDING, {"content": CONTENT}, {"embedding": {"values": [0.5, 1]}},
         "models/m:embedContent"),
    Case("gemini", FLASH, COUNTING, COUNT, GEMINI_COUNT, COUNT_MESSAGES),
    Case("gemini", FLASH, COUNTING, CONTENTS, GEMINI_COUNT, COUNT_CONTENTS),
    Case("gemini", FLASH_IMAGE, DRAWING, DRAW, media("image/png", PNG)),
    Case("gemini", FLASH_TTS, SPEAKING, SAY, media("audio/L16;codec=pcm;rate=24000", "AAAA")),
    Case("gemini", FLASH, HEARING, FORM, candidate({"text": "hi"})),
    Case("vertex", FLASH_IMAGE, DRAWING, DRAW, media("image/png", PNG)),
    Case("vertex", "text-embedding-005", EMBEDDING, EMBED, {"predictions": [{"embeddings": {
        "values": [0.5, 1], "statistics": {"token_count": 3, "truncated": False}}}]}),
    Case("vertex", FLASH, COUNTING, COUNT, GEMINI_COUNT, COUNT_MESSAGES),
    Case("vertex", "claude-sonnet-4@20250514", COUNTING, COUNT, {"input_tokens": 3}, COUNT_MESSAGES),
    Case("bedrock", "amazon.titan-embed-text-v2:0", EMBEDDING, EMBED, {"embedding": [0.5, 1],
                                                                       "inputTextTokenCount": 3}),
    Case("bedrock", COHERE, EMBEDDING, EMBED, {"embeddings": {"float": [[0.5, 1]]}, "id": "x"}),
    Case("bedrock", COHERE, EMBEDDING, EMBED, {"embeddings": [[0.5, 1]], "id": "x"}),
    Case("bedrock", NOVA, EMBEDDING, EMBED, {"embeddings": [{"embeddingType": "TEXT", "embedding": [0.5, 1]}]}),
    Case("bedrock", "amazon.nova-canvas-v1:0", DRAWING, DRAW, {"images": [PNG], "error": None}),
    Case("bedrock", "stability.sd3-5-large-v1:0", DRAWING, DRAW, {"images": [PNG], "seeds": [1],
                                                                  "finish_reasons": [None]}),
    Case("bedrock", f"anthropic.{CLAUDE}-v1:0", COUNTING, COUNT, {"inputTokens": 3}, COUNT_MESSAGES),
]  # fmt: skip


def named(case: Case) -> str:
    return f"{case.provider}-{pb.Operation.Name(case.operation).removeprefix('OPERATION_').lower()}-{case.path}"


@pytest.mark.parametrize("case", CASES, ids=named)
async def test_any_value_in_any_place_of_an_answer_breaks_nothing(
    serve: Any, ask: Any, changed: Any, case: Case, logged: list[dict[str, Any]]
) -> None:
    answer: Any = None
    streamed, uploaded = isinstance(case.answer, list), isinstance(case.body, bytes)

    def vendor(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(404)
        if streamed:
            data = "".join(f"data: {json.dumps(event)}\n\n" for event in answer)
            return httpx.Response(200, text=data, headers={"content-type": "text/event-stream"})
        return httpx.Response(200, json=answer)

    call = pb.Call(model=case.model, request_id="r", operation=case.operation, path=case.path)
    if case.path.startswith("models/"):
        call.client_format = pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT
    elif case.path:
        call.client_format = pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES
    if uploaded:
        call.content_type = f"multipart/form-data; boundary={BOUNDARY}"
    how = "upload" if uploaded else "streamed" if streamed else "whole"
    body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
    async with serve(case.provider, vendor) as (servicer, _):
        for answer in chain((case.answer,), changed(case.answer, ODD), () if streamed else ODD):
            error = await ask(servicer, call, body, how)
            bugs = [line for line in logged if line["event"] == "unexpected_error"]
            assert not bugs, (answer, bugs)
            assert error.origin != pb.ORIGIN_ADAPTER, (error, answer)
            assert not error.message or answer != case.answer, error
