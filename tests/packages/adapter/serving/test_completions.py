"""OpenAI's completions at a provider that knows chats alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.provider import Provider
from unigate_core.errors import RequestRefused
from unigate_core.json import Json, dumps, loads
from unigate_formats.neutral.events import Event, Finish, Logprobs, Reasoning, Start, Text
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.parameters import Parameter, ParameterSupport
from unigate_formats.neutral.request import TextPart
from unigate_formats.openai_completions.decode_request import chats, decode_request
from unigate_formats.openai_completions.encode_stream import CompletionStreamEncoder
from unigate_formats.openai_completions.parameters import completions_parameters

CALL = pb.Call(operation=pb.OPERATION_COMPLETIONS, model="toy-1", created=1_700_000_000, drop_unsupported=True)
TOKEN = {"token": "hi", "logprob": -0.5, "bytes": None, "top_logprobs": [{"token": "ho", "logprob": -1.0}]}


async def invoke(stub: Any, **body: Any) -> pb.InvokeResponse:
    answer: pb.InvokeResponse = await stub.Invoke(pb.InvokeRequest(call=CALL, body=dumps(body)))
    return answer


def echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"say": f" and {loads(request.content)['prompt']}", "id": "1"})


async def test_a_prompt_is_answered_as_a_completion(with_stub: Any) -> None:
    async with with_stub(echo) as stub:
        answer = await invoke(stub, prompt="one", best_of=3)
    completion = loads(answer.body)
    assert completion["choices"] == [{"text": " and one", "index": 0, "logprobs": None, "finish_reason": "stop"}]
    assert (completion["id"], completion["object"]) == ("cmpl-1", "text_completion")
    assert completion["usage"]["total_tokens"] == 5
    assert list(answer.head.dropped_params) == ["best_of"]
    assert "prompt_as_message" in answer.head.notes


async def test_more_prompts_than_calls_at_once_are_answered_in_order(with_stub: Any) -> None:
    prompts = [f"p{i}" for i in range(12)]
    async with with_stub(echo) as stub:
        completion = loads((await invoke(stub, prompt=prompts, n=2, echo=True)).body)
    assert [choice["text"] for choice in completion["choices"]] == [f"{p} and {p}" for p in prompts for _ in (1, 2)]
    assert [choice["index"] for choice in completion["choices"]] == list(range(24))
    assert completion["usage"]["total_tokens"] == 24 * 5


async def test_a_completion_is_streamed(with_stub: Any, sse: Any, chunks: Any) -> None:
    body = {"prompt": "one", "stream": True, "echo": True, "stream_options": {"include_usage": True}}
    async with with_stub(lambda request: sse({"say": " two"}, {"say": " three"}, {"end": True})) as stub:
        request = pb.InvokeStreamRequest(call=CALL, body=dumps(body))
        told = chunks(b"".join([frame.data async for frame in stub.InvokeStream(request)]))
    assert [chunk["choices"][0]["text"] for chunk in told[:-2]] == ["one two", " three", ""]
    assert [chunk["choices"][0]["finish_reason"] for chunk in told[:-2]] == [None, None, "stop"]
    assert {chunk["object"] for chunk in told[:-1]} == {"text_completion"}
    assert told[-2]["usage"]["total_tokens"] == 5
    assert told[-1] == "[DONE]"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"prompt": []}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": ["a", ""]}, "prompt"),
        ({"prompt": [10**9]}, "prompt"),
        ({"prompt": [{}]}, "prompt"),
        ({}, "prompt"),
        ({"prompt": ["a"] * 33}, "prompt"),
        ({"prompt": "a", "echo": True, "logprobs": 1}, "echo"),
        ({"prompt": "a", "max_tokens": 0}, "max_tokens"),
    ],
)
def test_what_no_chat_can_answer_is_refused(body: Json, param: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        decode_request({"model": "toy-1", **body})
    assert refused.value.param == param


def texts(prompt: Any, **more: Any) -> list[str]:
    body = {"model": "toy-1", "prompt": prompt, **more}
    return [
        part.text
        for chat in chats(decode_request(body), body)
        for turn in chat.turns
        for part in turn.parts
        if isinstance(part, TextPart)
    ]


def test_tokens_are_the_text_that_they_stand_for() -> None:
    assert texts([15339, 1917]) == ["hello world"]
    assert texts([[15339], [1917]]) == ["hello", " world"]
    assert "token_ids_decoded" in decode_request({"model": "m", "prompt": [15339]}).notes


def test_a_suffix_is_part_of_the_prompt_and_reported() -> None:
    (_, asked) = texts("def f(", suffix="return x")
    assert asked == "<prefix>def f(</prefix>\n<suffix>return x</suffix>"
    assert "suffix_in_prompt" in decode_request({"model": "m", "prompt": "a", "suffix": "b"}).notes


def test_parameters_are_those_of_chats() -> None:
    refused = Parameter(ParameterSupport.UNSUPPORTED, neutral=(False,))
    table = completions_parameters(
        {"tools": refused, "logprobs": refused, "max_completion_tokens": Parameter(ParameterSupport.SUPPORTED)}
    )
    assert "tools" not in table
    assert table["max_tokens"].support is ParameterSupport.SUPPORTED
    # 0 asks for log probabilities, unlike false
    assert not table["logprobs"].is_neutral(0)


def test_log_probabilities_and_thoughts_have_their_place(chunks: Any) -> None:
    chat = decode_request({"model": "m", "prompt": "a", "logprobs": 1, "stream": True})
    encoder = CompletionStreamEncoder(chat, provider="toy", created=1, fallback_id="x", echoed=())
    events: list[Event] = [
        Start(id="", model="m"), Reasoning("hm"), Text("hi"), Logprobs([TOKEN]), Text("hi"), Logprobs([TOKEN]),
        Finish("length"),
    ]  # fmt: skip
    told = [chunk["choices"][0] for chunk in chunks(encoder.write(events))]
    assert told[0]["reasoning_content"] == "hm"
    assert [choice["logprobs"] for choice in told if choice["logprobs"]] == [
        {"tokens": ["hi"], "token_logprobs": [-0.5], "top_logprobs": [{"ho": -1.0}], "text_offset": [offset]}
        for offset in (0, 2)
    ]
    assert told[-1]["finish_reason"] == "length"


async def test_log_probabilities_of_a_whole_answer(with_stub: Any, toy: Provider) -> None:
    def answer(native: Json, state: Any) -> Iterator[Event]:
        yield from (Start(id="", model="m"), Text("hi"), Logprobs([TOKEN]), Finish("stop"))

    chat: Any = toy.operations[Operation.CHAT]
    parameters = {**chat.parameters, "logprobs": Parameter(ParameterSupport.SUPPORTED)}
    provider = replace(toy, operations={Operation.CHAT: replace(chat, answer=answer, parameters=parameters)})
    async with with_stub(echo, provider=provider) as stub:
        completion = loads((await invoke(stub, prompt="one", logprobs=1)).body)
    assert completion["choices"][0]["logprobs"]["tokens"] == ["hi"]
