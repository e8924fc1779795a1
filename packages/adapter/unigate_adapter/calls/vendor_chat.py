"""One translated answer: the calls to the vendor behind it, as one flow of neutral events.

Most answers are one call. `n` may need several side by side, a paused answer several in a row, and a call that the
vendor refused for a reason the provider knows is made once more, corrected.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.calls.answer_errors import answer_errors
from unigate_adapter.calls.split_characters import SplitCharacters
from unigate_adapter.known_refusals import Key, KnownRefusals
from unigate_adapter.upstream import Upstream, UpstreamAnswer, native_object
from unigate_core.errors import INVALID_STATUSES, GatewayError, UpstreamProtocol, invalid_value
from unigate_core.json import dumps
from unigate_core.sse import LAST
from unigate_formats.neutral.events import Event, Finish, Ignored, Pause, ReplayBlob, Start, Usage
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.neutral.stop_sequences import StoppedEvents
from unigate_formats.neutral.translation import Context, NativeCall, StreamTranslator, Translation

MAX_ROUNDS = 10
MAX_REPAIRS = 6
_COUNTED = (Usage, Finish, ReplayBlob, Ignored, Start)


class ChatExchange:
    """The vendor's side of one chat request."""

    def __init__(
        self, translation: Translation, upstream: Upstream, stats: AnswerStats, refusals: KnownRefusals, key: Key
    ) -> None:
        """`key` is that of the vendor's refusals."""
        self._translation = translation
        self._upstream = upstream
        self._calls = 0
        self._may_change = False
        self._refusals = refusals
        self._refusal_key = key
        self.stats = stats

    def prepare(self, chats: Sequence[ChatRequest], context: Context) -> list[NativeCall]:
        """Translate the request, which is one chat, or several that differ in their turns alone.

        Raises RequestRefused before any byte is sent.
        """
        self._may_change = context.drop_unsupported
        n = chats[0].n
        if n > 1 and (len(chats) > 1 or not self._translation.native_n(chats[0], context)):
            limit = self._translation.fan_out_limit
            if n > limit:
                raise invalid_value("n", f"at most {limit} choices are made for this model.")
            chats = [msgspec.structs.replace(chat, n=1) for chat in chats for _ in range(n)]
        calls = [self._translation.request(chat, context) for chat in chats]
        if self._refusals.kept:
            calls = [self._without_known(call) for call in calls]
        self.stats.dropped.update(calls[0].dropped)
        self.stats.notes += calls[0].notes
        return calls

    async def events(self, calls: list[NativeCall]) -> AsyncGenerator[list[Event], None]:
        """Batches of events, one for each network read that brought something."""
        source = self._answer(calls[0]) if len(calls) == 1 else self._fan_out(calls)
        async with aclosing(source) as batches:
            async for batch in batches:
                yield batch

    async def _fan_out(self, calls: list[NativeCall]) -> AsyncGenerator[list[Event], None]:
        """Several calls side by side; the n-th call's choice is choice n. The first failure ends all."""
        queue: asyncio.Queue[list[Event] | Exception | None] = asyncio.Queue(maxsize=len(calls))
        gate = asyncio.Semaphore(self._translation.fan_out_limit)

        async def run(choice: int, call: NativeCall) -> None:
            try:
                async with gate, aclosing(self._answer(call)) as batches:
                    async for batch in batches:
                        await queue.put([_as_choice(event, choice) for event in batch])
            except Exception as error:  # noqa: BLE001 - raised where the events are read
                await queue.put(error)
            else:
                await queue.put(None)

        tasks = [asyncio.create_task(run(choice, call)) for choice, call in enumerate(calls)]
        item: list[Event] | Exception | None = None
        try:
            running = len(tasks)
            while running:
                item = await queue.get()
                if isinstance(item, Exception):
                    raise item
                if item is None:
                    running -= 1
                else:
                    yield item
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            # errors whose tracebacks lead back to what holds them would wait for the garbage collector
            item = None
            while not queue.empty():
                queue.get_nowait()

    async def _answer(self, call: NativeCall) -> AsyncGenerator[list[Event], None]:
        """One choice set: repaired a few times before it begins, resumed while the vendor pauses."""
        resume = self._translation.resume
        repairs, resumed = MAX_REPAIRS, False
        for _ in range(MAX_ROUNDS):
            stopped = StoppedEvents(call.stops) if call.stops else None
            pause: Pause | None = None
            begun = False
            try:
                async with aclosing(self._call(call)) as batches:
                    async for batch in batches:
                        begun = True
                        if type(batch[-1]) is Pause:
                            pause = batch.pop()  # type: ignore[assignment]
                        passed_on = [event for event in batch if type(event) is not Start] if resumed else batch
                        if stopped is not None:
                            passed_on = stopped.cut(passed_on)
                        if passed_on:
                            yield passed_on
            except GatewayError as error:
                fixed = self._repaired(call, error) if repairs and not begun else None
                if fixed is None:
                    raise
                repairs, call = repairs - 1, fixed
                self.stats.dropped.update(fixed.dropped)
                self.stats.notes += [note for note in fixed.notes if note not in self.stats.notes]
                continue
            if pause is None:
                return
            if resume is None:
                raise UpstreamProtocol("The provider paused its answer.")
            repairs, resumed, call = 0, True, resume(call, pause)
        yield [Finish("length")]
        self.stats.finish_reasons[0] = "length"

    def _repaired(self, call: NativeCall, error: GatewayError) -> NativeCall | None:
        """The call as the vendor takes it, or None when nothing is known that would help."""
        repair, relax = self._translation.repair, self._translation.relax
        fixed = repair(call, error) if repair is not None else None
        if fixed is None and relax is not None and self._may_change and error.status in INVALID_STATUSES:
            fixed = relax(call, error)
            if fixed is not None:
                self._refusals.add(self._refusal_key, error)
        return fixed

    def _without_known(self, call: NativeCall) -> NativeCall:
        """The call without what the vendor is known to refuse."""
        relax = self._translation.relax
        for error in self._refusals.of(self._refusal_key) if relax is not None and self._may_change else ():
            call = relax(call, error) or call  # type: ignore[misc]
        return call

    async def _call(self, call: NativeCall) -> AsyncGenerator[list[Event], None]:
        """One HTTP call."""
        number, self._calls = self._calls, self._calls + 1
        async with self._upstream.send(call.path, dumps(call.body), method=call.method, headers=call.headers) as answer:
            if call.stream and "json" not in answer.content_type:
                translator = self._translation.stream(call.state)
                async with aclosing(self._streamed(answer, translator)) as batches:
                    async for batch in batches:
                        self._count(batch, number)
                        yield batch
            else:
                native = native_object(await answer.read())
                with answer_errors:
                    batch = list(self._translation.answer(native, call.state))
                self._count(batch, number)
                if batch:
                    yield batch

    async def _streamed(
        self, answer: UpstreamAnswer, translator: StreamTranslator
    ) -> AsyncGenerator[list[Event], None]:
        decoder = self._upstream.frames()
        halves = SplitCharacters()
        while (chunk := await answer.chunk()) is not None:
            native = decoder.feed(chunk)
            batch, error = _translate(translator, native, halves)
            if batch:
                yield batch
            if error:
                raise error
            if native and native[-1] == LAST:
                await answer.finish()
                break
        batch, error = _translate(translator, decoder.flush(), halves, end=True)
        if batch:
            yield batch
        if error:
            raise error

    def _count(self, batch: list[Event], call: int) -> None:
        with answer_errors:
            for event in batch:
                if type(event) in _COUNTED:
                    self.stats.note(event, call)


def _translate(
    translator: StreamTranslator, native: Sequence[bytes], halves: SplitCharacters, *, end: bool = False
) -> tuple[list[Event], GatewayError | None]:
    """The events of one read. What came before an error is not lost with it."""
    batch: list[Event] = []
    try:
        halves.notice(native)
        with answer_errors:
            for data in native:
                if data and data != LAST:
                    batch.extend(translator.feed(native_object(data, keep_halves=True)))
            if end:
                batch.extend(translator.close())
    except GatewayError as error:
        return halves.join(batch, end=True), error
    return halves.join(batch, end=end), None


def _as_choice(event: Event, choice: int) -> Event:
    return msgspec.structs.replace(event, choice=choice) if "choice" in event.__struct_fields__ else event
