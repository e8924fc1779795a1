"""What all ways to serve a call have in common: they answer whole, or frame by frame."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from time import perf_counter_ns
from typing import Protocol

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.calls.envelope import usage_message
from unigate_core.errors import invalid_json
from unigate_core.json import Json, loads_object
from unigate_formats.neutral.events import Usage

MAX_LISTED_CHARACTERS = 2000
"""Characters of all dropped parameters together. Clients and proxies take 8 KB of headers."""

_INDEX = re.compile(r"\[\d+\]")


Write = Callable[[pb.InvokeStreamResponse], Awaitable[None]]
"""Sends a frame of an answer."""


class CallHandler(Protocol):
    """One call being served. Both forms raise GatewayError only while nothing was sent to the client."""

    stats: AnswerStats

    async def whole(self) -> pb.InvokeResponse:
        """The whole answer."""

    async def stream(self, write: Write) -> None:
        """Write the answer's frames; the last one has the summary, or the error."""


def request_object(body: bytes) -> Json:
    """The client's JSON object. Raises RequestRefused when it is none."""
    try:
        return loads_object(body)
    except ValueError as error:
        raise invalid_json() from error


def head(stats: AnswerStats) -> pb.Head:
    """What is known before the first byte."""
    answer_head = pb.Head(upstream_request_id=stats.upstream_request_id, headers=stats.headers)
    if stats.dropped:
        answer_head.dropped_params.extend(summarised_paths(stats.dropped))
    if stats.notes:
        answer_head.notes.extend(dict.fromkeys(stats.notes))
    return answer_head


def summarised_paths(paths: Iterable[str]) -> list[str]:
    """JSON paths for a header, sorted. Where they would not fit, those that differ in their indexes alone are one."""
    listed = sorted(paths)
    if sum(map(len, listed)) > MAX_LISTED_CHARACTERS:
        listed = sorted({_INDEX.sub("[*]", path) for path in listed})
    size = 0
    for number, path in enumerate(listed):
        size += len(path)
        if size > MAX_LISTED_CHARACTERS:
            return [*listed[:number], f"and {len(listed) - number} more"]
    return listed


def one_frame(whole: pb.InvokeResponse) -> pb.InvokeStreamResponse:
    """A whole answer where frames are expected. It needs its content type, as it is no stream of events."""
    return pb.InvokeStreamResponse(
        data=whole.body,
        content_type=whole.content_type or "application/json",
        head=whole.head,
        summary=whole.summary,
    )


class AnswerDescription(Protocol):
    """What is known of an answer from its own members."""

    @property
    def id(self) -> str:
        """As the vendor gave it, or empty."""

    @property
    def model(self) -> str:
        """As the vendor named it, or empty."""

    @property
    def finish_reasons(self) -> Mapping[int, str]:
        """By choice."""


def summary(stats: AnswerStats, started_ns: int, answer: AnswerDescription, usage: Usage | None) -> pb.Summary:
    """What is known after the last byte: where the time went, how the answer describes itself, and what it used."""
    sent = stats.sent_ns or perf_counter_ns()
    made = pb.Summary(
        timings=pb.Timings(
            request_us=(sent - started_ns) // 1000,
            upstream_first_data_us=max(0, (stats.first_data_ns or stats.read_ns) - sent) // 1000,
            upstream_first_byte_us=max(0, stats.first_byte_ns - sent) // 1000,
            upstream_total_us=max(0, (stats.last_byte_ns or stats.first_byte_ns) - sent) // 1000,
            total_us=(perf_counter_ns() - started_ns) // 1000,
        ),
        finish_reasons=[answer.finish_reasons[choice] for choice in sorted(answer.finish_reasons)],
        response_model=answer.model,
        response_id=answer.id,
        ignored_events=stats.ignored,
    )
    if usage is not None:
        made.usage.CopyFrom(usage_message(usage))
    if stats.keep:
        made.keep.replay.update(stats.keep)
    return made
