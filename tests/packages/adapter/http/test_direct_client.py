"""The vendor client that connects by itself: connections, framings, and all that a vendor may do wrong."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohappyeyeballs
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unigate_adapter.http import direct_client, pool
from unigate_adapter.http.client import READ_BUFFER
from unigate_adapter.http.connection import MAX_HEAD_BYTES
from unigate_adapter.http.direct_client import DirectClient
from unigate_core.errors import (
    RequestRefused,
    UpstreamProtocol,
    UpstreamTimeout,
    UpstreamTruncated,
    UpstreamUnreachable,
)

OK = b"HTTP/1.1 200 OK\r\n"
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[..., AbstractAsyncContextManager["Vendor"]]


@pytest.fixture(scope="module", params=[True, False], ids=["uvloop", "asyncio"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The loop of the services, and Python's own: their transports differ in small ways."""
    return "asyncio", {"use_uvloop": request.param}


class Vendor:
    """A server that does as a script says. `heads` are those of the requests, `lost` is set when a client has left."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.url = ""
        self.heads: list[bytes] = []
        self.connections = 0
        self.lost = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self.script(reader, writer)
        self.lost.set()
        writer.close()


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DirectClient]:
    """The client, which takes answers of a megabyte."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    client = DirectClient(max_bytes=1_000_000)
    yield client
    await client.close()


@pytest.fixture
def serve() -> Serve:
    """Run a vendor."""

    @asynccontextmanager
    async def serving(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Vendor]:
        vendor = Vendor(script)
        server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0, ssl=tls)
        vendor.url = f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/x"
        yield vendor
        server.close()

    return serving


