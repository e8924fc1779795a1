"""Large requests and answers pass all hops, and uploads pass in pieces that no hop gathers."""

from __future__ import annotations

import asyncio
import base64
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import OpenAI

MEGABYTE = 1024 * 1024
ROOM = 64 * MEGABYTE
"""What eight uploads of 25 MB may add to a hop's memory: far less than the 200 MB that they are."""
HEADER = (
    b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"
)


def peak(process: Any) -> int:
    """The most memory that a process has ever had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


@pytest.mark.parametrize("name", ["openai/text-embedding-3-small", "gemini/gemini-embedding-001"])
def test_two_thousand_texts_are_embedded_in_order(client: OpenAI, name: str) -> None:
    texts = [f"text {number}" for number in range(2048)]
    many = client.embeddings.create(model=name, input=texts, dimensions=256).data
    assert [item.index for item in many] == list(range(2048))
    last = client.embeddings.create(model=name, input=texts[-1:], dimensions=256).data[0]
    assert many[-1].embedding == pytest.approx(last.embedding, abs=1e-6)


@pytest.mark.parametrize("name", ["openai/gpt-4o", "anthropic/claude-haiku-4-5", "gemini/gemini-2.5-flash"])
def test_a_large_picture_is_seen(client: OpenAI, vendor_log: Any, name: str) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(12 * MEGABYTE)
    url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    content: Any = [{"type": "text", "text": "hello there"}, {"type": "image_url", "image_url": {"url": url}}]
    answer = client.chat.completions.create(model=name, messages=[{"role": "user", "content": content}])
    assert answer.choices[0].message.content
    assert vendor_log()[-1]["body_bytes"] > 16 * MEGABYTE


@pytest.mark.parametrize("name", ["openai/whisper-1", "gemini/gemini-2.5-flash"])
def test_a_large_recording_is_transcribed(client: OpenAI, name: str) -> None:
    sound = HEADER + bytes(14 * MEGABYTE if name.startswith("gemini") else 25 * MEGABYTE - len(HEADER))
    assert client.audio.transcriptions.create(model=name, file=("a.wav", sound)).text is not None


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux' memory figures")
async def test_eight_large_uploads_at_once_stay_in_pieces(system: Any) -> None:
    hops = {name: system.processes[name] for name in ("edge", "openai")}
    before = {name: peak(process) for name, process in hops.items()}
    sound = HEADER + bytes(25 * MEGABYTE - len(HEADER))
    async with httpx.AsyncClient(timeout=120) as client:
        asked = [
            client.post(
                f"{system.url}/v1/audio/transcriptions",
                data={"model": "openai/whisper-1"},
                files={"file": ("a.wav", sound)},
            )
            for _ in range(8)
        ]
        answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {200}
    grown = {name: peak(process) - before[name] for name, process in hops.items()}
    assert all(growth < ROOM for growth in grown.values()), grown
