"""Whose the responses are that a provider keeps itself.

Keys of the gateway share the operator's account there, so the provider would show each of them the responses of all.
https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from unigate_edge.responses.ledger import state_unavailable
from unigate_edge.state.store import Store, StoreDown


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


class Owners:
    """Owners by the responses' ids."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, response_id: str, owner: Owner) -> None:
        """Remember an owner. Raises StoreDown."""
        await self._store.put({_key(response_id): msgspec.msgpack.encode(owner)})

    async def find(self, tenant: str, response_id: str, *, strict: bool) -> Owner | None:
        """The owner of a response that this tenant may use; None: nobody knows whose it is, and that is no obstacle.

        `strict`: it is one. Raises NotTheirs, and GatewayError when the store is down and that matters.
        """
        key = _key(response_id)
        try:
            blob = (await self._store.get((key,))).get(key)
        except StoreDown as error:
            if strict:
                raise state_unavailable() from error
            return None
        if blob is None:
            if strict:
                raise NotTheirs
            return None
        owner = _decoder.decode(blob)
        if not owner.is_tenant(tenant):
            raise NotTheirs
        return owner


class NotTheirs(Exception):
    """The response is another tenant's, or may be."""


def digest(tenant: str) -> bytes:
    """What the store shows of a tenant."""
    return sha256(tenant.encode()).digest()[:16]


def _key(response_id: str) -> str:
    return f"owner:{response_id}"
