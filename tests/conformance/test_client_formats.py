"""Every client format in front of every provider: text, streams, tools, thoughts, structured output, errors, counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import Json, dumps, loads

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FORM = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}

PASSED_THROUGH = ("openai", "azure")


class Messages:
    """A client of Anthropic's Messages API."""

    number = pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES
    own_name = "mcp__weather__" + "get_" * 25
    """A name of a tool that OpenAI's API does not take."""

    def path(self, *, stream: bool = False, count: bool = False) -> str:
        return "messages/count_tokens" if count else "messages"

    def request(self, turns: list[Json], *, stream: bool = False, **asked: Any) -> Json:
        body: Json = {"max_tokens": 4096, "messages": turns} | ({"stream": True} if stream else {})
        if asked.get("tools"):
            name = asked.get("tool_name", "get_weather")
            body["tools"] = [{"name": name, "description": "The weather.", "input_schema": CITY}]
            body["tool_choice"] = {"type": "any"} if asked["tools"] == "forced" else {"type": "auto"}
        if asked.get("think"):
            body["thinking"] = {"type": "enabled", "budget_tokens": 1024}
        if asked.get("form"):
            body["output_config"] = {"format": {"type": "json_schema", "schema": FORM}}
        return body

    def user(self, text: str) -> Json:
        return {"role": "user", "content": text}

    def result(self, call: Json, text: str) -> Json:
        return {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": text}]}

    def answered(self, answer: Json) -> Json:
        return {"role": "assistant", "content": answer["content"]}

    def read(self, answer: Json) -> Json:
        blocks = answer["content"]
        return {
            "text": "".join(block["text"] for block in blocks if block["type"] == "text"),
            "thought": "".join(block["thinking"] for block in blocks if block["type"] == "thinking"),
            "calls": [block for block in blocks if block["type"] == "tool_use"],
            "end": answer["stop_reason"],
            "tokens": (answer["usage"]["input_tokens"], answer["usage"]["output_tokens"]),
        }

    def fold(self, data: bytes) -> Json:
        """One message of the events of a stream, each of which must be in its place."""
        events = list(_events(data))
        assert events[0]["type"] == "message_start"
        assert [event["type"] for event in events][-2:] == ["message_delta", "message_stop"]
        message: Json = events[0]["message"] | {"content": []}
        is_open = False
        for event in events[1:-2]:
            match event["type"]:
                case "content_block_start":
                    assert not is_open
                    assert event["index"] == len(message["content"])
                    is_open = True
                    message["content"].append(event["content_block"] | {"json": ""})
                case "content_block_delta":
                    assert is_open
                    _grow(message["content"][event["index"]], event["delta"])
                case "content_block_stop":
                    assert is_open
                    is_open = False
        for block in message["content"]:
            text = block.pop("json")
            if block["type"] == "tool_use":
                block["input"] = loads(text) if text else block["input"]
        assert not is_open
        message["stop_reason"] = events[-2]["delta"]["stop_reason"]
        message["usage"] = message["usage"] | events[-2]["usage"]
        return message


def _grow(block: Json, delta: Json) -> None:
    members = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
    if delta["type"] == "input_json_delta":
        block["json"] += delta["partial_json"]
    else:
        member = members[delta["type"]]
        block[member] = block.get(member, "") + delta[member]


def _events(data: bytes) -> Iterator[Json]:
    for event in data.split(b"\n\n"):
        lines = dict(line.split(b": ", 1) for line in event.split(b"\n") if line)
        if not lines:
            continue
        value: Json = loads(lines[b"data"])
        if b"event" in lines:
            assert value["type"].encode() == lines[b"event"]
        if value.get("type") != "ping":
            yield value


class Contents:
    """A client of Gemini's generateContent."""

    number = pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT
    own_name = "weather.get:now"

    def path(self, *, stream: bool = False, count: bool = False) -> str:
        if count:
            return "models/{model}:countTokens"
        return "models/{model}:streamGenerateContent?alt=sse" if stream else "models/{model}:generateContent"

    def request(self, turns: list[Json], *, stream: bool = False, **asked: Any) -> Json:
        body: Json = {"contents": turns, "generationConfig": {}}
        if asked.get("tools"):
            schema = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}
            name = asked.get("tool_name", "get_weather")
            function = {"name": name, "description": "The weather.", "parameters": schema}
            mode = "ANY" if asked["tools"] == "forced" else "AUTO"
            body |= {
                "tools": [{"functionDeclarations": [function]}],
                "toolConfig": {"functionCallingConfig": {"mode": mode}},
            }
        if asked.get("think"):
            body["generationConfig"]["thinkingConfig"] = {"includeThoughts": True, "thinkingBudget": 1024}
        if asked.get("form"):
            body["generationConfig"] |= {"responseMimeType": "application/json", "responseJsonSchema": FORM}
        return body

    def user(self, text: str) -> Json:
        return {"role": "user", "parts": [{"text": text}]}

    def result(self, call: Json, text: str) -> Json:
        response = {"id": call.get("id"), "name": call["name"], "response": {"result": text}}
        return {"role": "user", "parts": [{"functionResponse": response}]}

    def answered(self, answer: Json) -> Json:
        content: Json = answer["candidates"][0]["content"]
        return content

    def read(self, answer: Json) -> Json:
        [candidate] = answer["candidates"]
        parts = candidate["content"]["parts"]
        usage = answer["usageMetadata"]
        output = usage["candidatesTokenCount"] + usage.get("thoughtsTokenCount", 0)
        return {
            "text": "".join(part["text"] for part in parts if "text" in part and not part.get("thought")),
            "thought": "".join(part["text"] for part in parts if part.get("thought")),
            "calls": [
                part["functionCall"] | {"input": part["functionCall"]["args"]}
                for part in parts
                if "functionCall" in part
            ],
            "end": candidate["finishReason"],
            "tokens": (usage["promptTokenCount"], output),
        }

    def fold(self, data: bytes) -> Json:
        chunks = [loads(line[6:]) for line in data.replace(b"\r\n", b"\n").split(b"\n") if line.startswith(b"data: ")]
        ends = [chunk for chunk in chunks if chunk["candidates"][0].get("finishReason")]
        assert ends == chunks[-1:]
        parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
        whole: Json = chunks[-1] | {}
        whole["candidates"] = [chunks[-1]["candidates"][0] | {"content": {"role": "model", "parts": parts}}]
        return whole


