"""`/v1/organization/keys`: admin keys make, list and revoke keys, in the file or Secret that the edge reads them from.

A key itself is shown once, in the answer that makes it. Each change leaves a line in the log: what, for whom, by whom.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from unigate_core.errors import SERVER_ERROR, GatewayError, RequestRefused
from unigate_core.json import dumps
from unigate_core.telemetry.logs import get_logger
from unigate_edge.authentication import Caller
from unigate_edge.config.keys import Key
from unigate_edge.errors import admin_key_needed, invalid_json, wrong_method
from unigate_edge.gateway import Gateway
from unigate_edge.http.body import read_json
from unigate_edge.http.exchange import Exchange
from unigate_edge.keys.new_keys import audited, new_key
from unigate_edge.keys.stores import (
    MADE_BY,
    Change,
    Entry,
    KeyExists,
    KeyStoreError,
    NoSuchKey,
    adding,
    change,
    removing,
    store_of,
)

log = get_logger("unigate.edge.audit")

PATH: Final = "/v1/organization/keys"
METHODS: Final = ["GET", "POST", "DELETE"]
_NAME: Final = re.compile(r"(?!\.{1,2}$)[^/\x00-\x1f\x7f]+")
"""Names that can stand as the last part of a path, by which keys are revoked."""
MADE_BY_US: Final = frozenset({"sha256"})
"""Members of an entry that a request does not set."""


class OrganizationKeys:
    """Answers all methods, of the list and of one key."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._changing = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Raises GatewayError."""
        exchange: Exchange = scope["unigate.exchange"]
        caller = self._gateway.authenticate(exchange, "organization_keys")
        if not caller.is_admin:
            raise admin_key_needed()
        body = await read_json(exchange, self._gateway.config.limits.json_bytes, self._gateway.shedder)
        name: str = scope.get("path_params", {}).get("name", "")
        methods = {"GET": self._one, "DELETE": self._revoke} if name else {"GET": self._all, "POST": self._make}
        method = methods.get(exchange.record.method)
        if method is None:
            raise wrong_method(exchange.record.method, exchange.record.path, ", ".join(methods))
        await exchange.answer(200, dumps(await method(caller, name, body)))

    async def _all(self, _caller: Caller, _name: str, _body: bytes) -> dict[str, Any]:
        return {"object": "list", "data": [shown(key) for key in self._gateway.config.keys]}

    async def _one(self, _caller: Caller, name: str, _body: bytes) -> dict[str, Any]:
        for key in self._gateway.config.keys:
            if key.name == name:
                return shown(key)
        raise _not_found(name)

    async def _make(self, caller: Caller, _name: str, body: bytes) -> dict[str, Any]:
        secret, key = read_key(body)
        if any(known.name == key.name for known in self._gateway.config.keys):
            raise _exists(key.name)
        await self._change(adding(key.model_dump(mode="json", exclude_defaults=True)), key.name)
        self._audit("key_created", key, caller)
        return {**shown(key), "value": secret}

    async def _revoke(self, caller: Caller, name: str, _body: bytes) -> dict[str, Any]:
        for entry in await self._change(removing(name), name):
            if entry.get("name") == name:
                self._audit("key_revoked", Key.model_validate(entry), caller)
        return {"object": "organization.key.deleted", "id": name, "deleted": True}

    async def _change(self, how: Change, name: str) -> list[Entry]:
        """Change the keys where they are kept; returns the entries before. Raises GatewayError."""
        config = self._gateway.config
        try:
            store = store_of(config.key_administration, config.keys_file)
            if store is None:
                raise _switched_off()
            async with self._changing:
                before = await asyncio.to_thread(change, store, how)
                if self._gateway.reload is not None:
                    await self._gateway.reload()
                return before
        except KeyExists:
            raise _exists(name) from None
        except NoSuchKey:
            raise _not_found(name) from None
        except KeyStoreError as error:
            log.error("keys_not_changed", reason=str(error))  # noqa: TRY400
            raise GatewayError(
                "Keys cannot be changed: the gateway's log says why.",
                status=503,
                type=SERVER_ERROR,
                code="keys_not_changed",
            ) from error

    @staticmethod
    def _audit(event: str, key: Key, caller: Caller) -> None:
        log.info(event, **audited(key), admin=key.admin, by=caller.name)


def read_key(body: bytes) -> tuple[str, Key]:
    """A new key and the entry that a request describes. Raises GatewayError."""
    try:
        given = msgspec.json.decode(body)
    except ValueError as error:
        raise invalid_json() from error
    if not isinstance(given, dict):
        raise invalid_json()
    for name in MADE_BY_US & given.keys():
        raise RequestRefused(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    asked = given.get("name")
    if isinstance(asked, str) and asked and _NAME.fullmatch(asked) is None:
        reason = "it must not hold '/' or control characters"
        raise RequestRefused(f"Invalid 'name': {reason}.", param="name", code="invalid_value")
    owner = given.pop("owner", None)
    metadata = given.pop("metadata", None)
    notes: Mapping[str, Any] = metadata if isinstance(metadata, dict) else {}
    if metadata is not None and not isinstance(metadata, dict):
        raise RequestRefused("Invalid 'metadata': expected an object.", param="metadata", code="invalid_type")
    described = {
        **given,
        "metadata": {**notes, **({"owner": owner} if owner is not None else {}), **MADE_BY},
    }
    try:
        return new_key(described)
    except ValidationError as error:
        fault = error.errors()[0]
        param = ".".join(map(str, fault["loc"]))
        raise RequestRefused(f"Invalid '{param}': {fault['msg']}.", param=param, code="invalid_value") from None


def shown(key: Key) -> dict[str, Any]:
    """A key as lists show it: of its digest only the beginning."""
    entry = key.model_dump(mode="json", exclude={"sha256", "expires", "metadata"}, exclude_none=True)
    notes = {name: value for name, value in key.metadata.items() if name != "owner" and name not in MADE_BY}
    return {
        "object": "organization.key",
        "id": key.name,
        **entry,
        "sha256": key.sha256[:12],
        "expires": key.expires.isoformat() if key.expires is not None else None,
        "owner": key.metadata.get("owner"),
        "metadata": notes,
    }


def _exists(name: str) -> RequestRefused:
    return RequestRefused(f"There is a key named '{name}' already.", status=409, param="name", code="key_exists")


def _switched_off() -> RequestRefused:
    return RequestRefused(
        "Keys of this gateway cannot be changed over HTTP: `key_administration` is not enabled in its configuration.",
        status=403,
        param=None,
        code="key_administration_disabled",
    )


def _not_found(name: str) -> RequestRefused:
    return RequestRefused(
        f"There is no key named '{name}' among those that can be changed.", status=404, param=None, code="key_not_found"
    )
