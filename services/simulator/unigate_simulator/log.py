"""What the simulator remembers of the requests it got, for tests to look at."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Final

from unigate_simulator.wire import Call, Json, loads

_BODY_KEPT: Final = 256 * 1024


@dataclass(slots=True)
class Entry:
    """One request. Times are Unix seconds; `disconnected_after` counts from its arrival until the client was gone."""

    id: int
    vendor: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Json
    body_bytes: int
    received_at: float = field(default_factory=time.time)
    status: int | None = None
    finished_at: float | None = None
    disconnected: bool = False
    disconnected_at: float | None = None
    disconnected_after: float | None = None
    fault: str | None = None

    def finish(self, *, disconnected: bool) -> None:
        self.finished_at = time.time()
        if disconnected:
            self.disconnected = True
            self.disconnected_at = self.finished_at
            self.disconnected_after = self.finished_at - self.received_at


class RequestLog:
    """The last requests, oldest first."""

    def __init__(self, stored: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=stored)
        self._open: dict[int, Entry] = {}
        self._ids = count(1)
        self._total = 0

    def begin(self, vendor: str, call: Call) -> Entry:
        secret = {"authorization", "x-api-key", "x-goog-api-key", "api-key", "x-amz-security-token"}
        entry = Entry(
            id=next(self._ids),
            vendor=vendor,
            method=call.method,
            path=call.path,
            query={name: "***" if name == "key" else value for name, value in call.query.items()},
            headers={name: "***" if name in secret else value for name, value in call.headers.items()},
            body=_shown(call),
            body_bytes=len(call.body),
        )
        self._entries.append(entry)
        self._open[entry.id] = entry
        self._total += 1
        return entry

    def end(self, entry: Entry, *, disconnected: bool) -> None:
        entry.finish(disconnected=disconnected)
        self._open.pop(entry.id, None)

    def clear(self) -> None:
        self._entries.clear()
        self._total = 0

    def snapshot(self, last: int | None = None) -> dict[str, Json]:
        entries = list(self._entries)[-last:] if last else list(self._entries)
        open_by_vendor: dict[str, int] = {}
        for entry in self._open.values():
            open_by_vendor[entry.vendor] = open_by_vendor.get(entry.vendor, 0) + 1
        return {
            "total": self._total,
            "open": len(self._open),
            "open_by_vendor": open_by_vendor,
            "requests": [asdict(entry) for entry in entries],
        }


def _shown(call: Call) -> Json:
    if call.fields or call.uploads:
        files = [
            {"name": one.name, "filename": one.filename, "content_type": one.content_type, "bytes": len(one.content)}
            for one in call.uploads
        ]
        return {"fields": [list(pair) for pair in call.fields], "files": files}
    if not call.body or len(call.body) > _BODY_KEPT:
        return None
    try:
        return loads(call.body)
    except ValueError:
        return call.body.decode("utf-8", "replace")
