"""A POST of OpenAI's API → a call of one adapter → its answer.

Raw ASGI: what is spent here is spent on every request.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import Receive, Scope, Send

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import RequestRefused, drop_tracebacks
from unigate_edge.authentication import Caller
from unigate_edge.errors import schema_fault
from unigate_edge.gateway import Gateway
from unigate_edge.http.body import read_json
from unigate_edge.http.exchange import Exchange
from unigate_edge.http.other_paths import DEPLOYMENT, with_deployment
from unigate_edge.http.query import forwarded_query
from unigate_edge.pipeline.call import new_call
from unigate_edge.pipeline.endpoint import Endpoint
from unigate_edge.pipeline.references import targets_at_owner
from unigate_edge.pipeline.stream import proxy_stream
from unigate_edge.pipeline.unary import proxy_unary
from unigate_edge.reliability.response_cache import cache_key
from unigate_edge.routing.router import Target
from unigate_edge.validation.decoding import read_unfit
from unigate_edge.validation.responses import ResponsesRequest
from unigate_edge.validation.types import Request


class RequestHandler:
    """The ASGI application behind one endpoint."""

    def __init__(self, gateway: Gateway, endpoint: Endpoint) -> None:
        self._gateway = gateway
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Raises GatewayError while no byte of an answer is sent, ClientDisconnected."""
        gateway, endpoint = self._gateway, self._endpoint
        exchange: Exchange = scope["unigate.exchange"]
        caller = gateway.authenticate(exchange, endpoint.name)
        body = await read_json(exchange, gateway.config.limits.json_bytes, gateway.shedder)
        if DEPLOYMENT in scope:
            body = with_deployment(body, scope[DEPLOYMENT])
        refused: RequestRefused | None = None
        try:
            request = endpoint.decode(body)
        except RequestRefused as refusal:
            request, refused = read_unfit(endpoint.kind, body, refusal), refusal
            drop_tracebacks(refusal)
        if endpoint.complete is not None:
            request = endpoint.complete(request, scope)
        if endpoint.units is not None:
            exchange.record.units = endpoint.units(request)
        streamed = request.wants_stream()
        if streamed:
            exchange.unstarted = endpoint.events.unstarted
        unnamed = request.model_name() is None
        targets = await self._any_target(caller) if unnamed else self._targets(exchange, request, caller)
        if len(targets) > 1 and isinstance(request, ResponsesRequest):
            targets = await targets_at_owner(gateway, caller.name, request, targets)
        if refused is not None:
            targets = await self._judging(targets, refused)
            exchange.schema_fault = schema_fault(refused)
        if not gateway.idempotency.applies(exchange, streamed=streamed):
            await self._serve(exchange, caller, request, self._allowed(exchange, targets), body)
            return
        async with gateway.idempotency.claim(exchange, body) as answered:
            if not answered:
                await self._serve(exchange, caller, request, self._allowed(exchange, targets), body)

    async def _serve(
        self, exchange: Exchange, caller: Caller, request: Request, targets: Sequence[Target], body: bytes
    ) -> None:
        """Admit the request, then answer it from the cache or by the first target that can."""
        gateway, target = self._gateway, targets[0]
        exchange.record.provider, exchange.record.model = target.provider, target.model
        await gateway.metering.admit(exchange, request.model_name() or "", target, request, body)
        key = cache_key(exchange, request, target, body) if caller.key is not None and caller.key.cache else None

        async def call(target: Target) -> None:
            await self._answer(exchange, caller, request, target, body)

        if key is None:
            await gateway.fallback.answer(exchange, targets, call, gateway.metering.admit_fallback)
            return
        async with gateway.response_cache.lookup(exchange, key) as answered:
            if not answered:
                await gateway.fallback.answer(exchange, targets, call, gateway.metering.admit_fallback)

    def _targets(self, exchange: Exchange, request: Request, caller: Caller) -> Sequence[Target]:
        """Where the model is served. A name without a provider belongs to the vendor of the API, then to aliases."""
        router, vendor, name = self._gateway.router, exchange.api.vendor, request.model_name()
        if vendor and name and "/" not in name:
            is_listed = self._gateway.registry.knows(vendor, name)
            if is_listed or name not in router.aliases:
                own = router.target_of(vendor, name, caller)
                if own is not None:
                    return (own,)
        session = exchange.api.session_header and exchange.headers.get(exchange.api.session_header, b"")
        conversation = session.decode("latin-1") if session else request.conversation_name()
        targets = router.targets_or_default(name, caller, model_required=False, conversation=conversation)
        if len(targets) == 1 and "/" in targets[0].model:
            return (self._gateway.registry.known_by_one_name(targets[0]),)
        return targets

    async def _any_target(self, caller: Caller) -> Sequence[Target]:
        """The first provider that has the operation and may choose a model, for requests that name none."""
        gateway = self._gateway
        if self._endpoint.model_optional:
            for provider in await gateway.registry.serving(self._endpoint.operation):
                if caller.may_use(f"{provider}/"):
                    return (Target(provider, ""),)
        return gateway.router.targets_or_default(None, caller, model_required=False)

    async def _judging(self, targets: Sequence[Target], refusal: RequestRefused) -> Sequence[Target]:
        """The targets whose vendor may judge a request that does not fit. Raises the refusal where there are none."""
        leaves, operation = self._gateway.registry.leaves_to_vendor, self._endpoint.operation
        judging = [target for target in targets if await leaves(target.provider, operation, refusal.code)]
        if not judging:
            raise refusal
        return judging

    @staticmethod
    def _allowed(exchange: Exchange, targets: Sequence[Target]) -> Sequence[Target]:
        """The targets that may see the client's own key of one vendor: those of that vendor."""
        if b"x-unigate-provider-key" not in exchange.headers:
            return targets
        return [other for other in targets if other.provider == targets[0].provider]

    async def _answer(self, exchange: Exchange, caller: Caller, request: Request, target: Target, body: bytes) -> None:
        gateway, endpoint = self._gateway, self._endpoint
        call = await self._call(exchange, caller, request, target)
        sink = None
        if endpoint.prepare is not None:
            prepared = await endpoint.prepare(gateway, exchange, request, call, body)
            body, sink = prepared.body, prepared.sink
        if request.wants_stream():
            events = endpoint.events if request.wants_events() else None
            await proxy_stream(gateway, exchange, pb.InvokeStreamRequest(call=call, body=body), events, sink)
        else:
            await proxy_unary(gateway, exchange, pb.InvokeRequest(call=call, body=body), sink)

    async def _call(self, exchange: Exchange, caller: Caller, request: Request, target: Target) -> pb.Call:
        gateway, call_ids = self._gateway, request.call_ids()
        replay = await gateway.replays.recall(caller.name, target.provider, call_ids) if call_ids else None
        call = new_call(gateway, exchange, caller, self._endpoint.operation, target, replay=replay)
        if exchange.api.client_format != pb.CLIENT_FORMAT_OPENAI:
            self._describe(exchange, request, call)
        if exchange.schema_fault is not None:
            call.schema_fault.CopyFrom(exchange.schema_fault)
        return call

    def _describe(self, exchange: Exchange, request: Request, call: pb.Call) -> None:
        """What an adapter must know of a request in another format than OpenAI's."""
        api = exchange.api
        call.client_format = api.client_format
        call.client_headers.update(api.client_headers(exchange.headers))
        call.public_model = request.model_name() or ""
        query = forwarded_query(exchange.query, api.key_parameter)
        call.path = f"{self._endpoint.native_path}?{query}" if query else self._endpoint.native_path
