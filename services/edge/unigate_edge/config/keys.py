"""The sections of the configuration about keys and what these may use."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from unigate_edge.config.section import ConfigModel

Glob = Annotated[str, StringConstraints(min_length=1)]
Dollars = Annotated[float, Field(ge=0)]


class Budget(ConfigModel):
    """US dollars, by UTC's calendar. What a request may cost at most is reserved while it runs."""

    day: Dollars | None = None
    month: Dollars | None = None


class ModelLimits(ConfigModel):
    """What is not set is not limited."""

    requests_per_minute: int | None = Field(default=None, ge=0)
    """Requests in any 60 seconds."""
    tokens_per_minute: int | None = Field(default=None, ge=0)
    """Tokens in any 60 seconds, input and output together. Those a request may need are reserved before the call."""
    concurrent_requests: int | None = Field(default=None, ge=0)
    """Requests at a time, streams for as long as they last."""
    budget_usd: Budget = Budget()
    """US dollars per day and month, from the prices of the models; those without a price cost nothing."""


class KeyLimits(ModelLimits):
    """Limits of a key over all models, and further ones for some."""

    models: dict[Glob, ModelLimits] = Field(default_factory=dict)
    """Limits that hold for all models of a pattern together, beside the key's own."""


class Key(ConfigModel):
    """One client of the gateway."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    """Shown in logs and metrics, and the tenant to whom state belongs."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """The key's SHA-256 digest in hex; `unigate keys new NAME` prints it with a new key."""
    models: tuple[str, ...] = ("*",)
    """Names that the key may use, `*` and `?` as in a shell."""
    limits: KeyLimits | None = None
    """What the key may use. None: everything."""
    admin: bool = False
    """Whether it may read what all keys have used (`/v1/organization/usage/…`, `/v1/organization/costs`), and make
    and revoke keys (`/v1/organization/keys`)."""
    expires: AwareDatetime | None = None
    """From then on the key is refused; a time with its zone, such as 2030-01-01T00:00:00Z."""
    drop_unsupported: bool | None = None
    """Overrides the setting of the same name for the key's requests."""
    cache: bool = False
    """Answer repeated requests of the key from the response cache."""
    metadata: dict[str, str] = Field(default_factory=dict)
    """Notes of the operator's own; `GET /v1/usage` shows them to the key's holder."""

    def expiry(self) -> float:
        """Seconds since the epoch at which the key ends, infinity when it does not."""
        end: datetime | None = self.expires
        return end.timestamp() if end is not None else float("inf")


class KeyAdministration(ConfigModel):
    """`/v1/organization/keys`: keys with `admin: true` make and revoke keys."""

    enabled: bool = False
    """Whether they may change any. Where they are kept: `secret`, else `keys_file`, which must be writable then."""
    secret: str = ""
    """A Kubernetes Secret of the edge's own namespace, whose `keys.yaml` the pod's account may read and patch."""


class StateSettings(ConfigModel):
    """How limits go on while the store of `UNIGATE_STATE_URL` is down."""

    when_down: Literal["open", "closed"] = "open"
    """`open`: every replica counts for itself. `closed`: keys that have limits are answered 503."""
    timeout: float = Field(default=0.5, gt=0)
    """Seconds that one request waits for the store in all. None waits while it is down; it is tried once a second."""
