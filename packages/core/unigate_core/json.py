"""JSON text ⇄ Python values: one place, so that the choice of library is one place too.

Object keys keep their order and integers their digits. `Raw` keeps a value as the bytes it came in.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

Json = dict[str, Any]
Raw = msgspec.Raw

_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def loads(data: bytes | str, *, keep_halves: bool = False) -> Any:
    """Decode JSON text. Raises ValueError when it is none, or nested too deeply.

    A number beyond a double becomes the largest one. Half a UTF-16 pair (`\\ud83d` alone) becomes U+FFFD, or stays as
    it is with `keep_halves`: no encoder takes it then.
    """
    try:
        try:
            return _decoder.decode(data)
        except msgspec.DecodeError:
            # The fast decoder refuses numbers beyond a double and lone surrogates, which vendors do send.
            value = json.loads(data, parse_constant=_refuse_constant, parse_float=_finite)
            return value if keep_halves else well_formed(value)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def loads_object(data: bytes | str, *, keep_halves: bool = False) -> Json:
    """Decode a JSON object as `loads` does. Raises ValueError when it is anything else."""
    value = loads(data, keep_halves=keep_halves)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - to callers it is malformed text
    return value


def clean_text(data: bytes) -> bytes:
    """The text with what is no UTF-8 replaced. Costs next to nothing where all is ASCII, little where all is UTF-8."""
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").encode()
    return data


def dumps(value: Any) -> bytes:
    """Encode compactly as UTF-8, non-ASCII characters as they are, half a UTF-16 pair as U+FFFD."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(well_formed(value))


def dumps_text(value: Any) -> str:
    """Like `dumps`, as a string."""
    return dumps(value).decode()


def raw_members(data: bytes) -> dict[str, Raw]:
    """The top-level members of an object, each value as the bytes it came in. Raises ValueError."""
    try:
        return _members.decode(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from None


def with_members(data: bytes, changes: Mapping[str, Any]) -> bytes:
    """The object with some top-level members set, or removed where the change is None; all others byte for byte."""
    members = raw_members(data)
    for key, value in changes.items():
        if value is None:
            members.pop(key, None)
        else:
            members[key] = Raw(dumps(value))
    return dumps(members)


def _finite(text: str) -> float:
    """The nearest number that there is: JSON has no infinity, so it would be written as null."""
    return max(-sys.float_info.max, min(float(text), sys.float_info.max))


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def well_formed(value: Any) -> Any:
    """A JSON value with the halves of UTF-16 pairs in its texts joined; a half alone becomes U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [well_formed(item) for item in value]
    if isinstance(value, dict):
        return {well_formed(key): well_formed(item) for key, item in value.items()}
    return value
