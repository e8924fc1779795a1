"""Notes on what a translation did, which the client gets in a header."""

from __future__ import annotations

THINKING_DROPPED = "thinking_dropped"


def add_note(notes: list[str], note: str) -> None:
    """Add a note, once."""
    if note not in notes:
        notes.append(note)
