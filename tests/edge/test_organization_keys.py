"""Keys that admin keys make and revoke over HTTP, in a file and in a Kubernetes Secret."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from unigate_edge.app import Edge
from unigate_edge.config.model import ConfigError, load_config, parse_config
from unigate_edge.config.reload import Reloader
from unigate_edge.gateway import Gateway
from unigate_edge.keys.kubernetes_secrets import Secrets
from unigate_edge.keys.stores import SecretStore, StoreChanged, adding, change

PATH = "/v1/organization/keys"
ON = "key_administration: {enabled: true}\n"


def entry(name: str, **members: Any) -> dict[str, Any]:
    """An entry of the file of keys, of the key `sk-<name>`."""
    return {"name": name, "sha256": sha256(f"sk-{name}".encode()).hexdigest(), **members}


class Admin:
    """The holder of an admin key before an edge that reads its keys from a file."""

    def __init__(self, client: httpx.AsyncClient, keys: Path) -> None:
        self.client = client
        self.keys_file = keys

    async def ask(self, method: str, name: str = "", body: Any = None, key: str = "sk-boss") -> httpx.Response:
        """Make a request."""
        return await self.client.request(
            method, PATH + (f"/{name}" if name else ""), json=body, headers={"authorization": f"Bearer {key}"}
        )

    async def models(self, key: str) -> int:
        """The status of a request with a key."""
        return (await self.client.get("/v1/models", headers={"authorization": f"Bearer {key}"})).status_code


OpenAdmin = Callable[..., AbstractAsyncContextManager[Admin]]


@pytest.fixture
def open_admin(target: str, tmp_path: Path) -> OpenAdmin:
    """What opens an edge with a key of the configuration and two of the file, one of them an admin's."""

    @asynccontextmanager
    async def opened(settings: str = ON) -> AsyncIterator[Admin]:
        keys = tmp_path / "keys.yaml"
        keys.write_text(yaml.safe_dump({"keys": [entry("boss", admin=True), entry("team")]}))
        file = tmp_path / "unigate.yaml"
        fixed = json.dumps([entry("fixed")])
        file.write_text(f"providers: {{fake: {{target: '{target}'}}}}\nkeys_file: keys.yaml\nkeys: {fixed}\n{settings}")
        config = load_config(file)
        gateway = Gateway.of(config)
        reloader = Reloader(file, config, gateway.configure, gateway.telemetry.registry)
        gateway.reload = reloader.reload
        transport = httpx.ASGITransport(Edge(gateway))
        async with gateway.open(), httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
            yield Admin(client, keys)

    return opened


async def test_a_key_is_made_used_and_revoked(open_admin: OpenAdmin, logged: list[dict[str, Any]]) -> None:
    wanted = {
        "name": "new",
        "models": ["fake/*"],
        "owner": "ada@example.com",
        "expires": "2099-01-01T00:00:00Z",
        "limits": {"requests_per_minute": 9},
        "metadata": {"cost-center": "7"},
    }
    async with open_admin() as admin:
        made = (await admin.ask("POST", body=wanted)).json()
        assert await admin.models(made["value"]) == 200
        found = (await admin.ask("GET", "new")).json()
        stored = admin.keys_file.read_text()
        revoked = await admin.ask("DELETE", "new")
        assert revoked.json() == {"object": "organization.key.deleted", "id": "new", "deleted": True}
        assert await admin.models(made["value"]) == 401
        assert (await admin.ask("GET", "new")).status_code == 404
    assert found == {name: value for name, value in made.items() if name != "value"}
    assert (found["owner"], found["metadata"], found["models"]) == ("ada@example.com", {"cost-center": "7"}, ["fake/*"])
    assert found["limits"]["requests_per_minute"] == 9
    assert made["value"] not in stored + json.dumps(logged, default=str)
    assert [(line["event"], line["key"], line["by"]) for line in logged if "by" in line] == [
        ("key_created", "new", "boss"),
        ("key_revoked", "new", "boss"),
    ]


async def test_all_keys_are_listed_without_what_they_are(open_admin: OpenAdmin) -> None:
    async with open_admin() as admin:
        listed = (await admin.ask("GET")).json()
    assert {key["name"]: key["admin"] for key in listed["data"]} == {"fixed": False, "boss": True, "team": False}
    assert not [key for key in listed["data"] if key["sha256"] == sha256(f"sk-{key['name']}".encode()).hexdigest()]


