"""TLS with certificates on both sides, between edge and adapters, from files that may be renewed at any time."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import grpc

from unigate_core.environment import EnvironmentSettings, SettingsError
from unigate_core.telemetry.logs import get_logger

log = get_logger()

Signature = tuple[tuple[int, int, int], ...]


class TlsSettings(EnvironmentSettings, frozen=True, kw_only=True):
    """`UNIGATE_TLS_CERT`, `UNIGATE_TLS_KEY`, `UNIGATE_TLS_CA`: PEM files, all three or none.

    The certificate is this process's own; `ca` is that of the other end.
    """

    PREFIX: ClassVar[str] = "UNIGATE_TLS_"

    cert: Path | None = None
    key: Path | None = None
    ca: Path | None = None

    def files(self) -> CertificateFiles | None:
        """The files, None where the hop is plain. Raises SettingsError, and OSError when one cannot be read."""
        if self.cert is None and self.key is None and self.ca is None:
            return None
        if self.cert is None or self.key is None or self.ca is None:
            raise SettingsError("UNIGATE_TLS_CERT, UNIGATE_TLS_KEY and UNIGATE_TLS_CA are needed together")
        return CertificateFiles(self.cert, self.key, self.ca)


class CertificateFiles:
    """Certificate, key and authority, read again when they change."""

    def __init__(self, cert: Path, key: Path, ca: Path) -> None:
        """Raises OSError when one cannot be read."""
        self._paths = (cert, key, ca)
        self._signature = self._stat()
        self._failure = ""
        self._read()

    def renewed(self) -> bool:
        """Read the files when they are others than before; returns whether they were. A failure leaves the old ones."""
        try:
            signature = self._stat()
            if signature == self._signature:
                return False
            self._read()
        except OSError as error:
            # each handshake asks: what has been logged is not logged again
            if str(error) != self._failure:
                self._failure = str(error)
                log.warning("certificates_not_read", reason=self._failure)
            return False
        self._signature, self._failure = signature, ""
        return True

    def server_credentials(self) -> grpc.ServerCredentials:
        """Credentials of a server that takes no client without a certificate of `ca`'s. It looks for renewed files."""

        def fetch() -> grpc.ServerCertificateConfiguration:
            # gRPC takes None for no change; its type stubs don't say so
            return self._configuration() if self.renewed() else None  # type: ignore[return-value]

        return grpc.dynamic_ssl_server_credentials(self._configuration(), fetch, require_client_authentication=True)

    def channel_credentials(self) -> grpc.ChannelCredentials:
        """Credentials of a client, of the files as they were read last."""
        return grpc.ssl_channel_credentials(self._ca, self._key, self._cert)

    def _configuration(self) -> grpc.ServerCertificateConfiguration:
        return grpc.ssl_server_certificate_configuration([(self._key, self._cert)], root_certificates=self._ca)

    def _read(self) -> None:
        self._cert, self._key, self._ca = (path.read_bytes() for path in self._paths)

    def _stat(self) -> Signature:
        stats = [path.stat() for path in self._paths]
        return tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in stats)
