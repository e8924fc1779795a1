"""What clients carry for the vendor: it comes back whole, or not at all."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_core.encrypted_content import PREFIX, ContentCipher, EncryptedPayload, PayloadBlock

CONTENT = EncryptedPayload(
    "acme", "acme-1", (PayloadBlock("acme-v1", "hm", "proof", None),), {"call_1": "sig"}, {"native": [1]}
)

blocks = st.builds(PayloadBlock, st.text(), st.text(), st.one_of(st.none(), st.text()), st.one_of(st.none(), st.text()))


CIPHER = ContentCipher([b"s"])


@given(st.lists(blocks), st.dictionaries(st.text(), st.text()), st.binary(), st.text())
def test_what_was_encrypted_opens_to_the_same(
    made: list[PayloadBlock], signatures: dict[str, str], secret: bytes, tenant: str
) -> None:
    content = EncryptedPayload("acme", "acme-1", tuple(made), signatures)
    cipher = ContentCipher([secret])
    assert cipher.decrypt(cipher.encrypt(content, tenant), tenant) == content


def test_another_secret_opens_nothing() -> None:
    assert ContentCipher([b"two"]).decrypt(ContentCipher([b"one"]).encrypt(CONTENT, "ann"), "ann") is None


def test_another_tenant_opens_nothing() -> None:
    assert CIPHER.decrypt(CIPHER.encrypt(CONTENT, "ann"), "bob") is None


def test_a_secret_is_replaced_step_by_step() -> None:
    old, both, new = (ContentCipher(secrets) for secrets in ([b"old"], [b"new", b"old"], [b"new"]))
    assert both.decrypt(old.encrypt(CONTENT, "ann"), "ann") == CONTENT
    assert new.decrypt(both.encrypt(CONTENT, "ann"), "ann") == CONTENT
    assert new.decrypt(old.encrypt(CONTENT, "ann"), "ann") is None


def test_every_changed_character_is_noticed() -> None:
    token = CIPHER.encrypt(CONTENT, "ann")
    for place in range(len(PREFIX), len(token) - 1):
        changed = token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :]
        assert CIPHER.decrypt(changed, "ann") is None


@pytest.mark.parametrize("token", ["", "ug2.", "ug2.a", "ug2.!.!", "gAAAAABq-foreign", "ug2.é.é", "ug2." + "A" * 40,
                                   "ug1.eJyLVkpUUlIqSS0uUYoFABoUA_E.AAAA"])  # fmt: skip
def test_what_is_not_ours_opens_to_nothing(token: str) -> None:
    assert CIPHER.decrypt(token, "ann") is None


def test_a_token_shows_nothing_of_its_content() -> None:
    token = CIPHER.encrypt(EncryptedPayload("acme", "acme-1", (PayloadBlock("acme-v1", "a thought " * 50),)), "ann")
    data = base64.urlsafe_b64decode(token[len(PREFIX) :] + "==")
    assert b"thought" not in data
    for start in range(len(data)):
        with pytest.raises(zlib.error):
            zlib.decompress(data[start:])


def test_the_same_content_is_never_the_same_text() -> None:
    assert CIPHER.encrypt(CONTENT, "ann") != CIPHER.encrypt(CONTENT, "ann")