FORMATS = {"anthropic": Messages(), "gemini": Contents()}
ENDS = {"stop": {"end_turn", "STOP"}, "calls": {"tool_use", "STOP"}}


@pytest.fixture(params=sorted(FORMATS))
def front(request: pytest.FixtureRequest) -> Any:
    """A client's format."""
    return FORMATS[request.param]


class Speaker:
    """Asks an adapter in a client's format."""

    def __init__(self, client: Any, front: Any, model: str = "") -> None:
        self._client, self._front = client, front
        self.model = model or client.model

    def _call(self, **path: bool) -> pb.Call:
        operation = pb.OPERATION_COUNT_TOKENS if path.get("count") else pb.OPERATION_CHAT
        return pb.Call(
            operation=operation, model=self.model, public_model=f"{self._client.name}/{self.model}",
            client_format=self._front.number, path=self._front.path(**path), request_id="req_1", created=1_700_000_000,
            drop_unsupported=True, tenant="t",
        )  # fmt: skip

    def _body(self, request: Json) -> bytes:
        named = self._front.number == pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES
        return dumps({"model": f"{self._client.name}/{self.model}", **request} if named else request)

    async def raw(self, request: Json, **path: bool) -> pb.InvokeResponse:
        """The whole answer as it comes."""
        answer: pb.InvokeResponse = await self._client.stub.Invoke(
            pb.InvokeRequest(call=self._call(**path), body=self._body(request))
        )
        return answer

    async def whole(self, *turns: Json, **asked: Any) -> Json:
        """The whole answer, decoded."""
        answer = await self.raw(self._front.request(list(turns), **asked))
        assert not answer.HasField("error"), answer.error
        decoded: Json = loads(answer.body)
        return decoded

    async def streamed(self, *turns: Json, **asked: Any) -> Json:
        """The streamed answer as one."""
        body = self._body(self._front.request(list(turns), stream=True, **asked))
        request = pb.InvokeStreamRequest(call=self._call(stream=True), body=body)
        frames = [frame async for frame in self._client.stub.InvokeStream(request)]
        assert not frames[-1].HasField("error"), frames[-1].error
        assert frames[-1].summary.usage.output_tokens > 0
        folded: Json = self._front.fold(b"".join(frame.data for frame in frames))
        return folded


