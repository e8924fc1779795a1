"""A stream whose vendor has said `[DONE]` and leaves the answer open: it ends all the same, without an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import Json, dumps
from unigate_core.sse import DONE, frame

CHUNKS: list[Json] = [
    {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    for choice in (
        {"index": 0, "delta": {"role": "assistant", "content": "Hi"}, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": "stop"},
    )
]
MESSAGES = pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES


class Open(httpx.AsyncByteStream):
    """An answer that never ends."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"".join(frame(dumps(chunk)) for chunk in CHUNKS)
        yield DONE
        await asyncio.sleep(60)


class Written:
    """What a servicer asks of a call: takes the frames of its answer."""

    def __init__(self) -> None:
        self.frames: list[pb.InvokeStreamResponse] = []

    async def write(self, given: pb.InvokeStreamResponse) -> None:
        self.frames.append(given)


def vendor(request: httpx.Request) -> httpx.Response:
    if request.method == "GET":
        return httpx.Response(200, json={"object": "list", "data": []})
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Open())


@pytest.mark.parametrize("name", ["openai", "deepseek"])
@pytest.mark.parametrize(
    ("client_format", "last"),
    [(pb.CLIENT_FORMAT_OPENAI, b"data: [DONE]\n\n"), (MESSAGES, b'{"type":"message_stop"}\n\n')],
)
async def test_a_stream_ends_with_done(name: str, client_format: Any, last: bytes, serve: Any) -> None:
    opened: AbstractAsyncContextManager[Any] = serve(name, vendor)
    async with opened as (servicer, model), asyncio.timeout(20):
        call = pb.Call(operation=pb.OPERATION_CHAT, model=model, client_format=client_format, drop_unsupported=True)
        body: Json = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], "stream": True}
        written = Written()
        await servicer.InvokeStream(pb.InvokeStreamRequest(call=call, body=dumps(body)), written)
    told = b"".join(each.data for each in written.frames)
    assert told.endswith(last)
    assert not written.frames[-1].error.message
    assert list(written.frames[-1].summary.finish_reasons) in (["stop"], ["end_turn"])
