"""Everything below `/v1/responses/{id}`: kept responses here, all other ids at the provider that keeps its own.

https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress

from msgspec.structs import replace
from starlette.types import Receive, Scope, Send

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import INVALID_REQUEST, GatewayError, RequestRefused
from unigate_core.ids import RESPONSE_PREFIX
from unigate_core.json import dumps
from unigate_edge.authentication import Caller, client_credential
from unigate_edge.client_apis.openai import RESPONSES_STREAM
from unigate_edge.errors import missing_parameter, unknown_path, wrong_method
from unigate_edge.gateway import Gateway
from unigate_edge.http.body import read_json
from unigate_edge.http.exchange import EVENTS, Exchange
from unigate_edge.pipeline.call import new_call
from unigate_edge.pipeline.references import resolve_references
from unigate_edge.pipeline.stream import EVENT_HEADERS, proxy_stream
from unigate_edge.pipeline.unary import proxy_unary
from unigate_edge.responses.ownership import NotOwned, Owner
from unigate_edge.responses.replay_stream import event_stream
from unigate_edge.responses.store import StoredResponse
from unigate_edge.responses.view import Query, flag, item_page, number, query_of, visible_response
from unigate_edge.routing.router import Target
from unigate_edge.state.blob_store import StoreDown
from unigate_edge.validation.decoding import decoder_of
from unigate_edge.validation.responses import ResponsesRequest

METHODS = ("GET", "POST", "DELETE")

# With dots, question marks or escapes it could be another path once it is a URL, and the key sent along opens them all.
_PATH = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+){0,3}")

WITHOUT_ID = frozenset({"compact", "input_tokens"})
"""Paths that name no response."""

decode_responses = decoder_of(ResponsesRequest)

Answer = Callable[[Exchange, str, Query], Awaitable[None]]


class ResponseResource:
    """The ASGI application behind all these paths."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._own: dict[str, dict[str, Answer]] = {
            "": {"GET": self._retrieve, "DELETE": self._delete},
            "input_items": {"GET": self._input_items},
            "cancel": {"POST": self._cancel},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Raises GatewayError, ClientDisconnected."""
        exchange: Exchange = scope["unigate.exchange"]
        record = exchange.record
        caller = self._gateway.authenticate(exchange, "responses_resource")
        path: str = scope["path_params"]["path"]
        if _PATH.fullmatch(path) is None:
            raise unknown_path(record.method, record.path)
        response_id, _, what = path.partition("/")
        query: bytes = scope.get("query_string", b"")
        if not response_id.startswith(RESPONSE_PREFIX):
            await self._elsewhere(exchange, caller, path, query)
            return
        methods = self._own.get(what)
        if methods is None:
            raise unknown_path(record.method, record.path)
        if record.method not in methods:
            raise wrong_method(record.method, record.path, ", ".join(methods))
        await methods[record.method](exchange, response_id, query_of(query))

    async def _retrieve(self, exchange: Exchange, response_id: str, query: Query) -> None:
        response = visible_response(await self._found(exchange, response_id), query)
        if flag(query, "stream"):
            events = event_stream(response, starting_after=number(query, "starting_after"))
            await exchange.answer(200, events, EVENTS, EVENT_HEADERS)
        else:
            await exchange.answer(200, dumps(response))

    async def _delete(self, exchange: Exchange, response_id: str, _query: Query) -> None:
        if not await self._gateway.response_store.delete(exchange.record.caller, response_id):
            raise _not_found(response_id)
        await exchange.answer(200, dumps({"id": response_id, "object": "response", "deleted": True}))

    async def _input_items(self, exchange: Exchange, response_id: str, query: Query) -> None:
        record = await self._found(exchange, response_id)
        earlier = await self._gateway.response_store.conversation(exchange.record.caller, record.chain)
        await exchange.answer(200, dumps(item_page([*earlier, *record.input_items], query)))

    async def _cancel(self, exchange: Exchange, response_id: str, _query: Query) -> None:
        await self._found(exchange, response_id)
        raise GatewayError("Cannot cancel a synchronous response.", status=400, type=INVALID_REQUEST)

    async def _found(self, exchange: Exchange, response_id: str) -> StoredResponse:
        record = await self._gateway.response_store.find(exchange.record.caller, response_id)
        if record is None:
            raise _not_found(response_id)
        return record

    async def _elsewhere(self, exchange: Exchange, caller: Caller, path: str, query: bytes) -> None:
        """Pass the request on as it is."""
        gateway, record = self._gateway, exchange.record
        # Read in any case: only then does the connection notice that the client leaves.
        body = await read_json(exchange, gateway.config.limits.json_bytes, gateway.shedder)
        response_id = "" if path in WITHOUT_ID else path.partition("/")[0]
        own_key = client_credential(exchange.headers, allowed=gateway.config.allow_client_credentials)
        owner = await self._owner(caller, response_id, strict=not own_key and gateway.config.owners_matter)
        request = None if response_id else decode_responses(body)
        model = None if request is None else request.model_name()
        target = await self._target(caller, response_id, owner, model)
        record.provider, record.model = target.provider, target.model
        await gateway.metering.admit(exchange, model or "", target, None, body if path == "compact" else b"")
        call = new_call(
            gateway,
            exchange,
            caller,
            pb.OPERATION_RESPONSES_RESOURCE,
            target if model else Target(target.provider, ""),
            method=record.method,
            path=f"responses/{path}" + (f"?{query.decode('latin-1')}" if query else ""),
            # nothing but a response that was made in the background has more to report than when it was made
            usage_told=bool(response_id) and (owner is None or owner.counted),
        )
        if request is not None:
            _, body = await resolve_references(gateway, caller.name, request, call, body)

        async def send(_target: Target) -> None:
            if flag(query_of(query), "stream"):
                stream_request = pb.InvokeStreamRequest(call=call, body=body)
                await proxy_stream(gateway, exchange, stream_request, RESPONSES_STREAM)
            else:
                await proxy_unary(gateway, exchange, pb.InvokeRequest(call=call, body=body))

        await gateway.fallback.answer_once(exchange, target, send)
        if owner is not None and record.summary is not None and record.summary.HasField("usage"):
            with suppress(StoreDown):
                await gateway.response_ownership.note((response_id,), replace(owner, counted=True))

    async def _owner(self, caller: Caller, response_id: str, *, strict: bool) -> Owner | None:
        if not response_id:
            return None
        try:
            return await self._gateway.response_ownership.find(caller.name, response_id, strict=strict)
        except NotOwned as error:
            raise _not_found(response_id) from error

    async def _target(self, caller: Caller, response_id: str, owner: Owner | None, model: str | None) -> Target:
        """Where the response was made, else the first provider that keeps some; without a response the model's."""
        if model is not None:
            return self._gateway.router.targets(model, caller)[0]
        if not response_id:
            raise missing_parameter("model")
        if owner is not None and owner.provider in self._gateway.config.providers:
            return Target(owner.provider, owner.model)
        for provider in await self._gateway.registry.serving(pb.OPERATION_RESPONSES_RESOURCE):
            if caller.may_use(f"{provider}/"):
                return Target(provider, "")
        raise _not_found(response_id)


def _not_found(response_id: str) -> RequestRefused:
    return RequestRefused(f"Response with id '{response_id}' not found.", status=404, param=None, code=None)
