"""A request for a response: what it continues is put before the adapter, what comes of it is kept."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.ids import response_id
from unigate_core.json import Raw
from unigate_core.telemetry.logs import get_logger
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange
from unigate_edge.pipeline.answer_state import Prepared
from unigate_edge.pipeline.references import resolve_references
from unigate_edge.responses.ownership import Owner, ResponseOwnership, digest
from unigate_edge.responses.store import ResponseStore, StoredResponse
from unigate_edge.state.blob_store import StoreDown
from unigate_edge.validation.responses import ResponsesRequest

log = get_logger("unigate.edge")

_items = msgspec.json.Decoder(list[Raw])


class PendingResponse(msgspec.Struct, frozen=True):
    """A response in the making. `chain` are the ids of the responses it continues.

    `owner` is remembered where the provider keeps the response itself, once it is known how it is called.
    """

    store: ResponseStore
    owners: ResponseOwnership
    tenant: str
    response_id: str
    chain: tuple[str, ...]
    owner: Owner

    async def keep(self, state: pb.Keep) -> None:
        """Remember the finished response, or whose it is. A store that is down costs the memory, not the answer."""
        try:
            if state.response:
                items = _items.decode(state.input_items) if state.input_items else []
                await self.store.keep(
                    self.tenant, self.response_id, StoredResponse(Raw(state.response), items, self.chain)
                )
            elif state.provider_response_id:
                counted = self.owner.counted or state.provider_usage_told
                ids = (state.provider_response_id, *state.provider_item_ids)
                await self.owners.note(ids, replace(self.owner, counted=counted))
        except StoreDown as error:
            log.warning("response_not_kept", reason=str(error))


async def load_conversation(
    gateway: Gateway, exchange: Exchange, request: ResponsesRequest, call: pb.Call, body: bytes
) -> Prepared:
    """Find what the request continues and refers to, and put it into the call for the adapter.

    What OpenAI itself keeps is left to it, if it is the caller's. Raises GatewayError.
    """
    store, owners, tenant = gateway.response_store, gateway.response_ownership, exchange.record.caller
    state = call.response_state
    state.store = request.store is not False
    # The provider's first letter shows in logs which adapter made a response.
    state.response_id = response_id(exchange.record.provider)
    chain, body = await resolve_references(gateway, tenant, request, call, body)
    # what is made in the background reports its usage later
    owner = Owner(digest(tenant), exchange.record.provider, exchange.record.model, counted=not request.background)
    return Prepared(body, PendingResponse(store, owners, tenant, state.response_id, chain, owner))
