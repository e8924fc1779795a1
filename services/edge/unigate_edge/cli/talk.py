"""`unigate models` and `unigate chat MODEL`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import TextIO

from unigate_core.json import Json
from unigate_edge.cli.remote import Failed, Remote, error_text


def models(options: Namespace, out: TextIO) -> int:
    """List what the key may use, one model a line. Raises Failed."""
    status, body, _ = Remote.of(options).get("/v1/models")
    if status != 200:
        raise Failed(error_text(status, body))
    for model in sorted(body["data"], key=lambda model: str(model["id"])):
        own = model.get("unigate", {})
        what = ", ".join(own.get("endpoints", ()))
        for_alias = f"→ {', '.join(own['alias_for'])}" if own.get("alias_for") else what
        out.write(f"{model['id']:56} {for_alias}".rstrip() + "\n")
    return 0


def chat(options: Namespace, out: TextIO) -> int:
    """Talk to a model: one message of the command line, or line by line. Raises Failed."""
    remote, conversation = Remote.of(options), list[Json]()
    for message in _messages(options, out):
        conversation.append({"role": "user", "content": message})
        answer = ""
        body = {"model": options.model, "messages": conversation, "stream": True}
        for event in remote.events("/v1/chat/completions", body):
            if "error" in event:
                raise Failed(str(event["error"].get("message")))
            for choice in event.get("choices", ()):
                piece = choice["delta"].get("content") or choice["delta"].get("refusal") or ""
                answer += piece
                out.write(piece)
                out.flush()
        out.write("\n")
        conversation.append({"role": "assistant", "content": answer})
    return 0


def _messages(options: Namespace, out: TextIO) -> Iterator[str]:
    """The user's messages: that of the command line alone, else lines until the end of the input."""
    if options.message:
        yield " ".join(options.message)
        return
    asks = sys.stdin.isatty()
    if asks:
        out.write(f"talking to {options.model}; an empty line ends it\n")
    while True:
        if asks:
            out.write("> ")
            out.flush()
        line = sys.stdin.readline()
        if not line.strip():
            return
        yield line.strip()
