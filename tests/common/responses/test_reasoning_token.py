"""What clients carry for the vendor: it comes back whole, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_common.reasoning_token import Sealed, SealedBlock, seal, unseal

CONTENT = Sealed("acme", "acme-1", (SealedBlock("acme-v1", "hm", "proof", None),), {"call_1": "sig"}, {"native": [1]})

blocks = st.builds(SealedBlock, st.text(), st.text(), st.one_of(st.none(), st.text()), st.one_of(st.none(), st.text()))


@given(st.lists(blocks), st.dictionaries(st.text(), st.text()), st.binary())
def test_what_was_sealed_opens_to_the_same(made: list[SealedBlock], signatures: dict[str, str], secret: bytes) -> None:
    content = Sealed("acme", "acme-1", tuple(made), signatures)
    assert unseal(seal(content, secret), secret) == content


def test_another_secret_opens_nothing() -> None:
    assert unseal(seal(CONTENT, b"one"), b"two") is None


@pytest.mark.parametrize("place", [4, 20, -9])
def test_a_changed_character_is_noticed(place: int) -> None:
    token = list(seal(CONTENT, b"s"))
    token[place] = "B" if token[place] == "A" else "A"
    assert unseal("".join(token), b"s") is None


@pytest.mark.parametrize("token", ["", "ug1.", "ug1.a", "ug1.!.!", "gAAAAABq-foreign", "ug1.é.é"])
def test_what_is_not_ours_opens_to_nothing(token: str) -> None:
    assert unseal(token, b"s") is None


def test_a_token_does_not_show_its_content() -> None:
    assert "proof" not in seal(CONTENT, b"s")
