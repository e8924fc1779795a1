"""Signatures and credentials at AWS, checked by the simulator, which computes them anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from botocore.credentials import ReadOnlyCredentials

from unigate_adapter.authentication.authenticator import CredentialSource, VendorRequest
from unigate_adapter.http.direct_client import DirectClient
from unigate_bedrock.sigv4 import Chain, SignatureV4, aws_authentication, signed
from unigate_core.json import loads
from unigate_simulator.app import Simulator
from unigate_simulator.identity import AWS_KEY_ID, LIFE_SECONDS, secret_of
from unigate_simulator.settings import Settings

MODELS = ["amazon.nova-lite-v1%3A0", "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fab"]
BODY = b'{"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}'


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    """The address of a running simulator."""
    config = uvicorn.Config(Simulator(Settings(event_ms=0)), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


async def send(request: VendorRequest) -> tuple[int, Any]:
    client = DirectClient()
    try:
        async with await client.send(request.method, request.url, request.headers, request.body) as answer:
            return answer.status, loads(await answer.read())
    finally:
        await client.close()


def request_to(simulator: str, model: str = MODELS[0]) -> VendorRequest:
    url = f"{simulator}/bedrock/model/{model}/converse"
    return VendorRequest("POST", url, {"content-type": "application/json"}, BODY)


@pytest.mark.parametrize("model", MODELS)
async def test_a_signature_holds_for_any_name_of_a_model(simulator: str, model: str) -> None:
    credentials = ReadOnlyCredentials(AWS_KEY_ID, secret_of(AWS_KEY_ID), None)
    status, body = await send(signed(request_to(simulator, model), credentials, "eu-west-1"))
    assert (status, body["stopReason"]) == (200, "end_turn")


async def test_a_wrong_secret_is_noticed(simulator: str) -> None:
    credentials = ReadOnlyCredentials(AWS_KEY_ID, "wrong", None)
    status, body = await send(signed(request_to(simulator), credentials, "eu-west-1"))
    assert status == 403
    assert "signature" in body["message"]


async def test_a_changed_body_is_noticed(simulator: str) -> None:
    credentials = ReadOnlyCredentials(AWS_KEY_ID, secret_of(AWS_KEY_ID), None)
    sent = signed(request_to(simulator), credentials, "eu-west-1")
    status, _ = await send(VendorRequest(sent.method, sent.url, sent.headers, BODY.replace(b"Hi", b"Ho")))
    assert status == 403


@pytest.fixture
def web_identity(simulator: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment that EKS gives a pod whose account has a role."""
    token = tmp_path / "token"
    token.write_text("a token of the cluster")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/r")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(token))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"{simulator}/sts")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.mark.usefixtures("web_identity")
async def test_a_role_gives_credentials_that_are_good_for_many_calls(simulator: str) -> None:
    outcomes: list[str] = []
    authenticator = SignatureV4(CredentialSource("bedrock", observe_refresh=outcomes.append), "us-east-1")
    async with authenticator.open():
        for _ in range(3):
            ready = await authenticator.sign(request_to(simulator))
            assert ready is not None
            assert (await send(ready.request))[0] == 200
        assert outcomes == ["ok"]
        assert all(secret for secret in authenticator.secrets())


@pytest.mark.usefixtures("web_identity")
def test_botocore_tells_when_they_end() -> None:
    """It is read from an attribute that is not part of botocore's interface: this notices when it goes."""
    got = Chain().fetch()
    assert got.expires_at is not None
    assert 0 < got.expires_at - time.time() <= LIFE_SECONDS + 1


@pytest.mark.usefixtures("web_identity")
async def test_refreshed_credentials_take_the_place_of_refused_ones(simulator: str) -> None:
    authenticator = SignatureV4(CredentialSource("bedrock"), "us-east-1")
    async with authenticator.open():
        first = await authenticator.sign(request_to(simulator))
        assert first is not None
        assert authenticator.judge(first.credential, 403, {}, b'{"message": "the token is expired"}') == 0.0
        second = await authenticator.sign(request_to(simulator), tried=[first.credential])
        assert second is not None
        assert second.credential != first.credential
        assert authenticator.judge(second.credential, 403, {}, b'{"message": "not allowed"}') is None


async def test_a_bedrock_key_is_a_bearer_token() -> None:
    authenticator = aws_authentication("us-east-1")(CredentialSource("bedrock", key="k"))
    ready = await authenticator.sign(VendorRequest("POST", "http://x", {}, b""))
    assert ready is not None
    assert ready.request.headers["authorization"] == "Bearer k"


async def test_the_container_credentials_of_eks_are_found(simulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{simulator}/sts/credentials")
    authenticator = SignatureV4(CredentialSource("bedrock"), "us-east-1")
    async with authenticator.open():
        ready = await authenticator.sign(request_to(simulator))
        assert ready is not None
        assert (await send(ready.request))[0] == 200


def test_credentials_of_a_file_are_read_again_when_forgotten(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    chain, found = Chain(), []
    for key in ("OLD", "NEW", "NEW"):
        file.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = s\n")
        found.append(chain.fetch().value.access_key)
        if len(found) == 2:
            chain.forget()
    assert found == ["OLD", "OLD", "NEW"]
