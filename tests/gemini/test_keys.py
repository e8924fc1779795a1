"""Google refuses a key with status 400: the next of the operator's keys is used all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.adapter import Adapter, open_adapter
from unigate_adapter.authentication.api_key import ApiKeys
from unigate_adapter.http.httpx_client import HttpxClient
from unigate_adapter.servicer import ProviderServicer
from unigate_adapter.settings import AdapterSettings, VendorSettings
from unigate_core.environment import Secret
from unigate_core.errors import GatewayError
from unigate_core.json import dumps
from unigate_gemini import PROVIDER

REFUSAL = {
    "error": {
        "code": 400,
        "message": "API key not valid. Please pass a valid API key.",
        "status": "INVALID_ARGUMENT",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
    }
}
BAD_REQUEST = {"error": {"code": 400, "message": "No.", "status": "INVALID_ARGUMENT"}}
GOOD = {"candidates": [{"content": {"parts": [{"text": "Hi."}]}, "finishReason": "STOP"}]}


class Google:
    """Knows one key, and refuses all requests it is told to."""

    def __init__(self, refused: dict[str, Any] | None = None) -> None:
        self.refused = refused
        self.keys: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"models": []})
        key = request.headers["x-goog-api-key"]
        self.keys.append(key)
        if key != "good":
            return httpx.Response(400, json=REFUSAL)
        return httpx.Response(400, json=self.refused) if self.refused else httpx.Response(200, json=GOOD)


@asynccontextmanager
async def opened(google: Google, folder: Path, keys: Sequence[str]) -> AsyncIterator[Adapter]:
    file = folder / "keys"
    file.write_text("\n".join(keys))
    settings = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
    vendor = VendorSettings(key=Secret("unused"), keys_file=str(file))
    client = HttpxClient(httpx.MockTransport(google))
    async with open_adapter(PROVIDER, settings, vendor, client=client) as adapter:
        yield adapter


async def ask(adapter: Adapter, credential: str = "") -> pb.InvokeResponse:
    call = pb.Call(operation=pb.OPERATION_CHAT, model="gemini-2.0-flash", client_credential=credential)
    body = dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]})
    return await ProviderServicer(adapter, None)._run(call, body).whole()  # type: ignore[arg-type]


async def test_a_key_that_google_refuses_is_passed_over_and_rests(tmp_path: Path) -> None:
    google = Google()
    async with opened(google, tmp_path, ["bad", "good"]) as adapter:
        for _ in range(4):
            assert b"Hi." in (await ask(adapter)).body
    assert google.keys.count("bad") == 1


async def test_a_bad_request_is_no_reason_for_another_key(tmp_path: Path) -> None:
    google = Google(BAD_REQUEST)
    async with opened(google, tmp_path, ["good", "bad"]) as adapter:
        assert isinstance(adapter.authenticator, ApiKeys)
        adapter.authenticator.credentials.cool_down("bad", 1e6)
        with pytest.raises(GatewayError) as refused:
            await ask(adapter)
    assert (refused.value.status, google.keys) == (400, ["good"])


async def test_when_google_refuses_all_keys_the_gateway_is_at_fault(tmp_path: Path) -> None:
    google = Google()
    async with opened(google, tmp_path, ["bad", "worse"]) as adapter:
        with pytest.raises(GatewayError) as refused:
            await ask(adapter)
    assert (refused.value.status, refused.value.code) == (502, "upstream_auth_error")
    assert sorted(google.keys) == ["bad", "worse"]


async def test_a_refused_key_of_the_clients_own_is_told_as_such(tmp_path: Path) -> None:
    google = Google()
    async with opened(google, tmp_path, ["good"]) as adapter:
        with pytest.raises(GatewayError) as refused:
            await ask(adapter, "theirs")
    assert (refused.value.status, refused.value.code, google.keys) == (401, "invalid_api_key", ["theirs"])
