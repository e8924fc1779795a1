"""`unigate`: models, chat, doctor and keys, against an edge that runs."""

from __future__ import annotations

import asyncio
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.cli.command import command
from unigate_edge.config.model import load_config


@pytest.fixture
def run(live: Any) -> Any:
    """Run a command against the edge; gives status, what it wrote, and its errors."""

    async def of(*arguments: str, url: str | None = None) -> tuple[int, str, str]:
        out, err = StringIO(), StringIO()
        address = ("--url", url or str(live.client.base_url))
        status = await asyncio.to_thread(command, [*arguments, *address], out, err)
        return status, out.getvalue(), err.getvalue()

    return of


async def test_models_are_listed_one_a_line(run: Any) -> None:
    status, out, _ = await run("models")
    assert status == 0
    assert out.splitlines()[0].split() == ["fake/small", "chat"]


async def test_a_message_is_answered_as_it_comes(run: Any, live: Any) -> None:
    pieces = [{"choices": [{"delta": {"content": text}}]} for text in ("Hel", "lo")]
    data = b"".join(b"data: " + json.dumps(piece).encode() + b"\n\n" for piece in pieces) + b"data: [DONE]\n\n"
    live.adapter.frames = [pb.InvokeStreamResponse(data=data, summary=pb.Summary())]
    assert await run("chat", "fake/small", "Hi", "there") == (0, "Hello\n", "")
    assert json.loads(live.adapter.bodies[-1])["messages"] == [{"role": "user", "content": "Hi there"}]


async def test_an_unknown_model_says_what_to_do(run: Any) -> None:
    status, _, err = await run("chat", "nobody/none", "Hi")
    assert status == 1
    assert "`unigate models` lists all models" in err


async def test_nobody_there_says_what_to_do(run: Any) -> None:
    status, _, err = await run("models", url="http://127.0.0.1:9")
    assert status == 1
    assert "start one with `unigate up`" in err


async def test_the_doctor_finds_all_well(
    run: Any, tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UNIGATE_STATE_URL", raising=False)
    config = tmp_path / "unigate.yaml"
    config.write_text(f"providers: {{fake: {{target: '{target}'}}}}\n")
    await asyncio.sleep(0.3)
    status, out, _ = await run("doctor", "--config", str(config))
    looked_at = [
        line.split(":")[0].split(maxsplit=1)[1] for line in out.splitlines()[:-1] if not line.startswith("   ")
    ]
    assert looked_at == ["configuration", "gateway", "provider fake", "clock", "key", "adapter fake", "store"]
    # the fake adapter says nothing of credentials
    assert status == 1
    assert "set the vendor's key" in out


async def test_the_doctor_names_what_is_wrong(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIGATE_STATE_URL", "redis://127.0.0.1:9/0")
    config = tmp_path / "unigate.yaml"
    config.write_text("providers: {away: {target: '127.0.0.1:9'}}\naliases: {fast: nowhere/m}\n")
    status, out, _ = await run("doctor", "--config", str(config), url="http://127.0.0.1:9")
    assert status == 1
    assert "names no provider" in out
    assert "wrong  gateway: out of reach" in out
    assert "wrong  store: not reached" in out


async def test_the_doctor_asks_adapters_by_the_certificates_of_the_edge(
    run: Any, tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UNIGATE_STATE_URL", raising=False)
    for name in ("CERT", "KEY", "CA"):
        monkeypatch.setenv(f"UNIGATE_TLS_{name}", str(tmp_path / name))
    config = tmp_path / "unigate.yaml"
    config.write_text(f"providers: {{fake: {{target: '{target}'}}}}\n")
    _, out, _ = await run("doctor", "--config", str(config))
    assert "wrong  adapters: not asked: " in out
    assert "correct UNIGATE_TLS_CERT" in out


def keys(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    return command(["keys", *arguments], out, err), out.getvalue(), err.getvalue()


def test_a_key_is_put_where_the_edge_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    status, out, err = keys(
        "new", "team-a", "--file", str(file), "--owner", "a@example.com", "--expires", "2030-01-01T00:00:00+00:00",
        "--usd-per-month", "50", "--requests-per-minute", "60",
    )  # fmt: skip
    assert status == 0
    (tmp_path / "unigate.yaml").write_text("providers: {a: {target: x}}\nkeys_file: keys.yaml\n")
    (key,) = load_config(tmp_path / "unigate.yaml").keys
    assert key.limits is not None
    assert (key.limits.requests_per_minute, key.limits.budget_usd.month) == (60, 50.0)
    audit = json.loads(err)
    assert (audit["event"], audit["key"], audit["owner"]) == ("key_created", "team-a", "a@example.com")
    secret = out.splitlines()[0]
    assert secret.startswith("sk-ug-")
    assert secret not in err + file.read_text()


def test_a_key_is_listed_and_revoked(tmp_path: Path) -> None:
    file = str(tmp_path / "keys.yaml")
    for name in ("team-a", "team-b"):
        assert keys("new", name, "--file", file)[0] == 0
    assert [line.split()[0] for line in keys("list", "--file", file)[1].splitlines()] == ["team-a", "team-b"]
    status, _, err = keys("revoke", "team-a", "--file", file)
    assert (status, json.loads(err)["event"]) == (0, "key_revoked")
    assert [key["name"] for key in yaml.safe_load(Path(file).read_text())["keys"]] == ["team-b"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("new", "team-a"), "there is a key of the name team-a already"),
        (("revoke", "nobody"), "there is no key named nobody"),
        (("revoke", "team-a"), "this is the last key"),
    ],
)
def test_what_would_harm_is_refused(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    file = str(tmp_path / "keys.yaml")
    keys("new", "team-a", "--file", file)
    status, _, err = keys(*arguments, "--file", file)
    assert status == 1
    assert words in err


def test_a_secret_is_changed_by_kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl, log = tmp_path / "kubectl", tmp_path / "log"
    script = ["#!/bin/sh", f'printf "%s\\n" "$*" >> {log}', """[ "$3" = get ] && echo '{"data": {}}' || true"""]
    kubectl.write_text("\n".join(script))
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert keys("new", "team-a", "--secret", "gateway-keys", "-n", "llm")[0] == 0
    got, patched = log.read_text().splitlines()
    assert got == "-n llm get secret gateway-keys -o json"
    assert patched.startswith("-n llm patch secret gateway-keys --type merge -p")
