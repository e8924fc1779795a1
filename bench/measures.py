"""What is measured of a running gateway, each figure from load that is applied here."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import quantiles
from typing import TypeAlias

from bench import exchange
from bench.load import Answer, Target, Timing, UnexpectedAnswerError, closed_loop, hold, open_loop
from bench.running import Gateway
from bench.upstream import PACE

WARM_UP = 2.0
TURNS = 3
LATE = 0.05
HISTORIES_KB = (50, 400)
CAPACITY_ADDED_MS = 10.0
CAPACITY_STEP = 1.25
CAPACITY_TRIES = 3
UPLOAD_MB = 25
UPLOAD_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how hard to measure."""

    seconds: float = 10.0
    connections: int = 32
    streams: int = 16
    rate: float = 100.0
    paced: int = 40
    held: int = 200
    uploads: int = 8


Figures: TypeAlias = dict[str, float]


def target(gateway: Gateway, model: str, *, stream: bool = False, history_kb: int = 0) -> Target:
    """Return a request for a gateway."""
    body = exchange.request(model, stream=stream, provider=gateway.provider, name=gateway.model, history_kb=history_kb)
    return Target(gateway.url, body, gateway.headers)


def whole(answer: Answer) -> None:
    """Refuse anything but a completion."""
    if answer.status != 200 or b'"chat.completion"' not in answer.body:
        raise UnexpectedAnswerError(f"{answer.status} {bytes(answer.body[:400])!r}")


def streamed(answer: Answer) -> None:
    """Refuse anything but a complete stream; gateways may leave out the usage event, which was not asked for."""
    events = answer.body.count(b"data: {")
    if answer.status != 200 or events < exchange.EVENTS - 3 or b"data: [DONE]" not in answer.body:
        raise UnexpectedAnswerError(f"{answer.status}, {events} events: {bytes(answer.body[-400:])!r}")


async def cpu_per_answer(
    gateway: Gateway, goal: Target, connections: int, seconds: float, check: Callable[[Answer], None]
) -> Figures:
    """Return CPU milliseconds per answer, of each process and of all, and answers per second, in a closed loop."""
    await closed_loop(goal, connections, WARM_UP, check)
    before = {process.name: process.tree.cpu() for process in gateway.processes}
    count = await closed_loop(goal, connections, seconds, check)
    spent = {process.name: process.tree.cpu() - before[process.name] for process in gateway.processes}
    figures = {f"{name}_cpu_ms": 1000 * each / count for name, each in spent.items()}
    return {"cpu_ms": 1000 * sum(spent.values()) / count, **figures, "per_second": count / seconds}


async def chat(gateway: Gateway, effort: Effort) -> Figures:
    """Measure whole answers."""
    return await cpu_per_answer(gateway, target(gateway, "whole"), effort.connections, effort.seconds, whole)


async def stream(gateway: Gateway, effort: Effort) -> Figures:
    """Measure streams whose vendor sends all at once."""
    goal = target(gateway, "fast", stream=True)
    return await cpu_per_answer(gateway, goal, effort.streams, effort.seconds, streamed)


async def histories(gateway: Gateway, effort: Effort) -> Figures:
    """Measure whole answers to requests with a long history."""
    figures: Figures = {}
    for kb in HISTORIES_KB:
        goal = target(gateway, "whole", history_kb=kb)
        taken = await cpu_per_answer(gateway, goal, effort.connections, effort.seconds / 2, whole)
        figures[f"cpu_ms_{kb}_kb"] = taken["cpu_ms"]
    return figures


