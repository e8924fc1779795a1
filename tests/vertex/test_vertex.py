"""Vertex AI: addresses, families of models, tokens of Google."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import urllib3

from unigate_adapter.authentication.authenticator import CredentialSource, VendorRequest
from unigate_adapter.settings import vendor_settings
from unigate_adapter.target import Target
from unigate_core.json import dumps, loads
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.native_api import NativeRequest
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import Context, Translation
from unigate_formats.openai_chat.decode_request import decode_request
from unigate_vertex import PROVIDER, claude, gemini, provider_of
from unigate_vertex.authentication import google_authentication, transport
from unigate_vertex.embeddings import from_predict, to_predict
from unigate_vertex.place import Place
from unigate_vertex.settings import place as place_of_environment

REQUEST = VendorRequest("POST", "https://x", {}, b"")


@pytest.mark.parametrize(
    ("place", "url"),
    [
        (Place(project="p"), "https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global"),
        (
            Place(project="p", location="europe-west4"),
            "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p/locations/europe-west4",
        ),
        (
            Place(project="p", location="eu"),
            "https://aiplatform.eu.rep.googleapis.com/v1beta1/projects/p/locations/eu",
        ),
        (Place(), "https://aiplatform.googleapis.com/v1beta1"),
        (Place(project="p", address="http://own/v1"), "http://own/v1/projects/p/locations/global"),
        (Place(project="p", address="http://o/v1/projects/q/locations/r"), "http://o/v1/projects/q/locations/r"),
    ],
)
def test_where_calls_go(place: Place, url: str) -> None:
    assert place.url == url


@pytest.mark.parametrize(
    ("model", "stream", "path"),
    [
        ("gemini-2.5-flash", False, "publishers/google/models/gemini-2.5-flash:generateContent"),
        ("gemini-2.5-flash", True, "publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
        ("claude-sonnet-4@20250514", False, "publishers/anthropic/models/claude-sonnet-4@20250514:rawPredict"),
        ("claude-sonnet-4@20250514", True, "publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict"),
        ("meta/llama-3.3-70b", False, "endpoints/openapi/chat/completions"),
    ],
)
def test_each_family_has_its_path(model: str, stream: bool, path: str) -> None:
    provider = next((family for serves, family in PROVIDER.families if serves(model)), PROVIDER)
    translation = provider.chat_translation
    assert isinstance(translation, Translation)
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "stream": stream}
    context = Context(model=ModelInfo(id=model), new_id=lambda: "x")
    assert translation.request(decode_request(body), context).path == path


def test_claudes_version_stands_in_the_body_and_its_betas_stay_in_the_header() -> None:
    headers = {"anthropic-beta": "a", "anthropic-version": "2023-06-01"}
    body = dumps({"model": "claude-x", "messages": [], "stream": True})
    placed = claude.place_native(NativeRequest("messages", body, headers), "claude-x")
    assert placed.path == "publishers/anthropic/models/claude-x:streamRawPredict"
    assert placed.headers == {"anthropic-beta": "a"}
    assert loads(placed.body) == {"messages": [], "stream": True, "anthropic_version": "vertex-2023-10-16"}


def test_a_native_request_of_gemini_keeps_its_bytes() -> None:
    request = NativeRequest("models/gemini-x:generateContent", b'{"contents": 1 }', {})
    placed = gemini.place_native(request, "gemini-x")
    assert (placed.path, placed.body) == ("publishers/google/models/gemini-x:generateContent", request.body)


def test_errors_are_read_as_whose_they_are() -> None:
    anthropic = dumps({"type": "error", "error": {"type": "overloaded_error", "message": "m"}})
    google = dumps({"error": {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED"}})
    assert claude.from_error(529, {}, anthropic, client_key=False).code == "overloaded"
    assert claude.from_error(429, {}, google, client_key=False).status == 429


def test_embeddings_are_predictions() -> None:
    context = Context(model=ModelInfo(id="m"), new_id=lambda: "x", provider="vertex")
    (call,) = to_predict({"model": "text-embedding-005", "input": ["a", "b"], "dimensions": 2}, context)
    assert call.path == "publishers/google/models/text-embedding-005:predict"
    assert call.body == {"instances": [{"content": "a"}, {"content": "b"}], "parameters": {"outputDimensionality": 2}}
    one = {"embeddings": {"values": [0.0, 1.0], "statistics": {"token_count": 3}}}
    told = loads(from_predict([{"predictions": [one, one]}], call.state).body)
    assert (len(told["data"]), told["usage"]["prompt_tokens"]) == (2, 6)
    assert len(to_predict({"model": "gemini-embedding-001", "input": ["a", "b"]}, context)) == 2


def test_all_operations_of_gemini_are_there() -> None:
    assert {Operation.CHAT, Operation.EMBEDDINGS, Operation.IMAGES_GENERATIONS} <= PROVIDER.operations.keys()


async def test_a_key_of_express_mode_goes_into_googles_header() -> None:
    ready = await google_authentication(CredentialSource("vertex", key="k")).sign(REQUEST)
    assert ready is not None
    assert ready.request.headers == {"x-goog-api-key": "k"}


async def test_default_credentials_give_a_token_once(monkeypatch: pytest.MonkeyPatch) -> None:
    refreshed: list[Any] = []

    class Credentials:
        token = ""
        expiry: dt.datetime | None = None

        def refresh(self, request: Any) -> None:
            refreshed.append(request)
            self.token = "a token"
            self.expiry = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(hours=1)

    monkeypatch.setattr("google.auth.default", lambda **settings: (Credentials(), "p"))
    authenticator = google_authentication(CredentialSource("vertex"))
    async with authenticator.open():
        for _ in range(3):
            ready = await authenticator.sign(REQUEST)
            assert ready is not None
            assert ready.request.headers == {"authorization": "Bearer a token"}
    assert len(refreshed) == 1


def test_tokens_are_fetched_by_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "inner.example")
    monkeypatch.setattr(urllib3.ProxyManager, "urlopen", lambda *_, **__: asked.append("proxy"))
    monkeypatch.setattr(urllib3.PoolManager, "urlopen", lambda *_, **__: asked.append("direct"))
    send = transport()
    for url in ("https://oauth2.googleapis.com/token", "http://metadata.google.internal/x", "https://inner.example/t"):
        send(url)
    assert asked == ["proxy", "direct", "direct"]


def test_the_address_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", "https://proxy.example/vertex")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    provider = provider_of(place_of_environment())
    base = Target.of(provider, vendor_settings(provider).base_url).base
    assert base == "https://proxy.example/vertex/v1beta1/projects/p/locations/global"
