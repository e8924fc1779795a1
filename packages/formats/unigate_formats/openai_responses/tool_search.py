"""Tool search that the client runs: to other vendors' models a function, whose result brings tools into the request.

https://platform.openai.com/docs/guides/tools-tool-search
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unigate_core.json import Json, dumps_text, loads
from unigate_formats.neutral.request import Tool

CALL, OUTPUT = "tool_search_call", "tool_search_output"
NAME = "tool_search"
DESCRIPTION = "Search for tools that are not listed yet. The tools that are found can be called afterwards."
PARAMETERS: Json = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}


def is_run_by_client(item: Any) -> bool:
    """Whether the client runs the search of this tool, call or output, not OpenAI."""
    return isinstance(item, dict) and item.get("execution") == "client"


def search_function(tool: Json, path: str) -> Tool:
    """The function by which a model asks the client to search."""
    parameters = tool.get("parameters")
    return Tool(
        name=NAME,
        path=path,
        description=tool.get("description") or DESCRIPTION,
        parameters=parameters if isinstance(parameters, dict) and parameters else PARAMETERS,
        searches=True,
    )


def call_arguments(arguments: Any) -> str:
    """The arguments of a call item, an object, as the text that functions have."""
    return arguments if isinstance(arguments, str) else dumps_text(arguments or {})


def item_arguments(text: str) -> Json:
    """The arguments of a function call as the object that a call item has."""
    try:
        value = loads(text or "{}")
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"query": text}


def found_tools(tools: Sequence[Tool]) -> str:
    """What the model reads as the result of its search; the tools themselves are in the request."""
    if not tools:
        return "No tools were found."
    return dumps_text([{"name": tool.name, "description": tool.description or ""} for tool in tools])