async def test_text_is_the_same_whole_and_streamed(connect: Any, provider: str, front: Any) -> None:
    async with connect(provider) as client:
        speaker = Speaker(client, front)
        whole = front.read(await speaker.whole(front.user("hello there")))
        streamed = front.read(await speaker.streamed(front.user("hello there")))
    assert "hello there" in whole["text"]
    assert whole["end"] in ENDS["stop"]
    assert min(whole["tokens"]) > 0
    assert streamed == whole


async def test_a_tool_is_called_and_its_result_answered(connect: Any, provider: str, front: Any) -> None:
    async with connect(provider) as client:
        speaker, asked = Speaker(client, front), front.user("The weather in Paris?")
        for answer in (
            await speaker.whole(asked, tools="forced"),
            await speaker.streamed(asked, tools="forced"),
        ):
            [call] = front.read(answer)["calls"]
            assert front.read(answer)["end"] in ENDS["calls"]
            assert isinstance(call["input"]["city"], str)
            after = await speaker.whole(asked, front.answered(answer), front.result(call, "sunny"), tools="auto")
            assert "sunny" in front.read(after)["text"]


async def test_a_tools_name_may_be_the_clients_own(connect: Any, provider: str, front: Any) -> None:
    async with connect(provider) as client:
        speaker, asked = Speaker(client, front), front.user("The weather in Paris?")
        for answer in (
            await speaker.whole(asked, tools="forced", tool_name=front.own_name),
            await speaker.streamed(asked, tools="forced", tool_name=front.own_name),
        ):
            [call] = front.read(answer)["calls"]
            assert call["name"] == front.own_name
            turns = asked, front.answered(answer), front.result(call, "sunny")
            after = await speaker.whole(*turns, tools="auto", tool_name=front.own_name)
            assert "sunny" in front.read(after)["text"]


async def test_thoughts_are_shown_and_go_back(connect: Any, provider: str, front: Any) -> None:
    async with connect(provider) as client:
        speaker, asked = Speaker(client, front), front.user("Think about it")
        whole = await speaker.whole(asked, think=True, tools="auto")
        streamed = await speaker.streamed(asked, think=True, tools="auto")
        [call] = front.read(streamed)["calls"]
        result = front.result(call, "sunny")
        again = await speaker.whole(asked, front.answered(streamed), result, think=True, tools="auto")
    thought = front.read(whole)["thought"]
    assert front.read(streamed)["thought"] == thought
    # a model that does not reason has none
    assert bool(thought) == (provider not in PASSED_THROUGH)
    assert "sunny" in front.read(again)["text"]


