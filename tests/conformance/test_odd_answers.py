"""Vendors' answers with any value in any place: each is passed on, or ends in an error, and breaks nothing."""

from __future__ import annotations

from itertools import chain
from typing import Any

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import Json, dumps
from unigate_core.sse import DONE, frame
from unigate_simulator.bedrock_api import event_stream

ODD: list[Any] = [None, True, -1.5, "", "x", [], [1], [None], [{}], {}, {"x": 1}, {"type": "x"}]

USAGE = {
    "prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "prompt_tokens_details": {"cached_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 1},
}  # fmt: skip
LOGPROBS = {"content": [{"token": "a", "logprob": -1, "bytes": [97], "top_logprobs": []}], "refusal": None}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
MESSAGE = {
    "role": "assistant", "content": "hi", "refusal": None, "reasoning_content": "hm", "tool_calls": [CALL],
    "annotations": [{"type": "url_citation", "url_citation": {"url": "u", "title": "t", "start_index": 0,
                                                              "end_index": 1}}],
}  # fmt: skip
CHAT: Json = {
    "id": "x", "object": "chat.completion", "created": 1, "model": "m", "service_tier": "default", "usage": USAGE,
    "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "tool_calls", "logprobs": LOGPROBS}],
}  # fmt: skip


def chunk(delta: Json, finish: str | None = None, **more: Any) -> Json:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **more}


CHAT_EVENTS: list[Json] = [
    chunk({"role": "assistant", "content": ""}),
    chunk({"reasoning_content": "hm"}),
    chunk({"content": "hi", "annotations": MESSAGE["annotations"]}),
    chunk({"tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}]}),
    chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"a":1}'}}]}),
    chunk({}, "tool_calls"),
    {**chunk({}), "choices": [], "usage": USAGE},
]
BLOCKS: list[Json] = [
    {"type": "thinking", "thinking": "hm", "signature": "s"},
    {"type": "redacted_thinking", "data": "d"},
    {"type": "text", "text": "hi", "citations": [{"type": "web_search_result_location", "url": "u", "title": "t"}]},
    {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "q"}},
    {"type": "web_search_tool_result", "tool_use_id": "s1", "content": [{"type": "web_search_result", "url": "u"}]},
    {"type": "server_tool_use", "id": "s2", "name": "code_execution", "input": {"code": "1"}},
    {"type": "code_execution_tool_result", "tool_use_id": "s2", "content": {
        "type": "code_execution_result", "stdout": "1", "stderr": "", "return_code": 0, "content": []}},
    {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}},
]  # fmt: skip
ANTHROPIC_USAGE = {
    "input_tokens": 9, "output_tokens": 5, "cache_read_input_tokens": 1, "cache_creation_input_tokens": 1,
    "cache_creation": {"ephemeral_5m_input_tokens": 1}, "server_tool_use": {"web_search_requests": 1},
    "service_tier": "standard",
}  # fmt: skip
ANTHROPIC: Json = {
    "id": "x", "type": "message", "role": "assistant", "model": "m", "content": BLOCKS, "stop_reason": "tool_use",
    "stop_sequence": None, "usage": ANTHROPIC_USAGE,
}  # fmt: skip
ANTHROPIC_EVENTS: list[Json] = [
    {"type": "message_start", "message": {**ANTHROPIC, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "s"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "hi"}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "citations_delta", "citation": {
        "type": "web_search_result_location", "url": "u", "title": "t"}}},
    {"type": "content_block_stop", "index": 1},
    {"type": "content_block_start", "index": 2, "content_block": {**BLOCKS[7], "input": {}}},
    {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": '{"a":1}'}},
    {"type": "content_block_stop", "index": 2},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None}, "usage": ANTHROPIC_USAGE},
    {"type": "message_stop"},
]  # fmt: skip
GEMINI: Json = {
    "candidates": [{
        "index": 0, "finishReason": "STOP", "avgLogprobs": -1,
        "content": {"role": "model", "parts": [
            {"text": "hm", "thought": True, "thoughtSignature": "cw=="},
            {"text": "hi", "thoughtSignature": "cw=="},
            {"executableCode": {"language": "PYTHON", "code": "1"}},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
            {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
            {"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}, "thoughtSignature": "cw=="},
        ]},
        "safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW", "blocked": False}],
        "citationMetadata": {"citationSources": [{"startIndex": 0, "endIndex": 1, "uri": "u"}]},
        "groundingMetadata": {
            "webSearchQueries": ["q"], "groundingChunks": [{"web": {"uri": "u", "title": "t"}}],
            "groundingSupports": [{"segment": {"startIndex": 0, "endIndex": 1, "text": "h"},
                                   "groundingChunkIndices": [0], "confidenceScores": [0.5]}],
            "searchEntryPoint": {"renderedContent": "x"},
        },
        "logprobsResult": {"topCandidates": [{"candidates": [{"token": "a", "logProbability": -1}]}],
                           "chosenCandidates": [{"token": "a", "logProbability": -1}]},
    }],
    "promptFeedback": {"safetyRatings": []},
    "usageMetadata": {
        "promptTokenCount": 9, "candidatesTokenCount": 5, "thoughtsTokenCount": 1, "cachedContentTokenCount": 1,
        "totalTokenCount": 15, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 9}],
    },
    "modelVersion": "m", "responseId": "x",
}  # fmt: skip
BEDROCK: Json = {
    "output": {"message": {"role": "assistant", "content": [
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}},
        {"text": "hi"},
        {"citationsContent": {"content": [{"text": "hi"}],
                              "citations": [{"title": "t", "location": {"web": {"url": "u"}}}]}},
        {"toolUse": {"toolUseId": "c1", "name": "f", "input": {"a": 1}}},
    ]}},
    "stopReason": "tool_use", "metrics": {"latencyMs": 1},
    "usage": {"inputTokens": 9, "outputTokens": 5, "totalTokens": 14, "cacheReadInputTokens": 1},
}  # fmt: skip
BEDROCK_EVENTS: list[Json] = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "hm"}}}},
    {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "s"}}}},
    {"contentBlockStop": {"contentBlockIndex": 0}},
    {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"text": "hi"}}},
    {"contentBlockStop": {"contentBlockIndex": 1}},
    {"contentBlockStart": {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "c1", "name": "f"}}}},
    {"contentBlockDelta": {"contentBlockIndex": 2, "delta": {"toolUse": {"input": '{"a":1}'}}}},
    {"contentBlockStop": {"contentBlockIndex": 2}},
    {"messageStop": {"stopReason": "tool_use", "additionalModelResponseFields": None}},
    {"metadata": {"usage": BEDROCK["usage"], "metrics": {"latencyMs": 1}}},
]  # fmt: skip

