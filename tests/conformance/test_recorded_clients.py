"""What Claude Code, gemini-cli and Codex CLI really send, in front of every provider.

The recordings are made by `python -m tools.record_requests`: requests of the real programs, without their prose.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import Json, dumps, loads

FOLDER = Path(__file__).parents[1] / "recorded_clients"
FORMATS = {
    "claude_code": pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES,
    "gemini_cli": pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT,
    "codex_cli": pb.CLIENT_FORMAT_OPENAI,
}
ENDS = {"claude_code": b"message_stop", "gemini_cli": b"finishReason", "codex_cli": b"response.completed"}


def recording(name: str) -> Json:
    made: Json = loads((FOLDER / f"{name}.json").read_bytes())
    return made


@pytest.mark.parametrize("which", ["first", "longest"])
@pytest.mark.parametrize("program", sorted(FORMATS))
async def test_a_recorded_request_is_served(connect: Any, provider: str, program: str, which: str) -> None:
    made = recording(f"{program}_{which}")
    async with connect(provider) as client:
        if (provider, program) == ("anthropic", "claude_code"):
            client.model = "claude-opus-4-6"  # recorded for a model that it takes to think adaptively
        model = f"{client.name}/{client.model}"
        _, _, path = made["path"].rpartition("/v1beta/" if program == "gemini_cli" else "/v1/")
        call = pb.Call(
            operation=pb.OPERATION_RESPONSES if program == "codex_cli" else pb.OPERATION_CHAT,
            model=client.model,
            public_model=model,
            client_format=FORMATS[program],
            client_headers={name: value for name, value in made["headers"].items() if name.startswith("anthropic-")},
            path=path.replace("deepseek/deepseek-chat", "{model}") if program != "codex_cli" else "",
            drop_unsupported=True,
            created=1,
            tenant="t",
        )
        body = made["body"] if program == "gemini_cli" else made["body"] | {"model": model}
        request = pb.InvokeStreamRequest(call=call, body=dumps(body))
        frames = [frame async for frame in client.stub.InvokeStream(request)]
    assert not frames[-1].HasField("error"), frames[-1].error
    data = b"".join(frame.data for frame in frames)
    assert ENDS[program] in data
    # the recorded turn asks for a tool, or has its result
    assert b"written" in data or b"answered" in data or b"call" in data.lower() or b"tool_use" in data
    assert frames[-1].summary.usage.output_tokens > 0
