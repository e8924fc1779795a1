"""The same model through its vendor and three clouds, and the clouds' identities with their own libraries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from unigate_adapter.authentication.authenticator import CredentialSource, VendorRequest
from unigate_adapter.http.direct_client import DirectClient
from unigate_azure.authentication import azure_authentication
from unigate_core.json import loads
from unigate_vertex.authentication import google_authentication

CLAUDE = {
    "anthropic": "claude-sonnet-4-5",
    "azure": "claude-sonnet-4-5",
    "bedrock": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "vertex": "claude-sonnet-4-5@20250929",
}
GEMINI = {"gemini": "gemini-2.5-flash", "vertex": "gemini-2.5-flash"}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
REQUESTS: list[dict[str, Any]] = [
    {},
    {"tools": [WEATHER], "tool_choice": "required"},
    {"reasoning_effort": "low", "max_completion_tokens": 9000},
    {"max_tokens": 3},
    {"response_format": {"type": "json_object"}},
]
NAMES = ("AWS_ACCESS_KEY_ID", "GOOGLE_APPLICATION_CREDENTIALS", "GCE_METADATA_HOST", "IDENTITY_ENDPOINT")


def essence(answer: Any) -> Any:
    """A completion without its ids, its model's name and its time."""
    told = answer.model_dump()
    for choice in told["choices"]:
        message = choice["message"]
        for call in message["tool_calls"] or ():
            call.pop("id")
        for detail in message.get("reasoning_details") or ():
            detail.pop("signature", None)
    return told["choices"], told["usage"]


@pytest.mark.parametrize("more", REQUESTS, ids=lambda more: next(iter(more), "plain"))
@pytest.mark.parametrize("models", [CLAUDE, GEMINI], ids=["claude", "gemini"])
async def test_a_model_answers_alike_through_all_its_clouds(
    connect: Any, models: dict[str, str], more: dict[str, Any]
) -> None:
    answers = []
    for name, model in models.items():
        async with connect(name) as client:
            answers.append(essence(await client.whole("weather, please", model=model, **more)))
    assert all(answer == answers[0] for answer in answers[1:])


async def called(url: str, authenticator: Any, method: str = "GET", body: bytes = b"") -> tuple[int, Any]:
    """Call an address of the simulator with what an identity gives."""
    async with authenticator.open():
        ready = await authenticator.sign(VendorRequest(method, url, {"content-type": "application/json"}, body))
        client = DirectClient()
        try:
            sent = ready.request
            async with await client.send(sent.method, sent.url, sent.headers, sent.body) as answer:
                return answer.status, loads(await answer.read())
        finally:
            await client.close()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any cloud's identity."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


async def test_a_service_accounts_file_gives_googles_tokens(
    simulator: str, bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {"type": "service_account", "private_key": pem, "token_uri": f"{simulator}/google/token"}
    account |= {"client_email": "a@b.iam.gserviceaccount.com", "private_key_id": "1", "project_id": "p"}
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account))
    bare.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    url = f"{simulator}/vertex/v1beta1/publishers/google/models"
    status, told = await called(url, google_authentication(CredentialSource("vertex")))
    assert (status, bool(told["publisherModels"])) == (200, True)


async def test_a_managed_identity_gives_entras_tokens(simulator: str, bare: pytest.MonkeyPatch) -> None:
    bare.setenv("IDENTITY_ENDPOINT", f"{simulator}/entra/msi/token")
    bare.setenv("IDENTITY_HEADER", "made-up")
    status, told = await called(f"{simulator}/azure/openai/v1/models", azure_authentication(CredentialSource("azure")))
    assert (status, bool(told["data"])) == (200, True)


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("azure/openai/v1/models", {"authorization": "Bearer made-up"}),
        ("vertex/v1beta1/publishers/google/models", {"authorization": "Bearer made-up"}),
        ("bedrock/foundation-models", {"authorization": "AWS4-HMAC-SHA256 Credential=x"}),
    ],
)
async def test_the_simulator_refuses_what_it_did_not_hand_out(
    simulator: str, path: str, header: dict[str, str]
) -> None:
    client = DirectClient()
    try:
        async with await client.send("GET", f"{simulator}/{path}", header, b"") as answer:
            assert answer.status in (401, 403)
    finally:
        await client.close()
