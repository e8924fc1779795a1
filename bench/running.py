"""Starts what is measured, and waits until it serves."""

import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.system import Tree
from tools.plan import Ports, is_free
from unigate_core.grpc_settings import CLIENT_EXPERIMENTS

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves."""

    name: str
    tree: Tree
    seconds_to_ready: float


@dataclass(frozen=True, slots=True)
class Gateway:
    """What requests go to, and the processes that answer them."""

    name: str
    url: str
    provider: str = ""
    """Prefix of model names; empty where the gateway wants none."""
    headers: dict[str, str] = field(default_factory=dict)
    model: str = ""
    """The name to ask for where a gateway knows only some; empty where it takes any."""
    processes: list[Running] = field(default_factory=list)


@asynccontextmanager
async def running(
    name: str, command: list[str], environment: Mapping[str, str], ready: Callable[[], bool]
) -> AsyncIterator[Running]:
    """Run a process until the block ends."""
    with tempfile.TemporaryFile() as log:
        begin = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            while not await asyncio.to_thread(ready):
                if process.returncode is not None or time.monotonic() > begin + PATIENCE:
                    log.seek(0)
                    sys.exit(f"{name} did not get ready:\n{log.read().decode(errors='replace')[-4000:]}")
                await asyncio.sleep(0.01)
            yield Running(name, Tree(process.pid), time.monotonic() - begin)
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 15)
            except TimeoutError:
                process.kill()
                await process.wait()


def listens(port: int) -> Callable[[], bool]:
    """Return a check whether a loopback port is listened on."""
    return lambda: not is_free(port)


def answers(url: str) -> Callable[[], bool]:
    """Return a check whether a URL answers with 200."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def check() -> bool:
        with suppress(OSError), opener.open(url, timeout=2) as response:
            return bool(response.status == 200)
        return False

    return check


@asynccontextmanager
async def upstream(ports: Ports) -> AsyncIterator[str]:
    """Run the static vendor; yield its address."""
    port = ports.near(18080)
    async with running("upstream", [sys.executable, "-m", "bench.upstream", str(port)], {}, listens(port)):
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def collector(ports: Ports) -> AsyncIterator[dict[str, str]]:
    """Run what takes spans; yield the settings that send it those of every tenth request."""
    port = ports.near(18317)
    async with running("collector", python("bench.collector", str(port)), {}, listens(port)):
        yield {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": "0.1",
        }


@asynccontextmanager
async def unigate(
    ports: Ports,
    vendor: str,
    extra: Mapping[str, str] | None = None,
    *,
    provider: str = "openai",
    config: Mapping[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> AsyncIterator[Gateway]:
    """Run the edge and an adapter before a vendor.

    `config` is more of the edge's configuration; its `copies` are how many providers more there are, all of this
    adapter. `headers` go with every request.
    """
    adapter_port, edge_port = ports.near(18051), ports.near(18090)
    adapter_settings = {
        "UNIGATE_LISTEN": f"127.0.0.1:{adapter_port}",
        "UNIGATE_METRICS_LISTEN": f"127.0.0.1:{ports.near(18464)}",
        f"{provider.upper()}_API_KEY": "bench",
        f"{provider.upper()}_BASE_URL": f"{vendor}/v1",
        **(extra or {}),
    }
    with tempfile.TemporaryDirectory() as folder:
        more = dict(config or {})
        names = [provider, *(f"{provider}-{number}" for number in range(more.pop("copies", 0)))]
        path = Path(folder) / "unigate.yaml"
        providers = {name: {"target": f"127.0.0.1:{adapter_port}"} for name in names}
        path.write_text(json.dumps({"providers": providers, **more}))
        edge_settings = {
            "UNIGATE_CONFIG": str(path),
            "UNIGATE_HOST": "127.0.0.1",
            "UNIGATE_PORT": str(edge_port),
            "UNIGATE_METRICS_LISTEN": f"127.0.0.1:{ports.near(18463)}",
            **(extra or {}),
        }
        ready = answers(f"http://127.0.0.1:{edge_port}/readyz")
        async with (
            running("adapter", python(f"unigate_{provider}"), adapter_settings, listens(adapter_port)) as adapter,
            running("edge", python("unigate_edge"), edge_settings, ready) as edge,
        ):
            url = f"http://127.0.0.1:{edge_port}/v1/chat/completions"
            yield Gateway("unigate", url, provider, headers or {}, processes=[edge, adapter])


@asynccontextmanager
async def unigate_limited(ports: Ports, vendor: str) -> AsyncIterator[Gateway]:
    """Run the gateway with a key that has limits and a shared store that is down."""
    key = f"sk-{secrets.token_hex(16)}"
    limits = {"requests_per_minute": 10_000_000, "tokens_per_minute": 1_000_000_000}
    entry = {"name": "bench", "sha256": sha256(key.encode()).hexdigest(), "models": ["*"], "limits": limits}
    nowhere = {"UNIGATE_STATE_URL": f"redis://127.0.0.1:{ports.near(18379)}"}
    headers = {"authorization": f"Bearer {key}"}
    async with unigate(ports, vendor, nowhere, config={"keys": [entry]}, headers=headers) as gateway:
        yield gateway


@asynccontextmanager
async def floor(ports: Ports, vendor: str, client: str = "direct") -> AsyncIterator[Gateway]:
    """Run an edge and an adapter that do nothing but pass on answers, with this client to the vendor."""
    adapter_port, edge_port = ports.near(18151), ports.near(18190)
    url = f"{vendor}/v1/chat/completions"
    adapter_command = python("bench.floor", "adapter", str(adapter_port), url, client)
    edge_command = python("bench.floor", "edge", str(edge_port), f"127.0.0.1:{adapter_port}")
    # as the gateway's edge has it: what makes gRPC cheaper lowers the floor, too
    edge_settings = {"GRPC_EXPERIMENTS": CLIENT_EXPERIMENTS}
    async with (
        running("adapter", adapter_command, {}, listens(adapter_port)) as adapter,
        running("edge", edge_command, edge_settings, listens(edge_port)) as edge,
    ):
        name = "floor" if client == "direct" else f"floor on {client}"
        yield Gateway(name, f"http://127.0.0.1:{edge_port}/", "openai", processes=[edge, adapter])


def python(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module."""
    return [sys.executable, "-m", module, *arguments]
