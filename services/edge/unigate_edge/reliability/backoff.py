"""How long to wait before the same model is asked again.

Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from __future__ import annotations

from collections.abc import Callable

from unigate_edge.config.reliability import Retries
from unigate_edge.reliability.failure_kinds import FailureKind


def delay(
    policy: Retries, kind: FailureKind, retry_after: float | None, retries: int, chance: Callable[[], float]
) -> float | None:
    """Seconds to wait after `retries` retries; None: do not ask again. `chance` draws from [0, 1)."""
    if retries >= policy.attempts or kind not in policy.when:
        return None
    if retry_after is not None:
        return retry_after if retry_after <= policy.max_delay else None
    if kind is FailureKind.RATE_LIMITED:
        return None
    return min(policy.backoff * 2.0**retries, policy.max_delay) * chance()
