"""Tools and tool choice of a Responses request → neutral tools. https://platform.openai.com/docs/guides/tools"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import structs

from unigate_core.errors import RequestRefused, invalid_value, unsupported_parameter, unsupported_value
from unigate_core.json import Json
from unigate_formats.neutral.check_tools import check_tools, without_repeated
from unigate_formats.neutral.extensions import drop_members, read_extensions
from unigate_formats.neutral.request import BuiltinTool, Tool, ToolChoice, WebSearch
from unigate_formats.neutral.typed import array, mapping, string, strings
from unigate_formats.openai_chat.decode_tools import described_grammar
from unigate_formats.openai_responses.decode_tool_choice import BUILTIN_KINDS, check_declared, read_tool_choice
from unigate_formats.openai_responses.flat_name import flat_name
from unigate_formats.openai_responses.tool_search import is_run_by_client, search_function

_FUNCTION = frozenset(
    {
        "allowed_callers",
        "defer_loading",
        "description",
        "format",
        "name",
        "parameters",
        "strict",
        "type",
    }
)


_NAMESPACE = frozenset({"description", "name", "tools", "type"})
_WEB_SEARCH = frozenset(
    {"external_web_access", "filters", "search_content_types", "search_context_size", "type", "user_location"}
)
_CODE_INTERPRETER = frozenset({"container", "type"})


class Toolbox(msgspec.Struct, frozen=True):
    """What the request lets the model use."""

    functions: tuple[Tool, ...] = ()
    builtins: tuple[BuiltinTool, ...] = ()
    web_search: WebSearch | None = None
    choice: ToolChoice | None = None
    dropped: tuple[str, ...] = ()
    tool_search: bool = False
    deferred: tuple[str, ...] = ()


def read_tools(
    tools: Sequence[tuple[Json, str]],
    tool_choice: Any,
    max_tool_calls: int | None,
    *,
    found: Sequence[tuple[Json, str]] = (),
    drop_unsupported: bool = False,
) -> Toolbox:
    """Read both; each tool comes with its JSON path. Raises RequestRefused.

    `found` are the tools that searches have brought; those that are there already are passed over.
    With `drop_unsupported`, tools that run at OpenAI only are left out and reported, unless the choice forces one.
    """
    reader = _ToolReader(max_tool_calls, drop_unsupported=drop_unsupported)
    for tool, path in tools:
        reader.read(tool, path)
    if any(function.deferred for function in reader.functions):
        # the client searches among these, which are all given to the model
        reader.dropped += [function.path for function in reader.functions if function.searches]
        reader.functions = [function for function in reader.functions if not function.searches]
    known = {function.name for function in reader.functions}
    for function in functions_of(found, drop_unsupported=drop_unsupported):
        if function.name not in known:
            known.add(function.name)
            reader.functions.append(function)
    functions, repeated = without_repeated(reader.functions)
    builtins, search = tuple(reader.builtins), reader.web_search
    chosen = read_tool_choice(tool_choice, drop_unsupported=drop_unsupported)
    choice = chosen.choice
    has_builtins = bool(builtins) or search is not None
    check_tools(functions, None if has_builtins and not functions else choice)
    check_declared(chosen, frozenset({tool.kind for tool in builtins} | ({"web_search"} if search else set())))
    if choice is not None and chosen.kinds is not None:
        builtins = tuple(tool for tool in builtins if tool.kind in chosen.kinds)
        search = search if "web_search" in chosen.kinds else None
        # a choice without names would allow them all
        functions = functions if choice.names and choice.mode != "builtin" else ()
    dropped = (*reader.dropped, *repeated, *chosen.dropped)
    return Toolbox(functions, builtins, search, choice, dropped, reader.tool_search, tuple(reader.deferred))


def functions_of(tools: Sequence[tuple[Json, str]], *, drop_unsupported: bool) -> tuple[Tool, ...]:
    """The functions and custom tools among these, those of namespaces too. Raises RequestRefused."""
    reader = _ToolReader(None, drop_unsupported=drop_unsupported)
    for tool, path in tools:
        if isinstance(tool, dict):
            reader.read(tool, path)
    return tuple(reader.functions)


class _ToolReader:
    """What the tools read so far have come to."""

    def __init__(self, max_tool_calls: int | None, *, drop_unsupported: bool) -> None:
        self.functions: list[Tool] = []
        self.builtins: list[BuiltinTool] = []
        self.web_search: WebSearch | None = None
        self.dropped: list[str] = []
        self.tool_search = False
        self.deferred: list[str] = []
        self._max_tool_calls = max_tool_calls
        self._drop = drop_unsupported

    def read(self, tool: Json, path: str) -> None:
        """Take over one tool."""
        kind = tool.get("type")
        try:
            if kind in ("function", "custom"):
                self.functions.append(self._function(tool, path))
            elif kind == "namespace":
                self._namespace(tool, path)
            elif kind == "tool_search" and is_run_by_client(tool):
                self.functions.append(search_function(tool, path))
            elif kind == "tool_search":
                self.tool_search = True
                self.deferred.append(path)
            elif BUILTIN_KINDS.get(str(kind)) == "web_search":
                self.web_search = _web_search(tool, path, self._max_tool_calls)
                self._report(tool, _WEB_SEARCH, path)
            elif kind == "code_interpreter":
                self._check_limit()
                self.builtins.append(_code_interpreter(tool, path))
                self._report(tool, _CODE_INTERPRETER, path)
            else:
                raise unsupported_value(f"{path}.type", f"'{kind}' tools run at OpenAI only.")
        except RequestRefused as error:
            if not self._drop or error.code not in ("unsupported_value", "unsupported_parameter"):
                raise
            self.dropped.append(path)

    def _report(self, tool: Json, known: frozenset[str], path: str) -> None:
        """Tell the members that no vendor has a word for."""
        self.dropped += drop_members(tool, known, path, drop_unsupported=self._drop)

    def _check_limit(self) -> None:
        """Code is run as often as the model likes."""
        if self._max_tool_calls is None or "max_tool_calls" in self.dropped:
            return
        if not self._drop:
            raise unsupported_parameter("max_tool_calls", "code execution cannot be limited.")
        self.dropped.append("max_tool_calls")

    def _function(self, tool: Json, path: str) -> Tool:
        if tool.get("defer_loading"):
            self.deferred.append(f"{path}.defer_loading")
        return _function(tool, path, self.dropped, drop_unsupported=self._drop)

    def _namespace(self, tool: Json, path: str) -> None:
        """The tools of a namespace, each under a name that holds both."""
        namespace = tool.get("name")
        if not isinstance(namespace, str):
            raise _nameless(path)
        self._report(tool, _NAMESPACE, path)
        described = string(tool.get("description"), f"{path}.description")
        for i, inner in enumerate(array(tool.get("tools"), f"{path}.tools")):
            place = f"{path}.tools[{i}]"
            if not isinstance(inner, dict) or inner.get("type") not in ("function", "custom"):
                raise invalid_value(place, "a namespace can contain only functions and custom tools.")
            function = self._function(inner, place)
            self.functions.append(
                structs.replace(
                    function,
                    name=flat_name(namespace, function.name),
                    description="\n\n".join(filter(None, (described, function.description))) or None,
                    namespace=namespace,
                    local_name=function.name,
                )
            )


def _nameless(path: str) -> RequestRefused:
    return RequestRefused(
        f"Missing required parameter: '{path}.name'.", param=f"{path}.name", code="missing_required_parameter"
    )


def _function(tool: Json, path: str, dropped: list[str], *, drop_unsupported: bool) -> Tool:
    name = tool.get("name")
    if not isinstance(name, str):
        raise _nameless(path)
    deferred = bool(tool.get("defer_loading"))
    if any(caller != "direct" for caller in array(tool.get("allowed_callers"), f"{path}.allowed_callers")):
        if not drop_unsupported:
            raise unsupported_parameter(f"{path}.allowed_callers", "tools can be called only by the model.")
        dropped.append(f"{path}.allowed_callers")
    extensions = read_extensions(tool, _FUNCTION, path)
    if tool["type"] == "custom":
        description, has_grammar = described_grammar(tool, path)
        if has_grammar:
            dropped.append(f"{path}.format")
        return Tool(
            name=name, path=path, description=description, custom=True, deferred=deferred, extensions=extensions
        )
    parameters = tool.get("parameters")
    if parameters is not None and not isinstance(parameters, dict):
        raise invalid_value(f"{path}.parameters", "a JSON Schema must be an object.")
    return Tool(
        name=name,
        path=path,
        description=string(tool.get("description"), f"{path}.description"),
        parameters=parameters,
        strict=tool.get("strict") is True,
        deferred=deferred,
        extensions=extensions,
    )


def _web_search(tool: Json, path: str, max_uses: int | None) -> WebSearch:
    if tool.get("external_web_access") is False:
        raise unsupported_value(f"{path}.external_web_access", "web search needs access to the web.")
    if tool.get("search_content_types") not in (None, ["text"]):
        raise unsupported_value(f"{path}.search_content_types", "web search finds only text.")
    filters = mapping(tool.get("filters"), f"{path}.filters")
    for name, value in filters.items():
        if name != "allowed_domains" and value:
            raise unsupported_parameter(f"{path}.filters.{name}", "only domains to search in can be given.")
    place = mapping(tool.get("user_location"), f"{path}.user_location")
    location = {key: value for key, value in place.items() if key != "type" and value}
    return WebSearch(
        path=path,
        context_size=string(tool.get("search_context_size"), f"{path}.search_context_size"),
        location=location or None,
        allowed_domains=strings(filters.get("allowed_domains"), f"{path}.filters.allowed_domains"),
        max_uses=max_uses,
    )


def _code_interpreter(tool: Json, path: str) -> BuiltinTool:
    container = tool.get("container")
    if isinstance(container, dict):
        for name, value in container.items():
            if name != "type" and value:
                raise unsupported_parameter(f"{path}.container.{name}", "The provider chooses the container.")
    return BuiltinTool(kind="code_interpreter", path=path, options=tool)
