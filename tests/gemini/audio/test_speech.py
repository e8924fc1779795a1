"""Speech."""

from __future__ import annotations

import base64
import io
import struct
from typing import Any

import av
import pytest
from msgspec.structs import replace

from unigate_core.errors import RequestRefused, UpstreamError, UpstreamTruncated
from unigate_core.json import loads
from unigate_formats.gemini_generate_content.audio.audio_codec import CONTENT_TYPES, samples_of, wav_header
from unigate_formats.gemini_generate_content.audio.speech import SPEECH, SpeechStream, from_gemini, to_gemini
from unigate_formats.gemini_generate_content.audio.voices import SIMILAR_VOICES, VOICES
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.parameters import check_parameters
from unigate_formats.neutral.translation import Context

MODEL = "gemini-3.8-flash-tts"
CONTEXT = Context(model=ModelInfo(id=MODEL), new_id=lambda: "x")
SAMPLES = struct.pack("<4800h", *[(i % 100) * 200 for i in range(4800)])
L16 = "audio/L16;codec=pcm;rate=24000"
USAGE = {"promptTokenCount": 11, "candidatesTokenCount": 111, "totalTokenCount": 122}


def call(**more: Any) -> Any:
    [made] = to_gemini({"model": MODEL, "input": "Hello.", "voice": "Kore", **more}, CONTEXT)
    return made


def native(data: bytes = SAMPLES, media_type: str = L16, finish: str | None = None) -> dict[str, Any]:
    part = {"inlineData": {"mimeType": media_type, "data": base64.b64encode(data).decode()}}
    candidate: dict[str, Any] = {"content": {"parts": [part] if data else []}}
    end = {"finishReason": finish} if finish else {}
    return {"candidates": [candidate | end]} | ({"usageMetadata": USAGE} if finish else {})


def spoken(form: str, *natives: dict[str, Any], **more: Any) -> tuple[bytes, SpeechStream]:
    stream = SpeechStream(call(response_format=form, **more).state)
    data = b"".join(stream.feed(item) for item in natives)
    return data + stream.close(), stream


def decoded(data: bytes) -> list[Any]:
    container: Any = av.open(io.BytesIO(data))
    with container:
        return list(container.decode(audio=0))


def halves() -> list[dict[str, Any]]:
    return [native(SAMPLES[:3001]), native(SAMPLES[3001:], finish="STOP")]


def test_speech_is_asked_for_verbatim_and_streamed() -> None:
    made = call()
    assert (made.path, made.stream) == (f"models/{MODEL}:streamGenerateContent?alt=sse", True)
    assert made.body == {
        "contents": [{"role": "user", "parts": [{"text": "Hello."}]}],
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}},
        },
    }
    assert made.notes == ()


def test_voices_of_openai_stand_for_similar_ones() -> None:
    made = call(voice="alloy")
    voice = made.body["generationConfig"]["speechConfig"]["voiceConfig"]["prebuiltVoiceConfig"]
    assert (voice, made.notes) == ({"voiceName": "Kore"}, ("voice:alloy->Kore",))


def test_every_similar_voice_exists() -> None:
    assert len(VOICES) == 30
    assert set(SIMILAR_VOICES.values()) <= VOICES


