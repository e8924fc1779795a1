"""What the code says of the settings: the strings below a class's fields, read from its source on request."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from unigate_core.environment import EnvironmentSettings
from unigate_edge.config.model import Config
from unigate_edge.config.section import ConfigModel


def documented(model: type[ConfigModel | EnvironmentSettings]) -> Iterator[tuple[str, str]]:
    """Yield the fields of a class, those it inherits too, with the strings below them."""
    for kind in reversed(model.__mro__):
        if issubclass(kind, ConfigModel | EnvironmentSettings):
            yield from _in_body(kind)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the edge's file, each setting with its meaning."""
    schema = Config.model_json_schema()
    models = {model.__name__: model for model in _all_below(ConfigModel)}
    for name, definition in {**schema["$defs"], Config.__name__: schema}.items():
        if name not in models:
            continue
        properties = definition["properties"]
        for field, meaning in documented(models[name]):
            properties[field] = dict(sorted({"description": meaning, **properties[field]}.items()))
    return schema


def _in_body(kind: type) -> Iterator[tuple[str, str]]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for field, below in pairwise(statements):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str() as text)):
                    yield field.target.id, inspect.cleandoc(text)


def _all_below(model: type[ConfigModel]) -> Iterator[type[ConfigModel]]:
    for each in model.__subclasses__():
        yield each
        yield from _all_below(each)
