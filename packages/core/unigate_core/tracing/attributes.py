"""What spans show, by the names of OpenTelemetry's conventions.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
"""

from __future__ import annotations

from typing import Any

import msgspec

from unigate.provider.v1 import provider_pb2 as pb

SERVICE = pb.DESCRIPTOR.services_by_name["ProviderService"].full_name


class _Asked(msgspec.Struct):
    """The parameters of a request that spans show; never its content."""

    max_tokens: Any = None
    max_completion_tokens: Any = None
    max_output_tokens: Any = None
    temperature: Any = None
    top_p: Any = None
    frequency_penalty: Any = None
    presence_penalty: Any = None
    seed: Any = None
    n: Any = None
    stop: Any = None
    stream: Any = None


_asked = msgspec.json.Decoder(_Asked)


def rpc_attributes(method: str) -> dict[str, str]:
    """What both sides of the hop say of it."""
    return {"rpc.system": "grpc", "rpc.service": SERVICE, "rpc.method": method}


def answer_attributes(summary: pb.Summary) -> dict[str, Any]:
    """What is known of an answer, by the conventions' names."""
    usage = summary.usage
    attributes = {
        "gen_ai.response.id": summary.response_id,
        "gen_ai.response.model": summary.response_model,
        "gen_ai.response.finish_reasons": list(summary.finish_reasons),
        "gen_ai.response.time_to_first_chunk": summary.timings.upstream_first_byte_us / 1e6,
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
    }
    return {name: value for name, value in attributes.items() if value}


def asked_attributes(body: bytes) -> dict[str, Any]:
    """What a JSON request asks for beside its content, by the conventions' names."""
    try:
        asked = _asked.decode(body)
    except msgspec.MsgspecError:
        return {}
    stop = asked.stop
    attributes = {
        "gen_ai.request.max_tokens": asked.max_completion_tokens or asked.max_output_tokens or asked.max_tokens,
        "gen_ai.request.temperature": asked.temperature,
        "gen_ai.request.top_p": asked.top_p,
        "gen_ai.request.frequency_penalty": asked.frequency_penalty,
        "gen_ai.request.presence_penalty": asked.presence_penalty,
        "gen_ai.request.seed": asked.seed,
        "gen_ai.request.choice.count": asked.n if asked.n != 1 else None,
        "gen_ai.request.stream": asked.stream,
    }
    known: dict[str, Any] = {name: value for name, value in attributes.items() if isinstance(value, bool | int | float)}
    stops = [stop] if isinstance(stop, str) else stop
    if isinstance(stops, list) and all(isinstance(each, str) for each in stops):
        known["gen_ai.request.stop_sequences"] = stops
    return known
