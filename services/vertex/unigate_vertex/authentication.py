"""Authentication at Google Cloud: application default credentials by google-auth, or a key in express mode.

https://cloud.google.com/docs/authentication/application-default-credentials
https://cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode/overview

They are a file's (service account, workload identity federation) or the metadata server's (GKE, Compute Engine).
"""

from __future__ import annotations

import calendar
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from unigate_adapter.authentication.api_key import api_key
from unigate_adapter.authentication.authenticator import Authenticator, CredentialSource
from unigate_adapter.authentication.bearer_token import BearerTokens
from unigate_adapter.authentication.refreshed import Expiring
from unigate_formats.gemini_generate_content.errors import refuses_key

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
KEY_HEADER = "x-goog-api-key"
METADATA_HOSTS = frozenset({"metadata.google.internal", "metadata", "169.254.169.254"})


def google_authentication(source: CredentialSource) -> Authenticator:
    """A key where one is configured, else tokens."""
    if source.key or source.keys_file is not None:
        return api_key(KEY_HEADER, refuses=refuses_key)(source)
    return BearerTokens(source, Identity().fetch, (KEY_HEADER, ""))


def transport() -> Any:
    """What google-auth makes its requests with, by way of the proxy that the environment names for a URL.

    The metadata server is the machine's own, and never behind a proxy.
    """
    import urllib3  # noqa: PLC0415 - only those without a key need it
    from google.auth.transport.urllib3 import Request  # noqa: PLC0415

    direct = Request(urllib3.PoolManager())  # type: ignore[no-untyped-call]
    proxied = {
        scheme: Request(urllib3.ProxyManager(proxy))  # type: ignore[no-untyped-call]
        for scheme, proxy in getproxies().items()
        if scheme in ("http", "https")
    }

    def send(url: str, *args: Any, **options: Any) -> Any:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_direct = host in METADATA_HOSTS or proxy_bypass(host)
        return (direct if is_direct else proxied.get(parts.scheme, direct))(url, *args, **options)

    return send


class Identity:
    """Application default credentials, found when a token is first needed."""

    def __init__(self) -> None:
        self._credentials: Any = None
        self._request: Any = None

    def fetch(self) -> Expiring[str]:
        """A token; blocks. Raises what google-auth raises."""
        if self._credentials is None:
            import google.auth  # noqa: PLC0415 - only those without a key need it

            request = transport()
            self._credentials, _ = google.auth.default(scopes=[SCOPE], request=request)
            self._request = request
        self._credentials.refresh(self._request)
        expiry = self._credentials.expiry
        # google-auth gives the time in UTC without saying so
        return Expiring(self._credentials.token, None if expiry is None else calendar.timegm(expiry.timetuple()))
