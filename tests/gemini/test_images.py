"""Image generations and edits."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from msgspec.structs import replace
from PIL import Image

from unigate_core.errors import RequestRefused, UpstreamError
from unigate_core.form_reader import FormFile
from unigate_core.json import loads
from unigate_formats.gemini_generate_content.images import (
    EDITS,
    GENERATIONS,
    from_gemini,
    links,
    to_edit,
    to_generation,
)
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.parameters import check_parameters
from unigate_formats.neutral.translation import Context, Fetched

CURRENT, OLDER = "gemini-3-pro-image-preview", "gemini-2.5-flash-image"


def context(**more: Any) -> Context:
    return Context(model=ModelInfo(id=CURRENT), new_id=lambda: "x", created=1_700_000_000, **more)


def picture(form: str = "JPEG", size: tuple[int, int] = (12, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, form)
    return out.getvalue()


def answer(form: str = "JPEG", **more: Any) -> dict[str, Any]:
    blob = {"mimeType": f"image/{form.lower()}", "data": base64.b64encode(picture(form)).decode()}
    usage = {
        "promptTokenCount": 22,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 22}],
        "candidatesTokenCount": 1120,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
        "thoughtsTokenCount": 275,
        "totalTokenCount": 1417,
    }
    parts = [{"inlineData": blob, "thought": True}, {"text": "Here."}, {"inlineData": blob}]
    return {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}], "usageMetadata": usage, **more}


def generate(**more: Any) -> Any:
    return to_generation({"model": CURRENT, "prompt": "A cat", **more}, context())


def edit(**more: Any) -> Any:
    return to_edit({"model": CURRENT, "prompt": "A hat", **more}, context(**more.pop("known", {})))


def test_an_image_is_asked_of_generate_content() -> None:
    [call] = generate()
    assert call.path == f"models/{CURRENT}:generateContent"
    assert call.body == {
        "contents": [{"role": "user", "parts": [{"text": "A cat"}]}],
        "generationConfig": {"responseModalities": ["IMAGE"]},
    }


def test_several_images_are_several_calls() -> None:
    assert len(generate(n=3)) == 3


@pytest.mark.parametrize("n", [0, 11, "many"])
def test_a_number_of_images_out_of_bounds_is_refused(n: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        generate(n=n)
    assert refused.value.param == "n"


@pytest.mark.parametrize(
    ("size", "config"),
    [
        ("1024x1024", {"aspectRatio": "1:1", "imageSize": "1K"}),
        ("1264x848", {"aspectRatio": "3:2", "imageSize": "1K"}),
        ("2048x1152", {"aspectRatio": "16:9", "imageSize": "2K"}),
        ("4096x4096", {"aspectRatio": "1:1", "imageSize": "4K"}),
    ],
)
def test_a_size_is_a_ratio_and_a_step(size: str, config: dict[str, str]) -> None:
    [call] = generate(size=size)
    assert call.body["generationConfig"]["imageConfig"] == config


def test_generation_2_takes_a_ratio_only() -> None:
    [call] = to_generation({"model": OLDER, "prompt": "A cat", "size": "1024x1024"}, context())
    assert call.body["generationConfig"]["imageConfig"] == {"aspectRatio": "1:1"}


@pytest.mark.parametrize(("model", "size"), [(CURRENT, "1000x300"), (CURRENT, "big"), (OLDER, "2048x2048")])
def test_a_size_that_cannot_be_made_is_refused_if_so_asked(model: str, size: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        to_generation({"model": model, "prompt": "A cat", "size": size}, context())
    assert refused.value.param == "size"


@pytest.mark.parametrize(
    ("model", "size", "config"),
    [(CURRENT, "1000x300", {"aspectRatio": "21:9", "imageSize": "1K"}), (OLDER, "2048x2048", {"aspectRatio": "1:1"})],
)
def test_the_nearest_size_is_made(model: str, size: str, config: dict[str, str]) -> None:
    body = {"model": model, "prompt": "A cat", "size": size}
    [call] = to_generation(body, replace(context(), drop_unsupported=True))
    assert call.body["generationConfig"]["imageConfig"] == config


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("quality", "high"),
        ("style", "vivid"),
        ("background", "transparent"),
    ],
)
def test_what_gemini_cannot_do_is_refused_by_name(key: str, value: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        check_parameters({key: value}, GENERATIONS.parameters, provider="gemini", drop_unsupported=False)
    assert refused.value.param == key


def test_fidelity_is_refused_for_edits() -> None:
    with pytest.raises(RequestRefused) as refused:
        check_parameters({"input_fidelity": "high"}, EDITS.parameters, provider="gemini", drop_unsupported=False)
    assert refused.value.param == "input_fidelity"


def test_a_mask_is_one_more_image_that_is_told_of() -> None:
    data = picture("PNG")
    image, mask = FormFile("a.png", "image/png", data), FormFile("m.png", "image/png", data)
    [call] = edit(image=[image], mask=[mask])
    first, sentence, second, prompt = call.body["contents"][0]["parts"]
    assert first == second
    assert "mask" in sentence["text"]
    assert prompt == {"text": "A hat"}
    assert call.notes == ("mask_described",)


def test_a_mask_may_be_a_link() -> None:
    url = "https://example.com/mask"
    data = picture("PNG")
    body = {"images": [{"image_url": url}], "mask": {"image_url": url}}
    assert [path for _, path in links(body)] == ["mask.image_url", "images[0].image_url"]
    [call] = edit(**body, known={"fetched": {url: Fetched("image/png", data)}})
    assert len(call.body["contents"][0]["parts"]) == 4


def test_a_form_a_link_and_a_data_url_make_the_same_request() -> None:
    data = picture("PNG")
    url = "https://example.com/a"
    form = edit(image=[FormFile("a.png", "application/octet-stream", data)])
    link = edit(images=[{"image_url": url}], known={"fetched": {url: Fetched("image/png", data)}})
    inline = edit(images=[{"image_url": f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"}])
    assert form[0].body == link[0].body == inline[0].body
    blob, text = form[0].body["contents"][0]["parts"]
    assert blob["inlineData"]["mimeType"] == "image/png"
    assert text == {"text": "A hat"}


def test_only_links_are_fetched_and_each_is_known_by_its_place() -> None:
    images = [{"image_url": "data:image/png;base64,AAAA"}, {"image_url": "https://example.com/a"}, {"file_id": "f"}]
    assert links({"images": images}) == [("https://example.com/a", "images[1].image_url")]


@pytest.mark.parametrize(
    ("images", "param"),
    [
        ([{"file_id": "file-1"}], "images[0].file_id"),
        ([{"image_url": "https://example.com/missing"}], "images[0]"),
        ([FormFile("a", "image/png", b"x")] * 15, "image"),
        ([], "image"),
    ],
)
def test_images_that_cannot_be_sent_are_refused(images: Any, param: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        edit(images=images)
    assert refused.value.param == param


def test_options_of_a_form_are_json_text() -> None:
    [call] = generate(provider_options='{"gemini":{"top_k":3}}')
    assert call.body["generationConfig"]["topK"] == 3


def test_an_image_is_given_as_it_was_delivered() -> None:
    [call] = generate()
    product = from_gemini([answer()], call.state)
    body = loads(product.body)
    assert base64.b64decode(body["data"][0]["b64_json"]) == picture()
    assert (body["created"], body["output_format"], body["size"]) == (1_700_000_000, "jpeg", "12x8")
    assert len(body["data"]) == 1
    assert product.notes == ()


def test_usage_tells_image_and_text_tokens_apart() -> None:
    [call] = generate()
    assert loads(from_gemini([answer()], call.state).body)["usage"] == {
        "input_tokens": 22,
        "input_tokens_details": {"image_tokens": 0, "text_tokens": 22},
        "output_tokens": 1395,
        "output_tokens_details": {"image_tokens": 1120, "text_tokens": 275},
        "total_tokens": 1417,
    }


def test_usage_of_several_calls_is_summed() -> None:
    calls = generate(n=2)
    product = from_gemini([answer(), answer()], calls[0].state)
    assert loads(product.body)["usage"]["total_tokens"] == 2834
    assert len(loads(product.body)["data"]) == 2


@pytest.mark.parametrize("form", ["png", "webp"])
def test_another_form_is_made_when_it_is_asked_for(form: str) -> None:
    [call] = generate(output_format=form, output_compression=50)
    body = loads(from_gemini([answer()], call.state).body)
    with Image.open(io.BytesIO(base64.b64decode(body["data"][0]["b64_json"]))) as image:
        assert (image.format, image.size) == (form.upper(), (12, 8))
    assert body["output_format"] == form


def test_a_size_other_than_asked_for_is_noted() -> None:
    [call] = generate(size="1024x1024")
    assert from_gemini([answer()], call.state).notes == ("image_size:12x8",)


@pytest.mark.parametrize("make", [generate, lambda **more: edit(image=[FormFile("a", "", picture())], **more)])
def test_a_streamed_answer_is_one_event_per_image(make: Any) -> None:
    calls = make(stream=True, n=2)
    product = from_gemini([answer(), answer()], calls[0].state)
    kind = "image_edit.completed" if make is not generate else "image_generation.completed"
    frames = product.body.decode().strip().split("\n\n")
    assert product.content_type.startswith("text/event-stream")
    assert [frame.split("\n")[0] for frame in frames] == [f"event: {kind}"] * 2
    event = loads(frames[0].split("data: ")[1])
    assert (event["type"], event["size"], event["usage"]["total_tokens"]) == (kind, "12x8", 1417)


@pytest.mark.parametrize(
    "native",
    [
        {"candidates": [{"finishReason": "IMAGE_SAFETY", "finishMessage": "No."}]},
        {"candidates": [{"content": {"parts": [{"text": "I will not."}]}, "finishReason": "PROHIBITED_CONTENT"}]},
        {"promptFeedback": {"blockReason": "SAFETY"}},
    ],
)
def test_a_declined_image_is_the_users_error(native: dict[str, Any]) -> None:
    with pytest.raises(UpstreamError) as failed:
        from_gemini([native], generate()[0].state)
    error = failed.value
    assert (error.status, error.type, error.code) == (400, "image_generation_user_error", "moderation_blocked")


@pytest.mark.parametrize("native", [{"candidates": [{"finishReason": "NO_IMAGE"}]}, {}])
def test_an_answer_without_an_image_is_an_error(native: dict[str, Any]) -> None:
    with pytest.raises(UpstreamError) as failed:
        from_gemini([native], generate()[0].state)
    assert (failed.value.status, failed.value.code) == (502, "upstream_no_content")


def test_an_image_that_cannot_be_read_is_an_error() -> None:
    blob = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    with pytest.raises(UpstreamError) as failed:
        from_gemini([{"candidates": [{"content": {"parts": [blob]}}]}], generate()[0].state)
    assert failed.value.code == "upstream_protocol"


@pytest.mark.parametrize("form", ["svg", "pdf", "gif"])
def test_a_form_that_cannot_be_made_is_refused(form: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        generate(output_format=form)
    assert refused.value.param == "output_format"


def test_urls_hold_the_image_itself() -> None:
    (call,) = to_generation({"model": CURRENT, "prompt": "a", "response_format": "url"}, context())
    data = base64.b64encode(picture()).decode()
    answer = {"candidates": [{"content": {"parts": [{"inlineData": {"data": data, "mimeType": "image/jpeg"}}]}}]}
    made = from_gemini([answer], call.state)
    assert loads(made.body)["data"] == [{"url": f"data:image/jpeg;base64,{data}"}]
    assert "response_format:url->data_url" in made.notes
