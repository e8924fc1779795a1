"""The server around the vendors: paths, keys, the log of requests, clients that leave."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from unigate_simulator.app import Simulator

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}


async def drive(simulator: Simulator, body: Any, leave: asyncio.Event) -> list[Any]:
    """One raw ASGI request to OpenAI's chat; the client leaves when the event is set. Returns what was sent."""
    pending = [{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        if pending:
            return pending.pop()
        await leave.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if message.get("body"):
            leave.set()

    headers = [(b"authorization", b"Bearer any"), (b"host", b"simulator")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/openai/v1/chat/completions",
        "query_string": b"",
        "headers": headers,
    }
    await simulator(scope, receive, send)
    return sent


async def test_health_is_good(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_an_unknown_prefix_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/mistral/v1/models")).status_code == 404


@pytest.mark.parametrize("path", ["v1/models", "models", "v1/models/"])
async def test_the_version_segment_may_be_left_out(ask: Any, path: str) -> None:
    assert (await ask("openai", path)).json()["object"] == "list"


KEYLESS = [
    ("openai", "v1/chat/completions", 401),
    ("anthropic", "v1/messages", 401),
    ("gemini", "v1beta/models/gemini-2.5-flash:generateContent", 403),
    ("deepseek", "chat/completions", 401),
]


@pytest.mark.parametrize(("vendor", "path", "status"), KEYLESS)
async def test_a_missing_key_is_refused(client: httpx.AsyncClient, vendor: str, path: str, status: int) -> None:
    assert (await client.post(f"/{vendor}/{path}", json=CHAT)).status_code == status


INVALID = [
    ("openai", "v1/chat/completions", "authorization", "Bearer invalid", 401),
    ("anthropic", "v1/messages", "x-api-key", "invalid", 401),
    ("gemini", "v1beta/models/gemini-2.5-flash:generateContent", "x-goog-api-key", "invalid", 400),
    ("deepseek", "chat/completions", "authorization", "Bearer invalid", 401),
]


@pytest.mark.parametrize(("vendor", "path", "header", "value", "status"), INVALID)
async def test_a_wrong_key_is_refused(ask: Any, vendor: str, path: str, header: str, value: str, status: int) -> None:
    assert (await ask(vendor, path, CHAT, headers={header: value})).status_code == status


async def test_a_body_that_is_no_json_is_a_bad_request(ask: Any) -> None:
    assert (await ask("openai", "chat/completions", content=b"{")).status_code == 400


async def test_requests_are_remembered(ask: Any, client: httpx.AsyncClient) -> None:
    await ask("openai", "v1/chat/completions", CHAT)
    entry = (await client.get("/_sim/requests")).json()["requests"][0]
    assert (entry["vendor"], entry["path"], entry["body"], entry["status"]) == ("openai", "chat/completions", CHAT, 200)


async def test_keys_are_not_remembered(ask: Any, client: httpx.AsyncClient) -> None:
    await ask("gemini", "v1beta/models?key=secret")
    assert "secret" not in (await client.get("/_sim/requests")).text


async def test_the_last_requests_can_be_asked_for(ask: Any, client: httpx.AsyncClient) -> None:
    for _ in range(3):
        await ask("openai", "v1/chat/completions", CHAT)
    assert len((await client.get("/_sim/requests?last=2")).json()["requests"]) == 2


async def test_remembered_requests_can_be_forgotten(ask: Any, client: httpx.AsyncClient) -> None:
    await ask("openai", "v1/chat/completions", CHAT)
    await client.delete("/_sim/requests")
    assert (await client.get("/_sim/requests")).json()["total"] == 0


async def test_uploads_are_remembered_by_their_size(ask: Any, client: httpx.AsyncClient) -> None:
    files = {"file": ("a.wav", b"1234", "audio/wav")}
    await ask("openai", "audio/transcriptions", data={"model": "whisper-1"}, files=files)
    entry = (await client.get("/_sim/requests")).json()["requests"][0]
    assert entry["body"]["files"] == [{"name": "file", "filename": "a.wav", "content_type": "audio/wav", "bytes": 4}]


async def test_a_client_that_leaves_a_stream_ends_it(simulator: Simulator) -> None:
    await drive(simulator, CHAT | {"model": "sim-stall-mid", "stream": True}, asyncio.Event())
    entry = simulator.log.snapshot()["requests"][0]
    assert (entry["disconnected"], simulator.log.snapshot()["open"]) == (True, 0)


async def test_a_client_that_leaves_before_the_answer_ends_it(simulator: Simulator) -> None:
    leave = asyncio.Event()
    leave.set()
    sent = await drive(simulator, CHAT | {"model": "sim-stall"}, leave)
    assert (sent, simulator.log.snapshot()["requests"][0]["disconnected"]) == ([], True)


async def test_a_cut_stream_is_never_completed(simulator: Simulator) -> None:
    sent = await drive(simulator, CHAT | {"model": "sim-cut", "stream": True}, asyncio.Event())
    assert all(message.get("more_body", True) for message in sent)