async def vendors_apis(gateway: Gateway, effort: Effort) -> Figures:
    """Measure whole answers and streams in Anthropic's and Gemini's format: passed through to their own vendor, else
    translated.
    """
    base = gateway.url.removesuffix("/v1/chat/completions")
    figures: Figures = {}
    for stream in (False, True):
        kind = "stream" if stream else "chat"
        model = f"{gateway.provider}/{'fast' if stream else 'whole'}"
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        goals = {
            "messages": Target(f"{base}/anthropic/v1/messages", exchange.messages(model, stream=stream)),
            "contents": Target(f"{base}/gemini/v1beta/models/{model}:{method}", exchange.contents(stream=stream)),
        }
        for name, goal in goals.items():
            connections = effort.streams if stream else effort.connections
            taken = await cpu_per_answer(gateway, goal, connections, effort.seconds, in_vendors_format)
            figures[f"{name}_{kind}_cpu_ms"] = taken["cpu_ms"]
    return figures


def in_vendors_format(answer: Answer) -> None:
    """Refuse anything but a finished answer in Anthropic's or Gemini's format."""
    if answer.status != 200 or not any(end in answer.body for end in (b"end_turn", b"STOP")):
        raise UnexpectedAnswerError(f"{answer.status} {bytes(answer.body[-400:])!r}")


async def paced(gateway: Gateway, effort: Effort) -> Figures:
    """Measure CPU microseconds per event when events come one by one, and how far they come from their turn.

    `jitter`: by how many milliseconds the time between two events differs from the vendor's, either way.
    """
    gaps: list[float] = []

    def check(answer: Answer) -> None:
        streamed(answer)
        gaps.extend(later - earlier for earlier, later in pairwise(answer.arrivals))

    goal = target(gateway, "paced", stream=True)
    figures = await cpu_per_answer(gateway, goal, effort.paced, effort.seconds, check)
    late = sum(gap > PACE + LATE for gap in gaps)
    per_event = {name.replace("_ms", "_us"): 1000 * value / exchange.EVENTS for name, value in figures.items()}
    del per_event["per_second"]
    cuts = quantiles((abs(gap - PACE) for gap in gaps), n=100)
    jitter = {"jitter_p50_ms": 1000 * cuts[49], "jitter_p99_ms": 1000 * cuts[98]}
    return per_event | {"late_percent": 100 * late / len(gaps)} | jitter


async def tracing(plain: Gateway, traced: Gateway, effort: Effort) -> Figures:
    """Measure by how many percent of CPU a gateway with traces costs more than one without.

    Both run side by side and are measured in turns, so that the machine's moods meet both.
    """
    figures: Figures = {}
    turn = replace(effort, seconds=effort.seconds / TURNS)
    for kind, measure in (("chat", chat), ("stream", stream)):
        without = with_traces = 0.0
        for _ in range(TURNS):
            without += (await measure(plain, turn))["cpu_ms"]
            with_traces += (await measure(traced, turn))["cpu_ms"]
        figures[f"{kind}_more_percent"] = 100 * (with_traces / without - 1)
    return figures


async def store_down(gateway: Gateway, direct: Gateway, effort: Effort) -> Figures:
    """Measure whole answers to a key with limits while the shared store is down."""
    taken = await chat(gateway, effort)
    added = await latency(gateway, direct, effort)
    return {"cpu_ms": taken["cpu_ms"], "added_p99_ms": added["answer_added_p99_ms"]}


async def latency(gateway: Gateway, direct: Gateway, effort: Effort) -> Figures:
    """Measure milliseconds added to whole answers, and to first tokens of streams, against the vendor directly."""
    figures: Figures = {}
    for kind, model, check in (("answer", "whole", whole), ("first_token", "fast", streamed)):
        timings = {}
        for name, which in (("direct", direct), ("through", gateway)):
            goal = target(which, model, stream=check is streamed)
            await open_loop(goal, effort.rate, WARM_UP, check)
            timing = await open_loop(goal, effort.rate, effort.seconds, check)
            timings[name] = percentiles(timing, kind)
        for name in ("p50", "p99"):
            figures[f"{kind}_direct_{name}_ms"] = timings["direct"][name]
            figures[f"{kind}_added_{name}_ms"] = timings["through"][name] - timings["direct"][name]
    return figures


