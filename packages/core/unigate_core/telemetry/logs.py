"""structlog to standard output, set up once per process: JSON lines, or words for people.

Libraries' logs go the same way.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


class Line(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A line of level info that is written so often that it has a form of its own. Defaults are left out of it."""

    event: str
    level: str = msgspec.field(default_factory=lambda: "info")
    timestamp: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))


_write: Callable[[bytes], None] | None = None
"""Writes JSON where lines are JSON and info is logged."""


def log_line(logger: structlog.typing.FilteringBoundLogger, line: Line) -> None:
    """Log a line: without structlog's chain of processors where it comes to the same."""
    if _write is not None:
        _write(_encode(line))
        return
    fields = msgspec.to_builtins(line)
    del fields["level"], fields["timestamp"]
    logger.info(**fields)


def configure_logs(form: str, level: str) -> None:
    """`form` is json or console; `level` one of the standard names."""
    global _write  # noqa: PLW0603 - as structlog's configuration, it is the process's
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if form == "console":
        console = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
        own: list[Processor] = [structlog.processors.format_exc_info, console]
        foreign: Processor = console
        factory: structlog.WriteLoggerFactory | structlog.BytesLoggerFactory = structlog.WriteLoggerFactory()
    else:
        # a line is written by one system call, its end included
        own = [structlog.processors.format_exc_info, _json]
        foreign = _json_text
        factory = structlog.BytesLoggerFactory()
    _write = structlog.BytesLogger().msg if form != "console" and number <= logging.INFO else None
    structlog.configure(
        processors=[*shared, *own],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                foreign,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


_encode = msgspec.json.Encoder(enc_hook=repr).encode


def _json(_logger: WrappedLogger, _method: str, event: EventDict) -> bytes:
    return _encode(event)


def _json_text(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return _encode(event).decode()