@pytest.mark.parametrize(
    ("method", "name", "body", "status", "code"),
    [
        ("POST", "", {"name": "team"}, 409, "key_exists"),
        ("POST", "", {"name": "fixed"}, 409, "key_exists"),
        ("POST", "", {"name": ""}, 400, "invalid_value"),
        ("POST", "", {"name": "../x"}, 400, "invalid_value"),
        ("POST", "", {"name": ".."}, 400, "invalid_value"),
        ("POST", "", {"name": "a\n{}"}, 400, "invalid_value"),
        ("POST", "", {}, 400, "invalid_value"),
        ("POST", "", {"name": "a", "colour": "red"}, 400, "invalid_value"),
        ("POST", "", {"name": "a", "sha256": "0" * 64}, 400, "unknown_parameter"),
        ("POST", "", {"name": "a", "expires": "soon"}, 400, "invalid_value"),
        ("POST", "", {"name": "a", "metadata": ["x"]}, 400, "invalid_type"),
        ("POST", "", [], 400, None),
        ("DELETE", "nobody", None, 404, "key_not_found"),
        ("DELETE", "fixed", None, 404, "key_not_found"),
        ("GET", "nobody", None, 404, "key_not_found"),
        ("POST", "team", {}, 405, None),
        ("DELETE", "", None, 405, None),
    ],
)
async def test_what_cannot_be_done_changes_nothing(
    open_admin: OpenAdmin, method: str, name: str, body: Any, status: int, code: str | None
) -> None:
    async with open_admin() as admin:
        before = admin.keys_file.read_text()
        answer = await admin.ask(method, name, body)
        assert (answer.status_code, admin.keys_file.read_text()) == (status, before)
    if code is not None:
        assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_other_keys_may_not(open_admin: OpenAdmin, method: str) -> None:
    async with open_admin() as admin:
        refused = await admin.ask(method, body={"name": "mine"}, key="sk-team")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "insufficient_permissions")


async def test_without_leave_nothing_is_changed(open_admin: OpenAdmin) -> None:
    async with open_admin("") as admin:
        refused = await admin.ask("POST", body={"name": "new"})
        listed = await admin.ask("GET")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "key_administration_disabled")
    assert listed.status_code == 200


async def test_a_file_that_cannot_be_written_is_an_error(open_admin: OpenAdmin) -> None:
    async with open_admin() as admin:
        admin.keys_file.unlink()
        admin.keys_file.mkdir()
        refused = await admin.client.post(PATH, json={"name": "new"}, headers={"authorization": "Bearer sk-boss"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "keys_not_changed")
    assert str(admin.keys_file) not in refused.text


async def test_keys_made_at_the_same_time_are_all_kept(open_admin: OpenAdmin) -> None:
    async with open_admin() as admin:
        answers = await asyncio.gather(*(admin.ask("POST", body={"name": f"k{i}"}) for i in range(10)))
        names = {each["name"] for each in yaml.safe_load(admin.keys_file.read_text())["keys"]}
    assert {answer.status_code for answer in answers} == {200}
    assert names == {"boss", "team", *(f"k{i}" for i in range(10))}


async def test_a_secret_is_changed_by_the_pods_account(
    open_admin: OpenAdmin, api_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Secrets, "of_pod", lambda: api_server.of_pod)
    api_server.secrets["keys"] = secret_of(entry("boss", admin=True))
    async with open_admin("key_administration: {enabled: true, secret: keys}\n") as admin:
        assert (await admin.ask("POST", body={"name": "new"})).status_code == 200
        assert names_in(api_server) == ["boss", "new"]
        assert (await admin.ask("DELETE", "new")).status_code == 200
        assert names_in(api_server) == ["boss"]
        refused = await admin.ask("DELETE", "boss")
        assert (refused.status_code, names_in(api_server)) == (503, ["boss"])
        api_server.refuses = True
        refused = await admin.ask("POST", body={"name": "other"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "keys_not_changed")


def test_what_another_has_changed_meanwhile_is_not_lost(api_server: Any) -> None:
    api_server.secrets["keys"] = secret_of(entry("boss"))
    store, faster = SecretStore(api_server.of_pod, "keys"), SecretStore(api_server.of_pod, "keys")

    class Slow(SecretStore):
        """Is overtaken once, after it has read."""

        def read(self) -> list[dict[str, Any]]:
            found = super().read()
            if len(found) == 1:
                change(faster, adding(entry("faster")))
            return found

    change(Slow(api_server.of_pod, "keys"), adding(entry("slow")))
    assert names_in(api_server) == ["boss", "faster", "slow"]
    entries = store.read()
    change(faster, adding(entry("again")))
    with pytest.raises(StoreChanged):
        store.write(entries)


def test_administration_needs_a_place_for_keys() -> None:
    with pytest.raises(ConfigError, match="key_administration: name where keys are kept"):
        parse_config("providers: {fake: {target: x}}\n" + ON)


def secret_of(*entries: dict[str, Any]) -> dict[str, Any]:
    """A Secret with keys."""
    text = yaml.safe_dump({"keys": list(entries)})
    return {"metadata": {"resourceVersion": "0"}, "data": {"keys.yaml": b64encode(text.encode()).decode()}}


def names_in(api_server: Any) -> list[str]:
    """Whose keys the Secret has."""
    text = b64decode(api_server.secrets["keys"]["data"]["keys.yaml"]).decode()
    return [each["name"] for each in yaml.safe_load(text)["keys"]]
