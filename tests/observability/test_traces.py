"""One request, one trace: what an OTLP endpoint receives."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from unigate_core.json import dumps
from unigate_core.tracing.start import open_tracing

COMPLETION = {
    "id": "chatcmpl-7", "object": "chat.completion", "created": 1, "model": "small-2026",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "SECRET-ANSWER"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
}  # fmt: skip
CLIENT_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CLIENT_SPAN = "00f067aa0ba902b7"
TRACEPARENT = {"traceparent": f"00-{CLIENT_TRACE}-{CLIENT_SPAN}-01"}
HOP = "unigate.provider.v1.ProviderService"


def chunk(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    body = {"id": "chatcmpl-7", "object": "chat.completion.chunk", "created": 1, "model": "small-2026"}
    return b"data: %b\n\n" % dumps(body | {"choices": [choice]})


def streamed(source: AsyncIterator[bytes]) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=source)


def attributes(span: Span) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        kind = value.WhichOneof("value")
        if kind == "array_value":
            return [plain(each) for each in value.array_value.values]
        return getattr(value, kind)

    return {each.key: plain(each.value) for each in span.attributes}


async def chain(system: Any) -> list[Span]:
    """The four spans of one request, outermost first, each the parent of the next."""
    spans = await system.spans()
    assert [service for service, _ in spans] == ["unigate-edge", "unigate-edge", "unigate-openai", "unigate-openai"]
    found = [span for _, span in spans]
    for parent, child in pairwise(found):
        assert child.trace_id == parent.trace_id
        assert child.parent_span_id == parent.span_id
    assert [span.kind for span in found] == [
        Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT,
    ]  # fmt: skip
    return found


async def test_a_whole_answer_is_four_spans_in_a_chain(system: Any) -> None:
    system.vendor.answers = [httpx.Response(200, json=COMPLETION)]
    await system.chat()
    spans = await chain(system)
    assert [span.name for span in spans] == ["chat small", f"{HOP}/Invoke", f"{HOP}/Invoke", "chat small"]
    assert all(span.status.code == Status.STATUS_CODE_UNSET for span in spans)


async def test_the_vendors_span_says_what_was_asked_and_answered(system: Any) -> None:
    system.vendor.answers = [httpx.Response(200, json=COMPLETION)]
    await system.chat(max_tokens=5, temperature=0.5)
    told = attributes((await chain(system))[3])
    assert told.pop("gen_ai.response.time_to_first_chunk") > 0
    assert told == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "small",
        "gen_ai.request.max_tokens": 5,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.id": "chatcmpl-7",
        "gen_ai.response.model": "small-2026",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": 7,
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "server.address": "api.openai.com",
        "server.port": 443,
    }


async def test_the_edges_span_belongs_to_the_clients_trace(system: Any) -> None:
    system.vendor.answers = [httpx.Response(200, json=COMPLETION)]
    await system.chat(headers=TRACEPARENT)
    span = (await chain(system))[0]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (CLIENT_TRACE, CLIENT_SPAN)
    assert attributes(span)["http.response.status_code"] == 200


async def test_a_trace_that_the_client_does_not_keep_is_not_kept(system: Any) -> None:
    system.vendor.answers = [httpx.Response(200, json=COMPLETION)]
    await system.chat(headers={"traceparent": f"00-{CLIENT_TRACE}-{CLIENT_SPAN}-00"})
    assert await system.spans() == []


@pytest.mark.parametrize(
    "environment", [{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}]
)
async def test_a_trace_that_is_not_drawn_costs_no_span_and_has_an_id_in_the_log(
    system: Any, logged: list[dict[str, Any]]
) -> None:
    system.vendor.answers = [httpx.Response(200, json=COMPLETION)]
    await system.chat()
    assert await system.spans() == []
    assert [bool(re.fullmatch("[0-9a-f]{32}", line["trace_id"])) for line in logged if line["event"] == "request"] == [
        True
    ]


@pytest.mark.parametrize(
    "environment", [{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "1"}]
)
async def test_a_trace_that_is_drawn_is_one_chain(system: Any) -> None:
    for _ in range(2):
        system.vendor.answers = [httpx.Response(200, json=COMPLETION)]
        await system.chat()
    assert len({span.trace_id for _, span in await system.spans()}) == 2


async def test_the_vendor_learns_nothing_of_the_trace(system: Any) -> None:
    system.vendor.answers = [httpx.Response(200, json=COMPLETION)]
    await system.chat(headers=TRACEPARENT)
    assert "traceparent" not in system.vendor.headers[0]


@pytest.mark.parametrize("environment", [{"UNIGATE_TRACE_VENDORS": "true"}])
async def test_the_vendor_learns_of_the_trace_when_the_operator_wants_it(system: Any) -> None:
    system.vendor.answers = [httpx.Response(200, json=COMPLETION)]
    await system.chat()
    vendor = (await chain(system))[3]
    assert system.vendor.headers[0]["traceparent"].startswith(f"00-{vendor.trace_id.hex()}-{vendor.span_id.hex()}-")


async def test_spans_last_as_long_as_their_stream(system: Any) -> None:
    pause = 0.05

    async def source() -> AsyncIterator[bytes]:
        yield chunk("SECRET-ANSWER")
        await asyncio.sleep(pause)
        yield chunk("", "stop")
        yield b"data: [DONE]\n\n"

    system.vendor.answers = [streamed(source())]
    await system.chat(stream=True)
    spans = await chain(system)
    assert [span.name for span in spans] == ["chat small", f"{HOP}/InvokeStream", f"{HOP}/InvokeStream", "chat small"]
    assert all(span.end_time_unix_nano - span.start_time_unix_nano >= pause * 1e9 for span in spans)
    assert attributes(spans[3])["gen_ai.response.finish_reasons"] == ["stop"]
    assert attributes(spans[3])["gen_ai.request.stream"] is True


@pytest.mark.parametrize("edge_settings", ["retries: {attempts: 0}"])
async def test_a_failure_is_told_by_every_span(system: Any) -> None:
    system.vendor.answers = [httpx.Response(429, json={"error": {"message": "slow", "code": "rate_limit_exceeded"}})]
    await system.chat()
    spans = await chain(system)
    assert {attributes(span).get("error.type") for span in spans} <= {"rate_limit_exceeded", None}
    assert [attributes(spans[place])["error.type"] for place in (0, 2, 3)] == ["rate_limit_exceeded"] * 3
    assert spans[0].status.code == spans[3].status.code == Status.STATUS_CODE_ERROR
    assert attributes(spans[3])["http.response.status_code"] == 429


@pytest.mark.parametrize("edge_settings", ["retries: {attempts: 1, backoff: 0.001}"])
async def test_a_retry_is_a_span_of_its_own(system: Any) -> None:
    system.vendor.answers = [
        httpx.Response(503, json={"error": {"message": "busy"}}),
        httpx.Response(200, json=COMPLETION),
    ]
    await system.chat()
    spans = [span for _, span in await system.spans()]
    calls = [span for span in spans if span.name == f"{HOP}/Invoke" and span.kind == Span.SPAN_KIND_CLIENT]
    assert [attributes(call)["unigate.attempt"] for call in calls] == [1, 2]
    assert {call.parent_span_id for call in calls} == {spans[0].span_id}
    assert attributes(spans[0])["unigate.attempts"] == 2
    assert spans[0].status.code == Status.STATUS_CODE_UNSET
    assert len({span.trace_id for span in spans}) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_ends_all_spans_as_cancelled(system: Any, stream: bool) -> None:
    body = dumps({"model": "openai/small", "messages": [{"role": "user", "content": "x"}], "stream": stream})
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await system.vendor.asked.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": [], "query_string": b""}
    async with asyncio.timeout(10):
        await system.edge(scope, receive, send)
        await system.vendor.left.wait()
    spans = await chain(system)
    assert [attributes(span)["error.type"] for span in spans] == ["cancelled"] * 4


async def test_there_is_neither_content_nor_a_secret_in_spans(system: Any) -> None:
    system.vendor.answers = [httpx.Response(200, json=COMPLETION)]
    await system.chat(headers={"authorization": "Bearer sk-secret-client-key"})
    text = str(await system.spans())
    assert "SECRET" not in text
    assert "sk-secret" not in text


@pytest.mark.parametrize("environment", [{"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_ONLY"}])
async def test_content_is_told_when_the_operator_wants_it(system: Any) -> None:
    system.vendor.answers = [httpx.Response(200, json=COMPLETION)]
    await system.chat(headers={"authorization": "Bearer sk-secret-client-key"})
    spans = await chain(system)
    told = attributes(spans[3])
    asked = [{"role": "user", "parts": [{"type": "text", "content": "SECRET-CONTENT"}]}]
    assert json.loads(told["gen_ai.input.messages"]) == asked
    assert json.loads(told["gen_ai.output.messages"])[0]["finish_reason"] == "stop"
    assert "SECRET" not in str(spans[:3])
    assert "sk-secret" not in str(spans)


async def test_nothing_is_traced_without_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert open_tracing("unigate-edge") is None


@pytest.mark.parametrize("module", ["unigate_edge.__main__", "unigate_openai.__main__"])
def test_the_sdk_is_not_imported_where_it_is_not_needed(module: str) -> None:
    code = f"import sys, {module}; print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert answer.stdout.strip() == "[]"
