"""The generated stubs."""

from tools.proto import drift


def test_the_committed_stubs_are_what_the_contract_says() -> None:
    assert drift() == []
