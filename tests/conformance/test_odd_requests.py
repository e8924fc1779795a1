"""Requests with any value in any place: they are served or refused, and break nothing.

Each member of a request that uses most of its format is replaced by values of all kinds, one after the other.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import GatewayError
from unigate_core.json import Json, dumps
from unigate_edge.validation.chat import ChatRequest
from unigate_edge.validation.content_request import ContentRequest
from unigate_edge.validation.decoding import decoder_of
from unigate_edge.validation.messages_request import MessagesRequest
from unigate_edge.validation.responses import ResponsesRequest

ODD: list[Any] = [
    None, True, 0, -1.5, 10**400, "", "x", [], ["x"], [1], [[]], [None], [{}], {}, {"x": 1}, {"type": "x"},
    {"type": ["x"]},
]  # fmt: skip
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SCHEMA = {
    "type": "object",
    "description": "d",
    "properties": {
        "a": {"type": ["string", "null"], "enum": ["b", None]},
        "c": {"$ref": "#/$defs/d"},
        "e": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "array", "items": {"type": "number"}}]},
        "f": {"allOf": [{"type": "object", "properties": {"g": {"const": 1}}}]},
    },
    "required": ["a", "c"],
    "additionalProperties": False,
    "$defs": {"d": {"type": "object", "properties": {"h": {"$ref": "#/$defs/d"}}}},
}
CHAT = {
    "model": "",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "Very."}]},
        {
            "role": "user",
            "name": "n",
            "content": [
                {"type": "text", "text": "Look."},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}},
            ],
        },
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "I will."}],
            "refusal": None,
            "reasoning_content": "Hm.",
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":"b"}'}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "done"}]},
        {"role": "user", "content": "Well?"},
    ],
    "tools": [
        {"type": "function", "function": {"name": "f", "description": "d", "strict": True, "parameters": SCHEMA}},
    ],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": SCHEMA}},
    "temperature": 0.5, "top_p": 0.5, "n": 1, "seed": 1, "stop": ["x"], "max_completion_tokens": 100,
    "presence_penalty": 0, "frequency_penalty": 0,
    "parallel_tool_calls": False, "user": "u", "metadata": {"a": "b"}, "reasoning_effort": "low",
    "service_tier": "auto", "modalities": ["text"], "stream_options": {"include_usage": True},
    "web_search_options": {"search_context_size": "low", "user_location": {"type": "approximate", "approximate": {}}},
    "prediction": {"type": "content", "content": "x"}, "store": False, "verbosity": "low",
}  # fmt: skip
RESPONSES = {
    "model": "",
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": [
            {"type": "input_text", "text": "Look."},
            {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "low"},
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
        ]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}],
         "encrypted_content": "x"},
        {"type": "message", "role": "assistant",
         "content": [{"type": "output_text", "text": "I will.", "annotations": []}]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a":"b"}'},
        {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "done"}]},
        {"type": "custom_tool_call", "call_id": "c2", "name": "g", "input": "x"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "done"},
        {"type": "tool_search_call", "call_id": "c3", "execution": "client", "arguments": {"query": "x"}},
        {"type": "tool_search_output", "call_id": "c3", "execution": "client",
         "tools": [{"type": "function", "name": "i", "parameters": SCHEMA}]},
        {"type": "additional_tools", "tools": [{"type": "function", "name": "j", "parameters": SCHEMA}]},
        {"type": "compaction", "encrypted_content": "x"},
        {"role": "user", "content": "Well?"},
    ],
    "tools": [
        {"type": "tool_search", "execution": "client", "description": "d", "parameters": SCHEMA},
        {"type": "function", "name": "f", "description": "d", "strict": True, "parameters": SCHEMA},
        {"type": "custom", "name": "g", "description": "d",
         "format": {"type": "grammar", "syntax": "lark", "definition": "x"}},
        {"type": "web_search", "filters": {"allowed_domains": ["a.example"]},
         "user_location": {"type": "approximate", "city": "Rome"}},
        {"type": "namespace", "name": "ns", "description": "d",
         "tools": [{"type": "function", "name": "h", "parameters": SCHEMA}]},
    ],
    "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
    "text": {"format": {"type": "json_schema", "name": "n", "strict": True, "schema": SCHEMA}, "verbosity": "low"},
    "reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"],
    "temperature": 0.5, "top_p": 0.5, "max_output_tokens": 100, "parallel_tool_calls": False, "store": False,
    "metadata": {"a": "b"}, "truncation": "auto", "user": "u", "service_tier": "auto",
    "max_tool_calls": 3, "prompt_cache_key": "k",
}  # fmt: skip
MESSAGES = {
    "model": "",
    "max_tokens": 4096,
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "5m"}}],
    "messages": [
        {"role": "user", "content": [
            {"type": "text", "text": "Look."},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
            {"type": "document", "title": "t", "context": "c", "citations": {"enabled": True},
             "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
            {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "x"}]}},
            {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "x"}]},
        ]},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "x"},
            {"type": "redacted_thinking", "data": "x"},
            {"type": "text", "text": "I will.", "citations": [{"type": "char_location", "cited_text": "x"}]},
            {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "x"}},
            {"type": "web_search_tool_result", "tool_use_id": "s1",
             "content": [{"type": "web_search_result", "url": "x"}]},
            {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": "b"}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "c1", "is_error": False, "content": [
                {"type": "text", "text": "done"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
            ]},
            {"type": "text", "text": "Well?"},
        ]},
    ],
    "tools": [
        {"name": "f", "description": "d", "input_schema": SCHEMA, "strict": True},
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 2, "allowed_domains": ["a.example"],
         "user_location": {"type": "approximate", "city": "Rome"}},
        {"type": "bash_20250124", "name": "bash"},
    ],
    "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
    "stop_sequences": ["x"], "temperature": 1, "top_p": 0.5, "top_k": 3, "metadata": {"user_id": "u"},
    "service_tier": "auto", "container": None,
}  # fmt: skip
CONTENTS = {
    "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
    "contents": [
        {"role": "user", "parts": [
            {"text": "Look."},
            {"inlineData": {"mimeType": "image/png", "data": PNG}},
        ]},
        {"role": "model", "parts": [
            {"text": "Hm.", "thought": True, "thoughtSignature": "eA=="},
            {"text": "I will."},
            {"functionCall": {"id": "c1", "name": "f", "args": {"a": "b"}}, "thoughtSignature": "eA=="},
        ]},
        {"role": "user", "parts": [
            {"functionResponse": {"id": "c1", "name": "f", "response": {"output": "done"}, "parts": [
                {"inlineData": {"mimeType": "image/png", "data": PNG}},
            ]}},
        ]},
        {"role": "model", "parts": [
            {"executableCode": {"language": "PYTHON", "code": "x"}},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "x"}},
        ]},
        {"role": "user", "parts": [{"text": "Well?"}]},
    ],
    "tools": [
        {"functionDeclarations": [
            {"name": "f", "description": "d", "parameters": {
                "type": "OBJECT", "properties": {
                    "a": {"type": "STRING", "nullable": True, "enum": ["b"], "format": "enum"},
                    "i": {"type": "ARRAY", "items": {"type": "INTEGER"}, "minItems": "1"}},
                "required": ["a"], "propertyOrdering": ["a"]}},
            {"name": "g", "parametersJsonSchema": SCHEMA},
        ]},
        {"googleSearch": {}},
        {"codeExecution": {}},
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "generationConfig": {
        "temperature": 0.5, "topP": 0.5, "topK": 3, "candidateCount": 1, "maxOutputTokens": 100, "stopSequences": ["x"],
        "seed": 1, "presencePenalty": 0, "frequencyPenalty": 0,
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT", "properties": {"a": {"anyOf": [{"type": "STRING"}]}}},
        "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 100}, "responseModalities": ["TEXT"],
    },
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
}  # fmt: skip

FORMATS: dict[str, tuple[Json, Any, dict[str, Any]]] = {
    "chat": (CHAT, ChatRequest, {"operation": pb.OPERATION_CHAT}),
    "responses": (RESPONSES, ResponsesRequest, {"operation": pb.OPERATION_RESPONSES}),
    "messages": (
        MESSAGES,
        MessagesRequest,
        {
            "operation": pb.OPERATION_CHAT,
            "client_format": pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES,
            "path": "messages",
        },
    ),
    "contents": (
        CONTENTS,
        ContentRequest,
        {
            "operation": pb.OPERATION_CHAT,
            "client_format": pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT,
            "path": "models/m:generateContent",
        },
    ),
}


@pytest.mark.parametrize("name", FORMATS)
async def test_any_value_in_any_place_is_served_or_refused(
    serve: Any, changed: Any, provider: str, name: str, logged: list[dict[str, Any]]
) -> None:
    request, kind, how = FORMATS[name]
    decode = decoder_of(kind)
    asked: list[httpx.Request] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(400, json={"error": {"message": "No."}})

    async with serve(provider, vendor) as (servicer, model):
        call = pb.Call(model=model, request_id="r", drop_unsupported=True, **how)
        as_it_is = await servicer.Invoke(pb.InvokeRequest(call=call, body=dumps(request)), None)
        assert asked, as_it_is.error
        for odd in changed(request, ODD):
            body = dumps(odd)
            try:
                decode(body)
            except GatewayError:
                continue
            answer = await servicer.Invoke(pb.InvokeRequest(call=call, body=body), None)
            bugs = [line for line in logged if line["event"] == "unexpected_error"]
            assert not bugs, (odd, bugs)
            assert answer.error.status < 500, (answer.error, odd)