async def test_structured_output_follows_its_schema(connect: Any, provider: str, front: Any) -> None:
    async with connect(provider) as client:
        answer = await Speaker(client, front).whole(front.user("An object, please"), form=True)
    assert set(loads(front.read(answer)["text"])) == {"a"}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_an_answer_may_be_a_list(connect: Any, provider: str, *, stream: bool) -> None:
    class Lists(Contents):
        def request(self, turns: list[Json], *, stream: bool = False, **asked: Any) -> Json:
            form = {"responseMimeType": "application/json", "responseJsonSchema": {"type": "array", "items": FORM}}
            return {"contents": turns, "generationConfig": form}

    front = Lists()
    async with connect(provider) as client:
        speaker = Speaker(client, front)
        answer = await (speaker.streamed if stream else speaker.whole)(front.user("A list, please"))
    found = loads(front.read(answer)["text"])
    assert isinstance(found, list)
    assert all(set(each) == {"a"} for each in found)


async def test_json_needs_no_word_of_it(connect: Any, provider: str) -> None:
    front = Contents()
    request = {"contents": [front.user("An object")], "generationConfig": {"responseMimeType": "application/json"}}
    async with connect(provider) as client:
        answer = await Speaker(client, front).raw(request)
    assert not answer.HasField("error"), answer.error
    assert isinstance(loads(front.read(loads(answer.body))["text"]), dict)
    assert ("json_instruction_added" in answer.head.notes) == (provider in ("openai", "azure", "deepseek"))


async def test_tokens_are_counted(connect: Any, provider: str, front: Any) -> None:
    request = front.request([front.user("hello there")])
    request.pop("max_tokens", None)
    async with connect(provider) as client:
        answer = await Speaker(client, front).raw(request, count=True)
    [count] = [value for name, value in loads(answer.body).items() if name in ("input_tokens", "totalTokens")]
    assert 0 < count < 50
    assert (list(answer.head.notes) == ["tokens_estimated"]) == (provider in ("deepseek", *PASSED_THROUGH))


async def test_what_cannot_be_read_is_the_clients_fault(connect: Any, provider: str, front: Any) -> None:
    async with connect(provider) as client:
        answer = await Speaker(client, front).raw(front.request([{"role": "nobody"}]))
    assert answer.error.status == 400


async def test_a_vendors_error_is_told(connect: Any, provider: str, front: Any) -> None:
    async with connect(provider) as client:
        answer = await Speaker(client, front, "sim-429").raw(front.request([front.user("x")]))
    assert answer.error.status == 429
    own = pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES if provider == "anthropic" else pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT
    # only the vendor's own body, in the client's own format, is sent on
    assert bool(answer.error.body) == (provider in ("anthropic", "gemini", "vertex") and front.number == own)


@pytest.mark.parametrize("batch", [False, True])
async def test_embeddings_as_gemini_asks_for_them(connect: Any, provider: str, batch: bool) -> None:
    models = {
        "azure": "text-embedding-3-small",
        "bedrock": "amazon.titan-embed-text-v2:0",
        "gemini": "gemini-embedding-001",
        "openai": "text-embedding-3-small",
        "vertex": "gemini-embedding-001",
    }
    if provider not in models:
        pytest.skip("it has none")
    one = {"model": f"models/{provider}/{models[provider]}", "content": {"parts": [{"text": "hi"}]}, "taskType": "X"}
    method = "batchEmbedContents" if batch else "embedContent"
    call = pb.Call(
        operation=pb.OPERATION_EMBEDDINGS, model=models[provider], public_model=f"{provider}/{models[provider]}",
        client_format=pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT, path=f"models/{{model}}:{method}",
        drop_unsupported=True,
    )  # fmt: skip
    body = dumps({"requests": [one, one]} if batch else one)
    async with connect(provider) as client:
        answer = await client.stub.Invoke(pb.InvokeRequest(call=call, body=body))
    told = loads(answer.body)
    vectors = told["embeddings"] if batch else [told["embedding"]]
    assert len(vectors) == (2 if batch else 1)
    assert all(len(vector["values"]) > 100 for vector in vectors)
    assert any("taskType" in path for path in answer.head.dropped_params) == (provider not in ("gemini", "vertex"))
