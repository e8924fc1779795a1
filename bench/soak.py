"""`make soak`: half an hour of mixed load with faults and clients that leave, then docs/benchmarks/soak.md.

SECONDS sets how long, CLIENTS how many work at once. The stores in the edge's memory are made small enough that they
are full early, so that the figures show whether memory ends where the configuration says.
"""

import asyncio
import os
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from bench.soak_report import write
from bench.soak_steps import FAULTS, STEPS
from bench.system import machine, memory_of
from tools.demo_load import load
from tools.discovery import adapters
from tools.plan import Plan, Ports, make_plan
from tools.processes import RUN, Process, stop
from tools.up import start
from unigate_edge.config.model import parse_config

MIB = 1024 * 1024
KEY = "sk-soak"
LIMITS = {"replay_bytes": 8 * MIB, "response_bytes": 24 * MIB}
SETTINGS = {
    "limits": LIMITS,
    "cache": {"max_bytes": 8 * MIB},
    "idempotency": {"max_bytes": 8 * MIB},
    # a circuit that opens would keep the faults away
    "circuit": {"failures": 0},
    "keys": [{"name": "soak", "sha256": sha256(KEY.encode()).hexdigest(), "cache": True}],
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What the processes take at one moment. Memory in MB, by name of process; stores in MB, by name of store."""

    seconds: float
    memory: dict[str, float]
    stores: dict[str, float]
    store_limits: dict[str, float]
    files: dict[str, int]
    in_flight: float
    connections: float


def sample(begin: float, processes: dict[str, int], metrics: str) -> Sample:
    """Read memory, open files and the edge's own metrics."""
    with urllib.request.urlopen(metrics, timeout=10) as response:  # noqa: S310 - an address of this machine
        families = {family.name: family for family in text_string_to_metric_families(response.read().decode())}

    def by_store(name: str) -> dict[str, float]:
        return {each.labels["store"]: each.value / 1e6 for each in families[name].samples}

    return Sample(
        seconds=time.monotonic() - begin,
        memory={name: memory_of(pid) * 1.048576 for name, pid in processes.items()},
        stores=by_store("unigate_memory_store_bytes"),
        store_limits=by_store("unigate_memory_store_limit_bytes"),
        files={name: len(list(Path(f"/proc/{pid}/fd").iterdir())) for name, pid in processes.items()},
        in_flight=sum(each.value for each in families["unigate_requests_in_flight"].samples),
        connections=sum(each.value for each in families["unigate_connections_open"].samples),
    )


async def sampled(samples: list[Sample], every: float, processes: dict[str, int], metrics: str) -> None:
    """Take samples until cancelled."""
    begin = time.monotonic()
    while True:
        samples.append(await asyncio.to_thread(sample, begin, processes, metrics))
        await asyncio.sleep(every)


async def soak(
    plan: Plan, processes: dict[str, int], seconds: float, clients: int
) -> tuple[list[Sample], Counter[int]]:
    """Load a running gateway; returns the samples, the last taken after all is quiet, and the answers by status."""
    metrics = f"http://{plan.edge.settings['UNIGATE_METRICS_LISTEN']}/metrics"
    samples: list[Sample] = []
    sampling = asyncio.create_task(sampled(samples, max(1.0, seconds / 180), processes, metrics))
    seen = await load(f"http://127.0.0.1:{plan.edge.port}", [KEY], seconds, at_once=clients, rest=0.05, steps=STEPS)
    await asyncio.sleep(min(90.0, seconds))
    sampling.cancel()
    await asyncio.gather(sampling, return_exceptions=True)
    samples.append(sample(time.monotonic() - samples[-1].seconds, processes, metrics))
    return samples, seen


def default_store_bytes() -> int:
    """Return what the stores in an edge's memory may take unless it is configured."""
    config = parse_config("providers: {none: {target: 'localhost:1'}}")
    limits = config.limits
    total: int = limits.replay_bytes + limits.response_bytes + config.cache.max_bytes + config.idempotency.max_bytes
    return total


def main() -> None:
    """Start everything, load it, write down what was seen."""
    seconds = float(os.environ.get("SECONDS") or 1800)
    clients = int(os.environ.get("CLIENTS") or 8)
    started: list[Process] = []
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "soak.yaml"
        config.write_text(yaml.safe_dump(SETTINGS))
        port = str(Ports().near(18480))
        os.environ.setdefault("UNIGATE_LOG_LEVEL", "error")
        plan = make_plan(os.environ | {"CONFIG": str(config), "PORT": port}, adapters(), RUN)
        try:
            start(plan, started)
            processes = {each.name: each.pid for each in started}
            samples, seen = asyncio.run(soak(plan, processes, seconds, clients))
        finally:
            stop(started)
    write(
        {
            "machine": machine(),
            "seconds": seconds,
            "clients": clients,
            "faults_percent": round(100 * FAULTS),
            "answers": dict(sorted(seen.items())),
            "default_store_mb": default_store_bytes() / 1e6,
            "samples": [asdict(each) for each in samples],
        }
    )


if __name__ == "__main__":
    main()
