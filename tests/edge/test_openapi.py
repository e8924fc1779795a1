"""The description of the API: complete, consistent, and no narrower than OpenAI's own where both have a path."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from starlette.routing import Route

from unigate_edge.app import Edge
from unigate_edge.endpoints.openapi import document
from unigate_edge.endpoints.openapi_routes import ROUTES
from unigate_edge.validation.answers import Error

SPEC = os.environ.get("UNIGATE_OPENAI_SPEC", "")
OURS_ALONE = {"/v1/organization/keys", "/v1/organization/keys/{name}", "/v1/usage", "/", "/healthz", "/readyz"}
UNDESCRIBED = {"/openapi.json", "/docs", "/docs/{name}", "/anthropic"}
DOCUMENT = document("1.2.3")
OTHER_VENDORS = re.compile(r"/(anthropic|gemini|v1beta)/|/v1/messages|:[a-zA-Z]+$")
SHARED = [path for path in DOCUMENT["paths"] if path not in OURS_ALONE and OTHER_VENDORS.search(path) is None]


def references(node: Any) -> Iterator[str]:
    """All `$ref` within."""
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref")
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolved(spec: Any, node: Any) -> Any:
    """A node, or what it refers to."""
    while isinstance(node, dict) and "$ref" in node:
        found = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def properties(spec: Any, schema: Any) -> dict[str, Any]:
    """The members of an object's schema, those of its parts included."""
    schema = resolved(spec, schema)
    found = dict(schema.get("properties", {}))
    for part in [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]:
        found |= properties(spec, part)
    return found


def required(spec: Any, schema: Any) -> set[str]:
    """The members that an object must have."""
    schema = resolved(spec, schema)
    return set(schema.get("required", ())).union(*(required(spec, part) for part in schema.get("allOf", ())))


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(DOCUMENT)):
        assert resolved(DOCUMENT, {"$ref": reference})


async def test_every_route_is_described_and_every_description_has_a_route(gateway: Any) -> None:
    routes = [route for route in Edge(gateway).routes if isinstance(route, Route) and route.path not in UNDESCRIBED]
    for path, operations in DOCUMENT["paths"].items():
        for method in operations:
            concrete = re.sub(r"\{\w+\}", "x", path)
            assert any(r.path_regex.match(concrete) and method.upper() in (r.methods or ()) for r in routes), path
    for route in routes:
        assert any(route.path_regex.match(re.sub(r"\{\w+\}", "x", path)) for path in DOCUMENT["paths"]), route.path


OTHER_APIS = {route.path: route.error for route in ROUTES if route.error is not Error}


def test_every_operation_tells_its_errors_in_the_one_format() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            if path in ("/", "/healthz", "/readyz"):
                continue
            for status in ("400", "401", "429", "502", "503"):
                error = resolved(DOCUMENT, operation["responses"][status])
                told = error["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                assert told == ("Error" if path not in OTHER_APIS else OTHER_APIS[path].__name__)


def test_operations_have_ids_of_their_own() -> None:
    ids = [each["operationId"] for operations in DOCUMENT["paths"].values() for each in operations.values()]
    assert len(ids) == len(set(ids))


def test_tools_can_read_it() -> None:
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    assert schema["/v1/chat/completions"]["POST"].label == "POST /v1/chat/completions"


async def test_it_is_served_without_a_key(world: Any) -> None:
    response = await world.client.get("/openapi.json")
    assert (response.status_code, response.json()["openapi"]) == (200, "3.1.0")
    assert response.json()["paths"] == DOCUMENT["paths"]


async def test_docs_is_a_page_that_fetches_nothing_from_elsewhere(world: Any) -> None:
    page = await world.client.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    fetched = re.findall(r"""(?:src|href)=["']([^"']+)["']|url: '([^']+)'""", page.text)
    addresses = [one or other for one, other in fetched]
    assert len(addresses) == 4
    for address in addresses:
        answer = await world.client.get(f"/{address}")
        assert (answer.status_code, len(answer.content) > 500) == (200, True), address
    assert (await world.client.get("/docs/core.py")).status_code == 404


@pytest.fixture(scope="module")
def spec() -> Any:
    """OpenAI's own description, https://github.com/openai/openai-openapi."""
    if not SPEC:
        pytest.skip("UNIGATE_OPENAI_SPEC names no file")
    return yaml.load(Path(SPEC).read_text(encoding="utf-8"), yaml.CSafeLoader)


@pytest.mark.parametrize("path", SHARED)
def test_a_shared_path_is_openais(spec: Any, path: str) -> None:
    theirs = spec["paths"][path.removeprefix("/v1")]
    for method, operation in DOCUMENT["paths"][path].items():
        other = theirs[method]
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            if media not in other["requestBody"]["content"]:
                continue
            known = properties(spec, other["requestBody"]["content"][media]["schema"])
            ours = content["schema"]
            unknown = set(properties(DOCUMENT, ours)) - set(known)
            assert unknown == set(), media
            assert required(DOCUMENT, ours) <= required(spec, other["requestBody"]["content"][media]["schema"]), media
