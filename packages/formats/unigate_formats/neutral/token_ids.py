"""Token ids of OpenAI's encoding for embeddings → the text that they stand for.

Clients send them instead of text: LangChain's OpenAIEmbeddings does when nothing else is said. All of OpenAI's models
for embeddings have the encoding `cl100k_base`, and clients take it for models that they don't know. The table beside
this file is the published one (https://github.com/openai/tiktoken, MIT): a line for each id in order, of base64 and
the id.
"""

from __future__ import annotations

import gzip
from binascii import a2b_base64
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

TABLE: Final = "cl100k_base.tiktoken.gz"
SHA256: Final = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
"""The digest of the table as tiktoken states it."""
SPECIAL: Final = frozenset({100257, 100258, 100259, 100260, 100276})
"""Marks between texts (`<|endoftext|>` and the like), which stand for no text."""


def is_ids(value: object) -> bool:
    """Whether a value is a list of token ids, one at least."""
    return isinstance(value, list) and bool(value) and all(type(each) is int for each in value)


def decode(ids: Sequence[int]) -> str | None:
    """The text of some ids; None: one of them is not of the encoding. A cut character becomes U+FFFD."""
    known = _table()
    pieces = []
    for each in ids:
        if 0 <= each < len(known):
            pieces.append(known[each])
        elif each not in SPECIAL:
            return None
    return b"".join(pieces).decode("utf-8", "replace")


@cache
def _table() -> tuple[bytes, ...]:
    """The bytes of each id. Some 10 MB and 0.1 s, spent when ids are first sent."""
    with files(__package__).joinpath(TABLE).open("rb") as packed, gzip.open(packed) as lines:
        return tuple(a2b_base64(line.partition(b" ")[0]) for line in lines)
