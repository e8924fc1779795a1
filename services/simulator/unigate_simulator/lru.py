"""What the simulated vendors remember from one request to the next: the newest things, as many as there is room for."""

from collections import OrderedDict
from typing import Any


class Lru:
    """Things by their ids."""

    def __init__(self, limit: int = 200) -> None:
        self._limit = limit
        self._things: OrderedDict[str, Any] = OrderedDict()

    def put(self, ident: str, thing: Any) -> None:
        """Keep a thing; the oldest makes room."""
        self._things[ident] = thing
        while len(self._things) > self._limit:
            self._things.popitem(last=False)

    def get(self, ident: str) -> Any:
        """A thing, None when it is not there any more."""
        return self._things.get(ident)

    def drop(self, ident: str) -> bool:
        """Forget a thing; tells whether it was there."""
        return self._things.pop(ident, None) is not None
