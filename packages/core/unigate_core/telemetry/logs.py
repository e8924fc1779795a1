"""Logs on standard output, by the standard library's logging: JSON lines, or words for people.

Libraries' logs go the same way, from warnings on.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import msgspec

NAME = "unigate"
"""The logger that all of ours are below."""
_OF_LOGGING = frozenset({"exc_info", "stack_info", "stacklevel", "extra"})


class EventLogger(logging.LoggerAdapter[logging.Logger]):
    """`log.info("adapter_ready", port=port)`: an event, and what is to be said of it as members of its line."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """See the base."""
        members = {name: value for name, value in kwargs.items() if name not in _OF_LOGGING}
        own = {name: value for name, value in kwargs.items() if name in _OF_LOGGING}
        return msg, own | {"extra": {"members": members}}


def get_logger(name: str = NAME) -> EventLogger:
    """Return a logger of events; `name` is `unigate` or below it."""
    return EventLogger(logging.getLogger(name))


class Line(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A line of level info that is written so often that it has a form of its own. Defaults are left out of it."""

    event: str
    level: str = msgspec.field(default_factory=lambda: "info")
    timestamp: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))


_write: Callable[[bytes], None] | None = None
"""Writes JSON where lines are JSON and info is logged."""


def log_line(logger: EventLogger, line: Line) -> None:
    """Write a log line; where JSON is logged from level info on, directly, bypassing logging's handlers."""
    if _write is not None:
        _write(_encode(line) + b"\n")
        return
    members = msgspec.to_builtins(line)
    del members["level"], members["timestamp"]
    logger.info(members.pop("event"), **members)


def configure_logs(form: str, level: str) -> None:
    """`form` is json or console; `level` one of the standard names."""
    global _write  # noqa: PLW0603 - as the configuration of logging, it is the process's
    number = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(ConsoleFormatter() if form == "console" else JsonFormatter())
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)
    logging.getLogger(NAME).setLevel(number)
    _write = _write_stdout if form != "console" and number <= logging.INFO else None


class JsonFormatter(logging.Formatter):
    """An object a line: `event`, `level`, `timestamp`, what is said of the event, and `exception`, a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its end."""
        line = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC),
            **members_of(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line).decode()


class ConsoleFormatter(logging.Formatter):
    """A line for people, and a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its end."""
        said = "".join(f" {name}={value}" for name, value in members_of(record).items())
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        # what clients send must not begin a line of its own, nor steer a terminal
        line = f"{time} {record.levelname.lower():8} {record.getMessage()}{said}".translate(_ESCAPED)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def members_of(record: logging.LogRecord) -> dict[str, Any]:
    """What is said of an event; nothing of a library's record."""
    members: dict[str, Any] = getattr(record, "members", {})
    return members


def _write_stdout(line: bytes) -> None:
    # by one system call, its end included
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


_ESCAPED = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_encode = msgspec.json.Encoder(enc_hook=repr).encode
