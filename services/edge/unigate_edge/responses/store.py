"""Finished responses, kept per tenant: https://platform.openai.com/docs/guides/conversation-state

A response is kept with its own input and the ids of all responses it continues, so that a whole conversation is two
questions to the store however long it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from unigate_core.errors import RequestRefused
from unigate_core.json import Raw, dumps
from unigate_edge.errors import state_unavailable
from unigate_edge.state.blob_store import Store, StoreDown

MAX_CHAIN = 200
"""Responses that one may continue."""
UNREACHABLE = "Stored responses cannot be reached"

_ITEM_ID = re.compile(r"[a-z]+_(ug[a-z0-9][0-9a-f]{40})[io]\d+")


class StoredResponse(msgspec.Struct, frozen=True):
    """A response as it was finished, its own input items, and the responses before it, oldest first."""

    response: Raw
    input_items: list[Raw]
    chain: tuple[str, ...] = ()

    def output_items(self) -> list[Raw]:
        """What the model said, with what its provider must see again."""
        return _output_decoder.decode(self.response).output


class _Output(msgspec.Struct):
    output: list[Raw]


class _Identified(msgspec.Struct):
    id: str = ""


_decoder = msgspec.json.Decoder(StoredResponse)
_output_decoder = msgspec.json.Decoder(_Output)
_id_decoder = msgspec.json.Decoder(_Identified)


class ResponseStore:
    """The responses of all tenants; nobody sees those of another."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, tenant: str, response_id: str) -> StoredResponse | None:
        """A response, None when there is none by this id. Raises GatewayError when the store is down."""
        records = await self._get(tenant, (response_id,))
        return records.get(response_id)

    async def keep(self, tenant: str, response_id: str, record: StoredResponse) -> None:
        """Remember a response. Raises StoreDown."""
        await self._store.put({_key(tenant, response_id): dumps(record)})

    async def delete(self, tenant: str, response_id: str) -> bool:
        """Forget a response; returns whether there was one. Raises GatewayError when the store is down."""
        try:
            return await self._store.delete(_key(tenant, response_id))
        except StoreDown as error:
            raise state_unavailable(UNREACHABLE) from error

    async def conversation(self, tenant: str, chain: tuple[str, ...]) -> list[Raw]:
        """All items of these responses, input and output, in order. Raises GatewayError when one is missing."""
        records = await self._get(tenant, chain)
        items: list[Raw] = []
        for response_id in chain:
            record = records.get(response_id)
            if record is None:
                raise previous_not_found(response_id)
            items += record.input_items
            items += record.output_items()
        return items

    async def chain_to(self, tenant: str, response_id: str) -> tuple[str, ...]:
        """The ids of a response's conversation, itself last. Raises GatewayError."""
        record = await self.find(tenant, response_id)
        if record is None:
            raise previous_not_found(response_id)
        if len(record.chain) >= MAX_CHAIN:
            raise RequestRefused(
                f"A conversation has at most {MAX_CHAIN} responses.", param="previous_response_id", code="invalid_value"
            )
        return (*record.chain, response_id)

    async def item(self, tenant: str, item_id: str) -> Raw | None:
        """One item of a kept response, by its own id; None when there is none. Raises GatewayError."""
        match = _ITEM_ID.fullmatch(item_id)
        record = await self.find(tenant, f"resp_{match[1]}") if match else None
        for item in _all_items(record) if record else ():
            if identity(item) == item_id:
                return item
        return None

    async def _get(self, tenant: str, ids: tuple[str, ...]) -> dict[str, StoredResponse]:
        keys = {_key(tenant, response_id): response_id for response_id in ids}
        try:
            blobs = await self._store.get(keys)
        except StoreDown as error:
            raise state_unavailable(UNREACHABLE) from error
        return {keys[key]: _decoder.decode(blob) for key, blob in blobs.items()}


def is_own_item(item_id: object) -> bool:
    """Whether an item's id says that the gateway keeps it."""
    return isinstance(item_id, str) and _ITEM_ID.fullmatch(item_id) is not None


def identity(item: Raw) -> str:
    """An item's id."""
    return _id_decoder.decode(item).id


def previous_not_found(response_id: str) -> RequestRefused:
    """The request continues a response that is not there."""
    return RequestRefused(
        f"Previous response with id '{response_id}' not found.",
        param="previous_response_id",
        code="previous_response_not_found",
    )


def _all_items(record: StoredResponse) -> Iterator[Raw]:
    yield from record.output_items()
    yield from record.input_items


def _key(tenant: str, response_id: str) -> str:
    return f"response:{tenant}\0{response_id}"
