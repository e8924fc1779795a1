"""The ASGI application: reads a request, lets the vendor that the path names answer it, and sends that as planned.

One task sends while another watches for the client to leave, so that a client that is gone ends the work at once.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, quote

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from unigate_simulator import faults
from unigate_simulator.identity_api import metadata
from unigate_simulator.log import Entry, RequestLog
from unigate_simulator.lru import Lru
from unigate_simulator.media import served_image
from unigate_simulator.settings import Settings
from unigate_simulator.vendor import Vendor
from unigate_simulator.vendors import VENDORS
from unigate_simulator.wire import Call, RefusedError, Reply, Stream, Upload, Whole, whole

_VERSIONS: Final = ("v1beta/", "v1alpha/", "v1/")
_METADATA: Final = ("", "computeMetadata")


class Simulator:
    """`GET /healthz`, `GET` and `DELETE /_sim/requests`, `/files/*.png`, and one prefix for each vendor."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._stored = {name: Lru() for name in VENDORS}
        self.log = RequestLog(self._settings.logged_requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        prefix, _, rest = scope["path"].lstrip("/").partition("/")
        vendor = VENDORS.get(prefix)
        if vendor is None:
            await _send_whole(send, self._own(scope, prefix, rest))
            return
        call = replace(await _read(scope, receive, vendor, rest), lru=self._stored[vendor.name])
        entry = self.log.begin(vendor.name, call)
        disconnected = False
        try:
            disconnected = await self._serve(vendor, call, entry, receive, send)
        except asyncio.CancelledError:
            disconnected = True
            raise
        finally:
            self.log.end(entry, disconnected=disconnected)

    def _own(self, scope: Scope, prefix: str, rest: str) -> Whole:
        match scope["method"], prefix, rest:
            case "GET", "healthz", "":
                return whole({"status": "ok"})
            case "GET", "_sim", "requests":
                query = dict(parse_qsl(scope.get("query_string", b"").decode()))
                return whole(self.log.snapshot(int(query["last"]) if query.get("last", "").isdecimal() else None))
            case "DELETE", "_sim", "requests":
                self.log.clear()
                return whole({"cleared": True})
            case "GET", "files", name if name.endswith(".png"):
                return served_image()
            case "GET", place, path if place in _METADATA:
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
                found = metadata(path, headers)
                if found is not None:
                    return found
        return whole({"error": "no such path"}, 404)

    async def _serve(self, vendor: Vendor, call: Call, entry: Entry, receive: Receive, send: Send) -> bool:
        """Whether the client left before the answer was all sent."""
        entry.fault, reply = _decide(vendor, call)
        entry.status = reply.status if isinstance(reply, Whole) else 200
        events = vendor.error_event(call), vendor.unknown_event(call)
        steps = faults.plan(reply, entry.fault, self._settings.event_ms / 1000, *events)
        headers = {**vendor.headers(), **reply.headers}
        sending = asyncio.create_task(_follow(steps, reply, headers, send))
        watching = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait({sending, watching}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
            return not sending.done()
        finally:
            sending.cancel()
            watching.cancel()
            await asyncio.gather(sending, watching, return_exceptions=True)


def _decide(vendor: Vendor, call: Call) -> tuple[str | None, Reply]:
    """The fault that was asked for, if any, and the reply it will act on."""
    if (refusal := vendor.unauthorised(call)) is not None:
        return None, refusal
    fault = fault_of(vendor, call)
    if status := faults.status_of(fault):
        return fault, vendor.error(status, None)
    if fault == faults.OVERFLOW:
        return fault, vendor.overflow(call)
    try:
        reply = vendor.reply(call)
    except RefusedError as refused:
        return None, refused.reply
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return None, vendor.error(400, f"We could not parse the body of your request: {error!r}")
    if fault == "error-mid" and isinstance(reply, Whole):
        return fault, vendor.error(500, None)
    return fault, reply


def fault_of(vendor: Vendor, call: Call) -> str | None:
    try:
        text = faults.last_user_text(call.json()) if call.body else ""
    except ValueError:
        text = ""
    asked = faults.named(call.headers, vendor.model(call), text)
    if asked is None:
        return None
    fault, times = faults.counted(asked)
    if times is None:
        return fault
    name = f"fault:{text or asked}"
    happened = call.lru.get(name) or 0
    call.lru.put(name, happened + 1)
    return fault if happened < times else None


async def _read(scope: Scope, receive: Receive, vendor: Vendor, path: str) -> Call:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False) and message["type"] == "http.request"
    for version in _VERSIONS:
        path = path.removeprefix(version)
    fields, uploads = await _form(scope, bytes(body)) if "multipart/" in headers.get("content-type", "") else ((), ())
    return Call(
        method=scope["method"],
        path=path.strip("/"),
        query=dict(parse_qsl(scope.get("query_string", b"").decode(), keep_blank_values=True)),
        headers=headers,
        body=bytes(body),
        fields=fields,
        uploads=uploads,
        target=_target(scope),
        root=f"{scope.get('scheme', 'http')}://{headers.get('host', '127.0.0.1')}/{vendor.name}",
    )


def _target(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path = raw.decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


async def _form(scope: Scope, body: bytes) -> tuple[tuple[tuple[str, str], ...], tuple[Upload, ...]]:
    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    fields: list[tuple[str, str]] = []
    uploads: list[Upload] = []
    async with Request(scope, replay).form(max_part_size=64 * 1024 * 1024) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                content_type = value.content_type or "application/octet-stream"
                uploads.append(Upload(name, value.filename or "", content_type, await value.read()))
            else:
                fields.append((name, value))
    return tuple(fields), tuple(uploads)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _follow(steps: Sequence[faults.Step], reply: Reply, headers: Mapping[str, str], send: Send) -> None:
    started = False
    for step in steps:
        match step:
            case faults.Pause(seconds=seconds):
                await asyncio.sleep(seconds)
            case faults.Act.STALL:
                await asyncio.Event().wait()
            case faults.Act.CUT:
                return  # the server closes the connection of a response that is not completed
            case bytes():
                if not started:
                    await send(_start(reply, headers, _length(reply, steps)))
                    started = True
                await send({"type": "http.response.body", "body": step, "more_body": True})
    if not started:
        await send(_start(reply, headers, _length(reply, steps)))
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _length(reply: Reply, steps: Sequence[faults.Step]) -> int | None:
    """The content length to promise; a cut or stalled answer promises all of it. None for a stream."""
    if isinstance(reply, Stream):
        return None
    if any(isinstance(step, faults.Act) for step in steps):
        return len(reply.body)
    return sum(len(step) for step in steps if isinstance(step, bytes))


def _start(reply: Reply, headers: Mapping[str, str], length: int | None) -> Message:
    status = reply.status if isinstance(reply, Whole) else 200
    sent = {"content-type": reply.content_type, **headers}
    if length is not None:
        sent["content-length"] = str(length)
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()]
    return {"type": "http.response.start", "status": status, "headers": raw}


async def _send_whole(send: Send, reply: Whole) -> None:
    await _follow([reply.body], reply, reply.headers, send)
