"""The operator's keys of one vendor: handed out in turn, the next one used where one is refused or rate-limited.

Keys come from a variable, or from a file with one a line, which is read again when it changes: a mounted Secret.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import structlog

from unigate_adapter.http.client import VendorAnswer, VendorClient
from unigate_core.counts import wait_seconds
from unigate_core.errors import UpstreamTimeout

REFUSALS = frozenset({401, 402, 403})
"""Statuses by which every vendor refuses a key."""
REFUSED_SECONDS = 300.0
"""For which a refused key is not used while there is another."""
LIMITED_SECONDS = 10.0
"""For which a rate-limited one is not, when the vendor does not say for how long."""
MAX_COOLDOWN_SECONDS = 300.0
POLL_INTERVAL = 2.0
ERROR_SECONDS = 10.0
"""In which the body of an error has to come."""

Refuses = Callable[[int, bytes], bool]
"""Whether an error with this status and body refuses the key."""

log = structlog.get_logger()


class Credentials:
    """The keys, and until when some of them rest. No keys: the vendor needs none, or nobody has set one."""

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

    def next_untried(self, tried: Sequence[str]) -> str | None:
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


class FailoverClient:
    """A vendor client that calls again with the next key when one is refused or rate-limited, before the first byte."""

    def __init__(
        self,
        client: VendorClient,
        credentials: Credentials,
        headers: Callable[[str], Mapping[str, str]],
        refuses: Refuses | None = None,
    ) -> None:
        """`headers` are those by which the vendor knows a key; `refuses` knows refusals that have another status."""
        self._client = client
        self._credentials = credentials
        self._headers = headers
        self._refuses = refuses

    @asynccontextmanager
    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> AsyncIterator[VendorAnswer]:
        """See VendorClient. A body that comes in parts is sent once."""
        key = self._credential_of(headers)
        tried: list[str] = []
        while True:
            async with self._client.send(method, url, headers, body) as answer:
                told, seconds = await self._cooldown_of(answer) if key is not None else (answer, None)
                if key is None or seconds is None:
                    yield told
                    return
                self._credentials.cool_down(key, seconds)
                tried.append(key)
                log.warning("key_rests", key=fingerprint(key), status=answer.status, seconds=seconds)
                key = self._credentials.next_untried(tried) if isinstance(body, bytes) else None
                if key is None:
                    yield told
                    return
            headers = {**headers, **self._headers(key)}

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _cooldown_of(self, answer: VendorAnswer) -> tuple[VendorAnswer, float | None]:
        """The answer, and for how many seconds its key is better not used; None: it does not speak against the key."""
        if answer.status in REFUSALS:
            return answer, REFUSED_SECONDS
        if answer.status == 429:
            return answer, limit_of(answer)
        if self._refuses is None or not 400 <= answer.status < 500:
            return answer, None
        whole = await _whole(answer)
        return whole, REFUSED_SECONDS if self._refuses(whole.status, whole.body) else None

    def _credential_of(self, headers: Mapping[str, str]) -> str | None:
        """The operator's key in the headers; None: the client's own, or none."""
        return next((key for key in self._credentials.keys if self._headers(key).items() <= headers.items()), None)


class BufferedResponse:
    """An answer whose body has come."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    async def read(self) -> bytes:
        """See VendorAnswer."""
        body, self.body = self.body, b""
        return body

    async def read_available(self) -> bytes | None:
        """See VendorAnswer."""
        return await self.read() or None

    @property
    def at_eof(self) -> bool:
        """See VendorAnswer."""
        return not self.body


async def _whole(answer: VendorAnswer) -> BufferedResponse:
    """Read an error. Raises UpstreamTimeout, UpstreamTruncated."""
    try:
        async with asyncio.timeout(ERROR_SECONDS):
            return BufferedResponse(answer.status, answer.headers, await answer.read())
    except TimeoutError as error:
        raise UpstreamTimeout("The provider did not finish its error in time.") from error


def limit_of(answer: VendorAnswer) -> float:
    """Seconds for which a rate-limited key is not used."""
    seconds = wait_seconds(answer.headers.get("retry-after"))
    return LIMITED_SECONDS if seconds is None else min(seconds, MAX_COOLDOWN_SECONDS)


def fingerprint(key: str) -> str:
    """What logs may show of a key."""
    return sha256(key.encode()).hexdigest()[:8]


def read_keys(path: Path) -> list[str]:
    """The keys in a file, one a line, blank lines and comments left out. Raises ValueError when there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    keys = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not keys:
        raise ValueError(f"{path}: there is no key in it")
    return keys


@asynccontextmanager
async def watched_keys(path: Path, credentials: Credentials, seconds: float = POLL_INTERVAL) -> AsyncIterator[None]:
    """Follow the file's changes until the end of the context. What is no good changes nothing."""

    async def follow() -> None:
        seen = _state(path)
        while True:
            await asyncio.sleep(seconds)
            state = _state(path)
            if state == seen:
                continue
            seen = state
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


def _state(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does, links followed."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)
