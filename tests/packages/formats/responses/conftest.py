"""Responses made of neutral events, and the official SDK as their judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from unigate_core.encrypted_content import ContentCipher, EncryptedPayload
from unigate_core.json import Json, dumps, loads
from unigate_formats.neutral.events import Event, Usage
from unigate_formats.neutral.parameters import Parameter, ParameterSupport
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_responses.decode_request import decode_request
from unigate_formats.openai_responses.encode_stream import ResponseAnswerEncoder, ResponseStreamEncoder
from unigate_formats.openai_responses.response_object import ResponseContext

CIPHER = ContentCipher([b"a secret of the tests"])
TENANT = "a tenant"


def opened(token: str) -> EncryptedPayload | None:
    """What the gateway encrypted for the tenant."""
    return CIPHER.decrypt(token, TENANT)


RESPONSE_ID = "resp_uga" + "0" * 40
USAGE = Usage(input=7, output=5, cache_read=3, cache_write=2, reasoning=1)
EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def terms(**body: Any) -> ResponseContext:
    return ResponseContext(
        id=RESPONSE_ID,
        provider="acme",
        model="acme-1",
        created=1_700_000_000,
        body={"input": "Hi", **body},
        custom_names=frozenset(tool["name"] for tool in body.get("tools", ()) if tool["type"] == "custom"),
        store=body.get("store", True),
        encrypt=lambda content: CIPHER.encrypt(content, TENANT),
        clock=lambda: 1_700_000_009.5,
    )


def split(stream: bytes) -> list[Json]:
    events = []
    for frame in stream.split(b"\n\n")[:-1]:
        name, data = frame.split(b"\n")
        event = loads(data.removeprefix(b"data: "))
        assert name == b"event: " + event["type"].encode()
        EVENTS.validate_json(dumps(event), strict=True)
        events.append(event)
    return events


@pytest.fixture
def encoder() -> Callable[..., ResponseStreamEncoder]:
    """A framer for a request with these members."""
    return lambda **body: ResponseStreamEncoder(terms(**body))


@pytest.fixture(scope="session")
def stream() -> Callable[..., list[Json]]:
    """All events of a streamed response, each valid for the SDK."""

    def made(events: Sequence[Event], **body: Any) -> list[Json]:
        encoder = ResponseStreamEncoder(terms(**body))
        return split(b"".join(encoder.write([event]) for event in events) + encoder.close(USAGE))

    return made


@pytest.fixture(scope="session")
def whole() -> Callable[..., Json]:
    """The response object of a whole answer, valid for the SDK."""

    def made(events: Sequence[Event], **body: Any) -> Json:
        fold = ResponseAnswerEncoder(terms(**body))
        assert fold.write(events) == b""
        data = fold.close(USAGE)
        Response.model_validate_json(data, strict=True)
        response: Json = loads(data)
        return response

    return made


@pytest.fixture
def parse() -> Callable[[bytes], list[Json]]:
    """The events in some bytes of a stream."""
    return split


@pytest.fixture
def encrypted() -> Callable[..., str]:
    """A token as the gateway makes them."""
    return lambda provider="acme", model="acme-1", **content: CIPHER.encrypt(
        EncryptedPayload(provider, model, **content), TENANT
    )


@pytest.fixture
def read() -> Callable[..., ChatRequest]:
    """Reads a request for a provider that honours all of chat but verbosity and log probabilities."""
    table = {
        "verbosity": Parameter(ParameterSupport.UNSUPPORTED, neutral=("medium",), droppable=True),
        "logprobs": Parameter(ParameterSupport.UNSUPPORTED, neutral=(False,)),
    }

    def made(given: Any = "Hi", earlier: Sequence[Json] = (), **body: Any) -> ChatRequest:
        whole = {"model": "acme-1", "input": given, **body}
        drop = whole.pop("drop_unsupported", False)
        return decode_request(
            whole,
            "acme",
            chat_table=whole.pop("table", table),
            earlier=earlier,
            decrypt=opened,
            drop_unsupported=drop,
        )

    return made
