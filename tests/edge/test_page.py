"""The page at `/`: its policy allows what is in it and nothing else."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from unigate_edge.endpoints.page import page


def test_the_policy_allows_the_pages_own_style_and_script() -> None:
    body, headers = page()
    policy = dict(headers)[b"content-security-policy"].decode()
    for kind in ("style", "script"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", body.decode(), re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "connect-src 'self'" in policy


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_stored() -> None:
    text = page()[0].decode()
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text)
    assert not re.search(r"localStorage|sessionStorage|document\.cookie|indexedDB", text)
    # an attribute that the policy would forbid
    assert not re.search(r"<[a-z]+[^>]*\s(?:on\w+|style)=", text)


async def test_it_is_served_without_a_key(world: Any) -> None:
    answer = await world.client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("settings", ["page: false\n"])
async def test_it_can_be_switched_off(world: Any) -> None:
    answer = await world.client.get("/")
    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "invalid_request_error"
