"""What a request names that is kept somewhere: each must be the caller's, wherever it is kept.

All keys of the gateway share the operator's account at a provider, which would hand any of its objects to any of them.
Files, vector stores and prompts are not checked: no key can make one through the gateway, so they are the operator's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import RequestRefused
from unigate_core.ids import RESPONSE_PREFIX
from unigate_core.json import dumps, loads, with_members
from unigate_edge.gateway import Gateway
from unigate_edge.responses.ownership import NotOwned
from unigate_edge.responses.store import is_own_item, previous_not_found
from unigate_edge.routing.router import Target
from unigate_edge.validation.responses import ResponsesRequest


async def resolve_references(
    gateway: Gateway, tenant: str, request: ResponsesRequest, call: pb.Call, body: bytes
) -> tuple[tuple[str, ...], bytes]:
    """Put what the gateway keeps itself before the adapter, and check whose the rest is.

    Returns the ids of the responses that are continued, oldest first, and the body to send. Raises GatewayError.
    """
    chain: tuple[str, ...] = ()
    previous = request.previous_response_id or ""
    if previous.startswith(RESPONSE_PREFIX):
        chain = await gateway.response_store.chain_to(tenant, previous)
        call.response_state.input_items = dumps(await gateway.response_store.conversation(tenant, chain))
    elsewhere = dict(_elsewhere(request))
    if elsewhere and not call.client_credential:
        try:
            await gateway.response_ownership.find_all(tenant, elsewhere, strict=gateway.config.owners_matter)
        except NotOwned as error:
            raise elsewhere[error.object_id] from None
    if isinstance(request.input, list) and any(item.is_reference() for item in request.input):
        body = await _with_own_items(gateway, tenant, body)
    return chain, body


async def targets_at_owner(
    gateway: Gateway, tenant: str, request: ResponsesRequest, targets: Sequence[Target]
) -> Sequence[Target]:
    """The targets of the provider that keeps what the request continues, for no other could; all where none does."""
    ids = [object_id for object_id, _ in _elsewhere(request)]
    if not ids:
        return targets
    try:
        owners = await gateway.response_ownership.find_all(tenant, ids, strict=False)
    except NotOwned:
        return targets  # it is refused when the references are resolved
    providers = {owner.provider for owner in owners.values() if owner is not None}
    return [target for target in targets if target.provider in providers] or targets


def _elsewhere(request: ResponsesRequest) -> Iterator[tuple[str, RequestRefused]]:
    """The ids of what a provider keeps, each with the error for when it is not the caller's."""
    previous = request.previous_response_id
    if previous and not previous.startswith(RESPONSE_PREFIX):
        yield previous, previous_not_found(previous)
    conversation = request.conversation
    if isinstance(conversation, dict):
        conversation = _text(conversation.get("id"))
    if conversation:
        yield conversation, _not_found("Conversation", conversation, "conversation")
    for item in request.input if isinstance(request.input, list) else ():
        if item.is_reference() and item.id and not is_own_item(item.id):
            yield item.id, _not_found("Item", item.id, "input")
    for tool in request.tools or ():
        if isinstance(tool.container, str):
            yield tool.container, _not_found("Container", tool.container, "tools")


def _text(value: msgspec.Raw | None) -> str:
    decoded = loads(bytes(value)) if value is not None else None
    return decoded if isinstance(decoded, str) else ""


async def _with_own_items(gateway: Gateway, tenant: str, body: bytes) -> bytes:
    """The body with references to items that the gateway keeps replaced by these."""
    items: list[Any] = loads(body)["input"]
    for i, item in enumerate(items):
        item_id = item.get("id")
        if item.get("type") not in (None, "item_reference") or "role" in item or not is_own_item(item_id):
            continue
        found = await gateway.response_store.item(tenant, item_id)
        if found is None:
            raise _not_found("Item", item_id, "input")
        items[i] = found
    return with_members(body, {"input": items})


def _not_found(kind: str, object_id: str, param: str) -> RequestRefused:
    """Something is not there, or not for this caller: the answer does not say which."""
    code = f"{kind.lower()}_not_found"
    return RequestRefused(f"{kind} with id '{object_id}' not found.", param=param, code=code, status=404)
