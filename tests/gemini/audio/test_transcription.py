"""Transcriptions."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from msgspec.structs import replace

from unigate_core.errors import RequestRefused, UpstreamError, UpstreamProtocol, UpstreamTruncated
from unigate_core.form_reader import FormFile
from unigate_core.json import dumps, loads
from unigate_formats.gemini_generate_content.audio.audio_codec import duration_of, wav_header
from unigate_formats.gemini_generate_content.audio.transcription import TRANSCRIPTIONS, to_gemini
from unigate_formats.gemini_generate_content.audio.transcription_answer import TranscriptStream, from_gemini
from unigate_formats.gemini_generate_content.audio.transcripts import Word, diarized_segments, segments_of, srt, vtt
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.parameters import check_parameters
from unigate_formats.neutral.translation import Context

GENERAL, SPECIAL = "gemini-2.5-flash", "gemini-3.5-transcribe"
CONTEXT = Context(model=ModelInfo(id=GENERAL), new_id=lambda: "x")
SECOND = wav_header(24_000)[:40] + struct.pack("<I", 48_000) + bytes(48_000)
USAGE = {
    "promptTokenCount": 133,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 14}, {"modality": "AUDIO", "tokenCount": 119}],
    "candidatesTokenCount": 10,
    "thoughtsTokenCount": 21,
    "totalTokenCount": 164,
}
TOKENS = {
    "type": "tokens",
    "input_tokens": 133,
    "input_token_details": {"text_tokens": 14, "audio_tokens": 119},
    "output_tokens": 31,
    "total_tokens": 164,
}


def call(model: str = SPECIAL, **more: Any) -> Any:
    file = FormFile("a.wav", "application/octet-stream", SECOND)
    [made] = to_gemini({"model": model, "file": [file], **more}, CONTEXT)
    return made


def native(*parts: dict[str, Any], finish: str | None = "STOP") -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": list(parts)}} | ({"finishReason": finish} if finish else {})
    return {"candidates": [candidate], "usageMetadata": USAGE}


def word(text: str, start: str | None, end: str, speaker: str = "") -> dict[str, Any]:
    offsets = {"endOffset": end} | ({"startOffset": start} if start else {})
    return {"word": text, **offsets} | ({"speakerLabel": speaker} if speaker else {})


def turn(text: str, *words: dict[str, Any], speaker: str = "") -> dict[str, Any]:
    return {"audioTranscription": {"text": text, "words": list(words), "speakerLabel": speaker}}


TURNS = (
    turn("Hi there.", word("Hi", None, "0.4s"), word("there.", "0.5s", "1.25s"), speaker="spk_7"),
    turn("Hello!", word("Hello!", "2.5s", "3s"), speaker="spk_2"),
)


def transcript(form: str = "json", *parts: dict[str, Any], **more: Any) -> Any:
    made = call(response_format=form, **more)
    return from_gemini([native(*(parts or TURNS))], made.state)


def test_a_general_model_is_told_to_write_down_what_it_hears() -> None:
    made = call(GENERAL, language="fr", prompt="Names: Ann.", temperature="0.5")
    assert (made.path, made.stream) == (f"models/{GENERAL}:generateContent", False)
    text, blob = made.body["contents"][0]["parts"]
    assert text["text"].endswith("only the transcript text. The language is fr. Names: Ann.")
    assert blob["inlineData"]["mimeType"] == "audio/wav"
    assert made.body["generationConfig"] == {"temperature": 0.5}


@pytest.mark.parametrize(
    ("more", "unit"),
    [
        ({"response_format": "srt"}, "phrase"),
        ({"response_format": "diarized_json"}, "phrase"),
        ({"response_format": "verbose_json", "timestamp_granularities": ["word"]}, "every single word"),
    ],
)
def test_a_general_model_writes_times_down_where_they_are_asked_for(more: dict[str, Any], unit: str) -> None:
    made = call(GENERAL, **more)
    assert unit in made.body["contents"][0]["parts"][0]["text"]
    assert made.body["generationConfig"]["responseMimeType"] == "application/json"
    assert "transcription_times_estimated" in made.notes
    pieces = [
        {"text": "Hello there.", "start": 0, "end": 0.5, "speaker": "x"},
        {"text": "Hi!", "start": 1.5, "end": 2, "speaker": "y"},
    ]
    answer = native({"text": dumps({"pieces": pieces}).decode()})
    told = from_gemini([answer], made.state).body
    if more["response_format"] == "srt":
        assert told.startswith(b"1\n00:00:00,000 --> 00:00:00,500\nHello there.\n\n2\n00:00:01,500 --> ")
    elif more["response_format"] == "diarized_json":
        assert [(each["text"], each["speaker"]) for each in loads(told)["segments"]] == [
            ("Hello there.", "A"),
            ("Hi!", "B"),
        ]
    else:
        assert [each["end"] for each in loads(told)["words"]] == [0.5, 2]


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"pieces":[{"text":"x"}]}'])
def test_times_that_a_model_did_not_write_down_are_an_error(text: str) -> None:
    made = call(GENERAL, response_format="vtt")
    with pytest.raises(UpstreamProtocol):
        from_gemini([native({"text": text})], made.state)


def test_a_transcription_model_is_asked_by_its_own_configuration() -> None:
    made = call(languages=["fr", "de"], keywords=["Ann", "Bob"])
    assert made.body["generationConfig"] == {
        "audioTranscriptionConfig": {"languageCodes": ["fr", "de"], "customVocabulary": ["Ann", "Bob"]}
    }
    assert [list(part) for part in made.body["contents"][0]["parts"]] == [["inlineData"]]


def test_nothing_is_configured_when_nothing_was_asked() -> None:
    assert "generationConfig" not in call().body


@pytest.mark.parametrize("form", ["srt", "vtt", "verbose_json"])
def test_times_are_asked_for_where_the_form_has_them(form: str) -> None:
    config = call(response_format=form).body["generationConfig"]["audioTranscriptionConfig"]
    assert config == {"wordTimestamp": True}


def test_speakers_are_asked_for_where_the_form_has_them() -> None:
    config = call(response_format="diarized_json").body["generationConfig"]["audioTranscriptionConfig"]
    assert config == {"wordTimestamp": True, "diarization": True}


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"prompt": "Names: Ann."}, "prompt"),
        ({"keywords": ["x"] * 1001}, "keywords"),
        ({"response_format": "docx"}, "response_format"),
        ({"temperature": "warm"}, "temperature"),
    ],
)
def test_what_a_transcription_model_cannot_take_is_refused(more: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        call(**more)
    assert refused.value.param == param


@pytest.mark.parametrize("model", [SPECIAL, GENERAL])
def test_what_a_model_cannot_take_is_dropped_and_reported(model: str) -> None:
    context = replace(CONTEXT, drop_unsupported=True)
    form = {
        "model": model,
        "file": [FormFile("a.wav", "audio/wav", SECOND)],
        "prompt": "Names: Ann.",
        "keywords": ["x"] * 1001,
    }
    [made] = to_gemini(form, context)
    assert made.dropped == (("keywords[1000:]", "prompt") if model == SPECIAL else ("keywords[1000:]",))
    assert ("Names: Ann." in dumps(made.body).decode()) == (model != SPECIAL)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(RequestRefused) as refused:
        to_gemini({"model": SPECIAL}, CONTEXT)
    assert (refused.value.param, refused.value.code) == ("file", "missing_required_parameter")


@pytest.mark.parametrize("key", ["include", "known_speaker_names", "known_speaker_references", "chunking_strategy"])
def test_what_gemini_does_not_know_is_refused_by_name(key: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        check_parameters({key: ["x"]}, TRANSCRIPTIONS.parameters, provider="gemini", drop_unsupported=False)
    assert refused.value.param == key


def test_json_has_the_text_and_what_it_cost() -> None:
    product = transcript()
    assert loads(product.body) == {"text": "Hi there. Hello!", "usage": TOKENS}
    assert product.content_type == ""


def test_text_is_the_bare_text_on_a_line() -> None:
    product = transcript("text")
    assert (product.body, product.content_type) == (b"Hi there. Hello!\n", "text/plain; charset=utf-8")


def test_text_of_a_general_model_is_its_answer_without_thoughts() -> None:
    made = call(GENERAL)
    answer = native({"text": "Hm.", "thought": True}, {"text": "Hi "}, {"text": "there."})
    assert loads(from_gemini([answer], made.state).body)["text"] == "Hi there."


def test_srt_counts_its_cues() -> None:
    assert transcript("srt").body.decode() == (
        "1\n00:00:00,000 --> 00:00:01,250\nHi there.\n\n2\n00:00:02,500 --> 00:00:03,000\nHello!\n\n"
    )


def test_vtt_begins_with_its_name() -> None:
    product = transcript("vtt")
    assert product.body.decode().startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.250\nHi there.\n\n")
    assert product.content_type == "text/vtt; charset=utf-8"


def test_verbose_json_has_segments_and_the_length_of_the_file() -> None:
    body = loads(transcript("verbose_json", language="en").body)
    assert (body["task"], body["language"], body["duration"]) == ("transcribe", "en", 1.0)
    assert [(item["id"], item["start"], item["end"], item["text"]) for item in body["segments"]] == [
        (0, 0.0, 1.25, "Hi there."),
        (1, 2.5, 3.0, "Hello!"),
    ]
    assert (body["segments"][0]["tokens"], body["segments"][0]["no_speech_prob"]) == ([], 0)
    assert "words" not in body


def test_figures_that_do_not_exist_are_noted() -> None:
    assert call(response_format="verbose_json").notes == ("transcription_placeholders",)


def test_words_are_given_when_words_were_asked_for() -> None:
    body = loads(transcript("verbose_json", timestamp_granularities=["word"]).body)
    assert body["words"][0] == {"word": "Hi", "start": 0.0, "end": 0.4}
    assert "segments" not in body


def test_speakers_are_letters_in_order_of_appearance() -> None:
    body = loads(transcript("diarized_json").body)
    assert [(item["speaker"], item["text"]) for item in body["segments"]] == [("A", "Hi there."), ("B", "Hello!")]


def test_a_file_that_hides_its_length_is_measured_by_its_tokens() -> None:
    made = to_gemini(
        {"model": SPECIAL, "file": [FormFile("a", "audio/wav", b"?")], "response_format": "diarized_json"}, CONTEXT
    )[0]
    assert loads(from_gemini([native(*TURNS)], made.state).body)["duration"] == 3.72


def test_the_length_of_a_file_stands_in_its_header() -> None:
    assert duration_of(SECOND) == 1.0


def test_segments_are_cut_at_pauses_speakers_and_lengths() -> None:
    words = [Word("a", 0, 1), Word("b", 1.5, 2), Word("c", 3, 4), Word("d", 4, 5, "x")]
    assert [segment.text for segment in segments_of(words)] == ["a b", "c", "d"]
    assert [segment.text for segment in segments_of([Word("a", i, i + 1) for i in range(9)])] == [
        "a a a a a a a",
        "a a",
    ]
    assert [len(segment.words) for segment in segments_of([Word("x" * 40, i / 9, i / 9) for i in range(3)])] == [2, 1]


def test_nothing_said_is_no_segment() -> None:
    assert segments_of([]) == []
    assert (srt([]), vtt([]), diarized_segments([])) == ("", "WEBVTT\n\n", [])


def test_a_general_model_streams_what_it_writes() -> None:
    made = call(GENERAL, stream="true")
    assert (made.path.split(":")[1], made.stream) == ("streamGenerateContent?alt=sse", True)
    stream = TranscriptStream(made.state)
    data = stream.feed(native({"text": "Hi"}, finish=None)) + stream.feed(native({"text": " there."})) + stream.close()
    frames = data.decode().strip().split("\n\n")
    events = [loads(frame.removeprefix("data: ")) for frame in frames[:-1]]
    assert [event["type"] for event in events] == ["transcript.text.delta"] * 2 + ["transcript.text.done"]
    assert events[2] == {"type": "transcript.text.done", "text": "Hi there.", "usage": TOKENS}
    assert frames[-1] == "data: [DONE]"


def test_a_transcription_model_streams_its_whole_answer() -> None:
    made = call(stream="true")
    product = from_gemini([native(*TURNS)], made.state)
    assert made.stream is False
    assert product.content_type.startswith("text/event-stream")
    assert product.body.decode().count("transcript.text.done") == 1


def test_a_stream_without_its_end_is_truncated() -> None:
    stream = TranscriptStream(call(GENERAL, stream="true").state)
    stream.feed(native({"text": "Hi"}, finish=None))
    with pytest.raises(UpstreamTruncated):
        stream.close()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (native(finish="SAFETY"), "content_filter"),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, "content_filter"),
        (native(finish="OTHER"), "upstream_no_content"),
        ({"error": {"code": 503, "message": "Busy."}}, "overloaded"),
    ],
)
def test_an_answer_without_a_transcript_is_an_error(answer: dict[str, Any], code: str) -> None:
    with pytest.raises(UpstreamError) as failed:
        from_gemini([answer], call().state)
    assert failed.value.code == code


def test_silence_is_an_empty_transcript() -> None:
    assert loads(from_gemini([native()], call().state).body)["text"] == ""
