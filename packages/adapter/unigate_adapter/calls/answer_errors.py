"""Where a vendor's answer is read: a shape that no translator knows is the vendor's fault, not a bug."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from unigate_core.errors import UpstreamProtocol
from unigate_core.telemetry.logs import get_logger

log = get_logger()

_UNEXPECTED_SHAPES = (AttributeError, KeyError, IndexError, TypeError, ValueError)


@contextmanager
def answer_errors() -> Iterator[None]:
    """Raises UpstreamProtocol for an answer that cannot be understood, and leaves where in the log."""
    try:
        yield
    except _UNEXPECTED_SHAPES as error:
        log.warning("answer_not_understood", exc_info=error)
        raise UpstreamProtocol("The provider's answer cannot be understood.") from error
