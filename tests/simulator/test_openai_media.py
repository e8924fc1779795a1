"""OpenAI's pictures and sound: files that open, of the size and length asked for."""

import base64
import io
import wave
from typing import Any

import httpx
import pytest
from PIL import Image


def opened(data: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data)))


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    return out.getvalue()


def sound(seconds: float = 2) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(b"\0\0" * round(16_000 * seconds))
    return out.getvalue()


async def test_a_picture_opens(ask: Any) -> None:
    body = {"model": "gpt-image-1", "prompt": "a cat", "size": "1024x1536"}
    picture = opened((await ask("openai", "images/generations", body)).json()["data"][0]["b64_json"])
    assert (picture.format, picture.size) == ("PNG", (1024, 1536))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_a_picture_has_the_format_asked_for(ask: Any, kind: str) -> None:
    body = {"model": "gpt-image-1", "prompt": "a cat", "output_format": kind}
    picture = opened((await ask("openai", "images/generations", body)).json()["data"][0]["b64_json"])
    assert picture.format == kind.upper()


async def test_a_picture_by_url_can_be_fetched(ask: Any, client: httpx.AsyncClient) -> None:
    url = (await ask("openai", "images/generations", {"model": "dall-e-3", "prompt": "a cat"})).json()["data"][0]["url"]
    assert (await client.get(url)).headers["content-type"] == "image/png"


async def test_partial_pictures_come_before_the_finished_one(ask: Any, events: Any) -> None:
    body = {"model": "gpt-image-1", "prompt": "a cat", "stream": True, "partial_images": 2}
    kinds = [event["type"].rpartition(".")[2] for event in events(await ask("openai", "images/generations", body))]
    assert kinds == ["partial_image", "partial_image", "completed"]


async def test_a_picture_can_be_made_large_and_still_opens(ask: Any) -> None:
    body = {"model": "gpt-image-1", "prompt": "a cat [[bytes:300000]]"}
    data = (await ask("openai", "images/generations", body)).json()["data"][0]["b64_json"]
    opened(data).load()
    assert len(base64.b64decode(data)) > 300_000


async def test_an_unknown_size_is_refused(ask: Any) -> None:
    body = {"model": "gpt-image-1", "prompt": "a cat", "size": "large"}
    assert (await ask("openai", "images/generations", body)).json()["error"]["param"] == "size"


async def test_every_picture_of_an_edit_counts(ask: Any) -> None:
    files = [("image[]", ("a.png", png(), "image/png")), ("image[]", ("b.png", png(), "image/png"))]
    response = await ask("openai", "images/edits", data={"model": "gpt-image-1", "prompt": "x"}, files=files)
    assert response.json()["usage"]["input_tokens_details"]["image_tokens"] == 388


async def test_an_edit_without_a_picture_is_refused(ask: Any) -> None:
    assert (await ask("openai", "images/edits", {"model": "gpt-image-1", "prompt": "x"})).json()["error"][
        "param"
    ] == "image"


async def test_a_picture_can_be_varied(ask: Any) -> None:
    response = await ask("openai", "images/variations", data={"n": "2"}, files={"image": ("a.png", png(), "image/png")})
    assert len(response.json()["data"]) == 2


SPEECH = {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": "twenty characters..."}


async def test_speech_lasts_as_long_as_its_text(ask: Any) -> None:
    assert len((await ask("openai", "audio/speech", SPEECH | {"response_format": "pcm"})).content) == 24_000 * 2


TYPES = [
    ("mp3", "audio/mpeg"),
    ("opus", "audio/opus"),
    ("aac", "audio/aac"),
    ("flac", "audio/flac"),
    ("wav", "audio/wav"),
]


@pytest.mark.parametrize(("kind", "content_type"), TYPES)
async def test_speech_has_the_type_of_its_format(ask: Any, kind: str, content_type: str) -> None:
    assert (await ask("openai", "audio/speech", SPEECH | {"response_format": kind})).headers[
        "content-type"
    ] == content_type


async def test_speech_as_events_is_the_same_sound(ask: Any, events: Any) -> None:
    got = events(await ask("openai", "audio/speech", SPEECH | {"response_format": "pcm", "stream_format": "sse"}))
    whole = await ask("openai", "audio/speech", SPEECH | {"response_format": "pcm"})
    assert b"".join(base64.b64decode(event["audio"]) for event in got[:-1]) == whole.content


async def test_an_unknown_voice_is_refused(ask: Any) -> None:
    assert (await ask("openai", "audio/speech", SPEECH | {"voice": "nobody"})).json()["error"]["param"] == "voice"


async def transcribed(ask: Any, path: str = "audio/transcriptions", **fields: str) -> httpx.Response:
    files = {"file": ("a.wav", sound(), "audio/wav")}
    response: httpx.Response = await ask("openai", path, data={"model": "whisper-1"} | fields, files=files)
    return response


async def test_a_transcript_knows_how_long_the_sound_is(ask: Any) -> None:
    assert (await transcribed(ask)).json()["usage"] == {"type": "duration", "seconds": 2}


async def test_subtitles_are_text(ask: Any) -> None:
    assert (await transcribed(ask, response_format="srt")).text.startswith("1\n00:00:00,000 --> 00:00:02,000\n")


async def test_words_have_times(ask: Any) -> None:
    response = await transcribed(ask, response_format="verbose_json", **{"timestamp_granularities[]": "word"})
    assert response.json()["words"][0] == {"word": "This", "start": 0.0, "end": 0.333}


async def test_a_streamed_transcript_is_the_whole_one(ask: Any, events: Any) -> None:
    got = events(await transcribed(ask, model="gpt-4o-transcribe", stream="true"))
    assert "".join(event["delta"] for event in got[:-1]) == got[-1]["text"]


async def test_an_empty_file_is_refused(ask: Any) -> None:
    files = {"file": ("a.wav", b"", "audio/wav")}
    assert (await ask("openai", "audio/transcriptions", data={"model": "whisper-1"}, files=files)).status_code == 400


async def test_a_translation_has_text(ask: Any) -> None:
    assert (await transcribed(ask, "audio/translations")).json().keys() == {"text"}
