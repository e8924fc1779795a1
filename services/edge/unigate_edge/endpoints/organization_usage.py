"""`GET /v1/organization/usage/…` and `/v1/organization/costs`: what all keys have used, by day, for admin keys.

OpenAI's own reports, so that what reads those reads these. https://platform.openai.com/docs/api-reference/usage
"""

from __future__ import annotations

import re
import time
from datetime import date
from typing import Annotated, Any, Final, Literal
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta, Struct
from starlette.types import Receive, Scope, Send

from unigate_core.errors import RequestRefused
from unigate_core.json import dumps
from unigate_edge.cost.usage_buckets import COSTS, FIGURES, Selection, bucket, days_between, seconds
from unigate_edge.errors import admin_key_needed, missing_parameter, state_unavailable
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange
from unigate_edge.state.blob_store import StoreDown
from unigate_edge.validation.decoding import refusal_of

PATHS: Final = {
    **{f"/v1/organization/usage/{kind}": kind for kind in FIGURES},
    "/v1/organization/costs": COSTS,
}
MAX_DAYS_OF_COSTS: Final = 180
MAX_DAYS_OF_USAGE: Final = 31
LATEST: Final = 253_402_214_400
"""The beginning of the last day that a date can be made of: a bucket ends with the beginning of the next."""

Seconds = Annotated[int, Meta(ge=0, le=LATEST)]
_INDEX = re.compile(r"\[\d*\]$")


class UsageQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of a report. Times are in seconds since the epoch."""

    start_time: Seconds
    end_time: Seconds | None = None
    bucket_width: Literal["1d", "1h", "1m"] = "1d"
    group_by: frozenset[
        Literal["project_id", "user_id", "api_key_id", "model", "batch", "service_tier", "source", "size", "line_item"]
    ] = frozenset()
    api_key_ids: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    project_ids: frozenset[str] = frozenset()
    user_ids: frozenset[str] = frozenset()
    batch: bool | None = None
    sources: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()
    limit: Annotated[int, Meta(ge=1, le=180)] = 7
    page: Annotated[str, Meta(pattern=r"^page_\d{1,12}$")] | None = None


LISTS: Final = frozenset(
    {"group_by", "api_key_ids", "models", "project_ids", "user_ids", "sources", "sizes"},
)
NOT_COUNTED: Final = ("project_ids", "user_ids", "sources", "sizes")
"""Filters by what this gateway does not distinguish."""


class OrganizationUsage:
    """Answers one of the reports."""

    def __init__(self, gateway: Gateway, kind: str) -> None:
        self._gateway = gateway
        self._kind = kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the report. Raises GatewayError."""
        exchange: Exchange = scope["unigate.exchange"]
        caller = self._gateway.authenticate(exchange, "organization_usage")
        if not caller.is_admin:
            raise admin_key_needed()
        query = read_query(exchange.query)
        limit = min(query.limit, MAX_DAYS_OF_COSTS if self._kind == COSTS else MAX_DAYS_OF_USAGE)
        start = int(query.page.removeprefix("page_")) if query.page is not None else query.start_time
        end = min(time.time() + 1 if query.end_time is None else query.end_time, LATEST)
        days = days_between(min(max(start, query.start_time), LATEST), int(end))
        shown = [date.fromordinal(day) for day in days[:limit]]
        rest = days[limit:]
        try:
            used = await self._gateway.metering.usage.days(shown)
        except StoreDown as error:
            raise state_unavailable("Usage cannot be read") from error
        selection = Selection(self._kind, query.group_by, query.api_key_ids, query.models)
        page = {
            "object": "page",
            "data": [bucket(day, counts, selection) for day, counts in zip(shown, used, strict=True)],
            "has_more": bool(rest),
            "next_page": f"page_{seconds(date.fromordinal(rest[0]))}" if rest else None,
        }
        await exchange.answer(200, dumps(page))


def read_query(query: bytes) -> UsageQuery:
    """The query of a report; lists as `models[]=a&models[]=b`, with a number in the brackets, or without them.

    Raises GatewayError.
    """
    given: dict[str, Any] = {}
    for name, value in parse_qsl(query.decode("latin-1")):
        plain = _INDEX.sub("", name)
        if plain in LISTS:
            given.setdefault(plain, []).append(value)
        else:
            given[name] = value
    if "start_time" not in given:
        raise missing_parameter("start_time")
    try:
        read = msgspec.convert(given, UsageQuery, strict=False)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error
    if read.bucket_width != "1d":
        raise _not_supported("bucket_width", "Usage is counted per day: `bucket_width` can only be `1d`.")
    for name in NOT_COUNTED:
        if getattr(read, name):
            raise _not_supported(name, f"Usage is counted by keys and models, and cannot be filtered by `{name}`.")
    if read.batch:
        raise _not_supported("batch", "There are no batches here: `batch` can only be `false`.")
    return read


def _not_supported(param: str, message: str) -> RequestRefused:
    return RequestRefused(message, param=param, code="unsupported_value")
