"""All open connections of the process: their settings, their metrics, and the sweep that ends those that are too slow.

A timer for each connection would cost two calls of the loop for every request. Here a connection has one number, its
deadline, and all of them are looked at once a second.
"""

from __future__ import annotations

import resource
import socket
from collections.abc import Collection
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge

from unigate_edge.config.connections import Connections

REASONS = (
    "body_timeout", "head", "head_timeout", "idle_timeout", "malformed", "max", "rest", "upgrade", "url",
    "write_timeout",
)  # fmt: skip
MAX_OPEN_FILES = 1 << 20


class Connection(Protocol):
    """What the sweep needs of a connection."""

    deadline: float

    def expire(self, now: float) -> None:
        """End it, or give it another deadline."""


class ConnectionTracker:
    """What connections share. `open` is kept by the server."""

    def __init__(self, settings: Connections, registry: CollectorRegistry) -> None:
        self.settings = settings
        self.open: Collection[Connection] = ()
        self._closed = Counter(
            "unigate_connections_closed",
            "Connections that the gateway closed because of their clients, by reason.",
            ("reason",),
            registry=registry,
        )
        gauge = Gauge("unigate_connections_open", "Open connections of clients.", registry=registry)
        gauge.set_function(lambda: len(self.open))
        for reason in REASONS:
            self._closed.labels(reason)

    def configure(self, settings: Connections) -> None:
        """Go on with other settings, from a connection's next step on."""
        self.settings = settings

    def full(self) -> bool:
        """Whether there are more connections than there may be."""
        return len(self.open) > self.settings.max

    def closed(self, reason: str) -> None:
        """Count a connection that was refused or ended."""
        self._closed.labels(reason).inc()

    def sweep(self, now: float) -> None:
        """End what is too slow. `now` is the event loop's time."""
        for connection in [each for each in self.open if each.deadline <= now]:
            connection.expire(now)


def watch_dead_peers(listener: socket.socket, unsent_seconds: float) -> None:
    """Let the kernel end connections whose client has vanished. What is accepted inherits the listener's options."""
    if listener.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, option):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(unsent_seconds * 1000))


def raise_open_files() -> int:
    """Let the process open as many files as its hard limit allows. Returns the limit then in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft
