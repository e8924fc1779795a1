"""The Gemini API: content, signatures, media, embeddings."""

import base64
import io
import math
from typing import Any

import pytest
from PIL import Image

TOOLS = [
    {
        "functionDeclarations": [
            {"name": "weather", "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}}}
        ]
    }
]
FLASH = "v1beta/models/gemini-2.5-flash"
THREE = "v1beta/models/gemini-3-flash-preview"


def body(text: str = "hello", *further: Any, **more: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [{"text": text}]}, *further], **more}


async def said(ask: Any, request: dict[str, Any], model: str = FLASH) -> Any:
    return (await ask("gemini", f"{model}:generateContent", request)).json()


def parts(answer: Any) -> list[Any]:
    content: list[Any] = answer["candidates"][0]["content"].get("parts", [])
    return content


def answered() -> dict[str, Any]:
    return {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"degrees": 21}}}]}


async def test_content_echoes(ask: Any) -> None:
    assert parts(await said(ask, body())) == [{"text": "You said: hello"}]


async def test_counts_add_up(ask: Any) -> None:
    usage = (await said(ask, body()))["usageMetadata"]
    total = usage["promptTokenCount"] + usage["candidatesTokenCount"] + usage["thoughtsTokenCount"]
    assert usage["totalTokenCount"] == total


async def test_thoughts_are_shown_when_asked_for(ask: Any) -> None:
    request = body(generationConfig={"thinkingConfig": {"includeThoughts": True}})
    assert parts(await said(ask, request))[0]["thought"] is True


async def test_a_limit_can_be_used_up_by_thoughts(ask: Any) -> None:
    answer = await said(ask, body(generationConfig={"maxOutputTokens": 2}))
    assert (answer["candidates"][0]["finishReason"], parts(answer)) == ("MAX_TOKENS", [])


async def test_snake_case_is_understood(ask: Any) -> None:
    answer = await said(ask, body(generation_config={"response_mime_type": "application/json"}))
    assert parts(answer) == [{"text": '{"answer":"You said: hello"}'}]


async def test_a_stream_has_windows_line_ends(ask: Any) -> None:
    response = await ask("gemini", f"{FLASH}:streamGenerateContent?alt=sse", body())
    assert (response.text.endswith("}\r\n\r\n"), response.headers["content-type"]) == (True, "text/event-stream")


async def test_only_the_last_chunk_finishes(ask: Any, events: Any) -> None:
    request = body("one two three four five six seven eight nine ten")
    chunks = events(await ask("gemini", f"{FLASH}:streamGenerateContent?alt=sse", request))
    assert ["finishReason" in chunk["candidates"][0] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


async def test_a_stream_without_events_is_an_array(ask: Any) -> None:
    chunks = (await ask("gemini", f"{FLASH}:streamGenerateContent", body())).json()
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"


async def test_only_the_first_of_parallel_calls_is_signed(ask: Any) -> None:
    calls = parts(await said(ask, body("parallel", tools=TOOLS), THREE))
    assert ["thoughtSignature" in call for call in calls] == [True, False]


async def called(ask: Any) -> dict[str, Any]:
    content: dict[str, Any] = (await said(ask, body(tools=TOOLS), THREE))["candidates"][0]["content"]
    return content


async def test_a_signed_call_goes_on(ask: Any) -> None:
    answer = await said(ask, body("hello", await called(ask), answered()), THREE)
    assert parts(answer)[0]["text"] == 'The tool answered: {"degrees":21}'


async def test_an_unsigned_call_is_refused(ask: Any) -> None:
    content = await called(ask)
    del content["parts"][0]["thoughtSignature"]
    assert (
        "missing a thought_signature"
        in (await said(ask, body("hello", content, answered()), THREE))["error"]["message"]
    )


async def test_a_changed_signature_is_refused(ask: Any) -> None:
    content = await called(ask)
    content["parts"][0]["thoughtSignature"] = "AAAA"
    assert (await said(ask, body("hello", content, answered()), THREE))["error"][
        "message"
    ] == "Corrupted thought signature."


@pytest.mark.parametrize("skip", ["skip_thought_signature_validator", "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="])
async def test_the_skip_value_is_taken_for_a_signature(ask: Any, skip: str) -> None:
    content = await called(ask)
    content["parts"][0]["thoughtSignature"] = skip
    assert "candidates" in await said(ask, body("hello", content, answered()), THREE)


async def test_older_turns_need_no_signature(ask: Any) -> None:
    content = await called(ask)
    del content["parts"][0]["thoughtSignature"]
    closing = {"role": "model", "parts": [{"text": "21"}]}
    again = {"role": "user", "parts": [{"text": "thanks"}]}
    assert "candidates" in await said(ask, body("hello", content, answered(), closing, again), THREE)


async def test_older_models_need_no_signature(ask: Any) -> None:
    content = await called(ask)
    del content["parts"][0]["thoughtSignature"]
    assert "candidates" in await said(ask, body("hello", content, answered()))


REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    (FLASH, {"generationConfig": {"bogus": 1}}, 'Unknown name "bogus"'),
    (FLASH, {"bogus": 1}, 'Unknown name "bogus"'),
    (FLASH, {"contents": []}, "contents is not specified"),
    (FLASH, {"generationConfig": {"responseLogprobs": True}}, "Logprobs is not enabled"),
    (FLASH, {"generationConfig": {"responseSchema": {"type": "OBJECT"}}}, "mime type"),
    (FLASH, {"generationConfig": {"responseMimeType": "application/json"}, "tools": TOOLS}, "Function calling with"),
    (THREE, {"generationConfig": {"candidateCount": 2}}, "Multiple candidates is not enabled"),
]


@pytest.mark.parametrize(("model", "change", "message"), REFUSALS)
async def test_what_the_vendor_refuses_is_refused(ask: Any, model: str, change: dict[str, Any], message: str) -> None:
    assert message in (await said(ask, body() | change, model))["error"]["message"]


async def test_a_wrong_key_has_its_reason(ask: Any) -> None:
    response = await ask("gemini", f"{FLASH}:generateContent", body(), headers={"x-goog-api-key": "invalid"})
    assert response.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"


async def test_an_unknown_model_is_not_found(ask: Any) -> None:
    assert (await said(ask, body(), "v1beta/models/nope"))["error"]["status"] == "NOT_FOUND"


async def test_a_blocked_prompt_has_no_candidates(ask: Any) -> None:
    answer = await said(ask, body(), "v1beta/models/sim-refusal")
    assert ("candidates" in answer, answer["promptFeedback"]["blockReason"]) == (False, "PROHIBITED_CONTENT")


async def test_an_unsafe_answer_has_its_finish_reason(ask: Any) -> None:
    answer = await said(ask, body(), "v1beta/models/sim-safety")
    assert answer["candidates"][0]["finishReason"] == "SAFETY"


async def test_an_image_model_draws(ask: Any) -> None:
    inline = parts(await said(ask, body(), "v1beta/models/gemini-2.5-flash-image"))[0]["inlineData"]
    picture = Image.open(io.BytesIO(base64.b64decode(inline["data"])))
    assert (inline["mimeType"], picture.format) == ("image/png", "PNG")


async def test_a_speech_model_speaks(ask: Any) -> None:
    spoken = parts(await said(ask, body("ten chars."), "v1beta/models/gemini-2.5-flash-preview-tts"))
    samples = b"".join(base64.b64decode(part["inlineData"]["data"]) for part in spoken)
    assert (spoken[0]["inlineData"]["mimeType"], len(samples)) == ("audio/L16;codec=pcm;rate=24000", 24_000)


async def embedded(ask: Any, model: str, **more: Any) -> list[float]:
    request = {"model": f"models/{model}", "content": {"parts": [{"text": "a"}]}, **more}
    response = await ask("gemini", f"v1beta/models/{model}:batchEmbedContents", {"requests": [request]})
    values: list[float] = response.json()["embeddings"][0]["values"]
    return values


async def test_embeddings_have_the_dimensions_asked_for(ask: Any) -> None:
    assert len(await embedded(ask, "gemini-embedding-2", outputDimensionality=16)) == 16


async def test_shortened_embeddings_of_the_first_model_are_not_normalised(ask: Any) -> None:
    vector = await embedded(ask, "gemini-embedding-001", outputDimensionality=16)
    assert math.isclose(math.hypot(*vector), 0.7, abs_tol=1e-6)


async def test_full_embeddings_are_unit_vectors(ask: Any) -> None:
    assert math.isclose(math.hypot(*await embedded(ask, "gemini-embedding-001")), 1, abs_tol=1e-6)


async def test_one_text_can_be_embedded_alone(ask: Any) -> None:
    response = await ask(
        "gemini", "v1beta/models/gemini-embedding-2:embedContent", {"content": {"parts": [{"text": "a"}]}}
    )
    assert len(response.json()["embedding"]["values"]) == 3072


async def test_a_batch_is_limited(ask: Any) -> None:
    request = {"model": "models/gemini-embedding-2", "content": {"parts": [{"text": "a"}]}}
    response = await ask("gemini", "v1beta/models/gemini-embedding-2:batchEmbedContents", {"requests": [request] * 101})
    assert response.status_code == 400


async def test_tokens_are_counted(ask: Any) -> None:
    assert (await ask("gemini", f"{FLASH}:countTokens", body("one two"))).json()["totalTokens"] == 5


async def test_models_come_in_pages(ask: Any) -> None:
    first = (await ask("gemini", "v1beta/models?pageSize=8")).json()
    rest = (await ask("gemini", f"v1beta/models?pageSize=8&pageToken={first['nextPageToken']}")).json()
    assert (len(first["models"]), "nextPageToken" in rest) == (8, False)


HEARING = "v1beta/models/gemini-3.5-transcribe"
SOUND = [{"role": "user", "parts": [{"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}}]}]


async def test_a_transcription_model_tells_words_and_speakers(ask: Any) -> None:
    config = {"audioTranscriptionConfig": {"wordTimestamp": True, "diarization": True, "languageCodes": ["en"]}}
    [part] = parts(await said(ask, {"contents": SOUND, "generationConfig": config}, HEARING))
    turn = part["audioTranscription"]
    assert turn["text"] == " ".join(word["word"] for word in turn["words"])
    assert (turn["words"][1]["startOffset"], turn["speakerLabel"]) == ("0.5s", "spk_1")


async def test_a_transcription_model_tells_no_times_unasked(ask: Any) -> None:
    [part] = parts(await said(ask, {"contents": SOUND}, HEARING))
    assert part["audioTranscription"].keys() == {"text"}


@pytest.mark.parametrize(("model", "config"), [(HEARING, {"wordTimestamps": True}), (FLASH, {"wordTimestamp": True})])
async def test_what_no_transcription_knows_is_refused(ask: Any, model: str, config: Any) -> None:
    answer = await said(ask, {"contents": SOUND, "generationConfig": {"audioTranscriptionConfig": config}}, model)
    assert "Unknown name" in answer["error"]["message"]
