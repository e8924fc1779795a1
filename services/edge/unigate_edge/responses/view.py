"""A kept response → what a client sees of it. https://platform.openai.com/docs/api-reference/responses/get"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from unigate_core.errors import invalid_value
from unigate_core.json import Json, Raw, loads
from unigate_edge.http.query import whole_number
from unigate_edge.responses.store import StoredResponse

ENCRYPTED = "reasoning.encrypted_content"
LIMIT = 20
MAX_LIMIT = 100

Query = Mapping[str, Sequence[str]]


def query_of(query_string: bytes) -> Query:
    """The query's parameters, lists in either of the SDKs' spellings."""
    parsed = parse_qs(query_string.decode("latin-1"), keep_blank_values=True)
    return {name.removesuffix("[]"): values for name, values in parsed.items()}


def flag(query: Query, name: str) -> bool:
    """A parameter that is on or off."""
    return query.get(name, ["false"])[-1].lower() in ("true", "1")


def number(query: Query, name: str) -> int | None:
    """A whole number, None where it is not given. Raises RequestRefused."""
    value = query.get(name, [""])[-1]
    if not value:
        return None
    found = whole_number(value)
    if found is None:
        raise invalid_value(name, "it must be a whole number.")
    return found


def visible_response(record: StoredResponse, query: Query) -> Json:
    """The response object."""
    response: Json = loads(bytes(record.response))
    response["output"] = [_visible(item, query) for item in response["output"]]
    return response


def item_page(items: Sequence[Raw], query: Query) -> Json:
    """One page of input items, the newest first unless asked otherwise. Raises RequestRefused."""
    order = query.get("order", ["desc"])[-1]
    if order not in ("asc", "desc"):
        raise invalid_value("order", "it must be 'asc' or 'desc'.")
    limit = number(query, "limit")
    limit = LIMIT if limit is None else limit
    if not 1 <= limit <= MAX_LIMIT:
        raise invalid_value("limit", f"it must be between 1 and {MAX_LIMIT}.")
    listed = [_visible(loads(bytes(item)), query) for item in items]
    if order == "desc":
        listed.reverse()
    after = query.get("after", [""])[-1]
    if after:
        ids = [item.get("id") for item in listed]
        if after not in ids:
            raise invalid_value("after", f"there is no item with id '{after}'.")
        listed = listed[ids.index(after) + 1 :]
    page = listed[:limit]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0].get("id") if page else None,
        "last_id": page[-1].get("id") if page else None,
        "has_more": len(listed) > limit,
    }


def _visible(item: dict[str, Any], query: Query) -> Json:
    """What is kept for the provider is shown only where it is asked for; a compaction consists of nothing else."""
    if "encrypted_content" not in item or ENCRYPTED in query.get("include", ()) or item.get("type") == "compaction":
        return item
    return {key: value for key, value in item.items() if key != "encrypted_content"}
