"""The sections of the configuration about attempts: which are made again, where, and how many at a time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from unigate_edge.config.section import ConfigModel

RetriedKind = Literal["unreachable", "rate_limited", "overloaded", "timeout", "server_error"]


class Retries(ConfigModel):
    """Further attempts at the same model, before the first byte of an answer only."""

    attempts: int = Field(default=1, ge=0, le=10)
    """How many after the first. 0: none."""
    when: tuple[RetriedKind, ...] = ("unreachable", "rate_limited", "overloaded")
    """What is tried again. 429 only when the provider says after how long, and that is not too long."""
    backoff: float = Field(default=0.25, gt=0)
    """Seconds before the first retry at most, doubled for each further one; the wait is drawn at random below it."""
    max_delay: float = Field(default=2, ge=0)
    """Seconds; a provider that asks for a longer wait is not tried again."""
    budget: float = Field(default=0.2, ge=0, le=1)
    """Retries per request over time, so that an outage is not met with twice the load."""


class Circuit(ConfigModel):
    """A model that keeps failing is left alone for a while: its requests go to the next of their alias, or get 503."""

    failures: int = Field(default=20, ge=0)
    """Failures within the window that open the circuit. 0: it never opens."""
    ratio: float = Field(default=0.5, gt=0, le=1)
    """The least share of the window's calls that must have failed."""
    window: float = Field(default=30, gt=0)
    """Seconds over which calls are counted."""
    open: float = Field(default=5, gt=0)
    """Seconds until one request is let through to see whether the model is back."""


class Shedding(ConfigModel):
    """Requests that are answered 503 at once, with Retry-After, so that the others are served well."""

    max_in_flight: int | None = Field(default=10_000, gt=0)
    """Requests at a time in one edge process. null: any number."""
    max_lag: float | None = Field(default=None, gt=0)
    """Seconds by which the event loop may be late. null: any."""
    max_body_bytes: int | None = Field(default=256 * 1024 * 1024, gt=0)
    """Bytes of all requests' bodies that one edge process holds at a time, after decompression. null: any number."""


class Idempotency(ConfigModel):
    """`Idempotency-Key`: a repeated request gets the answer of the first. For whole answers."""

    ttl: float = Field(default=24 * 3600, ge=0)
    """Seconds for which an answer is repeated. 0: the header is ignored."""
    max_bytes: int = Field(default=64 * 1024 * 1024, ge=0)
    """Bytes that answers take in this process; the oldest make room. Not for a shared store."""


class WeightedModel(ConfigModel):
    """One model of a split."""

    model: Annotated[str, StringConstraints(min_length=1)]
    weight: float = Field(default=1, ge=0)
    """Its share of requests, relative to the other weights of the alias. 0: a fallback only."""
