"""`make bench-check`: what a request and an event make our own code do, counted, and held against what was recorded.

Counts do not depend on how fast or how busy a machine is: calls of our own functions (each resumption of a coroutine
or a generator is one), tasks, timers, and messages over gRPC. A change that lets one of them grow fails; one that
lowers it asks for `make bench-check RECORD=1`. Edge and adapter run in this process, the vendor in one of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from prometheus_client import CollectorRegistry

from bench.exchange import EVENTS, request
from bench.load import Connection, Target
from bench.running import upstream
from tools.plan import Ports
from unigate_adapter.adapter import open_adapter
from unigate_adapter.server import start
from unigate_adapter.settings import AdapterSettings, VendorSettings
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.environment import Secret
from unigate_core.telemetry.logs import configure_logs
from unigate_edge.app import Edge
from unigate_edge.config.model import parse_config
from unigate_edge.config.settings import Settings
from unigate_edge.gateway import Gateway
from unigate_edge.server import Server
from unigate_openai import PROVIDER

RECORDED = Path(__file__).parent / "counts.json"
REQUESTS = 40
"""Over which a count is averaged; the first few, which fill caches, come before."""
TOLERANCE = 0.03
"""By which a count may grow: how data falls into reads differs a little from run to run."""
WORKLOADS = (("chat", "whole", False), ("stream", "fast", True))
"""What is measured: a name, the model that decides the vendor's answer, whether it streams."""

Counts = dict[str, float]


class Meter:
    """Counts what happens in this process while it is on."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    @contextmanager
    def on(self) -> Iterator[None]:
        """Count until the end of the context."""
        loop = asyncio.get_running_loop()
        counted = {"tasks": "create_task", "timers": "call_later"}
        kept = {name: getattr(loop, method) for name, method in counted.items()}

        def counting(name: str, original: Any) -> Any:
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                self.counts[name] += 1
                return original(*args, **kwargs)

            return wrapped

        for name, method in counted.items():
            setattr(loop, method, counting(name, kept[name]))
        sys.setprofile(self._profile)
        try:
            yield
        finally:
            sys.setprofile(None)
            for name, method in counted.items():
                setattr(loop, method, kept[name])

    def _profile(self, frame: FrameType, event: str, argument: object) -> None:
        if event != "call":
            return
        path = frame.f_code.co_filename
        if "/unigate_edge/" in path:
            self.counts["calls of the edge"] += 1
        elif "/unigate_" in path:
            self.counts["calls of the adapter"] += 1


@asynccontextmanager
async def system(vendor: str) -> AsyncIterator[tuple[str, CollectorRegistry]]:
    """Run an adapter and an edge in this process; yield the edge's address and metrics."""
    settings = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
    account = VendorSettings(key=Secret("made-up"), base_url=vendor)
    async with open_adapter(PROVIDER, settings, account) as adapter:
        server, _, port = await start(adapter, Telemetry("openai", CollectorRegistry()), settings)
        gateway = Gateway.of(parse_config(f"providers: {{openai: {{target: '127.0.0.1:{port}'}}}}\n"))
        listener = socket.create_server(("127.0.0.1", 0))
        edge = Server(Edge(gateway), Settings(drain_seconds=1))
        serving = asyncio.create_task(edge.serve(sockets=[listener]))
        while not (edge.started and gateway.clients["openai"].ready):  # noqa: ASYNC110 - neither tells when it is
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", gateway.telemetry.registry
        finally:
            edge.should_exit = True
            await serving
            await server.stop(None)


async def measured(url: str, metrics: CollectorRegistry, model: str, *, stream: bool) -> Counts:
    """Count one workload, per request."""
    goal = Target(f"{url}/v1/chat/completions", request(model, stream=stream))
    connection = await Connection.open(goal)
    for _ in range(5):
        await connection.send(goal.message)[1]
    meter, before = Meter(), frames(metrics)
    for _ in range(REQUESTS):
        with meter.on():
            answer = await connection.send(goal.message)[1]
            assert answer.status == 200, bytes(answer.body)
            # what ends a request comes after its last byte
            await asyncio.sleep(0.01)
    connection.close()
    if stream:
        meter.counts["frames over gRPC"] = int(frames(metrics) - before)
    return {name: round(count / REQUESTS, 1) for name, count in sorted(meter.counts.items())}


def frames(metrics: CollectorRegistry) -> float:
    """The frames of streams that the edge has received."""
    return metrics.get_sample_value("unigate_stream_frames_total", {"provider": "openai"}) or 0.0


async def measure() -> dict[str, Counts]:
    """Count all workloads."""
    configure_logs("json", "error")
    async with upstream(Ports()) as vendor, system(f"{vendor}/v1") as (url, metrics):
        return {name: await measured(url, metrics, model, stream=stream) for name, model, stream in WORKLOADS}


def grown(before: dict[str, Counts], now: dict[str, Counts]) -> list[str]:
    """What is more than it was."""
    return [
        f"{workload}: {name}: {count:g}, recorded {before.get(workload, {}).get(name, 0):g}"
        for workload, counts in now.items()
        for name, count in counts.items()
        if count > before.get(workload, {}).get(name, 0) * (1 + TOLERANCE) + 0.5
    ]


def main() -> int:
    """Measure, print, and hold against what was recorded, or record."""
    now = asyncio.run(measure())
    before = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    for workload, counts in now.items():
        print(f"{workload} ({EVENTS} events)" if workload == "stream" else workload)
        for name, count in counts.items():
            print(f"  {name:24} {count:8g}   recorded {before.get(workload, {}).get(name, 0):8g}")
    if os.environ.get("RECORD"):
        RECORDED.write_text(json.dumps(now, indent=1) + "\n")
        return 0
    worse = grown(before, now)
    if worse:
        print("\nmore than recorded:", *worse, sep="\n  ", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
