"""Tools that Google runs itself → ServerTool events: search and code, each call with its result.

https://ai.google.dev/gemini-api/docs/code-execution and https://ai.google.dev/gemini-api/docs/tool-combination
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from unigate_core.json import Json
from unigate_formats.neutral.events import ServerTool

KINDS = {"GOOGLE_SEARCH_WEB": "web_search"}
CODE = ("executableCode", "codeExecutionResult")
OUTCOME_OK = "OUTCOME_OK"


class ServerTools(msgspec.Struct):
    """Calls that wait for their result, and whether a search was reported by parts already."""

    searched: bool = False
    _open: dict[str, list[Json]] = msgspec.field(default_factory=dict)

    def feed(self, part: Json, choice: int) -> Iterator[ServerTool]:
        """A call opens an event, its result completes it."""
        match part:
            case {"toolCall": call} | {"executableCode": call}:
                self._open[call.get("id", "")] = [part]
            case {"toolResponse": result} | {"codeExecutionResult": result}:
                call = self._open.pop(result.get("id", ""), [])
                yield self._event([*call, part], choice)

    def close(self, choice: int) -> Iterator[ServerTool]:
        """Calls whose result never came."""
        for parts in self._open.values():
            yield self._event(parts, choice)
        self._open = {}

    def _event(self, parts: list[Json], choice: int) -> ServerTool:
        merged: Json = {}
        for part in parts:
            merged |= part
        if "executableCode" in merged or "codeExecutionResult" in merged:
            return _code(merged, parts, choice)
        call, response = merged.get("toolCall") or {}, merged.get("toolResponse") or {}
        kind = call.get("toolType") or response.get("toolType") or ""
        self.searched = self.searched or kind in KINDS
        return ServerTool(
            kind=KINDS.get(kind, kind.lower()),
            id=call.get("id") or response.get("id") or "",
            queries=tuple((call.get("args") or {}).get("queries") or ()),
            native=parts,
            choice=choice,
        )


def search_of(grounding: Json, choice: int) -> Iterator[ServerTool]:
    """A search that only the grounding reports, as generations before 3 do."""
    queries = tuple(query for query in grounding.get("webSearchQueries") or [] if query)
    if queries:
        chunks = grounding.get("groundingChunks") or []
        sources = tuple(chunk["web"]["uri"] for chunk in chunks if (chunk.get("web") or {}).get("uri"))
        yield ServerTool(kind="web_search", id="", queries=queries, sources=sources, choice=choice)


def fenced(part: Json) -> str:
    """Code that the vendor ran, or what it printed, as a block of Markdown."""
    match part:
        case {"executableCode": {"code": str(code)}}:
            language = str(part["executableCode"].get("language") or "").lower()
            language = "" if language == "language_unspecified" else language
            return f"\n```{language}\n{code.rstrip()}\n```\n"
        case {"codeExecutionResult": {"output": str(output)}}:
            return f"\n```\n{output.rstrip()}\n```\n"
    return ""


def _code(merged: Json, parts: list[Json], choice: int) -> ServerTool:
    code, result = merged.get("executableCode") or {}, merged.get("codeExecutionResult") or {}
    output = result.get("output")
    return ServerTool(
        kind="code_interpreter",
        id=code.get("id") or result.get("id") or "",
        code=code.get("code", ""),
        outputs=(output,) if output else (),
        failed=result.get("outcome", OUTCOME_OK) != OUTCOME_OK,
        native=parts,
        choice=choice,
    )
