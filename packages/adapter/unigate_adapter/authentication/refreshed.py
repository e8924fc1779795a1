"""A credential that expires: obtained when first needed, renewed before it ends, by one caller at a time.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html and the like all hand out such.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from unigate_core.errors import GatewayError
from unigate_core.telemetry.logs import get_logger

T = TypeVar("T")

EARLY = 0.8
"""The share of its life after which a credential is renewed, or `EARLY_SECONDS` before its end, whichever is later."""
EARLY_SECONDS = 300.0
RETRY_SECONDS = 5.0
"""After a failure, while the old one still holds."""
REFRESH_TIMEOUT = 20.0

log = get_logger()


@dataclass(frozen=True, slots=True, repr=False)
class Expiring(Generic[T]):
    """A credential and when it ends, in epoch seconds; None: never."""

    value: T
    expires_at: float | None = None


class Refreshed(Generic[T]):
    """Holds one credential. `fetch` obtains it and may block: it runs in a thread.

    `observe` gets the outcome of each refresh: ok or error.
    """

    def __init__(
        self,
        provider: str,
        fetch: Callable[[], Expiring[T]],
        observe: Callable[[str], None] = lambda outcome: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.failed = False
        self._provider = provider
        self._fetch = fetch
        self._observe = observe
        self._clock = clock
        self._held: Expiring[T] | None = None
        self._renew_at = 0.0
        self._renewal: asyncio.Task[None] | None = None

    async def get(self) -> T:
        """The credential as it is now. Waits only where there is none that still holds. Raises GatewayError."""
        now = self._clock()
        held = self._held
        if held is not None and now < self._renew_at:
            return held.value
        if now >= self._renew_at and (self._renewal is None or self._renewal.done()):
            self._renewal = asyncio.create_task(self._renew())
        if held is not None and _holds(held, now):
            return held.value
        if self._renewal is not None:
            # shielded: a client that leaves must not end what all others wait for
            await asyncio.shield(self._renewal)
        held = self._held
        if held is None or not _holds(held, self._clock()):
            raise GatewayError(
                f"The gateway could not obtain credentials for {self._provider}.",
                status=502,
                type="server_error",
                code="upstream_auth_error",
            )
        return held.value

    def expire(self) -> None:
        """The vendor has refused it: obtain another before the next call."""
        self._held = None
        self._renew_at = 0.0

    def peek(self) -> T | None:
        """The credential that is held, without asking for one."""
        return self._held.value if self._held is not None else None

    async def close(self) -> None:
        """Stop a renewal that is under way."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    async def _renew(self) -> None:
        try:
            async with asyncio.timeout(REFRESH_TIMEOUT):
                got = await asyncio.to_thread(self._fetch)
        except Exception as error:  # noqa: BLE001 - each library of a cloud has errors of its own
            self.failed = True
            self._renew_at = self._clock() + RETRY_SECONDS
            # the texts of these libraries name files, endpoints and roles, but may also quote an answer
            log.warning("credential_refresh_failed", provider=self._provider, error=type(error).__name__)
            self._observe("error")
            return
        self.failed = False
        self._held = got
        self._renew_at = _renewal_time(self._clock(), got.expires_at)
        self._observe("ok")


def _holds(held: Expiring[T], now: float) -> bool:
    return held.expires_at is None or now < held.expires_at


def _renewal_time(now: float, expires_at: float | None) -> float:
    if expires_at is None:
        return float("inf")
    return max(now + (expires_at - now) * EARLY, expires_at - EARLY_SECONDS)
