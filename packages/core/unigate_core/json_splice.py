"""Members of a JSON object exchanged in its bytes: what is not named stays byte for byte, white space included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from unigate_core.json import Raw, dumps, loads, raw_members

_SPACE = re.compile(rb"[ \t\r\n]*")
_SEPARATOR = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
_COLON = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*")


def splice(data: bytes, changes: Mapping[str, bytes | None], members: Mapping[str, Raw] | None = None) -> bytes:
    """The object with top-level members set to JSON text, or removed where the change is None.

    A member that is not there yet is added at the end. `members` are the object's, where they are known already.
    Raises ValueError when the data is no JSON object.
    """
    members = raw_members(data) if members is None else members
    changes = {key: change for key, change in changes.items() if change is not None or key in members}
    if not changes:
        return data
    try:
        if len(changes) == 1:
            ((key, change),) = changes.items()
            if change is not None and key in members:
                start, end = _value(data, members, key)
                return b"%b%b%b" % (data[:start], change, data[end:])
        return b"".join(_pieces(data, members, changes))
    except _Unwalkable:
        # Keys with escapes and keys given twice: rare enough to lose the white space.
        merged = {**members, **{key: Raw(value) for key, value in changes.items() if value is not None}}
        return dumps({key: value for key, value in merged.items() if changes.get(key, b"") is not None})


def exchange_text(data: bytes, key: str, text: str, new: str) -> bytes:
    """The object with another text as a top-level member that is known to be `text`. Duplicates in it are left alone.

    Raises ValueError when the data is no JSON object.
    """
    spelt, value = dumps(key), dumps(text)
    # nothing but the member can read so: in a string the quotes are escaped, and no escape spells the key
    if data.count(spelt) == 1 and b"\\u00" not in data:
        colon = _COLON.match(data, data.index(spelt) + len(spelt))
        if colon is not None and data.startswith(value, colon.end()):
            return b"%b%b%b" % (data[: colon.end()], dumps(new), data[colon.end() + len(value) :])
    return splice(data, {key: dumps(new)})


def normalise_json(data: bytes) -> bytes:
    """The same JSON in a spelling that `splice` can read: lone surrogates and endless numbers are common slips.

    Raises ValueError when it is no JSON at all.
    """
    return dumps(loads(data))


class _Unwalkable(Exception):
    """The members cannot be found in the bytes one after the other."""


def value_span(data: bytes, key: str) -> tuple[int, int] | None:
    """Where the value of a top-level member stands; None when it is not there or not found by its bytes.

    Raises ValueError when the data is no JSON object.
    """
    members = raw_members(data)
    try:
        return _value(data, members, key) if key in members else None
    except _Unwalkable:
        return None


def _value(data: bytes, members: Mapping[str, Raw], key: str) -> tuple[int, int]:
    return next((value_at, end) for name, _, _, value_at, end in _places(data, members) if name == key)


def _pieces(data: bytes, members: Mapping[str, Raw], changes: Mapping[str, bytes | None]) -> Iterator[bytes]:
    end = data.index(b"{") + 1
    yield data[:end]
    written = False
    for i, (key, before, start, value_at, end) in enumerate(_places(data, members)):
        change = changes.get(key, data[value_at:end])
        if change is None:
            continue
        if written or not i:
            yield data[before:start]
        yield data[start:value_at]
        yield change
        written = True
    for key, added in changes.items():
        if key not in members and added is not None:
            yield b"%b%b:%b" % (b"," if written else b"", dumps(key), added)
            written = True
    yield data[end:]


def _places(data: bytes, members: Mapping[str, Raw]) -> Iterator[tuple[str, int, int, int, int]]:
    """Each key with where its separator, its name and its value begin, and where its value ends."""
    end = data.index(b"{") + 1
    for i, (key, raw) in enumerate(members.items()):
        before, name, value = end, dumps(key), bytes(raw)
        start, value_at = before + 1, before + len(name) + 2
        if not i or not data.startswith(b",%b:%b" % (name, value), before):
            # with white space
            start = _after(_SEPARATOR if i else _SPACE, data, before)
            value_at = _after(_COLON, data, _expect(data, name, start))
            _expect(data, value, value_at)
        end = value_at + len(value)
        yield key, before, start, value_at, end


def _after(pattern: re.Pattern[bytes], data: bytes, position: int) -> int:
    match = pattern.match(data, position)
    if match is None:
        raise _Unwalkable
    return match.end()


def _expect(data: bytes, text: bytes, position: int) -> int:
    if not data.startswith(text, position):
        raise _Unwalkable
    return position + len(text)
