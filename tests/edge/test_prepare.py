"""`unigate prepare` against an API server in small: what is made, what is kept, what is refused."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from unigate_edge.cli import prepare as prepare_module
from unigate_edge.cli.prepare import prepare
from unigate_edge.keys.kubernetes_secrets import ApiError, Secrets

CONFIG = """
providers: {openai: {target: "dns:///unigate-openai:50051"}}
keys_file: /etc/unigate/keys.yaml
"""
BAD_CONFIG = "providers: {a: {target: x}}\naliases: {fast: nowhere/m}\nkeys_file: /etc/unigate/keys.yaml\n"


@pytest.fixture
def run(api_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run the command with a configuration, as the Job does; gives its status and what it wrote."""

    def of(config: str = CONFIG, **settings: str) -> tuple[int, str]:
        (tmp_path / "unigate.yaml").write_text(config)
        environment = {
            "CONFIG": str(tmp_path / "unigate.yaml"),
            "API_KEY_SECRET": "unigate-api-key",
            "KEYS_SECRET": "unigate-keys",
            "SEAL_SECRET": "unigate-seal",
            "LABELS": '{"app.kubernetes.io/name": "unigate"}',
        }
        for name, value in (environment | settings).items():
            monkeypatch.setenv(f"UNIGATE_PREPARE_{name}", value)
        out, err = StringIO(), StringIO()
        status = prepare(out, err, lambda: api_server.of_pod)
        return status, out.getvalue() + err.getvalue()

    return of


def value(api_server: Any, name: str, key: str) -> str:
    return b64decode(api_server.secrets[name]["data"][key]).decode()


def test_what_is_random_is_made_once(api_server: Any, run: Any) -> None:
    assert run()[0] == 0
    key, seal = value(api_server, "unigate-api-key", "api-key"), value(api_server, "unigate-seal", "seal")
    assert key.startswith("sk-ug-")
    assert len(key) > 40
    assert len(seal) > 40
    before = json.dumps(api_server.secrets)
    assert run()[0] == 0
    assert json.dumps(api_server.secrets) == before


def test_the_gateway_is_told_the_keys_hash_only(api_server: Any, run: Any) -> None:
    run(MODELS='["openai/*"]', FURTHER_KEYS=json.dumps([{"name": "team-a", "sha256": "ab" * 32}]))
    text = value(api_server, "unigate-keys", "keys.yaml")
    key = value(api_server, "unigate-api-key", "api-key")
    assert key not in text
    first, further = yaml.safe_load(text)["keys"]
    assert first == {"name": "default", "sha256": sha256(key.encode()).hexdigest(), "models": ["openai/*"]}
    assert further["name"] == "team-a"


def test_changed_keys_reach_the_secret(api_server: Any, run: Any) -> None:
    run()
    key = value(api_server, "unigate-api-key", "api-key")
    run(FURTHER_KEYS=json.dumps([{"name": "team-b", "sha256": "cd" * 32}]))
    assert [each["name"] for each in yaml.safe_load(value(api_server, "unigate-keys", "keys.yaml"))["keys"]][
        1
    ] == "team-b"
    assert value(api_server, "unigate-api-key", "api-key") == key


def test_keys_of_the_command_line_stay(api_server: Any, run: Any) -> None:
    run()
    text = value(api_server, "unigate-keys", "keys.yaml")
    own = {"name": "team-x", "sha256": "ef" * 32, "metadata": {"made-by": "unigate keys"}}
    stranger = {"name": "old", "sha256": "ab" * 32}
    changed = yaml.safe_dump({"keys": [*yaml.safe_load(text)["keys"], own, stranger]})
    api_server.secrets["unigate-keys"]["data"]["keys.yaml"] = b64encode(changed.encode()).decode()
    run()
    names = [key["name"] for key in yaml.safe_load(value(api_server, "unigate-keys", "keys.yaml"))["keys"]]
    assert names == ["default", "team-x"]


def test_a_key_that_is_there_is_kept(api_server: Any, run: Any) -> None:
    api_server.secrets["unigate-api-key"] = {"data": {"api-key": b64encode(b"ug-first").decode()}}
    run()
    (first,) = yaml.safe_load(value(api_server, "unigate-keys", "keys.yaml"))["keys"]
    assert first["sha256"] == sha256(b"ug-first").hexdigest()


