"""`:generateContent`, `:streamGenerateContent`, `:countTokens`, https://ai.google.dev/api/generate-content"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from unigate_simulator import faults
from unigate_simulator.behaviour import Answer, Choice, Finish, Prompt, Tool, answer, attachment, context
from unigate_simulator.gemini_api.errors import CONTENT_TYPE
from unigate_simulator.gemini_api.media import image_parts, speech_parts, transcript_parts
from unigate_simulator.gemini_api.models import checked, draws, speaks, thinks, transcribes, version
from unigate_simulator.gemini_api.rules import camelled, check
from unigate_simulator.media import decoded_size
from unigate_simulator.signatures import sign
from unigate_simulator.wire import Call, Json, Object, Reply, Stream, Whole, count, dumps, grouped, joined, sse, token

_FINISH: Final = {Finish.LENGTH: "MAX_TOKENS", Finish.SAFETY: "SAFETY"}
_CHOICES: Final = {"ANY": Choice.REQUIRED, "NONE": Choice.NONE}
_IMAGE_TOKENS: Final = 258
_TOKENS_PER_EVENT: Final = 6


def generate(call: Call) -> Reply:
    exchange = _exchange(call, streamed=False)
    return Whole(dumps(exchange.whole()), content_type=CONTENT_TYPE)


def stream(call: Call) -> Reply:
    """Server-sent events with CRLF when asked for by `alt=sse`; else one JSON array that grows."""
    chunks = [dumps(chunk) for chunk in _exchange(call, streamed=True).chunks()]
    if call.query.get("alt") == "sse":
        events = tuple(sse(chunk, end=b"\r\n") for chunk in chunks)
        return Stream(events, content_type="text/event-stream", headers={"content-disposition": "attachment"})
    parts = [(b"[" if number == 0 else b",\r\n") + chunk for number, chunk in enumerate(chunks)]
    return Stream((*parts, b"\n]\n"), content_type=CONTENT_TYPE)


def count_tokens(call: Call) -> Reply:
    checked(call, "countTokens")
    body = camelled(call.json())
    asked = body.get("generateContentRequest") or body
    tokens = count(_prompt(asked, "", None).context) + 3
    return Whole(
        dumps({"totalTokens": tokens, "promptTokensDetails": [_modality("TEXT", tokens)]}), content_type=CONTENT_TYPE
    )


@dataclass(frozen=True, slots=True)
class _Exchange:
    body: Object
    model: str
    prompt: Prompt
    answered: Answer
    id: str = field(default_factory=lambda: token("", 22))

    @property
    def _config(self) -> Object:
        return self.body.get("generationConfig") or {}

    def whole(self) -> Object:
        if self.answered.refused:
            return self._envelope([], prompt_feedback={"blockReason": "PROHIBITED_CONTENT"})
        parts = self._parts(streamed=False)
        content: Object = {"parts": parts, "role": "model"} if parts else {"role": "model"}
        total = int(self._config.get("candidateCount") or 1)
        ended = self._ended()
        return self._envelope([{"content": content, **ended, "index": index} for index in range(total)])

    def chunks(self) -> Iterator[Object]:
        """Text a few tokens at a time, counts growing; the last chunk finishes."""
        if self.answered.refused:
            yield self._envelope([], prompt_feedback={"blockReason": "PROHIBITED_CONTENT"})
            return
        parts = self._parts(streamed=True)
        last = len(parts) - 1
        for number, part in enumerate(parts):
            ended = self._ended() if number == last else {}
            content = {"parts": [part], "role": "model"}
            yield self._envelope([{"content": content, **ended, "index": 0}], share=(number + 1) / len(parts))
        if not parts:
            yield self._envelope([{"content": {"role": "model"}, **self._ended(), "index": 0}])

    def _ended(self) -> Object:
        called = {"finishMessage": "Model generated function call(s)."} if self.answered.calls else {}
        return {"finishReason": _FINISH.get(self.answered.finish, "STOP"), **called}

    def _parts(self, *, streamed: bool) -> list[Object]:
        if self.prompt.fault not in faults.CONTENT and (made := self._media()):
            return made
        parts: list[Object] = []
        if self.answered.reasoning and (self._config.get("thinkingConfig") or {}).get("includeThoughts"):
            thoughts = grouped(self.answered.reasoning, _TOKENS_PER_EVENT) if streamed else [self.answered.reasoning]
            parts += [{"text": piece, "thought": True} for piece in thoughts]
        signature = {"thoughtSignature": sign(self.answered.reasoning)} if self.answered.reasoning else {}
        for number, one in enumerate(self.answered.calls):
            parts.append(
                {"functionCall": {"name": one.name, "args": one.arguments}, **(signature if number == 0 else {})}
            )
        signed_text = signature if version(self.model) >= 3 else {}
        if self.answered.text and streamed:
            parts += [{"text": piece} for piece in grouped(self.answered.text, _TOKENS_PER_EVENT)]
            parts += [{"text": "", **signed_text}] if signed_text else []
        elif self.answered.text:
            parts.append({"text": self.answered.text, **signed_text})
        return parts

    def _media(self) -> list[Object]:
        if speaks(self.model):
            return speech_parts(self.prompt.user_text)
        if transcribes(self.model):
            return transcript_parts(self.answered.text, self._config)
        return image_parts(self.prompt.user_text, self._config) if draws(self.model) else []

    def _envelope(self, candidates: list[Object], *, prompt_feedback: Object | None = None, share: float = 1) -> Object:
        answer: Object = {"promptFeedback": prompt_feedback} if prompt_feedback else {"candidates": candidates}
        return {**answer, "usageMetadata": self._usage(share), "modelVersion": self.model, "responseId": self.id}

    def _usage(self, share: float) -> Object:
        """The counts; `share` is how much of the answer is out, as a stream reports what it has so far."""
        images = sum(_IMAGE_TOKENS for one in self.prompt.attachments if one.startswith("[image"))
        text = self.answered.input_tokens
        details = [_modality("TEXT", text), *([_modality("IMAGE", images)] if images else [])]
        produced = round(self._produced() * share)
        thoughts = self.answered.reasoning_tokens
        usage: Object = {"promptTokenCount": text + images}
        usage |= {"candidatesTokenCount": produced} if produced else {}
        usage |= {"totalTokenCount": text + images + produced + thoughts, "promptTokensDetails": details}
        usage |= {"thoughtsTokenCount": thoughts} if thoughts else {}
        if speaks(self.model):
            usage["candidatesTokensDetails"] = [_modality("AUDIO", produced)]
        return {**usage, "serviceTier": "standard"}

    def _produced(self) -> int:
        if speaks(self.model):
            return max(1, len(self.prompt.user_text))
        total = int(self._config.get("candidateCount") or 1)
        return 1290 if draws(self.model) else (self.answered.output_tokens - self.answered.reasoning_tokens) * total


def _exchange(call: Call, *, streamed: bool) -> _Exchange:
    model = checked(call, "generateContent")
    raw = call.json()
    body = camelled(raw)
    check(body, model, streamed=streamed)
    prompt = _prompt(body, model, faults.named(call.headers, model, faults.last_user_text(raw)))
    return _Exchange(body, model, prompt, answer(prompt))


def _prompt(body: Object, model: str, fault: str | None) -> Prompt:
    contents: list[Object] = body.get("contents") or []
    config: Object = body.get("generationConfig") or {}
    users = [one["parts"] for one in contents if one.get("role", "user") == "user" and not _results(one["parts"])]
    user = users[-1] if users else []
    schema = config.get("responseJsonSchema") or config.get("_responseJsonSchema") or config.get("responseSchema")
    asked: Object = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    allowed = asked.get("allowedFunctionNames")
    tools = [one for tool in _listed(body.get("tools")) for one in tool.get("functionDeclarations") or []]
    budget = (config.get("thinkingConfig") or {}).get("thinkingBudget")
    return Prompt(
        user_text=_text(user),
        context=context(
            _text((body.get("systemInstruction") or {}).get("parts") or []),
            *(_all_text(one["parts"]) for one in contents),
            dumps(tools).decode() if tools else "",
        ),
        attachments=tuple(_attachments(user)),
        tool_results=tuple(_results(contents[-1]["parts"])) if contents else (),
        tools=tuple(_tool(one) for one in tools if not allowed or one["name"] in allowed),
        tool_choice=_CHOICES.get(asked.get("mode", "AUTO"), Choice.AUTO),
        schema=schema if config.get("responseMimeType") == "application/json" else None,
        json_mode=config.get("responseMimeType") == "application/json" and schema is None,
        thinking=thinks(model) and budget != 0,
        max_tokens=config.get("maxOutputTokens"),
        stop=tuple(config.get("stopSequences") or ()),
        fault=fault,
    )


def _listed(value: Json) -> list[Object]:
    """Google takes one object for a list of one."""
    return value if isinstance(value, list) else [value] if value else []


def _tool(declared: Mapping[str, Object]) -> Tool:
    return Tool(str(declared["name"]), declared.get("parametersJsonSchema") or declared.get("parameters") or {})


def _text(parts: list[Object]) -> str:
    return joined(part.get("text") or "" for part in parts if not part.get("thought"))


def _results(parts: list[Object]) -> list[str]:
    return [dumps(part["functionResponse"].get("response")).decode() for part in parts if "functionResponse" in part]


def _all_text(parts: list[Object]) -> str:
    calls = (dumps(part["functionCall"]).decode() for part in parts if "functionCall" in part)
    return joined((_text(parts), *calls, *_results(parts)))


def _attachments(parts: list[Object]) -> Iterable[str]:
    for part in parts:
        match part:
            case {"inlineData": {"mimeType": str(media), "data": str(data)}}:
                yield attachment(media.partition("/")[0], media, decoded_size(data))
            case {"fileData": {"fileUri": str(name)}}:
                yield f"[file {name}]"


def _modality(name: str, tokens: int) -> Object:
    return {"modality": name, "tokenCount": tokens}