def saying(*pieces: bytes, stays: bool = True) -> Script:
    """Reads requests without a body, and answers each with these pieces."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if not stays:
                return

    return script


async def read(client: DirectClient, url: str) -> bytes:
    """The body of an answer."""
    async with await client.send("GET", url, {}, b"") as answer:
        return await answer.read()


async def test_what_is_told_ahead_of_the_answer_is_left_out(client: DirectClient, serve: Serve) -> None:
    ahead = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
    async with serve(saying(ahead + OK + b"content-length: 2\r\n\r\nhi")) as vendor:
        async with await client.send("GET", vendor.url, {}, b"") as answer:
            assert (answer.status, await answer.read()) == (200, b"hi")
            assert "link" not in answer.headers
        assert await read(client, vendor.url) == b"hi"
        assert vendor.connections == 1


async def test_an_answer_may_end_with_its_connection(client: DirectClient, serve: Serve) -> None:
    async with serve(saying(OK + b"\r\n", b"all ", b"of it", stays=False)) as vendor:
        assert [await read(client, vendor.url) for _ in range(2)] == [b"all of it"] * 2
        assert vendor.connections == 2


async def test_an_answer_of_http_1_0_is_taken(client: DirectClient, serve: Serve) -> None:
    async with serve(saying(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi")) as vendor:
        assert await read(client, vendor.url) == b"hi"
        await asyncio.wait_for(vendor.lost.wait(), 10)


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_an_answer_without_a_body_frees_its_connection(client: DirectClient, serve: Serve, status: bytes) -> None:
    async with serve(saying(b"HTTP/1.1 " + status + b"\r\n\r\n")) as vendor:
        assert [await read(client, vendor.url) for _ in range(2)] == [b"", b""]
        assert vendor.connections == 1


async def test_trailers_are_no_headers(client: DirectClient, serve: Serve) -> None:
    said = OK + b"transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nx-late: 1\r\n\r\n"
    async with serve(saying(said)) as vendor, await client.send("GET", vendor.url, {}, b"") as answer:
        assert await answer.read() == b"hi"
        assert "x-late" not in answer.headers


@pytest.mark.parametrize(
    "rest", [b"x: " + b"y" * 4 * MAX_HEAD_BYTES, b"x: y\r\n" * MAX_HEAD_BYTES], ids=["one", "many"]
)
async def test_trailers_have_an_end(client: DirectClient, serve: Serve, rest: bytes) -> None:
    said = OK + b"transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
    async with serve(saying(said, rest)) as vendor, await client.send("GET", vendor.url, {}, b"") as answer:
        with pytest.raises(UpstreamTruncated):
            await asyncio.wait_for(answer.read(), 10)
        await asyncio.wait_for(vendor.lost.wait(), 10)


async def test_a_header_that_comes_twice_is_one_list(client: DirectClient, serve: Serve) -> None:
    said = OK + b"Via: a\r\nVIA: b\r\ncontent-length: 0\r\n\r\n"
    async with serve(saying(said)) as vendor, await client.send("GET", vendor.url, {}, b"") as answer:
        assert answer.headers["via"] == "a, b"


async def test_a_connection_that_the_vendor_closed_is_not_used_again(client: DirectClient, serve: Serve) -> None:
    async with serve(saying(OK + b"content-length: 2\r\n\r\nhi", stays=False)) as vendor:
        for expected in (1, 2):
            assert await read(client, vendor.url) == b"hi"
            await asyncio.wait_for(vendor.lost.wait(), 10)
            await asyncio.sleep(0.01)
            assert vendor.connections == expected


async def test_idle_connections_are_closed_in_time(
    client: DirectClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SWEEP_SECONDS", 0.01)
    monkeypatch.setattr(pool, "IDLE_CONNECTION_SECONDS", 0.02)
    async with serve(saying(OK + b"content-length: 2\r\n\r\nhi")) as vendor:
        await read(client, vendor.url)
        await asyncio.wait_for(vendor.lost.wait(), 10)


@pytest.mark.parametrize("unasked", [OK + b"content-length: 2\r\n\r\nno", OK, b"HTTP/1"])
async def test_what_comes_unasked_ends_the_connection(client: DirectClient, serve: Serve, unasked: bytes) -> None:
    said = OK + b"content-length: 2\r\n\r\nhi"
    async with serve(saying(said + unasked)) as vendor:
        assert await read(client, vendor.url) == b"hi"
        await asyncio.wait_for(vendor.lost.wait(), 10)
        assert await read(client, vendor.url) == b"hi"
        assert vendor.connections == 2


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        OK + b"x: " + b"y" * (MAX_HEAD_BYTES + 1),
        OK + b"x: y\r\n" * (MAX_HEAD_BYTES // 4),
        b"",
    ],
    ids=["another protocol", "an upgrade", "an endless header", "endless headers", "nothing"],
)
async def test_what_is_no_answer_is_told(client: DirectClient, serve: Serve, said: bytes) -> None:
    async with serve(saying(said, stays=False)) as vendor:
        with pytest.raises(UpstreamUnreachable):
            await read(client, vendor.url)


@pytest.mark.parametrize(
    "said",
    [
        OK + b"content-length: 9\r\n\r\nhalf",
        OK + b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        OK + b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nno number\r\n",
    ],
    ids=["a length", "chunks", "a broken chunk"],
)
async def test_an_answer_that_breaks_off_is_told(client: DirectClient, serve: Serve, said: bytes) -> None:
    async with serve(saying(said, stays=False)) as vendor, await client.send("GET", vendor.url, {}, b"") as answer:
        with pytest.raises(UpstreamTruncated):
            await answer.read()


async def test_an_encoding_that_was_not_asked_for_is_refused(client: DirectClient, serve: Serve) -> None:
    async with serve(saying(OK + b"content-encoding: br\r\ncontent-length: 2\r\n\r\nhi")) as vendor:
        with pytest.raises(UpstreamProtocol):
            await read(client, vendor.url)
        await asyncio.wait_for(vendor.lost.wait(), 10)


async def test_no_more_is_read_than_is_taken(client: DirectClient, serve: Serve) -> None:
    written = 0
    total = 64 * 1024 * 1024

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"content-length: %d\r\n\r\n" % total)
        while written < total:
            writer.write(bytes(READ_BUFFER))
            await writer.drain()
            written += READ_BUFFER

    async with serve(script) as vendor, await client.send("GET", vendor.url, {}, b"") as answer:
        await asyncio.sleep(0.3)
        assert written < total // 2
        size = 0
        while (piece := await answer.read_available()) is not None:
            size += len(piece)
        assert size == total


async def test_a_connection_that_was_held_back_reads_the_next_answer(client: DirectClient, serve: Serve) -> None:
    body = bytes(4 * READ_BUFFER)
    async with serve(saying(OK + b"content-length: %d\r\n\r\n" % len(body) + body)) as vendor:
        for _ in range(3):
            async with await client.send("GET", vendor.url, {}, b"") as answer:
                await asyncio.sleep(0.05)
                assert await answer.read() == body
        assert vendor.connections == 1


async def test_a_large_body_is_sent_whole(client: DirectClient, serve: Serve) -> None:
    body = bytes(5 * READ_BUFFER)
    got = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal got
        assert b"content-length: %d\r\n" % len(body) in await reader.readuntil(b"\r\n\r\n")
        got = len(await reader.readexactly(len(body)))
        writer.write(OK + b"content-length: 0\r\n\r\n")

    async with serve(script) as vendor, await client.send("POST", vendor.url, {}, body) as answer:
        assert (await answer.read(), got) == (b"", len(body))


async def test_a_vendor_may_answer_before_a_body_has_ended(client: DirectClient, serve: Serve) -> None:
    ended = asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(1000)
                await asyncio.sleep(0.001)
        finally:
            ended.set()

    async with serve(saying(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")) as vendor:
        async with await client.send("POST", vendor.url, {}, parts()) as answer:
            assert (answer.status, await answer.read()) == (413, b"no")
        # the rest of that body would be taken for the next request
        await asyncio.wait_for(ended.wait(), 10)


async def test_what_ends_a_body_is_raised(client: DirectClient, serve: Serve) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one"
        raise RequestRefused("The form is broken.", param=None, code=None)

    async with serve(saying(b"")) as vendor:
        with pytest.raises(RequestRefused):
            await client.send("POST", vendor.url, {}, parts())
        await asyncio.wait_for(vendor.lost.wait(), 10)


async def test_a_vendor_that_leaves_within_a_body_is_told(client: DirectClient, serve: Serve) -> None:
    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield bytes(100_000)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    async with serve(script) as vendor:
        with pytest.raises(UpstreamUnreachable):
            await asyncio.wait_for(client.send("POST", vendor.url, {}, parts()), 10)


async def test_who_stops_waiting_leaves_the_vendor(client: DirectClient, serve: Serve) -> None:
    async with serve(saying(b"")) as vendor:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.send("GET", vendor.url, {}, b"")
        await asyncio.wait_for(vendor.lost.wait(), 10)


async def test_a_vendor_that_does_not_take_the_connection_is_told(
    client: DirectClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "CONNECT_SECONDS", 0.05)

    async def never(*_: Any, **__: Any) -> None:
        await asyncio.sleep(10)

    monkeypatch.setattr("aiohappyeyeballs.start_connection", never)
    async with serve(saying(b"")) as vendor:
        with pytest.raises(UpstreamTimeout):
            await read(client, vendor.url)


async def test_addresses_are_asked_for_once_by_all_and_taken_in_turn(
    client: DirectClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    tried: list[Any] = []
    start = aiohappyeyeballs.start_connection

    async def started(addresses: Any, **options: Any) -> Any:
        tried.append(addresses[0])
        return await start(addresses, **options)

    async with serve(saying(OK + b"content-length: 2\r\n\r\nhi")) as vendor:
        port = int(vendor.url.rpartition(":")[2].partition("/")[0])

        async def resolve(host: str, number: int) -> Any:
            asked.append((host, number))
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, name, ("127.0.0.1", port)) for name in ("a", "b")]

        monkeypatch.setattr("aiohappyeyeballs.start_connection", started)
        monkeypatch.setattr(pool, "resolve", resolve)
        await asyncio.gather(*(read(client, vendor.url) for _ in range(4)))
    assert (len(asked), [address[3] for address in tried]) == (1, ["a", "b", "a", "b"])


@pytest.mark.parametrize("url", ["http://[::1", "ftp://host/x", "http://no such host/x", "http://host:port/x"])
async def test_a_url_that_leads_nowhere_is_told(client: DirectClient, url: str) -> None:
    with pytest.raises(UpstreamUnreachable):
        await read(client, url)


@pytest.mark.parametrize("value", ["a\r\nx-other: b", "a\nb", "a\rb", "a\0b"])
async def test_a_header_cannot_be_two(client: DirectClient, serve: Serve, value: str) -> None:
    async with serve(saying(b"")) as vendor:
        with pytest.raises(UpstreamUnreachable):
            await client.send("GET", vendor.url, {"x-key": value}, b"")
        assert vendor.connections == 0


async def test_a_target_is_quoted_where_it_has_to_be(client: DirectClient, serve: Serve) -> None:
    seen: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            seen.append(head.partition(b"\r\n")[0])
            writer.write(OK + b"content-length: 0\r\n\r\n")

    async with serve(script) as vendor:
        for path in ("/a%2Fb?c=d%20e", "/mödel x\r\ny", ""):
            await read(client, vendor.url + path)
    assert seen == [
        b"GET /v1/x/a%2Fb?c=d%20e HTTP/1.1",
        b"GET /v1/x/m%C3%B6del%20x%0D%0Ay HTTP/1.1",
        b"GET /v1/x HTTP/1.1",
    ]


async def test_headers_of_a_request_go_before_the_clients_own(client: DirectClient, serve: Serve) -> None:
    seen: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await reader.readuntil(b"\r\n\r\n")).lower())
        writer.write(OK + b"content-length: 0\r\n\r\n")

    sent = {"accept": "text/event-stream", "x": "1"}
    async with serve(script) as vendor, await client.send("POST", vendor.url, sent, b""):
        pass
    (head,) = seen
    assert head.count(b"accept:") == 1
    assert b"accept: text/event-stream\r\n" in head
    assert b"user-agent: unigate\r\n" in head
    assert b"content-length: 0\r\n" in head
    assert b"host: 127.0.0.1:" in head


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_vendors_certificate_is_looked_at(
    client: DirectClient, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool
) -> None:
    certificate, key = make_certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    if trusted:
        monkeypatch.setattr(direct_client, "trusted_context", lambda: ssl.create_default_context(cafile=certificate))
    async with serve(saying(OK + b"content-length: 2\r\n\r\nhi"), tls) as vendor:
        if trusted:
            assert [await read(client, vendor.url) for _ in range(2)] == [b"hi", b"hi"]
            assert vendor.connections == 1
        else:
            with pytest.raises(UpstreamUnreachable):
                await read(client, vendor.url)


async def test_a_proxy_is_gone_through(client: DirectClient, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0])
        writer.write(OK + b"content-length: 2\r\n\r\nhi")

    async with serve(script) as vendor:
        monkeypatch.setenv("http_proxy", vendor.url.removesuffix("/v1/x"))
        assert await read(client, "http://vendor.example/v1/x") == b"hi"
    assert seen == [b"GET http://vendor.example/v1/x HTTP/1.1"]


async def test_a_users_name_in_a_url_is_sent(client: DirectClient, serve: Serve) -> None:
    seen: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK + b"content-length: 2\r\n\r\nhi")

    async with serve(script) as vendor:
        assert await read(client, vendor.url.replace("127.0.0.1", "me:secret@127.0.0.1")) == b"hi"
    assert b"authorization: basic" in seen[0].lower()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(min_value=1, max_value=130), max_size=8))
async def test_an_answer_may_be_cut_anywhere(client: DirectClient, serve: Serve, cuts: list[int]) -> None:
    said = (
        b"HTTP/1.1 200 OK\r\nX-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"
    )
    edges = [0, *sorted({min(cut, len(said)) for cut in cuts}), len(said)]
    pieces = [said[start:end] for start, end in pairwise(edges)]
    async with serve(saying(*pieces)) as vendor:
        for _ in range(2):
            assert await read(client, vendor.url) == b"hello world"
        assert vendor.connections == 1


def make_certificate(folder: Path) -> tuple[str, str]:
    """A certificate for this machine that vouches for itself, and its key; as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vendor")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(folder / "cert"), str(folder / "key")


async def test_a_connection_with_unsent_bytes_is_not_used_again(client: DirectClient, serve: Serve) -> None:
    over = asyncio.Event()

    async def refuses_early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"content-length: 2\r\n\r\nno")
        await writer.drain()
        if b"content-length: 3\r\n" not in head.lower():
            await over.wait()

    async with serve(refuses_early) as vendor, asyncio.timeout(20):
        for body in (bytes(20_000_000), b"abc"):
            async with await client.send("POST", vendor.url, {}, body) as answer:
                assert await answer.read() == b"no"
        assert vendor.connections == 2
        over.set()
        await asyncio.wait_for(vendor.lost.wait(), 10)