async def capacity(gateway: Gateway, direct: Gateway, effort: Effort) -> Figures:
    """Measure how many answers a second a gateway gives with less than 10 ms added at the 99th percentile.

    The rate rises by steps until the gateway is slower, or the vendor called directly is, in each of a few tries: one
    hiccup of the machine ends none. `per_core` is that rate over the cores that the gateway's processes were busy on.
    """
    figures: Figures = {}
    rate = effort.rate
    while True:
        tries = [await load_at(gateway, direct, rate, effort.seconds / 4)]
        while tries[-1][0] >= CAPACITY_ADDED_MS and len(tries) < CAPACITY_TRIES:
            tries.append(await load_at(gateway, direct, rate, effort.seconds / 4))
        late, busy = tries[-1]
        if late >= CAPACITY_ADDED_MS:
            return figures
        figures = {"per_second": rate, "per_core": rate / busy}
        rate *= CAPACITY_STEP


async def load_at(gateway: Gateway, direct: Gateway, rate: float, seconds: float) -> tuple[float, float]:
    """Return the milliseconds added at the 99th percentile, or those of the vendor alone where they are more, and the
    cores that the gateway's processes were busy on.
    """
    alone = percentiles(await open_loop(target(direct, "whole"), rate, seconds, whole), "answer")["p99"]
    before = sum(process.tree.cpu() for process in gateway.processes)
    try:
        through = percentiles(await open_loop(target(gateway, "whole"), rate, seconds, whole), "answer")["p99"]
    except* UnexpectedAnswerError:
        # it answers with errors: that is too much for it
        through = math.inf
    busy = (sum(process.tree.cpu() for process in gateway.processes) - before) / seconds
    return max(through - alone, alone), busy


def percentiles(timing: Timing, kind: str) -> Figures:
    """Return median and 99th percentile in milliseconds."""
    cuts = quantiles(timing.whole if kind == "answer" else timing.first, n=100)
    return {"p50": 1000 * cuts[49], "p99": 1000 * cuts[98]}


def idle(gateway: Gateway) -> Figures:
    """Return resident memory and the time from start to ready of each process."""
    memory = {process.name: process.tree.memory() for process in gateway.processes}
    seconds = {process.name: process.seconds_to_ready for process in gateway.processes}
    every_mb = {f"{name}_mb": each for name, each in memory.items()}
    every_s = {f"{name}_ready_s": each for name, each in seconds.items()}
    return every_mb | every_s | {"all_mb": sum(memory.values()), "all_ready_s": sum(seconds.values())}


async def held(gateway: Gateway, effort: Effort) -> Figures:
    """Measure memory in KB per stream that is open and silent."""
    goal = target(gateway, "held", stream=True)
    before = sum(process.tree.memory() for process in gateway.processes)
    connections = await hold(goal, effort.held)
    after = sum(process.tree.memory() for process in gateway.processes)
    for connection in connections:
        connection.close()
    return {"kb_per_stream": 1024 * (after - before) / effort.held}


async def upload(gateway: Gateway, effort: Effort) -> Figures:
    """Measure by how many MB memory peaks in each process while large files go through at once."""
    body, content_type = exchange.upload(UPLOAD_MB, gateway.provider)
    url = gateway.url.replace("chat/completions", "audio/transcriptions")
    goal = Target(url, body, gateway.headers | {"content-type": content_type})
    before = {process.name: process.tree.memory() for process in gateway.processes}
    peaks = dict(before)
    load = asyncio.ensure_future(closed_loop(goal, effort.uploads, UPLOAD_SECONDS, transcribed))
    while not load.done():
        for process in gateway.processes:
            peaks[process.name] = max(peaks[process.name], process.tree.memory())
        await asyncio.wait([load], timeout=0.02)
    load.result()
    return {f"{name}_peak_mb": peak - before[name] for name, peak in peaks.items()}


def transcribed(answer: Answer) -> None:
    """Refuse anything but a transcription."""
    if answer.status != 200 or b'"text"' not in answer.body:
        raise UnexpectedAnswerError(f"{answer.status} {bytes(answer.body[:400])!r}")
