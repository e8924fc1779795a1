"""Load over plain HTTP/1.1: closed loops for throughput, open loops for latency, held streams for memory."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self, cast
from urllib.parse import urlsplit


@dataclass(slots=True)
class Answer:
    """What came back, with the moments at which it did (seconds of the monotonic clock)."""

    status: int = 0
    first: float = 0.0
    """When the first byte of the body came."""
    last: float = 0.0
    arrivals: list[float] = field(default_factory=list)
    """When each piece of the body came."""
    body: bytearray = field(default_factory=bytearray)


class UnexpectedAnswerError(Exception):
    """The target did not do what is measured."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, and what they carry."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        assert parts.hostname
        assert parts.port
        return parts.hostname, parts.port

    @property
    def message(self) -> bytes:
        """The request as bytes."""
        parts = urlsplit(self.url)
        headers = {"host": parts.netloc, "content-type": "application/json", "content-length": str(len(self.body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in (headers | self.headers).items())
        return f"POST {parts.path} HTTP/1.1\r\n{lines}\r\n".encode() + self.body


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._received = bytearray()
        self._answer = Answer()
        self._done: asyncio.Future[Answer] | None = None
        self._begun: asyncio.Future[Answer] | None = None

    @classmethod
    async def open(cls, target: Target) -> Self:
        """Connect."""
        _, protocol = await asyncio.get_running_loop().create_connection(cls, *target.address)
        return protocol

    def send(self, message: bytes) -> tuple[asyncio.Future[Answer], asyncio.Future[Answer]]:
        """Send a request; return what resolves at the first byte of its body, and what resolves at the last."""
        loop = asyncio.get_running_loop()
        self._received.clear()
        self._answer = Answer()
        self._begun, self._done = loop.create_future(), loop.create_future()
        self._transport.write(message)
        return self._begun, self._done

    @property
    def closed(self) -> bool:
        """Whether the other side has gone."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Go without waiting for the rest."""
        self._done = self._begun = None
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Note the first byte of the body and the last."""
        self._received += data
        end = self._received.find(b"\r\n\r\n") + 4
        if end < 4 or len(self._received) == end or self._done is None or self._begun is None:
            return
        now = time.monotonic()
        self._answer.arrivals.append(now)
        if not self._begun.done():
            self._answer.first = now
            self._answer.status = int(self._received[9:12])
            self._begun.set_result(self._answer)
        if is_whole(self._received, end):
            self._answer.last = now
            self._answer.body = self._received[end:]
            self._done.set_result(self._answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail a request that is under way."""
        for future in (self._begun, self._done):
            if future and not future.done():
                future.set_exception(UnexpectedAnswerError("the connection was closed in the middle of an answer"))


def is_whole(received: bytearray, end: int) -> bool:
    """Tell whether an answer whose head ends at `end` is complete."""
    head = received[:end].lower()
    _, found, rest = head.partition(b"content-length:")
    if found:
        return len(received) - end >= int(rest.partition(b"\r\n")[0])
    return received.endswith(b"0\r\n\r\n")


@dataclass(slots=True)
class Timing:
    """Seconds from the moment at which a request was due."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


async def closed_loop(target: Target, connections: int, seconds: float, check: Callable[[Answer], None]) -> int:
    """Keep every connection busy; return how many answers came."""
    deadline = time.monotonic() + seconds
    message = target.message

    async def worker() -> int:
        connection, count = await Connection.open(target), 0
        while time.monotonic() < deadline:
            _, done = connection.send(message)
            check(await done)
            count += 1
        connection.close()
        return count

    return sum(await asyncio.gather(*(worker() for _ in range(connections))))


async def open_loop(target: Target, rate: float, seconds: float, check: Callable[[Answer], None]) -> Timing:
    """Send at a fixed rate whether or not answers come; lateness of this process counts as latency too."""
    idle: list[Connection] = []
    timing, message = Timing(), target.message

    async def one(due: float) -> None:
        while idle and idle[-1].closed:
            idle.pop()
        connection = idle.pop() if idle else await Connection.open(target)
        _, done = connection.send(message)
        answer = await done
        check(answer)
        timing.first.append(answer.first - due)
        timing.whole.append(answer.last - due)
        idle.append(connection)

    start = time.monotonic() + 0.05
    async with asyncio.TaskGroup() as tasks:
        for index in range(int(rate * seconds)):
            due = start + index / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            tasks.create_task(one(due))
    for connection in idle:
        connection.close()
    return timing


async def hold(target: Target, count: int) -> list[Connection]:
    """Open streams and return when each has begun."""
    message, connections = target.message, []
    for _ in range(count):
        connection = await Connection.open(target)
        begun, _ = connection.send(message)
        if (await begun).status != 200:
            raise UnexpectedAnswerError("a stream was refused")
        connections.append(connection)
    return connections
