"""The operator's keys of one vendor: handed out in turn, the next one used where one is refused or rate-limited.

Keys come from a variable, or from a file with one a line, which is read again when it changes: a mounted Secret.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path

import msgspec

from unigate_adapter.authentication.authenticator import (
    Authenticator,
    AuthenticatorFactory,
    CredentialSource,
    Signed,
    VendorRequest,
)
from unigate_adapter.authentication.client import fingerprint
from unigate_core.counts import wait_seconds
from unigate_core.errors import GatewayError
from unigate_core.files import file_signature
from unigate_core.telemetry.logs import get_logger

REFUSALS = frozenset({401, 402, 403})
"""Statuses by which every vendor refuses a key."""
REFUSED_SECONDS = 300.0
"""For which a refused key is not used while there is another."""
LIMITED_SECONDS = 10.0
"""For which a rate-limited one is not, when the vendor does not say for how long."""
MAX_COOLDOWN_SECONDS = 300.0
POLL_INTERVAL = 2.0
Refuses = Callable[[int, bytes], bool]
"""Whether an error with this status and body refuses the key."""

log = get_logger()


class Credentials:
    """The keys, and until when some of them are paused. No keys: the vendor needs none, or none is set."""

    def __init__(self, keys: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self.keys = tuple(dict.fromkeys(key for key in keys if key))
        self._clock = clock
        self._turn = 0
        self._cooling: dict[str, float] = {}

    def replace(self, keys: Sequence[str]) -> None:
        """Go on with these keys; calls that have one of the others keep it."""
        self.keys = tuple(dict.fromkeys(keys))
        self._cooling = {key: until for key, until in self._cooling.items() if key in self.keys}

    def acquire(self) -> str:
        """The next key in turn that does not rest, else the one that rests least; empty: there is none."""
        keys = self.keys
        if len(keys) < 2:
            return keys[0] if keys else ""
        self._turn += 1
        turned = [keys[(self._turn + place) % len(keys)] for place in range(len(keys))]
        return self._rested(turned) or min(turned, key=self._cooling.__getitem__)

    def next_untried(self, tried: Collection[str]) -> str | None:
        """A key that was not tried and does not rest."""
        return self._rested([key for key in self.keys if key not in tried])

    def cool_down(self, key: str, seconds: float) -> None:
        """Do not use the key for a while."""
        self._cooling[key] = self._clock() + seconds

    def _rested(self, keys: Sequence[str]) -> str | None:
        if not self._cooling:
            return keys[0] if keys else None
        now = self._clock()
        return next((key for key in keys if self._cooling.get(key, now) <= now), None)


class KeyScheme(msgspec.Struct, frozen=True):
    """How a vendor takes a key; see `api_key`."""

    header: str
    prefix: str = ""
    more: Mapping[str, str] = msgspec.field(default_factory=dict)
    required: bool = True
    refuses: Refuses | None = None

    def headers(self, key: str) -> Mapping[str, str]:
        """The headers that carry a key."""
        return {self.header: f"{self.prefix}{key}", **self.more}


class ApiKeys:
    """Signs with a key in a header."""

    def __init__(self, scheme: KeyScheme, credentials: Credentials, source: CredentialSource) -> None:
        self.failover = source.keys_file is not None
        self.credentials = credentials
        self._scheme = scheme
        self._provider = source.provider
        self._keys_file = source.keys_file

    @property
    def available(self) -> bool:
        """See Authenticator."""
        return bool(self.credentials.keys) or not self._scheme.required

    async def sign(self, request: VendorRequest, client_key: str = "", tried: Collection[str] = ()) -> Signed | None:
        """See Authenticator."""
        if client_key:
            return Signed(self._with(request, client_key))
        key = self.credentials.next_untried(tried) if tried else self.credentials.acquire()
        if key:
            return Signed(self._with(request, key), key)
        if tried:
            return None
        if self._scheme.required:
            raise GatewayError(
                f"No API key is configured for {self._provider}.",
                status=502,
                type="server_error",
                code="upstream_auth_error",
            )
        return Signed(request)

    def judge(self, credential: str, status: int, headers: Mapping[str, str], body: bytes) -> float | None:
        """See Authenticator."""
        if status in REFUSALS or self._is_refusal(status, body):
            seconds = REFUSED_SECONDS
        elif status == 429:
            seconds = limit_of(headers)
        else:
            return None
        self.credentials.cool_down(credential, seconds)
        return seconds

    def secrets(self) -> Iterable[str]:
        """See Authenticator."""
        return self.credentials.keys

    def open(self) -> AbstractAsyncContextManager[None]:
        """Follow the changes of the file of keys."""
        return watched_keys(self._keys_file, self.credentials) if self._keys_file is not None else nullcontext()

    def _is_refusal(self, status: int, body: bytes) -> bool:
        refuses = self._scheme.refuses
        return refuses is not None and status < 500 and refuses(status, body)

    def _with(self, request: VendorRequest, key: str) -> VendorRequest:
        return request.with_headers({**self._scheme.headers(key), **request.headers})


def api_key(
    header: str,
    *,
    prefix: str = "",
    more: Mapping[str, str] | None = None,
    required: bool = True,
    refuses: Refuses | None = None,
) -> AuthenticatorFactory:
    """Authentication by a key in a header, after a prefix, `more` headers beside it.

    `required`: a call without a key is an error. `refuses` says of an error's status and body whether it refuses the
    key, for vendors whose status does not; 401, 402 and 403 do anyway.
    """

    scheme = KeyScheme(header, prefix, more or {}, required, refuses)

    def authenticator(source: CredentialSource) -> Authenticator:
        file = source.keys_file
        return ApiKeys(scheme, Credentials(read_keys(file) if file is not None else [source.key]), source)

    return authenticator


def bearer(*, required: bool = True, refuses: Refuses | None = None) -> AuthenticatorFactory:
    """Authentication by `Authorization: Bearer <key>`; see `api_key`."""
    return api_key("authorization", prefix="Bearer ", required=required, refuses=refuses)


def limit_of(headers: Mapping[str, str]) -> float:
    """Seconds for which a rate-limited key is not used."""
    seconds = wait_seconds(headers.get("retry-after"))
    return LIMITED_SECONDS if seconds is None else min(seconds, MAX_COOLDOWN_SECONDS)


def read_keys(path: Path) -> list[str]:
    """The keys in a file, one a line, blank lines and comments left out. Raises ValueError when there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    keys = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not keys:
        raise ValueError(f"{path}: it contains no key")
    return keys


@asynccontextmanager
async def watched_keys(path: Path, credentials: Credentials, seconds: float = POLL_INTERVAL) -> AsyncIterator[None]:
    """Follow the file's changes until the end of the context. What is no good changes nothing."""

    async def follow() -> None:
        signature = file_signature(path)
        while True:
            await asyncio.sleep(seconds)
            state = file_signature(path)
            if state == signature:
                continue
            signature = state
            try:
                keys = read_keys(path)
            except ValueError as error:
                log.warning("keys_not_read", reason=str(error))
                continue
            credentials.replace(keys)
            log.info("keys_replaced", keys=[fingerprint(key) for key in keys])

    task = asyncio.create_task(follow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
