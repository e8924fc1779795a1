"""What the head of a request must be like. RFC 9110, RFC 9112.

Whatever two servers in a row could read in two ways is refused, for it is how one client's request is smuggled into
another's.
"""

from __future__ import annotations

from collections.abc import Sequence

from unigate_edge.http.refusals import malformed, no_websocket

# A second one of these would be read by one hop and not by the other.
SINGLE = frozenset(
    {
        b"api-key",
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"transfer-encoding",
        b"x-api-key",
        b"x-goog-api-key",
        b"x-unigate-provider-key",
    }
)

Headers = Sequence[tuple[bytes, bytes]]


def check_head(headers: Headers, version: str) -> None:
    """Look at all headers of a request, their names in lower case. Raises HeadRefused."""
    names = {name for name, _ in headers}
    if len(names) != len(headers):
        _check_single(headers)
    if b"host" not in names and version == "1.1":
        raise malformed("The request has no Host header.")
    if b"transfer-encoding" in names:
        _check_transfer_encoding(headers, version)


def _check_single(headers: Headers) -> None:
    seen = set()
    for name, _ in headers:
        if name in seen and name in SINGLE:
            raise malformed(f"The header '{name.decode()}' stands there twice.")
        seen.add(name)


def _check_transfer_encoding(headers: Headers, version: str) -> None:
    fields = dict(headers)
    if version == "1.0":
        raise malformed("Transfer-Encoding is not allowed in HTTP/1.0.")
    if b"content-length" in fields:
        raise malformed("The request has both Content-Length and Transfer-Encoding.")
    if fields[b"transfer-encoding"].strip().lower() != b"chunked":
        raise malformed("The only Transfer-Encoding that is supported is 'chunked'.")


def check_upgrade(headers: Headers) -> int:
    """Look at a request for another protocol. Returns the length of its body in bytes. Raises HeadRefused.

    WebSocket is refused, other offers are ignored.
    """
    fields = dict(headers)
    if b"websocket" in fields.get(b"upgrade", b"").lower():
        raise no_websocket()
    if b"transfer-encoding" in fields:
        raise malformed("A request that offers another protocol needs a Content-Length.")
    length = fields.get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0
