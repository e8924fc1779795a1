"""The edge's configuration and what services read from the environment -> docs/configuration.md.

Every setting has its type, default and meaning.

What stands below a field in the code is its meaning, what stands below the class its section's. `--check` writes
nothing and fails when the page is old.
"""

import inspect
import json
import re
import sys
import types
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from tools.discovery import ROOT
from tools.generated import write_or_check
from unigate_adapter.settings import AdapterSettings
from unigate_core.environment import EnvironmentSettings, Secret
from unigate_edge.config.documentation import documented
from unigate_edge.config.model import Config
from unigate_edge.config.section import ConfigModel
from unigate_edge.config.settings import Settings

TARGET = ROOT / "docs" / "configuration.md"
MARK = "<!-- What follows is written by `python -m tools.config_reference` from the code. -->\n\n"


def page() -> str:
    """Return the page: what people wrote above the mark, and the settings below it."""
    written, _, _ = TARGET.read_text(encoding="utf-8").partition(MARK.strip())
    lines = [*section("", Config), *environment("the edge", Settings), *environment("every adapter", AdapterSettings)]
    return written + MARK + "\n".join(lines).rstrip() + "\n"


def environment(whose: str, settings: type[EnvironmentSettings]) -> Iterator[str]:
    """Yield the environment variables of a service."""
    yield f"### Environment of {whose}\n"
    yield "| variable | type | default | meaning |\n| --- | --- | --- | --- |"
    meanings = meanings_of(settings)
    for field in msgspec.structs.fields(settings):
        (variable, *_) = settings.variables_of(field)
        metadata = getattr(field.type, "__metadata__", ())
        shown = "" if isinstance(field.default, Secret) else f"`{json.dumps(field.default, default=str)}`"
        meaning = cell(meanings.get(field.name, ""))
        yield f"| `{variable}` | {described(field.type, metadata)} | {shown} | {meaning} |"
    yield ""


def section(path: str, model: type[ConfigModel]) -> Iterator[str]:
    """Yield the lines of a section and then of those in it."""
    yield f"### `{path}`\n" if path else "## Settings\n"
    yield f"{flat(inspect.getdoc(model) or '')}\n"
    yield "| setting | type | default | meaning |\n| --- | --- | --- | --- |"
    meanings = meanings_of(model)
    inner: list[tuple[str, type[ConfigModel]]] = []
    for name, field in model.model_fields.items():
        sections = dict(found(field.annotation))
        for place, kind in sections.items():
            inner.append((f"{path}.{name}{place}".lstrip("."), kind))
        own = "; ".join(flat(inspect.getdoc(kind) or "") for kind in sections.values())
        meaning = meanings.get(name) or own or flat(inspect.getdoc(model) or "")
        described_type = described(field.annotation, field.metadata)
        yield f"| `{name}` | {described_type} | {default(field)} | {cell(meaning)} |"
    yield ""
    for place, kind in inner:
        yield from section(place, kind)


def meanings_of(settings: type[ConfigModel | EnvironmentSettings]) -> dict[str, str]:
    """Return what is said of each field of a class, on one line."""
    return {name: flat(text) for name, text in documented(settings)}


def found(annotation: Any, place: str = "") -> Iterator[tuple[str, type[ConfigModel]]]:
    """Yield the sections within a type, and where they are: below a name of one's own, or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, ConfigModel):
        yield place, annotation
        return
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is dict:
        yield from found(arguments[1], f"{place}.<name>")
    elif origin is tuple:
        yield from found(arguments[0], f"{place}[]")
    elif origin is typing.Annotated:
        yield from found(arguments[0], place)
    elif origin in (typing.Union, types.UnionType):
        for argument in arguments:
            yield from found(argument, place)


def described(annotation: Any, metadata: Iterable[Any]) -> str:
    """Return a type in a word or two, with the bounds that its metadata have."""
    bounds = " ".join(
        f"{sign} {getattr(rule, name)}"
        for rule in metadata
        for name, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if getattr(rule, name, None) is not None
    )
    return cell(f"{word(annotation)} {bounds}".strip())


def word(annotation: Any) -> str:
    """Return a type as people say it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return word(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(word(argument) for argument in arguments if argument is not type(None)))
    if origin is typing.Literal:
        return " or ".join(f"`{argument}`" for argument in arguments)
    if origin in (dict, tuple):
        return {dict: "mapping", tuple: "list"}[origin]
    if isinstance(annotation, type) and issubclass(annotation, ConfigModel):
        return "section"
    names = {
        bool: "true or false",
        int: "integer",
        float: "number",
        str: "text",
        Secret: "secret",
        Path: "path",
    }
    return names.get(annotation, "time")


def default(field: FieldInfo) -> str:
    """Return a field's default as YAML has it; a section's stand in the section."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined or isinstance(value, ConfigModel):
        return ""
    return f"`{json.dumps(value, default=str)}`" if value not in ({}, ()) else "none"


def flat(text: str) -> str:
    """Return a text on one line."""
    return re.sub(r"\s+", " ", text).strip()


def cell(text: str) -> str:
    """Return a text as a table's cell."""
    return text.replace("|", "\\|")


def main() -> int:
    """Write the page, or check it."""
    return write_or_check({TARGET: page()}, sys.argv[1:], "python -m tools.config_reference")


if __name__ == "__main__":
    sys.exit(main())
