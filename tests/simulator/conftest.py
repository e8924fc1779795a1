"""A simulator in the process, and ways to ask it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import httpx
import pytest

from unigate_simulator.app import Simulator
from unigate_simulator.settings import Settings

Ask: TypeAlias = Callable[..., Awaitable[httpx.Response]]

KEYS = {
    "openai": {"authorization": "Bearer any"},
    "deepseek": {"authorization": "Bearer any"},
    "anthropic": {"x-api-key": "any", "anthropic-version": "2023-06-01"},
    "gemini": {"x-goog-api-key": "any"},
}


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(Settings(event_ms=0))


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(simulator), base_url="http://simulator") as client:
        yield client


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """POST to a vendor with its key, or GET when there is no body."""

    async def ask(vendor: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        headers = KEYS[vendor] | more.pop("headers", {})
        method = "GET" if body is None and not more else "POST"
        return await client.request(method, f"/{vendor}/{path}", json=body, headers=headers, **more)

    return ask


@pytest.fixture
def events() -> Callable[[httpx.Response], list[dict[str, Any]]]:
    """The data of a stream's events, without `[DONE]`."""

    def read(response: httpx.Response) -> list[dict[str, Any]]:
        lines = response.text.replace("\r\n", "\n").split("\n")
        data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
        return [json.loads(one) for one in data if one != "[DONE]"]

    return read