@pytest.mark.parametrize(("voice", "code"), [("nobody", "invalid_value"), ({"id": "voice_1"}, "unsupported_value")])
def test_unknown_voices_are_refused(voice: Any, code: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        call(voice=voice)
    assert (refused.value.param, refused.value.code) == ("voice", code)


def test_instructions_are_the_style_of_the_part() -> None:
    [part] = call(instructions="Whisper.").body["contents"][0]["parts"]
    assert part == {"text": "Hello.", "speechMetadata": {"style": "Whisper."}}


def test_older_models_take_no_instructions() -> None:
    with pytest.raises(RequestRefused) as refused:
        call(model="gemini-2.5-flash-preview-tts", instructions="Whisper.")
    assert refused.value.param == "instructions"
    form = {"model": "gemini-2.5-flash-preview-tts", "input": "Hi", "voice": "Kore", "instructions": "Whisper."}
    [made] = to_gemini(form, replace(CONTEXT, drop_unsupported=True))
    assert made.dropped == ("instructions",)


@pytest.mark.parametrize(("speed", "fits"), [(1, True), (1.0, True), (1.5, False)])
def test_only_the_natural_speed_is_spoken(speed: float, *, fits: bool) -> None:
    try:
        check_parameters({"speed": speed}, SPEECH.parameters, provider="gemini", drop_unsupported=False)
        assert fits
    except RequestRefused:
        assert not fits


def test_pcm_is_what_gemini_sent() -> None:
    data, stream = spoken("pcm", *halves())
    assert data == SAMPLES
    assert stream.content_type == "audio/pcm"
    assert stream.usage == Usage(input=11, output=111, total=122)


def test_wav_is_a_header_of_unknown_length_and_the_samples() -> None:
    data, _ = spoken("wav", *halves())
    assert data[:44] == wav_header(24_000)
    assert data[44:] == SAMPLES
    assert struct.unpack("<HHIIHH", data[20:36]) == (1, 1, 24_000, 48_000, 2, 16)


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac"])
def test_compressed_files_sound_as_long_as_the_samples(form: str) -> None:
    data, stream = spoken(form, *halves())
    heard = sum(frame.samples / frame.sample_rate for frame in decoded(data))
    assert heard == pytest.approx(0.2, abs=0.1)
    assert stream.content_type == CONTENT_TYPES[form]


def test_flac_gives_the_very_samples_back() -> None:
    data, _ = spoken("flac", *halves())
    assert b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in decoded(data)) == SAMPLES


def test_mp3_is_the_default() -> None:
    assert SpeechStream(call().state).content_type == "audio/mpeg"


def test_a_wav_file_loses_its_own_header() -> None:
    riff = wav_header(16_000)[:40] + struct.pack("<I", len(SAMPLES)) + SAMPLES
    data, _ = spoken("wav", native(riff, "audio/wav", finish="STOP"))
    assert data == wav_header(16_000) + SAMPLES


def test_a_wav_file_without_samples_is_empty() -> None:
    assert samples_of(b"RIFF\0\0\0\0WAVEfmt ") == (b"", None)


def test_events_carry_the_sound_and_end_with_usage() -> None:
    data, stream = spoken("pcm", *halves(), stream_format="sse")
    events = [loads(frame.removeprefix("data: ")) for frame in data.decode().strip().split("\n\n")]
    assert [event["type"] for event in events] == ["speech.audio.delta", "speech.audio.delta", "speech.audio.done"]
    assert b"".join(base64.b64decode(event["audio"]) for event in events[:2]) == SAMPLES
    assert events[2]["usage"] == {"input_tokens": 11, "output_tokens": 111, "total_tokens": 122}
    assert stream.content_type.startswith("text/event-stream")


def test_a_whole_answer_is_the_stream_of_one() -> None:
    product = from_gemini([native(finish="STOP")], call(response_format="pcm").state)
    assert (product.body, product.content_type) == (SAMPLES, "audio/pcm")


def test_a_stream_without_its_end_is_truncated() -> None:
    with pytest.raises(UpstreamTruncated):
        spoken("pcm", native())


def test_an_end_without_sound_is_an_error() -> None:
    with pytest.raises(UpstreamError) as failed:
        spoken("pcm", native(b"", finish="OTHER"))
    assert failed.value.code == "upstream_no_content"


@pytest.mark.parametrize("item", [native(b"", finish="SAFETY"), {"promptFeedback": {"blockReason": "SAFETY"}}])
def test_declined_speech_is_an_error(item: dict[str, Any]) -> None:
    with pytest.raises(UpstreamError) as failed:
        spoken("pcm", item)
    assert (failed.value.status, failed.value.code) == (400, "content_filter")


def test_an_error_inside_the_stream_is_an_error() -> None:
    with pytest.raises(UpstreamError) as failed:
        spoken("pcm", {"error": {"code": 503, "message": "Busy."}})
    assert failed.value.status == 503
