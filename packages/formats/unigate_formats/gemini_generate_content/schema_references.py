"""$ref inside one JSON Schema: what it points to, and whether a cycle of references can ever end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from unigate_core.errors import invalid_value, unsupported_value
from unigate_core.json import Json
from unigate_formats.neutral.schema_limits import MAX_NODES

DEFINITIONS = ("$defs", "definitions")
CHILDREN = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")


class Schema:
    """A whole schema, whose references can be looked up. Counts the nodes that are made from it, for inlining
    repeats them."""

    def __init__(self, root: Json, path: str) -> None:
        self.root = root
        self.path = path
        self._nodes = 0

    def count(self) -> None:
        """One more node of the result. Raises RequestRefused when there are too many."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise invalid_value(self.path, f"a schema has at most {MAX_NODES} nodes, references resolved.")

    def target(self, ref: Any, path: str) -> Json:
        """What a reference points to. Raises RequestRefused when that lies elsewhere or nowhere."""
        if not isinstance(ref, str) or not ref.startswith("#"):
            raise unsupported_value(f"{path}.$ref", "references can only point into the same schema.")
        node: Any = self.root
        for token in unquote(ref[1:]).split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            node = _child(node, key)
        if not isinstance(node, dict):
            raise invalid_value(f"{path}.$ref", f"'{ref}' points to nothing.")
        return node


def _child(node: Any, key: str) -> Any:
    if isinstance(node, list):
        return node[int(key)] if key.isdecimal() and int(key) < len(node) else None
    return node.get(key) if isinstance(node, dict) else None


def normal_ref(ref: str) -> str:
    """The reference with `definitions` in its newer spelling, the one that Gemini reads."""
    return ref.replace("#/definitions/", "#/$defs/", 1) if ref.startswith("#/definitions/") else ref


def check_recursion(schema: Schema) -> None:
    """Refuse a cycle of references through required places only: Gemini unrolls cycles in optional properties alone.

    Raises RequestRefused that names the reference which closes the cycle.
    """
    done: set[str] = set()

    def visit(ref: str, node: Json, path: str, open_refs: tuple[str, ...]) -> None:
        for target, where in _required_refs(node, path):
            if target in open_refs:
                raise unsupported_value(where, "recursion is only possible inside optional properties.")
            if target not in done:
                at = f"{schema.path}{target[1:].replace('/', '.')}"
                visit(target, schema.target(target, where), at, (*open_refs, target))
        done.add(ref)

    visit("#", schema.root, schema.path, ("#",))
    for name in DEFINITIONS:
        definitions = schema.root.get(name)
        for key in definitions if isinstance(definitions, dict) else ():
            ref = f"#/{name}/{key.replace('~', '~0').replace('/', '~1')}"
            if ref not in done:
                visit(ref, schema.target(ref, schema.path), f"{schema.path}.{name}.{key}", (ref,))


def _required_refs(node: Any, path: str) -> Iterator[tuple[str, str]]:
    """The references below a node that an instance cannot avoid by leaving out an optional property."""
    if not isinstance(node, dict):
        return
    if isinstance(node.get("$ref"), str):
        yield node["$ref"], path
    required, properties = node.get("required"), node.get("properties")
    if isinstance(required, list) and isinstance(properties, dict):
        for key, child in properties.items():
            if key in required:
                yield from _required_refs(child, f"{path}.properties.{key}")
    for key in CHILDREN:
        yield from _required_refs(node.get(key), f"{path}.{key}")
    for key in LISTS:
        children = node.get(key)
        for i, child in enumerate(children if isinstance(children, list) else ()):
            yield from _required_refs(child, f"{path}.{key}[{i}]")
