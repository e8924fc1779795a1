"""The hop with certificates on both sides: who has none of the right authority is nobody, and a renewed one is used."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CollectorRegistry

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc
from unigate_adapter.server import start, start_probes
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.environment import SettingsError
from unigate_core.mutual_tls import CertificateFiles, TlsSettings

NAME = "adapter.example"


class Authority:
    """Makes certificates."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self._certificate = self._signed(self._name, self._key, authority=True)

    def write(self, folder: Path) -> CertificateFiles:
        """Put a new certificate for NAME, its key and this authority's certificate into a folder."""
        folder.mkdir(exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
        encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        (folder / "cert").write_bytes(self._signed(name, key, authority=False).public_bytes(encoding))
        (folder / "key").write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain))
        (folder / "ca").write_bytes(self._certificate.public_bytes(encoding))
        return CertificateFiles(folder / "cert", folder / "key", folder / "ca")

    def _signed(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, authority: bool) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        )
        return builder.sign(self._key, hashes.SHA256())


@pytest.fixture
def authority() -> Authority:
    return Authority("ours")


Serve = Callable[[CertificateFiles], Any]


@pytest.fixture
def serve(with_vendor: Any) -> Serve:
    """Serves the toy adapter with certificates; gives its port."""

    @asynccontextmanager
    async def serving(certificates: CertificateFiles) -> AsyncIterator[int]:
        async with with_vendor(lambda request: None) as adapter:
            telemetry = Telemetry("toy", CollectorRegistry())
            server, _, port = await start(adapter, telemetry, adapter.settings, certificates)
            yield port
            await server.stop(0)

    return serving


async def ask(port: int, credentials: grpc.ChannelCredentials | None) -> str:
    """The provider's name, as the server at this port tells it. Raises AioRpcError."""
    options = [("grpc.ssl_target_name_override", NAME)]
    address = f"127.0.0.1:{port}"
    if credentials is None:
        opened = grpc.aio.insecure_channel(address)
    else:
        opened = grpc.aio.secure_channel(address, credentials, options)
    async with opened as channel:
        stub = provider_pb2_grpc.ProviderServiceStub(channel)
        return str((await stub.GetCapabilities(pb.GetCapabilitiesRequest(), timeout=10)).provider)


async def test_whoever_has_a_certificate_of_the_authority_is_served(
    serve: Serve, authority: Authority, tmp_path: Path
) -> None:
    client = authority.write(tmp_path / "client").channel_credentials()
    async with serve(authority.write(tmp_path / "server")) as port:
        assert await ask(port, client) == "toy"


async def test_nobody_else_is(serve: Serve, authority: Authority, tmp_path: Path) -> None:
    foreign = Authority("foreign").write(tmp_path / "foreign")
    trusting = authority.write(tmp_path / "client")
    stranger = grpc.ssl_channel_credentials(
        (tmp_path / "client" / "ca").read_bytes(),
        (tmp_path / "foreign" / "key").read_bytes(),
        (tmp_path / "foreign" / "cert").read_bytes(),
    )
    nameless = grpc.ssl_channel_credentials((tmp_path / "client" / "ca").read_bytes())
    async with serve(authority.write(tmp_path / "server")) as port:
        for credentials in (None, nameless, stranger, foreign.channel_credentials()):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await ask(port, credentials)
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        assert await ask(port, trusting.channel_credentials()) == "toy"


async def test_a_renewed_certificate_is_used_without_a_restart(
    serve: Serve, authority: Authority, tmp_path: Path
) -> None:
    new = Authority("new")
    files = authority.write(tmp_path / "server")
    async with serve(files) as port:
        new.write(tmp_path / "server")
        assert await ask(port, new.write(tmp_path / "client").channel_credentials()) == "toy"
        with pytest.raises(grpc.aio.AioRpcError):
            await ask(port, authority.write(tmp_path / "old").channel_credentials())


def test_a_client_notices_that_its_files_are_renewed(
    authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = authority.write(tmp_path)
    assert not files.renewed()
    authority.write(tmp_path)
    assert files.renewed()
    (tmp_path / "key").unlink()
    assert not files.renewed()
    assert not files.renewed()
    assert [record.message for record in caplog.records] == ["certificates_not_read"]


async def test_probes_need_no_certificate() -> None:
    from grpc_health.v1 import health  # noqa: PLC0415

    healthy = health.aio.HealthServicer()
    await healthy.set("", health_pb2.HealthCheckResponse.SERVING)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = await start_probes(healthy, address)
    assert server is not None
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=10)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    await server.stop(None)
    assert await start_probes(healthy, "") is None


def test_the_files_are_needed_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert TlsSettings.from_environment().files() is None
    monkeypatch.setenv("UNIGATE_TLS_CERT", str(tmp_path / "cert"))
    with pytest.raises(SettingsError, match="needed together"):
        TlsSettings.from_environment().files()


async def test_the_contract_is_not_told_unless_asked_for(with_stub: Any, with_vendor: Any) -> None:
    from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc  # noqa: PLC0415

    async def services(*, reflection: bool) -> grpc.StatusCode:
        async with with_vendor(lambda request: None) as adapter:
            settings = msgspec.structs.replace(adapter.settings, reflection=reflection)
            server, _, port = await start(adapter, Telemetry("toy", CollectorRegistry()), settings)
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)  # type: ignore[arg-type]
                request = reflection_pb2.ServerReflectionRequest(list_services="")
                call = stub.ServerReflectionInfo(iter([request]))
                try:
                    async with asyncio.timeout(10):
                        await call.read()
                        call.cancel()
                        return grpc.StatusCode.OK
                except grpc.aio.AioRpcError as error:
                    return error.code()
                finally:
                    await server.stop(0)

    assert await services(reflection=False) is grpc.StatusCode.UNIMPLEMENTED
    assert await services(reflection=True) is grpc.StatusCode.OK
