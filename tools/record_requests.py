"""Record what clients send: `python -m tools.with_gateway python -m tools.record_requests FOLDER COMMAND …`.

Runs the command, for one model, with a proxy in front of the gateway, and writes the first and the longest request of
each client to the folder: method, path, headers and body. Keys, ids, times and long texts, which are the clients' own
prose, are replaced by what has their form, so that a recording has the structure of a request and nothing else.
"""

import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MAX_TEXT = 60
"""Characters of the longest text that is kept."""
PROSE = frozenset({"description"})
"""Members whose text is the client's prose, however short."""
CLIENTS = {"claude-cli": "claude_code", "GeminiCLI": "gemini_cli", "codex": "codex_cli"}
"""Name of a recording by the beginning of the client's user agent."""
DROPPED = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "traceparent", "user-agent", "x-codex-turn-metadata"}
)
KEYS = frozenset({"authorization", "x-api-key", "x-goog-api-key"})
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}")
_PATH = re.compile(r"/(?:tmp|root|home|work)\b[^\s\"'<>]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/=_.-]{40,}")


def cleaned(value: Any) -> Any:
    """Return a value of the same structure without prose, ids, paths and secrets."""
    if isinstance(value, dict):
        return {
            name: f"A text of {len(member)} characters."
            if name in PROSE and isinstance(member, str)
            else cleaned(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if not isinstance(value, str):
        return value
    text = _PATH.sub("/project", _ID.sub("00000000-0000-4000-8000-000000000000", value))
    if _BASE64.fullmatch(text):
        return f"{text[:4]}bWFkZSB1cA=="  # the beginning says whose token it is
    return text if len(text) <= MAX_TEXT or text.startswith("[[call:") else f"A text of {len(value)} characters."


def recording(method: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """Return what is written of a request."""
    kept = {name: _ID.sub("00000000-0000-4000-8000-000000000000", headers[name]) for name in headers.keys() - DROPPED}
    kept |= {name: "made-up-key" for name in kept if name in KEYS}
    return {
        "method": method,
        "path": path,
        "headers": dict(sorted(kept.items())),
        "body": cleaned(json.loads(body)) if body else None,
    }


class Proxy(BaseHTTPRequestHandler):
    """Passes requests on to the gateway and records them."""

    gateway = ""
    requests: dict[str, list[dict[str, Any]]] = {}  # noqa: RUF012 - one process, one recording

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._record(headers, body)
        sent = {name: value for name, value in headers.items() if name not in ("host", "connection", "content-length")}
        request = urllib.request.Request(f"{self.gateway}{self.path}", body or None, sent, method=self.command)  # noqa: S310 - the gateway's own address
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                self._answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            self._answer(error.code, error.headers, error.read())

    do_GET = _pass  # noqa: N815
    do_HEAD = _pass  # noqa: N815
    do_POST = _pass  # noqa: N815

    def _answer(self, status: int, headers: Any, body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _record(self, headers: dict[str, str], body: bytes) -> None:
        agent = headers.get("user-agent", "")
        client = next((name for start, name in CLIENTS.items() if agent.startswith(start)), "")
        if not client or self.command == "HEAD" or headers.get("content-encoding"):
            return
        made = recording(self.command, self.path, headers, body)
        self.requests.setdefault(client, []).append(made)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def main() -> int:
    """Run the command behind a recording proxy."""
    Proxy.gateway = os.environ["UNIGATE_URL"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    models = os.environ["UNIGATE_MODELS"].split()
    settings = {
        "UNIGATE_URL": f"http://127.0.0.1:{server.server_address[1]}",
        "UNIGATE_MODELS": next(model for model in models if model.startswith("deepseek/")),
    }
    status = subprocess.run(sys.argv[2:], env={**os.environ, **settings}, check=False).returncode
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for client, requests in Proxy.requests.items():
        for name, made in (("first", requests[0]), ("longest", max(requests, key=lambda one: len(json.dumps(one))))):
            (folder / f"{client}_{name}.json").write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
