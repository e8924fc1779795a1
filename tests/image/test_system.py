"""What an image's root file system holds."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

Script = Callable[[str], ModuleType]


def kept(script: Script, folder: Path, *names: str) -> set[str]:
    """Return which of some files of a standard library stay."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return {str(path.relative_to(folder)) for path in script("system").standard_library(folder)}


def test_modules_stay_whether_in_python_or_compiled(script: Script, tmp_path: Path) -> None:
    names = {"json/decoder.py", "lib-dynload/_json.cpython-313-x86_64-linux-gnu.so", "ssl.py"}
    assert kept(script, tmp_path, *names) == names


@pytest.mark.parametrize(
    "name",
    [
        "ensurepip/__init__.py",
        "site-packages/pip/__init__.py",
        "dist-packages/apt/__init__.py",
        "config-3.13-x86_64-linux-gnu/libpython3.13.a",
        "lib-dynload/_sqlite3.cpython-313-x86_64-linux-gnu.so",
        "__pycache__/ssl.cpython-313.pyc",
    ],
)
def test_installers_headers_and_what_no_service_loads_stay_behind(script: Script, tmp_path: Path, name: str) -> None:
    assert kept(script, tmp_path, name) == set()


def test_nobody_may_log_in(script: Script, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    script("system").accounts(tmp_path)
    users = (tmp_path / "etc/passwd").read_text().splitlines()
    assert [user.split(":")[2] for user in users] == ["0", "10001"]
    assert all(user.endswith("/nologin") for user in users)


def test_anyone_may_write_temporary_files_where_the_root_is_writable(script: Script, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    script("system").accounts(tmp_path)
    assert (tmp_path / "tmp").stat().st_mode & 0o7777 == 0o1777
