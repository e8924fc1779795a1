"""What is below `/responses/{id}`, https://platform.openai.com/docs/api-reference/responses/get"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from unigate_simulator.openai_api.errors import refuse
from unigate_simulator.responses_events import Response
from unigate_simulator.wire import Call, Handler, Json, Object, Reply, Stream, token, whole

_PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response with its own input and what it continues. One made in the background is done when it is asked for."""

    response: Response
    input_items: tuple[Object, ...]
    earlier: tuple[Object, ...] = ()
    cancelled: bool = False

    @property
    def background(self) -> bool:
        return bool(self.response.body.get("background"))

    def object(self) -> Object:
        return self.response.object("cancelled") if self.cancelled else self.response.object()

    def conversation(self) -> tuple[Object, ...]:
        """All items up to and with this response's."""
        return (*self.earlier, *self.input_items, *self.response.items)


def keep(call: Call, response: Response, items: Json, earlier: tuple[Object, ...]) -> None:
    """Remember a response unless that was declined."""
    if response.body.get("store") is not False:
        call.lru.put(response.id, StoredResponse(response, _with_ids(items), earlier))


def continued(call: Call, ident: str) -> tuple[Object, ...]:
    """The items of the conversation that a request continues. Raises the vendor's refusal."""
    stored: StoredResponse | None = call.lru.get(ident)
    if stored is None:
        message = f"Previous response with id '{ident}' not found."
        raise refuse(message, param="previous_response_id", code="previous_response_not_found")
    return stored.conversation()


def route(call: Call) -> Handler | None:
    """The operation on a kept response that a request asks for."""
    _, _, rest = call.path.partition("/")
    return _ROUTES.get((call.method, rest.partition("/")[2])) if rest else None


def _retrieve(call: Call) -> Reply:
    stored = _found(call)
    if call.query.get("stream") not in {"true", "True", "1"}:
        return whole(stored.object())
    first = int(call.query.get("starting_after") or -1) + 1
    return Stream(tuple(stored.response.events())[first:])


def _delete(call: Call) -> Reply:
    stored = _found(call)
    call.lru.drop(stored.response.id)
    return whole({"id": stored.response.id, "object": "response", "deleted": True})


def _input_items(call: Call) -> Reply:
    stored = _found(call)
    items = [*stored.earlier, *stored.input_items]
    if call.query.get("order", "desc") == "desc":
        items.reverse()
    idents = [item["id"] for item in items]
    if (after := call.query.get("after")) in idents:
        items = items[idents.index(after) + 1 :]
    limit = int(call.query.get("limit") or _PAGE)
    page = items[:limit]
    ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
    return whole({"object": "list", "data": page, **ends, "has_more": len(items) > limit})


def _cancel(call: Call) -> Reply:
    stored = _found(call)
    if not stored.background:
        raise refuse("Cannot cancel a synchronous response.")
    stored = replace(stored, cancelled=True)
    call.lru.put(stored.response.id, stored)
    return whole(stored.object())


def _found(call: Call) -> StoredResponse:
    ident = call.path.split("/")[1]
    stored: StoredResponse | None = call.lru.get(ident)
    if stored is None:
        raise refuse(f"Response with id '{ident}' not found.", status=404)
    return stored


def _with_ids(items: Json) -> tuple[Object, ...]:
    """Input as the vendor lists it: each item with an id, a text as the message it stands for."""
    if not isinstance(items, list):
        items = [{"role": "user", "content": [{"type": "input_text", "text": items or ""}]}]
    return tuple({"id": token("msg_", 50), "type": "message", **item} for item in items)


_ROUTES: Final[Mapping[tuple[str, str], Callable[[Call], Reply]]] = {
    ("GET", ""): _retrieve,
    ("DELETE", ""): _delete,
    ("GET", "input_items"): _input_items,
    ("POST", "cancel"): _cancel,
}
