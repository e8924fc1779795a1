"""Names of adapters → addresses, asked for all the time.

gRPC's own resolver asks when a connection has ended and, after a name that led nowhere, waits for up to two minutes.
Here a name is asked for every few seconds, however long it led nowhere: new pods get calls within seconds, and a
provider that was away is called as soon as it is back.

https://github.com/grpc/grpc/blob/master/doc/naming.md
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

LOOKUP_SECONDS = 3.0
"""For one lookup, search path and retries included."""
NOWHERE = "unix:/nonexistent"
"""A target of gRPC's to which no call can be made: calls fail at once."""

_TARGET = re.compile(r"(?:dns:(?://(?P<server>[^/]*)/)?)?(?P<host>[^/:\[\]]+|\[[^\]]+\]):(?P<port>\d+)")


class Name(msgspec.Struct, frozen=True):
    """A name of a host and a port. `server` is whom to ask, None: those of the system."""

    host: str
    port: int
    server: tuple[str, int] | None = None


def name_of(target: str) -> Name | None:
    """The name in a target; None for what gRPC needs no lookup for: addresses, sockets, this machine."""
    found = _TARGET.fullmatch(target)
    if found is None or _needs_no_lookup(found["host"].strip("[]")):
        return None
    server = None
    if found["server"]:
        address, _, port = found["server"].rpartition(":")
        server = (address or found["server"], int(port) if address and port.isdecimal() else 53)
    return Name(found["host"], int(found["port"]), server)


def target_of(addresses: tuple[str, ...], port: int) -> str:
    """gRPC's target for some addresses of one family, all at one port."""
    if not addresses:
        return NOWHERE
    if ":" in addresses[0]:
        return "ipv6:" + ",".join(f"[{address}]:{port}" for address in addresses)
    return "ipv4:" + ",".join(f"{address}:{port}" for address in addresses)


async def lookup(name: Name) -> tuple[str, ...] | None:
    """The addresses of a name, IPv6 where there is no IPv4; empty: there are none. None: unknown."""
    from dns.exception import DNSException  # noqa: PLC0415 - only targets that are names need it
    from dns.resolver import NXDOMAIN  # noqa: PLC0415

    try:
        resolver = _resolver(name.server)
        for kind in ("A", "AAAA"):
            answer = await resolver.resolve(name.host, kind, search=True, raise_on_no_answer=False)
            if answer.rrset:
                return tuple(sorted(record.address for record in answer.rrset))
    except NXDOMAIN:
        pass
    except (DNSException, OSError):
        return await _system_lookup(name) if name.server is None else None
    return () if name.server is not None else await _system_lookup(name) or ()


def _resolver(server: tuple[str, int] | None) -> Resolver:
    from dns.asyncresolver import Resolver  # noqa: PLC0415 - as above

    resolver = Resolver(configure=server is None)
    if server is not None:
        resolver.nameservers, resolver.port = [server[0]], server[1]
    resolver.lifetime = LOOKUP_SECONDS
    return resolver


async def _system_lookup(name: Name) -> tuple[str, ...] | None:
    """What the system's resolver answers for a name that DNS does not know, such as one of /etc/hosts."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name.host, name.port, type=socket.SOCK_STREAM)
    except OSError:
        return None
    family = socket.AF_INET if any(each[0] == socket.AF_INET for each in found) else socket.AF_INET6
    return tuple(sorted({str(each[4][0]) for each in found if each[0] == family}))


def _needs_no_lookup(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
