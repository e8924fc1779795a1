"""Tools that the vendor ran itself → web_search_call and code_interpreter_call items and their events.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from unigate_core.encrypted_content import EncryptedPayload
from unigate_core.json import Json
from unigate_formats.neutral.events import ServerTool
from unigate_formats.openai_responses.decode_body import OUTPUTS, SOURCES
from unigate_formats.openai_responses.encode_items import Emit
from unigate_formats.openai_responses.response_object import ResponseContext, visible
from unigate_formats.openai_responses.tool_search import CALL as SEARCH_CALL


def emit_server_tool(terms: ResponseContext, emit: Emit, index: int, tool: ServerTool) -> Json | None:
    """All events of a tool that the vendor ran; gives the whole item, None for a kind that OpenAI does not have."""
    if tool.kind == "web_search":
        item = _web_search(terms, emit, index, tool)
    elif tool.kind == "code_interpreter":
        item = _code_interpreter(terms, emit, index, tool)
    elif tool.kind == "tool_search":
        item = _tool_search(terms, emit, index, tool)
    else:
        return None
    if tool.native is not None:
        item["encrypted_content"] = terms.encrypt(EncryptedPayload(terms.provider, terms.model, native=tool.native))
    emit("response.output_item.done", {"item": visible(item, terms), "output_index": index})
    return item


def _web_search(terms: ResponseContext, emit: Emit, index: int, tool: ServerTool) -> Json:
    item: Json = {"id": terms.item_id("ws", index), "type": "web_search_call"}
    place: Json = {"item_id": item["id"], "output_index": index}
    action: Json = {"type": "search", "queries": list(tool.queries), "query": tool.queries[0] if tool.queries else ""}
    if SOURCES in terms.include:
        action["sources"] = [{"type": "url", "url": url} for url in tool.sources]
    begun = {**item, "status": "in_progress", "action": {"type": "search", "query": action["query"]}}
    emit("response.output_item.added", {"item": begun, "output_index": index})
    for phase in ("in_progress", "searching", "completed"):
        emit(f"response.web_search_call.{phase}", place)
    return {**item, "status": "failed" if tool.failed else "completed", "action": action}


def _tool_search(terms: ResponseContext, emit: Emit, index: int, tool: ServerTool) -> Json:
    """The call alone: what it found is called next, and its definition is the request's own."""
    arguments = {"query": tool.queries[0] if tool.queries else "", "tools": list(tool.tools)}
    item: Json = {"id": terms.item_id("tsc", index), "type": SEARCH_CALL, "call_id": None, "execution": "server"}
    begun = {**item, "status": "in_progress", "arguments": {}}
    emit("response.output_item.added", {"item": begun, "output_index": index})
    return {**item, "status": "incomplete" if tool.failed else "completed", "arguments": arguments}


def _code_interpreter(terms: ResponseContext, emit: Emit, index: int, tool: ServerTool) -> Json:
    item: Json = {"id": terms.item_id("ci", index), "type": "code_interpreter_call"}
    place: Json = {"item_id": item["id"], "output_index": index}
    outputs = [{"type": "logs", "logs": text} for text in tool.outputs] if OUTPUTS in terms.include else None
    whole = {"code": tool.code, "container_id": tool.id or item["id"], "outputs": outputs}
    begun = {**item, "status": "in_progress", **whole, "code": "", "outputs": None}
    emit("response.output_item.added", {"item": begun, "output_index": index})
    emit("response.code_interpreter_call.in_progress", place)
    if tool.code:
        emit("response.code_interpreter_call_code.delta", {**place, "delta": tool.code})
    emit("response.code_interpreter_call_code.done", {**place, "code": tool.code})
    emit("response.code_interpreter_call.interpreting", place)
    emit("response.code_interpreter_call.completed", place)
    return {**item, "status": "failed" if tool.failed else "completed", **whole}