ANSWERS: dict[str, tuple[Json, list[Json]]] = {
    "anthropic": (ANTHROPIC, ANTHROPIC_EVENTS),
    "azure": (CHAT, CHAT_EVENTS),
    "bedrock": (BEDROCK, BEDROCK_EVENTS),
    "deepseek": (CHAT, CHAT_EVENTS),
    "gemini": (GEMINI, [GEMINI]),
    "openai": (CHAT, CHAT_EVENTS),
    "vertex": (GEMINI, [GEMINI]),
}
MESSAGES = {"model": "m", "max_tokens": 2000, "messages": [{"role": "user", "content": "hi"}]}
REQUESTS: dict[str, tuple[Json, dict[str, Any]]] = {
    "chat": (
        {"model": "m", "messages": [{"role": "user", "content": "hi"}]},
        {"operation": pb.OPERATION_CHAT},
    ),
    "responses": ({"model": "m", "input": "hi"}, {"operation": pb.OPERATION_RESPONSES}),
    "messages": (
        MESSAGES,
        {"operation": pb.OPERATION_CHAT, "client_format": pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES, "path": "messages"},
    ),
    "contents": (
        {"contents": [{"parts": [{"text": "hi"}]}]},
        {"operation": pb.OPERATION_CHAT, "client_format": pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT},
    ),
}


def encoded(provider: str, events: list[Any]) -> bytes:
    """A stream as the provider sends it."""
    if provider == "bedrock":
        named = [(kind, payload) for event in events if isinstance(event, dict) for kind, payload in event.items()]
        return b"".join(event_stream.event(kind, payload) for kind, payload in named if isinstance(payload, dict))
    kinds = [event.get("type") if isinstance(event, dict) else None for event in events]
    data = b"".join(
        frame(dumps(event), kind if isinstance(kind, str) else "") for event, kind in zip(events, kinds, strict=True)
    )
    return data + DONE if ANSWERS[provider][0] is CHAT else data


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", REQUESTS)
async def test_any_value_in_any_place_of_an_answer_breaks_nothing(
    serve: Any, ask: Any, changed: Any, provider: str, name: str, logged: list[dict[str, Any]], *, stream: bool
) -> None:
    request, how = REQUESTS[name]
    body = dumps({**request, "stream": True} if stream and name != "contents" else request)
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    right = ANSWERS[provider][stream]
    answer: Any = None
    # these have the Responses API themselves, and are asked by it
    is_foreign = name == "responses" and provider in ("openai", "azure")

    def vendor(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(404)
        if stream:
            kind = event_stream.CONTENT_TYPE if provider == "bedrock" else "text/event-stream"
            return httpx.Response(200, content=encoded(provider, answer), headers={"content-type": kind})
        return httpx.Response(200, json=answer)

    async with serve(provider, vendor) as (servicer, model):
        call = pb.Call(model=model, request_id="r", **how)
        if name == "contents":
            call.path = f"models/{model}:{method}"
        for answer in chain((right,), changed(right, ODD)):
            error = await ask(servicer, call, body, "streamed" if stream else "whole")
            bugs = [line for line in logged if line["event"] == "unexpected_error"]
            assert not bugs, (answer, bugs)
            assert error.origin != pb.ORIGIN_ADAPTER, (error, answer)
            assert not error.message or answer != right or is_foreign, error
