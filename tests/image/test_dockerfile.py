"""What the Dockerfile promises of every image, read from its text: docker itself is not needed."""

import json
import re

import pytest

from tools.discovery import ROOT

TEXT = re.sub(
    r"\\\n", " ", "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if line[:1] != "#")
)
INSTRUCTIONS = [line.split(maxsplit=1) for line in TEXT.splitlines() if line.strip()]
STAGES = [words for words in INSTRUCTIONS if words[0] == "FROM"]
FINAL = INSTRUCTIONS[len(INSTRUCTIONS) - INSTRUCTIONS[::-1].index(STAGES[-1]) - 1 :]
INSTALLS = re.findall(r"/tools/bin/pip [^&]*install [^&]*", TEXT)


def final(instruction: str) -> list[str]:
    """Return what the last stage gives an instruction."""
    return [words[1].strip() for words in FINAL if words[0] == instruction]


def test_the_base_is_pinned_by_digest() -> None:
    assert re.search(r"^ARG BASE=\S+@sha256:[0-9a-f]{64}$", TEXT, re.MULTILINE)


def test_every_other_stage_starts_from_the_base_or_from_a_stage() -> None:
    known = {"${BASE}", "scratch"}
    for _, words in STAGES:
        source, *name = words.split(" AS ")
        assert source in known
        known |= set(name)


def test_the_image_starts_from_nothing() -> None:
    assert STAGES[-1][1] == "scratch"


def test_nothing_is_fetched_but_packages_of_pythons() -> None:
    assert not re.search(r"\b(curl|wget|git|apt|apt-get|apk)\b|^ADD\b|https?://", TEXT, re.MULTILINE)


@pytest.mark.parametrize("install", INSTALLS)
def test_every_package_is_locked_by_hash_or_built_here(install: str) -> None:
    assert "--require-hashes" in install or "--no-index" in install


@pytest.mark.parametrize("install", [each for each in INSTALLS if "--no-index" not in each])
def test_no_dependency_is_compiled(install: str) -> None:
    assert "--only-binary :all:" in install


def test_the_service_runs_as_a_user_without_rights() -> None:
    assert final("USER") == ["10001:10001"]


@pytest.mark.parametrize("instruction", ["ENTRYPOINT", "HEALTHCHECK", "RUN"])
def test_the_image_needs_no_shell(instruction: str) -> None:
    for words in final(instruction):
        assert isinstance(json.loads(words.rpartition("CMD ")[2]), list)


def test_the_service_answers_for_its_own_health() -> None:
    assert "/opt/unigate/bin/healthcheck.py" in final("HEALTHCHECK")[0]


def test_what_no_service_changes_comes_before_what_every_release_changes() -> None:
    sources = [re.sub(r"--from=(\S+) .*", r"\1", words) for words in final("COPY")]
    assert sources == ["system", "dependencies", "service"]


def test_the_shared_stages_know_no_service() -> None:
    shared = re.findall(r"^FROM \S+ AS (?:system|tools|dependencies)$(.*?)(?=^FROM)", TEXT, re.MULTILINE | re.DOTALL)
    assert len(shared) == 3
    assert not [stage for stage in shared if "SERVICE" in stage]


@pytest.mark.parametrize("label", ["title", "description", "version", "revision", "created", "source", "licenses"])
def test_the_image_says_what_it_is(label: str) -> None:
    assert f"org.opencontainers.image.{label}=" in " ".join(final("LABEL"))


def test_only_what_the_build_reads_is_sent_to_it() -> None:
    everything, *needed = (ROOT / ".dockerignore").read_text().splitlines()
    assert everything == "*"
    assert all((ROOT / line[1:].replace("*.txt", "runtime.txt")).exists() for line in needed if line[0] == "!")


def test_everything_copied_into_the_build_is_sent_to_it() -> None:
    sent = [
        line[1:].replace("*.txt", "") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    ]
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", TEXT, re.MULTILINE)
    paths = [path for words in copied for path in words.split()]
    assert not [path for path in paths if not path.startswith(tuple(sent))]
