"""Several keys of one vendor: they take turns, one that is refused or limited is passed over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from unigate_adapter.authentication.api_key import ApiKeys, Credentials, KeyScheme, read_keys, watched_keys
from unigate_adapter.authentication.authenticator import CredentialSource, VendorRequest
from unigate_adapter.authentication.client import AuthenticatedClient, fingerprint
from unigate_adapter.http.httpx_client import HttpxClient


class Vendor:
    """Answers each key with its status, and remembers which keys came."""

    def __init__(self, **statuses: int) -> None:
        self.statuses = statuses
        self.keys: list[str] = []
        self.headers: dict[str, str] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        key = request.headers["x-key"]
        self.keys.append(key)
        return httpx.Response(self.statuses.get(key, 200), headers=self.headers, content=key.encode())


FILE = CredentialSource("vendor", keys_file=Path("keys"))


class InOrder(Credentials):
    """Keys that begin with the first."""

    def acquire(self) -> str:
        return self.keys[0]


def client(vendor: Vendor, credentials: Credentials, scheme: KeyScheme = KeyScheme("x-key")) -> AuthenticatedClient:  # noqa: B008 - frozen
    return AuthenticatedClient(HttpxClient(httpx.MockTransport(vendor)), ApiKeys(scheme, credentials, FILE))


async def status(caller: AuthenticatedClient, body: bytes | AsyncIterator[bytes] = b"{}", client_key: str = "") -> int:
    async with await caller.send(VendorRequest("POST", "http://vendor/", {}, body), client_key=client_key) as answer:
        return answer.status


def test_keys_take_turns() -> None:
    credentials = Credentials(["a", "b", "c"])
    assert {credentials.acquire() for _ in range(3)} == {"a", "b", "c"}


def test_a_key_that_rests_is_passed_over() -> None:
    credentials = Credentials(["a", "b"], clock=lambda: 0)
    credentials.cool_down("a", 10)
    assert [credentials.acquire() for _ in range(3)] == ["b", "b", "b"]


def test_a_rested_key_comes_back() -> None:
    now = [0.0]
    credentials = Credentials(["a", "b"], clock=lambda: now[0])
    credentials.cool_down("a", 10)
    now[0] = 11
    assert {credentials.acquire() for _ in range(2)} == {"a", "b"}


def test_when_all_rest_the_one_is_used_that_rests_least() -> None:
    credentials = Credentials(["a", "b"], clock=lambda: 0)
    credentials.cool_down("a", 20)
    credentials.cool_down("b", 10)
    assert credentials.acquire() == "b"


@pytest.mark.parametrize("refusal", [401, 402, 403, 429])
async def test_the_next_key_is_used_when_one_is_not_good(refusal: int) -> None:
    vendor = Vendor(a=refusal)
    assert await status(client(vendor, InOrder(["a", "b"]))) == 200
    assert vendor.keys == ["a", "b"]


@pytest.mark.parametrize("fault", [400, 404, 500, 503])
async def test_other_faults_are_no_reason_for_another_key(fault: int) -> None:
    vendor = Vendor(a=fault)
    assert await status(client(vendor, InOrder(["a", "b"]))) == fault
    assert vendor.keys == ["a"]


def refuses(status: int, body: bytes) -> bool:
    return status == 400 and body.startswith(b"bad")


async def test_a_vendor_may_refuse_a_key_in_words_of_its_own() -> None:
    vendor = Vendor(bad=400)
    caller = client(vendor, InOrder(["bad", "good"]), KeyScheme("x-key", refuses=refuses))
    assert await status(caller) == 200
    assert vendor.keys == ["bad", "good"]


async def test_an_error_that_was_looked_at_can_still_be_read() -> None:
    vendor = Vendor(other=400, bad=400)
    caller = client(vendor, InOrder(["bad", "other"]), KeyScheme("x-key", refuses=refuses))
    async with await caller.send(VendorRequest("POST", "http://vendor/", {}, b"{}")) as answer:
        assert (answer.status, await answer.read()) == (400, b"other")


async def test_each_key_is_tried_once_and_the_last_answer_told() -> None:
    vendor = Vendor(a=429, b=401)
    assert await status(client(vendor, InOrder(["a", "b"]))) == 401
    assert vendor.keys == ["a", "b"]


async def test_a_limited_key_rests_as_long_as_the_vendor_says() -> None:
    now = [0.0]
    vendor = Vendor(a=429)
    vendor.headers = {"retry-after": "30"}
    credentials = Credentials(["b", "a"], clock=lambda: now[0])
    await status(client(vendor, credentials))
    now[0] = 29
    assert {credentials.acquire() for _ in range(2)} == {"b"}
    now[0] = 31
    assert {credentials.acquire() for _ in range(2)} == {"a", "b"}


async def test_a_key_of_the_clients_own_is_never_replaced() -> None:
    vendor = Vendor(theirs=401)
    assert await status(client(vendor, Credentials(["a", "b"])), client_key="theirs") == 401
    assert vendor.keys == ["theirs"]


async def test_a_body_that_comes_in_parts_is_sent_once() -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"{}"

    vendor = Vendor(a=429)
    assert await status(client(vendor, InOrder(["a", "b"])), parts()) == 429
    assert vendor.keys == ["a"]


def test_a_file_has_one_key_a_line(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("# ours\nfirst\n\n  second \n")
    assert read_keys(file) == ["first", "second"]


def test_a_file_without_keys_is_no_good(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("# nothing\n")
    with pytest.raises(ValueError, match="it contains no key"):
        read_keys(file)


async def test_a_changed_file_changes_the_keys(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("first\n")
    credentials = Credentials(["first"])
    async with asyncio.timeout(5), watched_keys(file, credentials, 0.001):
        await asyncio.sleep(0)
        (tmp_path / "new").write_text("second\nthird\n")
        (tmp_path / "new").replace(file)
        while credentials.keys == ("first",):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    assert credentials.keys == ("second", "third")


async def test_a_file_that_is_gone_changes_nothing(tmp_path: Path, logged: list[dict[str, Any]]) -> None:
    file = tmp_path / "keys"
    file.write_text("first\n")
    credentials = Credentials(["first"])
    async with asyncio.timeout(5), watched_keys(file, credentials, 0.001):
        await asyncio.sleep(0)
        file.unlink()
        while not any(line["event"] == "keys_not_read" for line in logged):  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.001)
    assert credentials.keys == ("first",)


async def test_logs_never_show_a_key(logged: list[dict[str, Any]]) -> None:
    vendor = Vendor(**{"very-secret": 401})
    await status(client(vendor, InOrder(["very-secret", "b"])))
    said = str(logged)
    assert fingerprint("very-secret") in said
    assert "very-secret" not in said
