"""What was said and when → OpenAI's forms of a transcript. https://platform.openai.com/docs/api-reference/audio"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

import msgspec

from unigate_core.json import Json

PAUSE_SECONDS = 0.8
SEGMENT_SECONDS = 7.0
SEGMENT_CHARACTERS = 84


class Word(msgspec.Struct, frozen=True):
    """A word, from when to when in seconds, and the vendor's name of its speaker."""

    text: str
    start: float
    end: float
    speaker: str = ""


class Segment(msgspec.Struct, frozen=True):
    """Words that are shown together."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with spaces between."""
        return " ".join(word.text for word in self.words)

    @property
    def start(self) -> float:
        """Seconds."""
        return self.words[0].start

    @property
    def end(self) -> float:
        """Seconds."""
        return self.words[-1].end


def segments_of(words: Sequence[Word]) -> list[Segment]:
    """Cut where somebody pauses, where the speaker changes, and before it gets too long to read."""
    segments: list[Segment] = []
    current: list[Word] = []
    for word in words:
        if current and _begins(word, current):
            segments.append(Segment(tuple(current)))
            current = []
        current.append(word)
    return [*segments, Segment(tuple(current))] if current else segments


def srt(segments: Sequence[Segment]) -> str:
    """SubRip subtitles."""
    return "".join(
        f"{i}\n{_clock(segment.start, ',')} --> {_clock(segment.end, ',')}\n{segment.text}\n\n"
        for i, segment in enumerate(segments, 1)
    )


def vtt(segments: Sequence[Segment]) -> str:
    """WebVTT subtitles."""
    cues = "".join(
        f"{_clock(segment.start, '.')} --> {_clock(segment.end, '.')}\n{segment.text}\n\n" for segment in segments
    )
    return f"WEBVTT\n\n{cues}"


def verbose_words(words: Sequence[Word]) -> list[Json]:
    """`words` of a verbose transcript."""
    return [{"word": word.text, "start": word.start, "end": word.end} for word in words]


def verbose_segments(segments: Sequence[Segment], temperature: float) -> list[Json]:
    """`segments` of a verbose transcript. Figures that only OpenAI's decoder has are 0."""
    return [
        {
            "id": i,
            "seek": 0,
            "start": segment.start,
            "end": segment.end,
            "text": segment.text,
            "tokens": [],
            "temperature": temperature,
            "avg_logprob": 0,
            "compression_ratio": 0,
            "no_speech_prob": 0,
        }
        for i, segment in enumerate(segments)
    ]


def diarized_segments(segments: Sequence[Segment]) -> list[Json]:
    """`segments` of a diarized transcript; speakers are A, B and so on in order of appearance."""
    names: dict[str, str] = {}
    result = []
    for i, segment in enumerate(segments):
        label = segment.words[0].speaker
        names.setdefault(label, _letter(len(names)))
        result.append({
            "type": "transcript.text.segment",
            "id": f"seg_{i:03d}",
            "start": segment.start,
            "end": segment.end,
            "text": segment.text,
            "speaker": names[label],
        })  # fmt: skip
    return result


def _begins(word: Word, current: list[Word]) -> bool:
    last = current[-1]
    length = sum(len(item.text) + 1 for item in current) + len(word.text)
    return (
        word.start - last.end >= PAUSE_SECONDS
        or word.speaker != last.speaker
        or word.end - current[0].start > SEGMENT_SECONDS
        or length > SEGMENT_CHARACTERS
    )


def _clock(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"


def _letter(index: int) -> str:
    return ascii_uppercase[index] if index < len(ascii_uppercase) else f"S{index + 1}"
