"""The query of a request on its way to a vendor."""

from __future__ import annotations


def forwarded_query(query: bytes, key_parameter: str) -> str:
    """The query without the client's key, all else as it came."""
    if not query:
        return ""
    pieces = query.decode("latin-1").split("&")
    if key_parameter:
        pieces = [piece for piece in pieces if piece.partition("=")[0] != key_parameter]
    return "&".join(pieces)
