"""Whose the responses are that a provider keeps itself.

Keys of the gateway share the operator's account there, so the provider would show each of them the responses of all.
https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from unigate_edge.authentication import tenant_id
from unigate_edge.errors import state_unavailable
from unigate_edge.responses.store import UNREACHABLE
from unigate_edge.state.blob_store import Store, StoreDown


class Owner(msgspec.Struct, frozen=True, array_like=True):
    """Who made a response, by a digest of the tenant, and with which model. `counted`: its usage is in the books."""

    tenant: bytes
    provider: str
    model: str = ""
    counted: bool = True

    def is_tenant(self, name: str) -> bool:
        """Whether it is this tenant's."""
        return self.tenant == digest(name)


_decoder = msgspec.msgpack.Decoder(Owner)


class ResponseOwnership:
    """Owners by the ids of responses, and of what these consist of."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, ids: Iterable[str], owner: Owner) -> None:
        """Remember the owner of all these. Raises StoreDown."""
        blob = msgspec.msgpack.encode(owner)
        await self._store.put({_key(each): blob for each in ids})

    async def find(self, tenant: str, object_id: str, *, strict: bool) -> Owner | None:
        """The owner of an object that this tenant may use, None if the owner is unknown.

        `strict`: an unknown owner is refused. Raises NotOwned; GatewayError if the store is down and `strict` is set.
        """
        return (await self.find_all(tenant, (object_id,), strict=strict))[object_id]

    async def find_all(self, tenant: str, ids: Iterable[str], *, strict: bool) -> Mapping[str, Owner | None]:
        """As `find`, for several at a time."""
        keys = {_key(each): each for each in ids}
        try:
            blobs = await self._store.get(keys)
        except StoreDown as error:
            if strict:
                raise state_unavailable(UNREACHABLE) from error
            blobs = {}
        owners = {object_id: _owner(blobs.get(key)) for key, object_id in keys.items()}
        for object_id, owner in owners.items():
            if (owner is None and strict) or (owner is not None and not owner.is_tenant(tenant)):
                raise NotOwned(object_id)
        return owners


class NotOwned(Exception):
    """Something is another tenant's, or may be."""

    def __init__(self, object_id: str) -> None:
        super().__init__(object_id)
        self.object_id = object_id


def _owner(blob: bytes | None) -> Owner | None:
    return None if blob is None else _decoder.decode(blob)


def digest(tenant: str) -> bytes:
    """What the store shows of a tenant."""
    return bytes.fromhex(tenant_id(tenant))


def _key(response_id: str) -> str:
    return f"owner:{response_id}"