def test_the_store_gets_a_password_and_the_edge_its_url(api_server: Any, run: Any) -> None:
    run(STORE_SECRET="unigate-valkey", STORE_HOST="unigate-valkey.llm.svc:6379")
    password = value(api_server, "unigate-valkey", "password")
    assert value(api_server, "unigate-valkey", "url") == f"redis://:{password}@unigate-valkey.llm.svc:6379/0"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("providers: {a: {target: x}}\naliases: {fast: nowhere/m}\n", "names no provider"),
        ("providers: {a: {target: x}}\ntimeouts: {totl: 3}\n", "there is no such setting"),
    ],
)
def test_what_the_edge_would_refuse_stops_the_upgrade(run: Any, config: str, words: str) -> None:
    status, told = run(config + "keys_file: /etc/unigate/keys.yaml\n")
    assert status == 2
    assert words in told


def test_a_refused_installation_makes_no_secret(api_server: Any, run: Any) -> None:
    assert run(BAD_CONFIG, STORE_SECRET="unigate-valkey", STORE_HOST="valkey:6379")[0] == 2
    assert api_server.secrets == {}


@pytest.mark.parametrize(
    ("config", "further"),
    [
        (BAD_CONFIG, [{"name": "team-a", "sha256": "ab" * 32}]),
        (CONFIG, [{"name": "team-a", "sha256": "ab" * 32}, {"name": "team-a", "sha256": "cd" * 32}]),
        (CONFIG, [{"name": "team-a", "sha256": "ab" * 32}, {"name": "team-b", "sha256": "ab" * 32}]),
        (CONFIG, [{"name": "default", "sha256": "ab" * 32}]),
        (CONFIG, [{"name": "team-a", "sha256": "not-a-hash"}]),
    ],
)
def test_a_refused_upgrade_leaves_every_secret_as_it_was(
    api_server: Any, run: Any, config: str, further: list[Any]
) -> None:
    run(FURTHER_KEYS=json.dumps([{"name": "team-a", "sha256": "ef" * 32}]))
    before = json.dumps(api_server.secrets)
    assert run(config, FURTHER_KEYS=json.dumps(further))[0] == 2
    assert json.dumps(api_server.secrets) == before


def test_a_key_that_is_made_at_the_same_time_is_kept(
    api_server: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    own = {"name": "team-x", "sha256": "ef" * 32, "metadata": {"made-by": "unigate keys"}}
    check = prepare_module._check
    calls: list[str] = []

    def check_while_another_writes(config: Path, keys: str) -> None:
        if not calls:
            there = yaml.safe_load(value(api_server, "unigate-keys", "keys.yaml"))["keys"]
            text = yaml.safe_dump({"keys": [*there, own]})
            api_server.of_pod.update("unigate-keys", {"keys.yaml": text})
        calls.append(keys)
        check(config, keys)

    monkeypatch.setattr(prepare_module, "_check", check_while_another_writes)
    assert run(FURTHER_KEYS=json.dumps([{"name": "team-a", "sha256": "ab" * 32}]))[0] == 0
    names = [key["name"] for key in yaml.safe_load(value(api_server, "unigate-keys", "keys.yaml"))["keys"]]
    assert names == ["default", "team-a", "team-x"]


def test_keys_that_cannot_be_read_stop_the_upgrade(api_server: Any, run: Any) -> None:
    run()
    api_server.secrets["unigate-keys"]["data"]["keys.yaml"] = b64encode(b"keys: [").decode()
    status, told = run()
    assert status == 2
    assert "not YAML" in told


def test_keys_of_the_operators_own_are_checked_too(api_server: Any, run: Any, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("keys: [{name: a, sha256: not-a-hash}]\n")
    status, told = run(KEYS_FILE=str(tmp_path / "own.yaml"), API_KEY_SECRET="", KEYS_SECRET="", SEAL_SECRET="")
    assert status == 2
    assert "sha256" in told
    assert api_server.asked == []


def test_a_refusal_of_the_api_server_is_told_without_any_secret(api_server: Any, run: Any) -> None:
    api_server.refuses = True
    status, told = run()
    assert status == 2
    assert "403" in told
    assert api_server.of_pod.token not in told


def test_outside_of_a_pod_there_is_nobody_to_ask(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="no account of a pod"):
        Secrets.of_pod(tmp_path)
