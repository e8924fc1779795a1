"""What all ways to serve a call have in common: they answer whole, or frame by frame."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from time import perf_counter_ns
from typing import Protocol

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.answer_stats import AnswerStats
from unigate_core.errors import invalid_json
from unigate_core.json import Json, loads_object

MAX_LISTED_CHARACTERS = 2000
"""Characters of all dropped parameters together. Clients and proxies take 8 KB of headers."""

_INDEX = re.compile(r"\[\d+\]")


Write = Callable[[pb.InvokeStreamResponse], Awaitable[None]]
"""Sends a frame of an answer."""


class CallHandler(Protocol):
    """One call being served. Both forms raise GatewayError only while nothing was sent to the client."""

    meter: AnswerStats

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


def head(meter: AnswerStats) -> pb.Head:
    """What is known before the first byte."""
    told = pb.Head(upstream_request_id=meter.upstream_request_id, headers=meter.headers)
    if meter.dropped:
        told.dropped_params.extend(summarised_paths(meter.dropped))
    if meter.notes:
        told.notes.extend(dict.fromkeys(meter.notes))
    return told


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


def timings(meter: AnswerStats, started_ns: int) -> pb.Timings:
    """Where the time went so far."""
    sent = meter.sent_ns or perf_counter_ns()
    return pb.Timings(
        request_us=(sent - started_ns) // 1000,
        upstream_first_data_us=max(0, (meter.first_data_ns or meter.read_ns) - sent) // 1000,
        upstream_first_byte_us=max(0, meter.first_byte_ns - sent) // 1000,
        upstream_total_us=max(0, (meter.last_byte_ns or meter.first_byte_ns) - sent) // 1000,
        total_us=(perf_counter_ns() - started_ns) // 1000,
    )
