"""A client that leaves, on every endpoint: before the answer, amid it, amid its own upload. The vendor must notice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Entries = Callable[[], list[dict[str, Any]]]

JSON: dict[str, dict[str, Any]] = {
    "responses": {"input": "hello there"},
    "embeddings": {"input": "hello there"},
    "images/generations": {"prompt": "a cat"},
    "audio/speech": {"input": "hello there", "voice": "alloy"},
}
FORMS = ("audio/transcriptions", "images/edits")
MEDIA = ("embeddings", "images/generations", "audio/speech", *FORMS)
ASKED = [
    *(("responses", f"{provider}/sim-stall") for provider in ("openai", "anthropic", "gemini", "deepseek")),
    *((path, f"{provider}/sim-stall") for path in MEDIA for provider in ("openai", "gemini")),
]
WAV = (
    b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"
)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


async def until(entries: Entries, found: Callable[[list[dict[str, Any]]], bool], what: str) -> None:
    deadline = time.monotonic() + 15
    while not found(await asyncio.to_thread(entries)):
        assert time.monotonic() < deadline, f"{what} did not happen"
        await asyncio.sleep(0.02)


def request(url: str, path: str, model: str, *, stream: bool) -> dict[str, Any]:
    """What httpx needs to know."""
    told: dict[str, Any] = {"method": "POST", "url": f"{url}/v1/{path}", "timeout": 30}
    if path in JSON:
        return {**told, "json": {"model": model, **JSON[path], **({"stream": True} if stream else {})}}
    file = ("a.wav", WAV + bytes(4000)) if path == "audio/transcriptions" else ("a.png", PNG + bytes(400), "image/png")
    name = "file" if path == "audio/transcriptions" else "image"
    return {**told, "data": {"model": model, "prompt": "x"}, "files": {name: file}}


@pytest.mark.parametrize(("path", "asked"), ASKED)
async def test_leaving_before_the_answer_ends_the_vendors_work(
    system: Any, vendor_log: Entries, path: str, asked: str
) -> None:
    async with httpx.AsyncClient() as client:
        asking = asyncio.ensure_future(client.request(**request(system.url, path, asked, stream=False)))
        await until(vendor_log, lambda entries: bool(entries) or asking.done(), "the call")
        assert not asking.done(), asking.result().text
        left = time.time()
        asking.cancel()
        await asyncio.wait([asking])
    await until(vendor_log, lambda entries: all(entry["disconnected"] for entry in entries), "the end of the call")
    assert max(entry["disconnected_at"] for entry in vendor_log()) - left < 1.0


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gemini", "deepseek"])
async def test_leaving_amid_a_streamed_response_ends_the_vendors_work(
    system: Any, vendor_log: Entries, provider: str
) -> None:
    asked = request(system.url, "responses", f"{provider}/sim-stall-mid", stream=True)
    async with httpx.AsyncClient() as client, client.stream(**asked) as answer:
        assert answer.status_code == 200
        await anext(answer.aiter_raw())
        left = time.time()
    await until(vendor_log, lambda entries: all(entry["disconnected"] for entry in entries), "the end of the call")
    assert max(entry["disconnected_at"] for entry in vendor_log()) - left < 1.0


LONG = "word " * 800
SPEECH = {"voice": "alloy", "response_format": "wav"}
DOWNLOADS: dict[str, tuple[str, dict[str, Any]]] = {
    "speech": ("audio/speech", {"model": "openai/gpt-4o-mini-tts", "input": LONG, **SPEECH}),
    "silent speech": ("audio/speech", {"model": "openai/tts-1", "input": f"{LONG} [[sim:stall-mid]]", **SPEECH}),
    "speech in events": (
        "audio/speech",
        {"model": "openai/gpt-4o-mini-tts", "input": LONG, "stream_format": "sse", **SPEECH},
    ),
    "translated speech": (
        "audio/speech",
        {"model": "gemini/gemini-2.5-flash-preview-tts", "input": f"{LONG} [[sim:stall-mid]]", **SPEECH},
    ),
    "images": (
        "images/generations",
        {"model": "openai/gpt-image-1", "prompt": "a cat [[sim:stall-mid]]", "stream": True, "partial_images": 3},
    ),
}


async def leave_amid(asked: dict[str, Any], vendor_log: Entries) -> None:
    """Read the beginning of an answer and leave; the vendor notices within a second."""
    async with httpx.AsyncClient() as client, client.stream(**asked) as answer:
        assert answer.status_code == 200
        await anext(answer.aiter_raw())
        left = time.time()
    await until(vendor_log, lambda entries: all(entry["finished_at"] for entry in entries), "the end of the call")
    (entry,) = vendor_log()
    assert entry["disconnected"]
    assert entry["disconnected_at"] - left < 1.0


@pytest.mark.parametrize("name", DOWNLOADS)
async def test_leaving_amid_a_download_ends_the_vendors_work(system: Any, vendor_log: Entries, name: str) -> None:
    path, body = DOWNLOADS[name]
    await leave_amid({"method": "POST", "url": f"{system.url}/v1/{path}", "json": body}, vendor_log)


async def test_leaving_amid_the_images_of_an_edit_ends_the_vendors_work(system: Any, vendor_log: Entries) -> None:
    asked = request(system.url, "images/edits", "openai/gpt-image-1", stream=True)
    asked["data"] |= {"prompt": "a cat [[sim:stall-mid]]", "stream": "true", "partial_images": "3"}
    await leave_amid(asked, vendor_log)


async def test_leaving_amid_an_upload_ends_the_vendors_call(system: Any, vendor_log: Entries) -> None:
    size = 4_000_000
    form = (
        b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nopenai/whisper-1\r\n'
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    )
    _, writer = await asyncio.open_connection("127.0.0.1", system.plan.edge.port)
    writer.write(
        b"POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\n"
        b"content-length: %d\r\n\r\n" % (size + len(form)) + form + bytes(size // 2)
    )
    await writer.drain()
    left = time.time()
    writer.transport.abort()
    # the simulator tells of an upload when it is whole, or has ended
    await until(vendor_log, bool, "the end of the upload")
    entry = vendor_log()[-1]
    assert entry["body_bytes"] < size
    assert entry["received_at"] - left < 1.0
