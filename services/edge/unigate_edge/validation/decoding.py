"""The bytes of a body → a request. What does not fit is looked at again to say where and why.

Vendors that speak OpenAI's format have types of their own beside its (parts, tools, formats), and OpenAI's grow: a
request with one of these is read as far as the edge depends on it, and the vendor says whether it takes the rest.
"""

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


def read_unfit(kind: type[R], body: bytes, refusal: RequestRefused) -> R:
    """A request that was refused for what the edge itself does not depend on. Raises the refusal for any other."""
    try:
        value = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        raise refusal from None
    if kind.must_fit is None or not isinstance(value, dict):
        raise refusal
    members = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in value:
            if field.required:
                raise refusal
            continue
        given = value[field.encode_name]
        try:
            members[field.name] = msgspec.convert(given, field.type)
        except msgspec.ValidationError:
            # what is required is a list of parts, whatever their types
            is_list = isinstance(given, list) and bool(given)
            if field.name in kind.must_fit or (field.required and not is_list):
                raise refusal from None
            members[field.name] = given
    return kind(**members)


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
