"""Paths under which clients look for OpenAI's API beside its own: each becomes the one that the routes know.

Base URLs are given without `/v1`, or with it to clients that add it themselves. Clients of Azure OpenAI name the model
in the path: https://learn.microsoft.com/azure/ai-services/openai/reference
"""

from __future__ import annotations

import re
from typing import Final

from starlette.types import Scope

from unigate_core.json import with_members

DEPLOYMENT: Final = "unigate.deployment"
"""The scope's name of the model that a path names."""

_ENDPOINTS: Final = r"chat/completions|completions|embeddings|images(?:/\w+)?|audio(?:/\w+)?"
_OTHER: Final = re.compile(
    r"(?P<api>/anthropic)?/v1(?:/v1)+(?=/)"
    rf"|(?:/openai)?(?:/v1)?(?=/(?:{_ENDPOINTS}|moderations|responses|models)(?:/|$))"
    rf"|/openai/deployments/(?P<deployment>.+?)(?=/(?:{_ENDPOINTS})$)"
)


def use_known_path(scope: Scope) -> None:
    """Give the scope the path that the routes know, where its own begins otherwise."""
    path: str = scope["path"]
    if path.startswith("/v1/") and not path.startswith("v1/", 4):
        return
    found = _OTHER.match(path)
    if found is None:
        return
    scope["path"] = known = f"{found['api'] or ''}/v1{path[found.end() :]}"
    scope["raw_path"] = known.encode()
    if found["deployment"]:
        scope[DEPLOYMENT] = found["deployment"]


def with_deployment(body: bytes, deployment: str) -> bytes:
    """The body with the model that its path names, which counts at Azure. What is no object stays as it is."""
    try:
        return with_members(body, {"model": deployment})
    except ValueError:
        return body
