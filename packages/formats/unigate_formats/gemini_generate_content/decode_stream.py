"""GenerateContentResponse, one or many → events. https://ai.google.dev/api/generate-content

Each native event is a whole answer with the next pieces in it; usage and grounding count only in the last one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

import msgspec

from unigate_core.counts import error_status, members
from unigate_core.errors import UpstreamTruncated
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.decode_candidate import Candidate
from unigate_formats.gemini_generate_content.decode_citations import citations_of
from unigate_formats.gemini_generate_content.decode_finish import blocked_events, finish_events, no_content
from unigate_formats.gemini_generate_content.decode_logprobs import logprobs_of
from unigate_formats.gemini_generate_content.errors import error_of
from unigate_formats.gemini_generate_content.request_state import RequestState
from unigate_formats.gemini_generate_content.server_tools import search_of
from unigate_formats.gemini_generate_content.usage import has_tokens, metadata_of, usage_of
from unigate_formats.neutral.events import Event, Logprobs, Start, Text

PLAIN = {"content", "index"}
TIERS = {"standard": "default", "flex": "flex", "priority": "priority"}


class Ending(msgspec.Struct):
    """What the last words on a candidate were."""

    reason: str = ""
    message: str = ""
    grounding: Json = msgspec.field(default_factory=dict)


class ContentStream(msgspec.Struct):
    """The translation of one call's answer.

    A finish is held back to the end, since late parts may still follow; the start until there is something to report,
    so that a failure without any content can be repaired.
    """

    state: RequestState
    start: Start | None = None
    started: bool = False
    usage: Json = msgspec.field(default_factory=dict)
    feedback: Json = msgspec.field(default_factory=dict)
    candidates: dict[int, Candidate] = msgspec.field(default_factory=dict)
    endings: dict[int, Ending] = msgspec.field(default_factory=dict)

    def feed(self, native: Json) -> Iterator[Event]:
        """The events of one native event. Raises GatewayError when it is an error."""
        if "error" in native:
            error = members(native["error"])
            raise error_of(error, status=error_status(error.get("code"), 500))
        metadata = metadata_of(native)
        if has_tokens(metadata):
            self.usage = metadata
        if self.start is None:
            self.start = self._start(native, metadata)
        if (native.get("promptFeedback") or {}).get("blockReason"):
            self.feedback = native["promptFeedback"]
        candidates = native.get("candidates") or []
        if self.started and len(candidates) == 1 and (text := self._more_text(candidates[0])):
            yield text
            return
        for position, candidate in enumerate(candidates):
            yield from self._started(self._candidate(candidate, candidate.get("index", position)))

    def close(self) -> Iterator[Event]:
        """The end of the answer. Raises UpstreamTruncated when a candidate has not finished."""
        if not self.candidates and not self.feedback:
            raise no_content("Gemini gave no answer.") if self.start else _truncated()
        if any(not ending.reason for ending in self.endings.values()):
            raise _truncated()
        finishes = [event for index in self.candidates for event in self._finish(index)]
        yield from self._started(chain(self._ends(), finishes or blocked_events(self.feedback)))

    def _started(self, events: Iterator[Event]) -> Iterator[Event]:
        if self.started:
            yield from events
            return
        for event in events:
            if not self.started and self.start:
                self.started = True
                yield self.start
            yield event

    def _start(self, native: Json, metadata: Json) -> Start:
        return Start(
            id=native.get("responseId", ""),
            model=native.get("modelVersion") or self.state.model,
            created=_epoch(native.get("createTime")),
            service_tier=TIERS.get(str(metadata.get("serviceTier", "")).lower()),
        )

    def _more_text(self, native: Json) -> Text | None:
        """More of the same text, which is what nearly every event says, the shortest way."""
        candidate = self.candidates.get(native.get("index", 0))
        if candidate is None or not native.keys() <= PLAIN:
            return None
        return candidate.more_text(native.get("content") or {})

    def _candidate(self, native: Json, index: int) -> Iterator[Event]:
        candidate = self.candidates.get(index)
        if candidate is None:
            candidate = self.candidates[index] = Candidate(choice=index, state=self.state)
            self.endings[index] = Ending()
        ending = self.endings[index]
        yield from candidate.feed((native.get("content") or {}).get("parts") or [])
        if native.get("logprobsResult"):
            yield Logprobs(logprobs_of(native["logprobsResult"]), index)
        ending.reason = native.get("finishReason") or ending.reason
        ending.message = native.get("finishMessage") or ending.message
        ending.grounding = native.get("groundingMetadata") or ending.grounding

    def _finish(self, index: int) -> Iterator[Event]:
        candidate, ending = self.candidates[index], self.endings[index]
        return finish_events(
            ending.reason, ending.message, content=candidate.has_content, calls=candidate.calls > 0, choice=index
        )

    def _ends(self) -> Iterator[Event]:
        for index, candidate in self.candidates.items():
            yield from candidate.close()
            yield from self._grounding(candidate, self.endings[index].grounding)
        if self.usage or not self.candidates:
            yield usage_of(self.usage)

    def _grounding(self, candidate: Candidate, grounding: Json) -> Iterator[Event]:
        if not grounding:
            return
        if not candidate.tools.searched:
            yield from search_of(grounding, candidate.choice)
        yield from citations_of(grounding, ["".join(pieces) for pieces in candidate.texts], candidate.choice)


def _epoch(time: str | None) -> int | None:
    if not time:
        return None
    try:
        return int(datetime.fromisoformat(time).timestamp())
    except ValueError:
        return None


def _truncated() -> UpstreamTruncated:
    return UpstreamTruncated("Gemini's stream ended before its answer was finished.")
