"""A request for a response: what it continues is put before the adapter, what comes of it is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_common.codec import Raw, dumps, loads, with_members
from unigate_common.errors import RequestRefused
from unigate_edge.exchange import Exchange
from unigate_edge.gateway import Gateway
from unigate_edge.responses.ledger import OWN_PREFIX, Ledger, Record, is_own_item, previous_not_found
from unigate_edge.responses.owners import NotTheirs, Owner, Owners, digest
from unigate_edge.state.store import StoreDown
from unigate_edge.validation.responses import InputItem, ResponsesRequest

log = structlog.get_logger("unigate.edge")

_items = msgspec.json.Decoder(list[Raw])


@dataclass(frozen=True)
class Turn:
    """A response in the making. `chain` are the ids of the responses it continues.

    `owner` is remembered where the provider keeps the response itself, once it is known how it is called.
    """

    ledger: Ledger
    owners: Owners
    tenant: str
    response_id: str
    chain: tuple[str, ...]
    owner: Owner

    async def keep(self, kept: pb.Keep) -> None:
        """Remember the finished response, or whose it is. A store that is down costs the memory, not the answer."""
        try:
            if kept.response:
                items = _items.decode(kept.input_items) if kept.input_items else []
                await self.ledger.keep(self.tenant, self.response_id, Record(Raw(kept.response), items, self.chain))
            elif kept.provider_response_id:
                counted = self.owner.counted or kept.provider_usage_told
                await self.owners.note(kept.provider_response_id, replace(self.owner, counted=counted))
        except StoreDown as error:
            log.warning("response_not_kept", reason=str(error))


async def begin_turn(
    gateway: Gateway, exchange: Exchange, request: ResponsesRequest, call: pb.Call, body: bytes
) -> tuple[Turn, bytes]:
    """Find what the request continues and refers to, and tell the adapter in the call.

    Returns the turn and the body to send. What OpenAI itself keeps is left to it, if it is the caller's. Raises
    GatewayError.
    """
    ledger, owners = gateway.ledger, gateway.owners
    tenant, previous = exchange.caller, request.previous_response_id or ""
    chain: tuple[str, ...] = ()
    state = call.response_state
    state.store = request.store is not False
    # The letter is for people who read logs.
    state.response_id = f"{OWN_PREFIX}{exchange.provider[:1]}{secrets.token_hex(20)}"
    if previous.startswith(OWN_PREFIX):
        chain = await ledger.chain_to(tenant, previous)
        state.input_items = dumps(await ledger.conversation(tenant, chain))
    elif previous and not call.client_credential:
        try:
            await owners.find(tenant, previous, strict=gateway.config.owners_matter)
        except NotTheirs as error:
            raise previous_not_found(previous) from error
    if isinstance(request.input, list) and any(_is_reference(item) for item in request.input):
        body = await _resolved(ledger, tenant, body)
    # what is made in the background tells its usage later
    owner = Owner(digest(tenant), exchange.provider, exchange.model, counted=not request.background)
    return Turn(ledger, owners, tenant, state.response_id, chain, owner), body


def _is_reference(item: InputItem) -> bool:
    return item.type == "item_reference" or (item.type is None and item.role is None)


async def _resolved(ledger: Ledger, tenant: str, body: bytes) -> bytes:
    """The body with references to our own items replaced by these; others are for the provider to know."""
    items: list[Any] = loads(body)["input"]
    for i, item in enumerate(items):
        item_id = item.get("id")
        if item.get("type") not in (None, "item_reference") or "role" in item or not is_own_item(item_id):
            continue
        found = await ledger.item(tenant, item_id)
        if found is None:
            message = f"Item with id '{item_id}' not found."
            raise RequestRefused(message, param="input", code="item_not_found", status=404)
        items[i] = found
    return with_members(body, {"input": items})
