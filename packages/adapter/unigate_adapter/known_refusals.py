"""What a vendor has refused lately, so that the next request for the same model is sent without it at once.

Kept in memory, for an hour and by tenant: what one client sends must not change the requests of another. What is
learned again after a restart costs a request.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from unigate_core.errors import GatewayError

SECONDS: Final = 3600.0
MAX_KEYS: Final = 500
MAX_OF_KEY: Final = 20
_MAX_TEXT: Final = 1000
_OF_ONE_REQUEST: Final = re.compile(
    r"exceed context limit|context window|context length|[Ii]nvalid (?:JSON )?schema for"
    r"|cannot be (?:combined|mixed|used)"
)

Key = tuple[str, str, str]
"""Tenant, the vendor's model, and the route: which of the vendor's APIs is spoken."""


class KnownRefusals:
    """Refusals that were answered by a request without what they name. `kept` is empty where there are none."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.kept: OrderedDict[Key, tuple[float, tuple[GatewayError, ...]]] = OrderedDict()

    def of(self, key: Key) -> tuple[GatewayError, ...]:
        """Those that are known, the oldest first."""
        kept = self.kept.get(key)
        if kept is None:
            return ()
        begun, errors = kept
        if self._clock() - begun <= SECONDS:
            return errors
        del self.kept[key]
        return ()

    def add(self, key: Key, error: GatewayError) -> None:
        """Remember one, unless it only holds for a prompt of this length, for these schemas or beside these tools."""
        message = error.message[:_MAX_TEXT]
        if _OF_ONE_REQUEST.search(message):
            return
        before = self.of(key)
        if len(before) == MAX_OF_KEY or any(each.message == message for each in before):
            return
        # without its traceback, which would keep the request
        kept = GatewayError(message, status=error.status, type=error.type, code=error.code, param=error.param)
        begun = self.kept[key][0] if before else self._clock()
        self.kept[key] = begun, (*before, kept)
        if len(self.kept) > MAX_KEYS:
            self.kept.popitem(last=False)
