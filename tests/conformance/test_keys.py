"""Every provider's adapter passes over a key that its vendor refuses."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from tools.discovery import adapters
from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.adapter import open_adapter
from unigate_adapter.http.httpx_client import HttpxClient
from unigate_adapter.servicer import ProviderServicer
from unigate_adapter.settings import AdapterSettings, VendorSettings, vendor_settings
from unigate_core.environment import Secret
from unigate_core.errors import GatewayError
from unigate_core.json import dumps

KEYED = [each for each in adapters() if each.key and each.example]


@pytest.fixture(params=KEYED, ids=lambda each: each.provider)
def adapter_kind(request: pytest.FixtureRequest) -> Any:
    """One provider's service."""
    return request.param


async def test_a_refused_key_is_passed_over(adapter_kind: Any, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("refused-key\ngood-key\n")
    seen: list[str] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        told = str(request.headers.raw) + str(request.url)
        seen.append("good" if "good-key" in told else "refused")
        return httpx.Response(500 if "good-key" in told else 401)

    provider = import_module(adapter_kind.package).PROVIDER
    settings = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
    keys = VendorSettings(key=Secret("unused"), keys_file=str(file))
    client = HttpxClient(httpx.MockTransport(vendor))
    async with open_adapter(provider, settings, keys, client=client) as adapter:
        servicer = ProviderServicer(adapter, None)  # type: ignore[arg-type]
        call = pb.Call(request_id="r", operation=pb.OPERATION_CHAT, model=adapter_kind.example.rpartition("/")[2])
        body = dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]})
        for _ in range(2):
            with pytest.raises(GatewayError):
                await servicer._run(call, body).whole()
    assert seen.count("refused") == 1
    assert seen[-1] == "good"


def test_the_file_is_named_by_the_vendors_variable(
    adapter_kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{adapter_kind.key}S_FILE", str(tmp_path / "keys"))
    provider = import_module(adapter_kind.package).PROVIDER
    assert vendor_settings(provider).keys_file == str(tmp_path / "keys")
