"""`unigate doctor`: what is wrong with a gateway, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import time
from argparse import Namespace
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec

from unigate_core.environment import SettingsError
from unigate_core.mutual_tls import TlsSettings
from unigate_edge.cli.remote import Failed, Remote, error_text
from unigate_edge.config.model import Config, ConfigError, Provider, load_config

MAX_SKEW = 30.0
"""Seconds by which two clocks may differ: expiry of keys and signatures of clouds go by them."""
TIMEOUT_SECONDS = 5.0


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. `advice` says what to do; empty: it is well."""

    what: str
    state: str
    advice: str = ""


def doctor(options: Namespace, out: TextIO) -> int:
    """Look at everything, telling each finding as it comes. Returns 1 when something is wrong."""
    wrong = 0
    for finding in _findings(options):
        mark = "wrong" if finding.advice else "ok"
        out.write(f"{mark:5}  {finding.what}: {finding.state}\n")
        if finding.advice:
            wrong += 1
            out.write(f"       → {finding.advice}\n")
        out.flush()
    out.write("all is well\n" if not wrong else f"{wrong} to look at\n")
    return 1 if wrong else 0


def _findings(options: Namespace) -> Iterator[Finding]:
    config: Config | None = None
    if options.config.exists():
        try:
            config = load_config(options.config)
            yield Finding("configuration", f"{options.config}: {len(config.providers)} providers, {_keys(config)}")
        except ConfigError as error:
            yield Finding(
                "configuration", str(error), "correct the line; `unigate config check FILE` looks at it again"
            )
    else:
        yield Finding("configuration", f"{options.config} does not exist, so it was not checked")
    yield from _gateway(Remote.of(options))
    if config is not None:
        yield from asyncio.run(_adapters(config))
    if url := os.environ.get("UNIGATE_STATE_URL"):
        yield asyncio.run(_store(url))
    else:
        yield Finding("store", "none: limits and stored responses are each edge's own")


def _keys(config: Config) -> str:
    if not config.keys:
        return "no keys, so only this machine may call"
    ended = [key.name for key in config.keys if key.expiry() < time.time()]
    return f"{len(config.keys)} keys" + (f", of which have ended: {', '.join(ended)}" if ended else "")


def _gateway(remote: Remote) -> Iterator[Finding]:
    try:
        status, body, headers = remote.get("/readyz")
    except Failed as error:
        yield Finding("gateway", "out of reach", str(error))
        return
    if status == 200:
        yield Finding("gateway", f"{remote.url} is ready")
    else:
        yield Finding("gateway", str(body.get("status", status)), "it serves when one provider is ready: see below")
    for name, state in body.get("providers", {}).items():
        well = state == "ready"
        advice = "" if well else "its adapter does not answer at its target: is it running, and does its name resolve?"
        yield Finding(f"provider {name}", state, advice)
    yield _clock(headers)
    status, body, _ = remote.get("/v1/models")
    if status == 200:
        yield Finding("key", f"accepted; {len(body.get('data', ()))} models may be used")
    else:
        yield Finding("key", f"refused with {status}", error_text(status, body))


def _clock(headers: Any) -> Finding:
    try:
        skew = abs(parsedate_to_datetime(headers["date"]).timestamp() - time.time())
    except (TypeError, ValueError):
        return Finding("clock", "the gateway's answers have no Date header")
    advice = "" if skew <= MAX_SKEW else "set both by NTP: keys expire and clouds' signatures hold by the clock"
    return Finding("clock", f"{skew:.0f} s apart from the gateway's", advice)


async def _adapters(config: Config) -> list[Finding]:
    """What each adapter says of itself, where it can be reached from here."""
    from grpc.aio import AioRpcError  # noqa: PLC0415 - only this command asks adapters

    from unigate_edge.upstream.client import open_client  # noqa: PLC0415

    try:
        certificates = TlsSettings.from_environment().files()
    except (SettingsError, OSError) as error:
        return [Finding("adapters", f"not asked: {error}", "correct UNIGATE_TLS_CERT, UNIGATE_TLS_KEY, UNIGATE_TLS_CA")]

    async def ask(name: str, provider: Provider) -> Finding:
        client = open_client(name, provider, config, certificates)
        try:
            answer = await client.capabilities(TIMEOUT_SECONDS)
        except AioRpcError as error:
            code, target = error.code().name.lower(), provider.target
            return Finding(f"adapter {name}", f"not reached from here ({code})", f"is {target} right, and running?")
        finally:
            await client.close()
        if not answer.credentials_present:
            return Finding(f"adapter {name}", "has no credentials", "set the vendor's key, or give it an identity")
        if not answer.models_complete:
            return Finding(
                f"adapter {name}", "cannot list models", "is the key valid at the vendor? see the adapter's log"
            )
        return Finding(f"adapter {name}", f"has credentials, lists {len(answer.models)} models")

    return await asyncio.gather(*(ask(name, provider) for name, provider in config.providers.items()))


async def _store(url: str) -> Finding:
    from valkey.exceptions import ValkeyError  # noqa: PLC0415 - as above

    from unigate_edge.state.client import open_state_client  # noqa: PLC0415

    try:
        client = open_state_client(url, TIMEOUT_SECONDS)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                began = time.perf_counter()
                await client.valkey.ping()
        finally:
            await client.close()
    except (ValkeyError, OSError, ValueError, TimeoutError) as error:
        advice = "is it running, and are address and password in UNIGATE_STATE_URL right?"
        return Finding("store", f"not reached ({type(error).__name__})", advice)
    return Finding("store", f"answers in {(time.perf_counter() - began) * 1000:.1f} ms")


def default_config() -> Path:
    """The configuration that is meant when none is named: the edge's own, else that of `unigate up`."""
    named = os.environ.get("UNIGATE_CONFIG")
    if named:
        return Path(named)
    return next(
        (path for path in (Path("unigate.yaml"), Path(".run/unigate.yaml")) if path.exists()), Path("unigate.yaml")
    )
