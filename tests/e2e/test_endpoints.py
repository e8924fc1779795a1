"""Embeddings, images and audio by the official SDK, for each provider that serves them; what comes back is opened."""

from __future__ import annotations

import base64
import io
import math
import wave
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from PIL import Image

VECTORS = ["openai/text-embedding-3-small", "gemini/gemini-embedding-001"]
PAINTERS = ["openai/gpt-image-1", "gemini/gemini-2.5-flash-image"]
LISTENERS = ["openai/gpt-4o-transcribe", "gemini/gemini-2.5-flash", "gemini/gemini-3.5-transcribe"]
SPEAKERS = ["openai/gpt-4o-mini-tts", "gemini/gemini-2.5-flash-preview-tts"]


def spoken() -> bytes:
    """Half a second of silence as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(b"\0\0" * 8000)
    return buffer.getvalue()


def painted() -> bytes:
    """A small PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("name", VECTORS)
def test_the_sdks_default_call_gives_full_unit_vectors(client: OpenAI, name: str) -> None:
    answer = client.embeddings.create(model=name, input=["one", "two", "one"])
    first, second, third = (item.embedding for item in answer.data)
    assert len(first) >= 1536
    assert math.isclose(math.hypot(*first), 1.0, abs_tol=1e-3)
    assert first == third != second
    assert answer.usage.prompt_tokens > 0


@pytest.mark.parametrize("name", VECTORS)
def test_dimensions_are_honoured_with_unit_norm(client: OpenAI, name: str) -> None:
    answer = client.embeddings.create(model=name, input="one", dimensions=256, encoding_format="float")
    assert len(answer.data[0].embedding) == 256
    assert math.isclose(math.hypot(*answer.data[0].embedding), 1.0, abs_tol=1e-3)


def test_token_ids_give_the_vector_of_their_text(client: OpenAI) -> None:
    name = "gemini/gemini-embedding-001"
    text, ids = client.embeddings.create(model=name, input="hello world"), [15339, 1917]
    raw = client.embeddings.with_raw_response.create(model=name, input=ids)
    assert raw.parse().data[0].embedding == text.data[0].embedding
    assert raw.headers["x-unigate-notes"] == "token_ids_decoded"


def test_ids_of_another_encoding_are_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        client.embeddings.create(model="gemini/gemini-embedding-001", input=[199_998])
    assert raised.value.param == "input"


@pytest.mark.parametrize("name", PAINTERS)
def test_a_made_picture_opens(client: OpenAI, name: str) -> None:
    answer = client.images.generate(model=name, prompt="a red square")
    assert answer.data
    picture = Image.open(io.BytesIO(base64.b64decode(answer.data[0].b64_json or "")))
    assert picture.width > 0
    assert answer.usage is not None


@pytest.mark.parametrize("name", PAINTERS)
def test_an_edited_picture_opens(client: OpenAI, name: str) -> None:
    answer = client.images.edit(model=name, prompt="bluer", image=[("a.png", painted()), ("b.png", painted())])
    assert answer.data
    assert Image.open(io.BytesIO(base64.b64decode(answer.data[0].b64_json or ""))).height > 0


@pytest.mark.parametrize("name", PAINTERS)
def test_a_picture_is_edited_under_its_mask(client: OpenAI, name: str) -> None:
    answer = client.images.edit(model=name, prompt="bluer", image=("a.png", painted()), mask=("m.png", painted()))
    assert answer.data


@pytest.mark.parametrize("name", LISTENERS)
def test_lists_of_words_are_taken_for_speech(client: OpenAI, name: str) -> None:
    file = ("speech.wav", spoken())
    answer = client.audio.transcriptions.create(model=name, file=file, keywords=["a", "b"], languages=["en", "it"])
    assert answer.text


@pytest.mark.parametrize("name", LISTENERS)
def test_speech_becomes_text(client: OpenAI, name: str) -> None:
    answer = client.audio.transcriptions.create(model=name, file=("speech.wav", spoken()))
    assert answer.text


@pytest.mark.parametrize("name", LISTENERS)
def test_speech_becomes_streamed_text(client: OpenAI, name: str) -> None:
    events = list(client.audio.transcriptions.create(model=name, file=("speech.wav", spoken()), stream=True))
    assert events[-1].type == "transcript.text.done"


@pytest.mark.parametrize("name", SPEAKERS)
def test_text_becomes_a_playable_wav(client: OpenAI, name: str) -> None:
    audio = client.audio.speech.create(model=name, voice="alloy", input="hello there", response_format="wav")
    assert audio.response.headers["content-type"].startswith("audio/wav")
    with wave.open(io.BytesIO(audio.content)) as file:
        assert file.getframerate() == 24000
        assert file.getnchannels() == 1


@pytest.mark.parametrize("name", SPEAKERS)
def test_speech_is_mp3_unless_asked_otherwise(client: OpenAI, name: str) -> None:
    audio = client.audio.speech.create(model=name, voice="alloy", input="hello there")
    assert audio.response.headers["content-type"].startswith("audio/mpeg")
    assert audio.content[:3] == b"ID3" or audio.content[0] == 0xFF


@pytest.mark.parametrize("provider", ["anthropic/claude-haiku-4-5", "deepseek/deepseek-chat"])
def test_an_endpoint_that_a_provider_lacks_is_a_404_naming_who_has_it(client: OpenAI, provider: str) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        client.embeddings.create(model=provider, input="one")
    assert raised.value.code == "unsupported_endpoint"
    assert "gemini" in str(raised.value)
    assert "openai" in str(raised.value)


MALFORMED: list[Any] = [
    {"content": b"nonsense", "headers": {"content-type": "multipart/form-data; boundary=b"}},
    {"content": b"{}", "headers": {"content-type": "text/plain"}},
    {"files": {"file": ("a.wav", spoken())}},
    {"data": {"model": "openai/whisper-1"}},
]


@pytest.mark.parametrize("request_of", MALFORMED, ids=["no form", "wrong type", "no model", "no file"])
def test_a_malformed_upload_is_openais_error(system: Any, request_of: dict[str, Any]) -> None:
    answer = httpx.post(f"{system.url}/v1/audio/transcriptions", **request_of)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["type"] == "invalid_request_error"
