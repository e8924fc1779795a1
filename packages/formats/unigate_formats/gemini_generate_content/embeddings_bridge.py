"""embedContent and batchEmbedContents for a provider that has OpenAI's embeddings. https://ai.google.dev/api/embeddings"""

from __future__ import annotations

from typing import Any

from unigate_core.errors import UpstreamProtocol, invalid_value, unknown_parameter
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.member import member, unknown_members

_KNOWN = ("content", "model", "outputDimensionality")


def to_embeddings(body: Json, model: str, dropped: list[str], *, drop_unsupported: bool) -> Json:
    """The request as OpenAI has it; `dropped` gets the paths of what it has no place for. Raises RequestRefused."""
    requests = body.get("requests")
    batch = requests if isinstance(requests, list) else [body]
    texts: list[str] = []
    for i, one in enumerate(batch):
        path = f"requests[{i}]." if batch is requests else ""
        if not isinstance(one, dict):
            raise invalid_value(path.rstrip("."), "a request must be an object.")
        texts.append(_text(one.get("content"), f"{path}content"))
        dropped += [f"{path}{name}" for name in unknown_members(one, _KNOWN)]
    if dropped and not drop_unsupported:
        raise unknown_parameter(dropped[0])
    if not texts:
        raise invalid_value("requests", "there is nothing to embed.")
    asked: Json = {"model": model, "input": texts, "encoding_format": "float"}
    size = member(batch[0], "outputDimensionality")
    return asked | {"dimensions": size} if isinstance(size, int) else asked


def from_embeddings(answer: Json, *, batch: bool) -> Json:
    """OpenAI's answer as Gemini's. Raises UpstreamProtocol."""
    match answer:
        case {"data": [*items]} if items:
            vectors = [{"values": item["embedding"]} for item in items]
            return {"embeddings": vectors} if batch else {"embedding": vectors[0]}
    raise UpstreamProtocol("The provider's answer has no embeddings.")


def _text(content: Any, path: str) -> str:
    parts = content.get("parts") if isinstance(content, dict) else None
    texts: list[Any] = [part.get("text") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    if not texts or not all(isinstance(text, str) for text in texts):
        raise invalid_value(path, "only text can be embedded.")
    return "\n".join(texts)
