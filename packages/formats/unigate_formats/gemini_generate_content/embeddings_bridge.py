"""embedContent and batchEmbedContents for a provider that has OpenAI's embeddings. https://ai.google.dev/api/embeddings"""

from __future__ import annotations

from typing import Any

from unigate_core.counts import members
from unigate_core.errors import invalid_value, unknown_parameter
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.member import integer, member, repeated, unknown_members
from unigate_formats.neutral.embeddings import check_vectors

_KNOWN = ("content", "model", "outputDimensionality")


def to_embeddings(
    body: Json, model: str, dropped: list[str], *, drop_unsupported: bool, with_options: bool = False
) -> Json:
    """The request as OpenAI has it; `dropped` gets the paths of what it has no place for. Raises RequestRefused.

    `with_options` where the provider takes `provider_options.gemini`: a task that all texts have in common goes there.
    """
    requests = body.get("requests")
    batch = requests if isinstance(requests, list) else [body]
    texts: list[str] = []
    sizes: set[int | None] = set()
    tasks = [member(one, "taskType") for one in batch if isinstance(one, dict)]
    task = tasks[0] if with_options and tasks and tasks.count(tasks[0]) == len(batch) else None
    known = (*_KNOWN, "taskType") if task is not None else _KNOWN
    for i, one in enumerate(batch):
        path = f"requests[{i}]." if batch is requests else ""
        if not isinstance(one, dict):
            raise invalid_value(path.rstrip("."), "a request must be an object.")
        texts.append(_text(one.get("content"), f"{path}content"))
        sizes.add(integer(member(one, "outputDimensionality"), f"{path}outputDimensionality"))
        dropped += [f"{path}{name}" for name in unknown_members(one, known)]
    if dropped and not drop_unsupported:
        raise unknown_parameter(dropped[0])
    if not texts:
        raise invalid_value("requests", "there is nothing to embed.")
    asked: Json = {"model": model, "input": texts, "encoding_format": "float"}
    if len(sizes) > 1:
        raise invalid_value("requests", "one `outputDimensionality` is possible for all of them.")
    size = sizes.pop()
    if size is not None:
        asked["dimensions"] = size
    if task is not None:
        asked["provider_options"] = {"gemini": {"task_type": task}}
    return asked


def from_embeddings(answer: Json, *, count: int, batch: bool) -> Json:
    """OpenAI's answer for `count` texts as Gemini's. Raises UpstreamProtocol, KeyError or TypeError for another one."""
    vectors = [item["embedding"] for item in answer["data"]]
    check_vectors(vectors, count)
    values = [{"values": vector} for vector in vectors]
    return {"embeddings": values} if batch else {"embedding": values[0]}


def _text(content: Any, path: str) -> str:
    parts = repeated(members(content).get("parts"), f"{path}.parts")
    texts: list[Any] = [members(part).get("text") for part in parts]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise invalid_value(path, "only text can be embedded.")
    return "\n".join(texts)
