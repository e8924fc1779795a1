"""What requests leave behind in metrics and logs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Any

import httpx
import pytest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics

from tools.discovery import adapters
from unigate_core.errors import GatewayError
from unigate_core.json import dumps
from unigate_core.telemetry.labels import BoundedLabel, error_type, gen_ai_provider
from unigate_edge.telemetry.channels import canonical

COMPLETION = {
    "id": "chatcmpl-7", "object": "chat.completion", "created": 1, "model": "small",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "SECRET-ANSWER"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
}  # fmt: skip
EDGE, ADAPTER = 0, 1
GEN_AI = {
    "gen_ai_operation_name": "chat", "gen_ai_provider_name": "openai", "gen_ai_request_model": "small",
    "provider": "openai",
}  # fmt: skip
KEY = f"keys: [{{name: someone, sha256: {sha256(b'sk-secret-client-key').hexdigest()}}}]"
AUTHORIZED = {"authorization": "Bearer sk-secret-client-key"}

Value = Callable[..., float | None]


@pytest.fixture
def value(system: Any) -> Value:
    """The value of a series."""

    def read(process: int, name: str, **labels: str) -> float | None:
        found: float | None = system.metrics[process].get_sample_value(name, labels)
        return found

    return read


def answer() -> httpx.Response:
    return httpx.Response(200, json=COMPLETION)


def series(system: Any) -> int:
    return sum(len(family.samples) for registry in system.metrics for family in registry.collect())


def exposition(system: Any) -> str:
    return "".join(
        openmetrics(registry).decode()  # type: ignore[no-untyped-call]
        for registry in system.metrics
    )


async def test_a_request_is_counted_by_what_it_was(system: Any, value: Value) -> None:
    system.vendor.answers = [answer()]
    await system.chat()
    labels = {"operation": "chat", "provider": "openai", "model": "small", "status": "200", "streamed": "false"}
    labels["client_api"] = "openai"
    assert value(EDGE, "unigate_requests_total", **labels) == 1


async def test_durations_bear_the_conventions_names(system: Any, value: Value) -> None:
    system.vendor.answers = [answer()]
    await system.chat()
    assert value(EDGE, "gen_ai_server_request_duration_seconds_count", **GEN_AI, error_type="") == 1
    assert value(ADAPTER, "gen_ai_client_operation_duration_seconds_count", **GEN_AI, error_type="") == 1


async def test_tokens_are_counted_on_both_sides(system: Any, value: Value) -> None:
    system.vendor.answers = [answer()]
    await system.chat()
    assert value(EDGE, "unigate_tokens_total", provider="openai", model="small", type="input") == 11
    assert value(ADAPTER, "gen_ai_client_token_usage_sum", **GEN_AI, gen_ai_token_type="output") == 7


async def test_the_hops_add_up_to_the_overhead(system: Any, value: Value) -> None:
    system.vendor.answers = [answer()]
    await system.chat()
    hops = ("edge_request", "grpc", "translate", "edge_answer")
    parts = [value(EDGE, "unigate_hop_seconds_sum", provider="openai", hop=hop) for hop in hops]
    total = value(EDGE, "unigate_overhead_seconds_sum", provider="openai", operation="chat", streamed="false")
    assert all(part is not None and part >= 0 for part in parts)
    assert sum(part or 0 for part in parts) == pytest.approx(total)


async def test_the_overhead_leaves_the_vendor_out(system: Any, value: Value) -> None:
    async def slow() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.3)
        yield dumps(COMPLETION)

    system.vendor.answers = [httpx.Response(200, headers={"content-type": "application/json"}, content=slow())]
    await system.chat()
    total = value(EDGE, "unigate_overhead_seconds_sum", provider="openai", operation="chat", streamed="false")
    assert total is not None
    assert total < 0.3


async def test_a_vendor_that_begins_with_nothing_to_tell_is_no_overhead_of_ours(system: Any, value: Value) -> None:
    async def late() -> AsyncIterator[bytes]:
        yield b": hold the line\n\n"
        await asyncio.sleep(0.3)
        yield b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"small","choices":[]}\n\n'
        await asyncio.sleep(0)
        yield b"data: [DONE]\n\n"

    system.vendor.answers = [httpx.Response(200, headers={"content-type": "text/event-stream"}, content=late())]
    await system.chat(stream=True)
    total = value(EDGE, "unigate_overhead_seconds_sum", provider="openai", operation="chat", streamed="true")
    assert total is not None
    assert total < 0.3


async def test_a_streams_writes_and_events_are_counted(system: Any, value: Value) -> None:
    async def source() -> AsyncIterator[bytes]:
        event = b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"small","choices":[]}\n\n'
        yield event * 3
        yield event + b"data: [DONE]\n\n"

    system.vendor.answers = [httpx.Response(200, headers={"content-type": "text/event-stream"}, content=source())]
    await system.chat(stream=True)
    assert value(EDGE, "unigate_stream_events_total", provider="openai") == 5
    assert (value(EDGE, "unigate_stream_frames_total", provider="openai") or 99) <= 5
    assert value(EDGE, "gen_ai_server_time_to_first_token_seconds_count", **GEN_AI) == 1
    assert value(ADAPTER, "gen_ai_client_operation_time_to_first_chunk_seconds_count", **GEN_AI) == 1


async def test_the_vendors_headroom_is_known_by_model(system: Any, value: Value) -> None:
    left = {"x-ratelimit-limit-tokens": "1000", "x-ratelimit-remaining-tokens": "250"}
    system.vendor.answers = [httpx.Response(200, json=COMPLETION, headers=left)]
    await system.chat()
    labels = {"provider": "openai", "model": "small", "resource": "tokens"}
    assert value(ADAPTER, "unigate_upstream_rate_limit_remaining_ratio", **labels) == 0.25


async def test_the_ready_connections_of_a_provider_are_counted(system: Any, value: Value) -> None:
    system.vendor.answers = [answer()]
    await system.chat()
    assert value(EDGE, "unigate_ready_subchannels", provider="openai") == 1


@pytest.mark.parametrize("edge_settings", [KEY])
async def test_use_is_counted_by_the_keys_name(system: Any, value: Value) -> None:
    system.vendor.answers = [answer()]
    await system.chat(headers=AUTHORIZED)
    assert value(EDGE, "unigate_key_requests_total", key="someone", status_class="2xx") == 1
    assert value(EDGE, "unigate_key_tokens_total", key="someone", type="output") == 7


async def test_observations_lead_to_their_trace(system: Any) -> None:
    system.vendor.answers = [answer()]
    await system.chat()
    (span,) = [span for _, span in await system.spans() if not span.parent_span_id]
    assert f'trace_id="{span.trace_id.hex()}"' in exposition(system)


@pytest.mark.parametrize("edge_settings", ["circuit: {failures: 0}\nretries: {attempts: 0}"])
async def test_made_up_models_and_error_codes_add_no_series(system: Any) -> None:
    def refusal(number: int) -> httpx.Response:
        return httpx.Response(400, json={"error": {"message": "no", "type": f"t{number}", "code": f"c{number}"}})

    system.vendor.answers = [refusal(0)]
    await system.chat(model="openai/made-up-0")
    before = series(system)
    system.vendor.answers = [refusal(number) for number in range(1, 300)]
    for number in range(1, 300):
        await system.chat(model=f"openai/made-up-{number}")
    assert series(system) == before


@pytest.mark.parametrize("environment", [{"OTEL_TRACES_SAMPLER": "always_off"}])
@pytest.mark.parametrize("edge_settings", [KEY])
async def test_ten_thousand_made_up_models_and_keys_add_no_series(system: Any) -> None:
    await system.chat(headers={"authorization": "Bearer made-up"})
    await system.chat(headers=AUTHORIZED, model="nowhere/made-up")
    before = series(system)
    for number in range(5_000):
        await system.chat(headers={"authorization": f"Bearer made-up-{number}"})
        await system.chat(headers=AUTHORIZED, model=f"nowhere/made-up-{number}")
    assert series(system) == before


@pytest.mark.parametrize("edge_settings", [KEY])
async def test_a_line_tells_one_request(system: Any, logged: list[dict[str, Any]]) -> None:
    system.vendor.answers = [answer()]
    response = await system.chat(headers=AUTHORIZED)
    (line,) = [line for line in logged if line["event"] == "request"]
    (span,) = [span for _, span in await system.spans() if not span.parent_span_id]
    told = {"key": "someone", "provider": "openai", "model": "small", "operation": "chat", "status": 200,
            "input_tokens": 11, "output_tokens": 7, "request_id": response.headers["x-request-id"],
            "trace_id": span.trace_id.hex(), "streamed": False}  # fmt: skip
    assert told.items() <= line.items()
    assert line["ms"] >= line["upstream_ms"] >= 0


@pytest.mark.parametrize("edge_settings", [KEY])
async def test_there_is_neither_content_nor_a_secret_in_metrics_and_logs(
    system: Any, logged: list[dict[str, Any]]
) -> None:
    system.vendor.answers = [answer(), httpx.Response(400, json={"error": {"message": "SECRET", "code": "SECRET"}})]
    for _ in range(2):
        await system.chat(headers=AUTHORIZED)
    text = exposition(system) + str(logged)
    assert "unigate_requests" in text
    assert "SECRET" not in text
    assert "sk-secret" not in text


@pytest.mark.parametrize("adapter", adapters(), ids=lambda adapter: adapter.provider)
def test_both_sides_call_a_provider_by_the_conventions_name(adapter: Any) -> None:
    provider = __import__(f"unigate_{adapter.provider}").PROVIDER
    assert provider.telemetry_name == gen_ai_provider(adapter.provider)


def test_the_values_of_a_bounded_label_end() -> None:
    bounded = BoundedLabel(2)
    assert [bounded(value) for value in "abcab"] == ["a", "b", "other", "a", "b"]


def test_a_code_that_a_vendor_made_up_is_other() -> None:
    assert error_type(GatewayError("", status=400, type="made_up", code="made_up")) == "other"


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("a:1", "dns:///a:1"),
        ("dns:///a:1", "dns:///a:1"),
        ("unix:/a", "unix:/a"),
        ("ipv4:1.2.3.4:5", "ipv4:1.2.3.4:5"),
    ],
)
def test_a_target_is_found_as_grpc_writes_it(target: str, name: str) -> None:
    assert canonical(target) == name
