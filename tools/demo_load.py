"""`make demo-load`: a mix of requests to a running gateway: providers, endpoints, streams, errors, clients that leave.

URL names the gateway (default: that of `make up`), KEYS its keys, separated by commas, DURATION how many seconds.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from itertools import cycle

import httpx

from tools.discovery import adapters

MODELS = [f"{each.provider}/{each.example}" for each in adapters() if each.simulator and each.example]
EMBEDDING = "openai/text-embedding-3-small"
AT_ONCE = 8
REST = 0.01
"""Seconds between two requests of one client, on average."""

Step = Callable[[httpx.AsyncClient, str], Awaitable[int]]


def chat(text: str = "Tell me a story. [[words:60]]", **more: object) -> dict[str, object]:
    """The members of a chat request, without its model."""
    return {"messages": [{"role": "user", "content": text}], **more}


def sender(path: str, body: dict[str, object], model: str = "") -> Step:
    """Post a body to a path; `model` instead of the one whose turn it is."""

    async def step(client: httpx.AsyncClient, turn: str) -> int:
        answer = await client.post(
            path, json={"model": (model or turn).format(provider=turn.partition("/")[0]), **body}
        )
        return answer.status_code

    return step


async def leaves_a_stream(client: httpx.AsyncClient, turn: str) -> int:
    """Read the beginning of a long stream only."""
    body = {"model": turn, **chat("[[words:500]]", stream=True)}
    async with client.stream("POST", "/v1/chat/completions", json=body) as answer:
        async for _ in answer.aiter_bytes():
            break
    return 499


async def leaves_before_an_answer(client: httpx.AsyncClient, turn: str) -> int:
    """Wait for a moment only."""
    body = {"model": f"{turn.partition('/')[0]}/sim-stall", **chat()}
    try:
        await client.post("/v1/chat/completions", json=body, timeout=0.3)
    except httpx.TimeoutException:
        return 499
    return 200


async def repeats_itself(client: httpx.AsyncClient, turn: str) -> int:
    """Send one request twice, by the same idempotency key."""
    body, headers = {"model": turn, **chat()}, {"idempotency-key": str(random.random())}  # noqa: S311 - no secret
    await client.post("/v1/chat/completions", json=body, headers=headers)
    return (await client.post("/v1/chat/completions", json=body, headers=headers)).status_code


async def lists_models(client: httpx.AsyncClient, _: str) -> int:
    """Ask for the models."""
    return (await client.get("/v1/models")).status_code


COMPLETIONS, RESPONSES = "/v1/chat/completions", "/v1/responses"
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in ("weather", "time")
]
ORDINARY: list[Step] = [
    sender(COMPLETIONS, chat()),
    sender(COMPLETIONS, chat(stream=True)),
    sender(COMPLETIONS, chat("Tell me a long story. [[words:150]]", stream=True)),
    sender(COMPLETIONS, chat(stream=True, stream_options={"include_usage": True})),
    sender(RESPONSES, {"input": "Hello there."}),
    sender(RESPONSES, {"input": "Hello there.", "stream": True}),
    sender("/v1/embeddings", {"input": "some text"}, EMBEDDING),
    sender(COMPLETIONS, chat("The same again.", temperature=0)),
]
SELDOM: list[Step] = [
    sender(COMPLETIONS, chat(logit_bias={"50256": -100}, user="demo", parallel_tool_calls=True)),
    sender(COMPLETIONS, chat(metadata={"a": "b"}, service_tier="auto", prompt_cache_key="demo")),
    # two calls of some vendors, of which the adapter gives one
    sender(COMPLETIONS, chat("weather and time, in parallel", tools=TOOLS, parallel_tool_calls=False)),
    sender(COMPLETIONS, chat(), "{provider}/sim-500"),
    sender(COMPLETIONS, chat(), "{provider}/sim-429"),
    sender(COMPLETIONS, chat(stream=True), "{provider}/sim-error-mid"),
    sender(COMPLETIONS, chat(stream=True), "{provider}/sim-cut"),
    sender(COMPLETIONS, chat(), "nowhere/no-such-model"),
    sender(COMPLETIONS, {"messages": "wrong"}),
    leaves_a_stream,
    leaves_before_an_answer,
    repeats_itself,
    lists_models,
    sender(COMPLETIONS, chat(), "demo-fallback"),
]
STEPS = [*ORDINARY, *SELDOM[:5], *ORDINARY, *SELDOM[5:10], *ORDINARY, *SELDOM[10:]]


async def load(
    url: str,
    keys: list[str],
    seconds: float,
    at_once: int = AT_ONCE,
    rest: float = REST,
    steps: Sequence[Step] = STEPS,
) -> Counter[int]:
    """Send all steps in turn, several at once, until the time is over. Returns the number of answers by status."""
    statuses: Counter[int] = Counter()
    ends = time.monotonic() + seconds
    turns = cycle((step, model) for step in steps for model in MODELS)

    async def worker(client: httpx.AsyncClient) -> None:
        while time.monotonic() < ends:
            step, model = next(turns)
            try:
                statuses[await step(client, model)] += 1
            except httpx.HTTPError:
                statuses[0] += 1
            await asyncio.sleep(2 * rest * random.random())  # noqa: S311 - no secret

    async with AsyncExitStack() as stack:
        clients = []
        for key in keys or [""]:
            headers = {"authorization": f"Bearer {key}"} if key else {}
            client = httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False)
            clients.append(await stack.enter_async_context(client))
        await asyncio.gather(*(worker(clients[number % len(clients)]) for number in range(at_once)))
    return statuses


def main() -> int:
    """Send requests, then print what became of them."""
    url = os.environ.get("URL") or f"http://127.0.0.1:{os.environ.get('PORT') or 8080}"
    seconds = float(os.environ.get("DURATION") or 20)
    try:
        httpx.get(f"{url}/readyz", trust_env=False)
    except httpx.HTTPError as error:
        print(f"{url} does not answer ({error}); start it with `make up DETACH=1`", file=sys.stderr)
        return 1
    keys = [key for key in os.environ.get("KEYS", "").split(",") if key]
    statuses = asyncio.run(load(url, keys, seconds))
    print(json.dumps({"answers": sum(statuses.values()), "by status": dict(sorted(statuses.items()))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
