"""What the soak sends: ordinary requests of every kind, and for two of five a fault or a client that leaves."""

import asyncio
import random
from itertools import chain, zip_longest

import httpx

from tools.demo_load import (
    COMPLETIONS,
    EMBEDDING,
    RESPONSES,
    TOOLS,
    Step,
    chat,
    leaves_a_stream,
    leaves_before_an_answer,
    lists_models,
    repeats_itself,
    sender,
)

IMAGE = "openai/gpt-image-1"
TRANSCRIBER = "openai/whisper-1"


async def continues_a_response(client: httpx.AsyncClient, turn: str) -> int:
    """Two turns of a conversation that the gateway keeps."""
    first = await client.post(RESPONSES, json={"model": turn, "input": f"Hello. [[words:200]] {random.random()}"})
    if first.status_code != 200:
        return first.status_code
    body = {"model": turn, "input": "Go on. [[words:100]]", "previous_response_id": first.json()["id"]}
    return (await client.post(RESPONSES, json=body)).status_code


async def uploads(client: httpx.AsyncClient, _: str) -> int:
    """Half a megabyte of sound."""
    files = {"file": ("a.wav", bytes(512 * 1024), "audio/wav")}
    return (await client.post("/v1/audio/transcriptions", data={"model": TRANSCRIBER}, files=files)).status_code


async def leaves_an_upload(client: httpx.AsyncClient, turn: str) -> int:
    """Break off in the middle of a file."""
    _, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    head = (
        "POST /v1/audio/transcriptions HTTP/1.1\r\nhost: gateway\r\ncontent-length: 5000000\r\n"
        f"authorization: {client.headers['authorization']}\r\ncontent-type: multipart/form-data; boundary=b\r\n\r\n"
        f'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\n{TRANSCRIBER}\r\n'
        '--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    )
    writer.write(head.encode() + bytes(200_000))
    await asyncio.sleep(0.05)
    writer.transport.abort()
    return 499


async def sends_half_a_head(client: httpx.AsyncClient, turn: str) -> int:
    """Connect, begin a request, and go."""
    _, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nhost: gatew")
    await asyncio.sleep(0.02)
    writer.transport.abort()
    return 499


async def sends_no_json(client: httpx.AsyncClient, _: str) -> int:
    """Post what cannot be read."""
    headers = {"content-type": "application/json"}
    return (await client.post(COMPLETIONS, content=b'{"model": [' * 5000, headers=headers)).status_code


async def calls_a_tool(client: httpx.AsyncClient, turn: str) -> int:
    """A call, and the turn that brings its result."""
    first = await client.post(COMPLETIONS, json={"model": turn, **chat("weather", tools=TOOLS)})
    if first.status_code != 200:
        return first.status_code
    message = first.json()["choices"][0]["message"]
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": "sunny"} for call in message.get("tool_calls") or []
    ]
    messages = [{"role": "user", "content": "weather"}, message, *results, {"role": "user", "content": "Thanks."}]
    return (await client.post(COMPLETIONS, json={"model": turn, "messages": messages, "tools": TOOLS})).status_code


async def never_the_same(client: httpx.AsyncClient, turn: str) -> int:
    """A request that no cache knows."""
    body = chat(f"[[words:300]] {random.random()}", max_tokens=500)
    return (await client.post(COMPLETIONS, json={"model": turn, **body})).status_code


def failing(fault: str, body: dict[str, object] | None = None, path: str = COMPLETIONS) -> Step:
    """A request that the vendor fails in a way of the simulator's."""
    return sender(path, body or chat(), f"{{provider}}/sim-{fault}")


GOOD: list[Step] = [
    sender(COMPLETIONS, chat()),
    sender(COMPLETIONS, chat("Tell me a long story. [[words:150]]", stream=True)),
    never_the_same,
    sender(RESPONSES, {"input": "Hello there. [[words:200]]"}),
    continues_a_response,
    sender(RESPONSES, {"input": "Hello there.", "stream": True}),
    calls_a_tool,
    repeats_itself,
    sender("/v1/embeddings", {"input": "some text"}, EMBEDDING),
    continues_a_response,
    uploads,
    never_the_same,
    lists_models,
    sender(COMPLETIONS, chat(stream=True, stream_options={"include_usage": True})),
    sender(COMPLETIONS, chat("The same again.", temperature=0)),
    sender("/v1/images/generations", {"prompt": "A cat."}, IMAGE),
    never_the_same,
    continues_a_response,
    sender(RESPONSES, {"input": "Hello there. [[words:500]]"}),
    never_the_same,
    calls_a_tool,
]
BAD: list[Step] = [
    failing("500"),
    failing("429"),
    failing("cut", chat(stream=True)),
    failing("eof", chat(stream=True)),
    failing("malformed", chat(stream=True)),
    failing("malformed"),
    failing("error-mid", chat(stream=True)),
    failing("cut", {"input": "Hello.", "stream": True}, RESPONSES),
    leaves_a_stream,
    leaves_before_an_answer,
    leaves_an_upload,
    sends_half_a_head,
    sends_no_json,
    sender(COMPLETIONS, {"messages": "wrong"}),
]
FAULTS = len(BAD) / (len(BAD) + len(GOOD))
STEPS: list[Step] = [step for step in chain.from_iterable(zip_longest(GOOD, BAD)) if step is not None]
