"""A gateway that runs somewhere, as the command line speaks to it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

import msgspec

from unigate_core.json import Json

TIMEOUT = 30.0
DEFAULT_URL = "http://127.0.0.1:8080"


class Failed(Exception):
    """What was asked for did not work; the message says why and what to do."""


class Remote(msgspec.Struct, frozen=True):
    """Where the gateway is, and the key to call it with."""

    url: str
    key: str

    @classmethod
    def of(cls, options: Namespace) -> Remote:
        """The gateway that the options name."""
        return cls(options.url.rstrip("/").removesuffix("/v1"), options.key)

    def get(self, path: str) -> tuple[int, Json, Any]:
        """Status, body and headers of an answer. Raises Failed when there is none."""
        try:
            with self._open(path, None) as answer:
                return answer.status, json.load(answer), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, _body(error), error.headers

    def events(self, path: str, body: Json) -> Iterator[Json]:
        """The events of a streamed answer. Raises Failed."""
        try:
            with self._open(path, body) as answer:
                for line in answer:
                    data = line.strip().removeprefix(b"data:").strip()
                    if line.startswith(b"data:") and data != b"[DONE]":
                        yield json.loads(data)
        except urllib.error.HTTPError as error:
            raise Failed(error_text(error.code, _body(error))) from error

    def _open(self, path: str, body: Json | None) -> Any:
        headers = {"accept": "application/json"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        data = None
        if body is not None:
            data, headers["content-type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(f"{self.url}{path}", data, headers)  # noqa: S310 - the user's own address
        # a proxy that the user has set up for the world is none for a gateway of this machine
        local = self.url.startswith(("http://127.", "http://localhost", "http://[::1]"))
        handlers = [urllib.request.ProxyHandler({})] if local else []
        try:
            return urllib.request.build_opener(*handlers).open(request, timeout=TIMEOUT)
        except urllib.error.HTTPError:
            raise
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise Failed(
                f"no gateway answers at {self.url} ({reason}): start one with `unigate up`, or name another with --url "
                "or UNIGATE_URL"
            ) from error


def error_text(status: int, body: Json) -> str:
    """An error of the gateway's, with what to do about it where that is known."""
    error = body.get("error")
    message = str(error.get("message")) if isinstance(error, dict) else f"status {status}"
    advice = {
        401: "give a key with --key or UNIGATE_KEY; `unigate keys new NAME` makes one",
        404: "`unigate models` lists all models",
        429: "wait, or ask the operator for a higher limit",
    }.get(status)
    return f"{message} ({advice})" if advice else message


def add_options(parser: ArgumentParser) -> None:
    """The options of all commands that speak to a gateway."""
    url = os.environ.get("UNIGATE_URL", DEFAULT_URL)
    parser.add_argument("--url", default=url, help=f"the gateway's address; UNIGATE_URL, else {DEFAULT_URL}")
    key = os.environ.get("UNIGATE_KEY", "")
    parser.add_argument("--key", default=key, help="the key to call it with; UNIGATE_KEY, else none")


def _body(error: urllib.error.HTTPError) -> Json:
    try:
        body = json.load(error)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
