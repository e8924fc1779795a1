"""A small cluster on loopback: pods are processes with addresses of their own, behind a DNS name that changes."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Self

import httpx
import pytest
import yaml

PATIENCE = 60.0
KEY = "made-up"
BODY = {"model": "openai/gpt-4.1-mini", "messages": [{"role": "user", "content": "hello there [[words:20]]"}]}


def until(ready: Callable[[], bool], what: str) -> None:
    """Wait for a condition of another process."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, f"not {what} after {PATIENCE} s"
        time.sleep(0.02)


class NameServer:
    """Answers every question for an IPv4 address with `addresses`, as a headless Service does; TTL 1 s.

    A name that led nowhere is said to for `negative_seconds` more, as by a cache in between. `direct` are the addresses
    of names that begin so: a Service with an address of its own.
    """

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.direct: list[str] = []
        self.negative_seconds = 0.0
        self.asked = 0
        self._negative_until = 0.0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            query, client = self._socket.recvfrom(512)
            if not query:
                return
            self._socket.sendto(self._answer(query), client)

    def _answer(self, query: bytes) -> bytes:
        end = query.index(b"\0", 12) + 5
        (kind,) = struct.unpack(">H", query[end - 4 : end - 2])
        self.asked += 1
        found = self._found(query[12:]) if kind == 1 else []
        records = [b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton(address) for address in found]
        return query[:2] + struct.pack(">HHHHH", 0x8580, 1, len(found), 0, 0) + query[12:end] + b"".join(records)

    def _found(self, question: bytes) -> list[str]:
        if question.startswith(b"\x06direct"):
            return self.direct
        now = time.monotonic()
        if now < self._negative_until:
            return []
        if not self.addresses:
            self._negative_until = now + self.negative_seconds
        return self.addresses

    def close(self) -> None:
        """Stop answering."""
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()


@dataclass
class Pod:
    """One process with an address of its own."""

    address: str
    port: int
    log: Path
    process: subprocess.Popen[bytes]

    def listens(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        with closing(socket.socket()) as probe:
            return probe.connect_ex((self.address, self.port)) == 0

    def calls(self) -> float:
        """How many calls an adapter has served or is serving, by its own metrics."""
        names = ("unigate_adapter_calls_total", "unigate_adapter_in_flight")
        with urllib.request.urlopen(f"http://{self.address}:{self.port + 1}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(names))

    def stop(self) -> int:
        """Send SIGTERM and wait for the end; return the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@dataclass
class Cluster:
    """The pods that run, and what is told about them."""

    folder: Path
    network: str
    """The first three numbers of every pod's address."""
    names: NameServer
    pods: list[Pod] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    def start(self, package: str, port: int, **settings: str) -> Pod:
        """Start a pod and wait until it listens."""
        pod_number = len(self.pods) + 2
        address = f"{self.network}.{pod_number}"
        own = {name: value.format(address=address) for name, value in settings.items()}
        path = self.folder / f"{package}-{pod_number}.log"
        with path.open("wb") as log:
            command = [sys.executable, "-m", package]
            process = subprocess.Popen(command, env=self.settings | own, stdout=log, stderr=log)
        pod = Pod(address, port, path, process)
        self.pods.append(pod)
        until(pod.listens, f"{package} listening")
        return pod

    def adapter(self, **settings: str) -> Pod:
        """Start one more replica of the adapter; nobody is told yet."""
        simulator = self.pods[0]
        return self.start(
            "unigate_openai",
            50051,
            UNIGATE_LISTEN="{address}:50051",
            UNIGATE_METRICS_LISTEN="{address}:50052",
            OPENAI_BASE_URL=f"http://{simulator.address}:{simulator.port}/openai",
            OPENAI_API_KEY="simulated",
            **settings,
        )

    def edge(self) -> Pod:
        """Start one more edge and wait until it is ready."""
        pod = self.start("unigate_edge", 8080, UNIGATE_HOST="{address}", UNIGATE_CONFIG=str(self.folder / "edge.yaml"))

        def ready() -> bool:
            with suppress(OSError), urllib.request.urlopen(f"http://{pod.address}:8080/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
            return False

        until(ready, "ready")
        return pod


class Load:
    """Callers that never pause: whole answers and streams by turns, over the edges that are ready."""

    def __init__(self, edges: list[str], callers: int = 4) -> None:
        self.edges = edges
        self.lost: list[str] = []
        self.finished = [0] * callers
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(number,)) for number in range(callers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _call(self, number: int) -> None:
        with httpx.Client(headers={"authorization": f"Bearer {KEY}"}, timeout=30) as client:
            while not self._over.is_set():
                turn = self.finished[number]
                url = f"http://{self.edges[turn % len(self.edges)]}:8080/v1/chat/completions"
                try:
                    answer = client.post(url, json=BODY | {"stream": turn % 2 == 0})
                    whole = answer.text.endswith("data: [DONE]\n\n") or '"finish_reason":"stop"' in answer.text
                    if answer.status_code != 200 or not whole:
                        self.lost.append(f"{answer.status_code} {answer.text[-500:]}")
                except httpx.HTTPError as error:
                    self.lost.append(repr(error))
                self.finished[number] += 1

    def pre_stop(self) -> None:
        """Let time pass as a pod's preStop hook does: longer than the edge takes to look a name up again (6 s)."""
        over = time.monotonic() + 7
        until(lambda: time.monotonic() > over, "over")

    def rounds(self, count: int) -> None:
        """Wait until every caller has finished so many more requests."""
        goal = [done + count for done in self.finished]
        until(lambda: all(done >= wanted for done, wanted in zip(self.finished, goal, strict=True)), "served")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Cluster]:
    """The simulator and one adapter behind a name; each worker has a network of its own."""
    folder = tmp_path_factory.mktemp("cluster")
    number = 101 + (int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 99)
    names = NameServer()
    kept = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    quick = {
        "UNIGATE_METRICS_LISTEN": "",
        "UNIGATE_DRAIN_SECONDS": "20",
        # connections age in seconds instead of most of a minute, so that this takes seconds too
        "UNIGATE_CONNECTION_AGE_SECONDS": os.environ.get("CONNECTION_AGE", "2"),
        "UNIGATE_SIMULATOR_EVENT_MS": "5",
    }
    running = Cluster(folder, f"127.0.{number}", names, settings=kept | quick)
    config = {
        "providers": {
            "openai": {
                "target": f"dns://127.0.0.1:{names.port}/adapter.test:50051",
                "fallback_target": f"dns://127.0.0.1:{names.port}/direct.test:50051",
            }
        },
        "keys": [{"name": "load", "sha256": sha256(KEY.encode()).hexdigest()}],
    }
    (folder / "edge.yaml").write_text(yaml.safe_dump(config))
    try:
        running.start("unigate_simulator", 4010, UNIGATE_SIMULATOR_LISTEN="{address}:4010")
        names.addresses = [running.adapter().address]
        yield running
    finally:
        for pod in running.pods:
            pod.process.kill()
            pod.process.wait()
        names.close()


@pytest.fixture
def load() -> type[Load]:
    """Callers, to be started with the edges' addresses."""
    return Load
