"""Authentication at AWS: Signature Version 4 with credentials of botocore's chain, or a Bedrock API key as bearer.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html

The chain: environment, shared files, web identity (IRSA), EKS Pod Identity and ECS, instance metadata.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from unigate_adapter.authentication.api_key import bearer
from unigate_adapter.authentication.authenticator import (
    Authenticator,
    AuthenticatorFactory,
    CredentialSource,
    Signed,
    VendorRequest,
)
from unigate_adapter.authentication.bearer_token import closing
from unigate_adapter.authentication.refreshed import Expiring, Refreshed
from unigate_core.errors import GatewayError

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

SERVICE = "bedrock"
UNKNOWN_LIFE_SECONDS = 300.0
"""For temporary credentials whose end botocore does not expose."""


def aws_authentication(region: str) -> AuthenticatorFactory:
    """A Bedrock API key where one is configured, else signatures."""

    def authenticator(source: CredentialSource) -> Authenticator:
        if source.key or source.keys_file is not None:
            return bearer()(source)
        return SignatureV4(source, region)

    return authenticator


class SignatureV4:
    """Signs method, URL, headers and body."""

    failover = True

    def __init__(self, source: CredentialSource, region: str) -> None:
        self._region = region
        self._chain = Chain()
        self._credentials: Refreshed[ReadOnlyCredentials] = Refreshed(
            source.provider, self._chain.fetch, source.observe_refresh
        )

    @property
    def available(self) -> bool:
        """See Authenticator. Until it was tried, an identity is taken to be there."""
        return not self._credentials.failed

    async def sign(self, request: VendorRequest, client_key: str = "", tried: Collection[str] = ()) -> Signed | None:
        """See Authenticator. A client's own key is a Bedrock API key."""
        if client_key:
            return Signed(request.with_headers({"authorization": f"Bearer {client_key}", **request.headers}))
        credentials = await self._credentials.get()
        if credentials.access_key in tried:
            return None
        return Signed(signed(request, credentials, self._region), credentials.access_key)

    def judge(self, credential: str, status: int, headers: Mapping[str, str], body: bytes) -> float | None:
        """See Authenticator. Credentials that expired or were withdrawn before their time are obtained anew."""
        del headers
        if status != 403 or b"xpired" not in body:
            return None
        held = self._credentials.peek()
        if held is not None and held.access_key == credential:
            self._chain.forget()
            self._credentials.expire()
        return 0.0

    def secrets(self) -> Iterable[str]:
        """See Authenticator."""
        held = self._credentials.peek()
        return () if held is None else tuple(filter(None, (held.secret_key, held.token, held.access_key)))

    def open(self) -> AbstractAsyncContextManager[None]:
        """End a refresh that is under way with the context."""
        return closing(self._credentials)


class Chain:
    """botocore's chain of credentials, resolved once and again after `forget`."""

    def __init__(self) -> None:
        self._found: Any = None

    def forget(self) -> None:
        """Read files and variables again at the next fetch: what was found does not notice their changes."""
        self._found = None

    def fetch(self) -> Expiring[ReadOnlyCredentials]:
        """The credentials as they are now; blocks. Raises what botocore raises."""
        if self._found is None:
            from botocore.session import Session  # noqa: PLC0415 - half a second, and only those who sign need it

            self._found = Session().get_credentials()
        if self._found is None:
            raise LookupError("botocore's chain has no credentials")
        frozen = self._found.get_frozen_credentials()
        return Expiring(frozen, _expiry(self._found) if frozen.token else None)


def _expiry(credentials: Any) -> float:
    """When they end, in epoch seconds. botocore keeps it to itself, so a test holds this to be true."""
    end = getattr(credentials, "_expiry_time", None)
    return end.timestamp() if end is not None else time.time() + UNKNOWN_LIFE_SECONDS


def signed(request: VendorRequest, credentials: ReadOnlyCredentials, region: str) -> VendorRequest:
    """The request with its signature. Raises GatewayError for a body that comes in parts."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415 - see above
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415

    if not isinstance(request.body, bytes):
        raise GatewayError("Bedrock takes no uploads.", status=400, type="invalid_request_error")
    native = AWSRequest(method=request.method, url=request.url, data=request.body, headers=dict(request.headers))
    SigV4Auth(credentials, SERVICE, region).add_auth(native)
    return request.with_headers(dict(native.headers.items()))
