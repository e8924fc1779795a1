"""The bytes of a body → a request. What does not fit is looked at again to say where and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from unigate_core.errors import RequestRefused, nested_too_deeply
from unigate_edge.errors import invalid_json
from unigate_edge.validation.faults import first_fault
from unigate_edge.validation.types import Request

R = TypeVar("R", bound=Request)


def decoder_of(kind: type[R]) -> Callable[[bytes], R]:
    """A function that reads requests of one kind. It raises GatewayError."""
    decoder = msgspec.json.Decoder(kind)

    def decode(body: bytes) -> R:
        try:
            # the decoder looks only at the structure of what is left as it came
            if not body.isascii():
                body.decode()
            return decoder.decode(body)
        except msgspec.ValidationError as error:
            raise _refusal(kind, body) or refusal_of(error) from error
        except ValueError as error:
            raise invalid_json() from error
        except RecursionError:
            raise nested_too_deeply() from None

    return decode


def _refusal(kind: type[Request], body: bytes) -> RequestRefused | None:
    try:
        return first_fault(kind, msgspec.json.decode(body))
    except ValueError:
        return invalid_json()
    except RecursionError:
        return nested_too_deeply()


def refusal_of(error: msgspec.ValidationError) -> RequestRefused:
    """What msgspec found wrong, in its own words."""
    message, _, path = str(error).partition(" - at `$")
    return RequestRefused(message, param=path.strip(".`") or None, code="invalid_value")
