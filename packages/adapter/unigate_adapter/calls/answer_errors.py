"""Where a vendor's answer is read or written: a shape that no translator knows is the vendor's fault, not a bug."""

from __future__ import annotations

from types import TracebackType

from unigate_core.errors import UpstreamProtocol
from unigate_core.telemetry.logs import get_logger

log = get_logger()

_UNEXPECTED_SHAPES = (AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError)


class _AnswerErrors:
    """A class, for a generator's context takes ten times as long, and each event of a stream goes through one."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, _UNEXPECTED_SHAPES):
            log.warning("answer_not_understood", exc_info=error)
            raise UpstreamProtocol("The provider's answer cannot be understood.") from error


answer_errors = _AnswerErrors()
"""A context that raises UpstreamProtocol for an answer that cannot be understood, and leaves where in the log."""
