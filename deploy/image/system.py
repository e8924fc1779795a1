"""The build's base image -> a root file system that holds Python, the libraries that it loads, and nothing else.

`python3 system.py /system`: no shell, no package manager, no headers. Copied packages of Debian's are named below
/var/lib/dpkg/status.d, where scanners of images look for them: https://github.com/GoogleContainerTools/distroless
"""

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

STDLIB = Path(sysconfig.get_path("stdlib"))
UNUSED_PACKAGES = {
    *("dist-packages", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "site-packages", "sqlite3", "test", "tkinter"),
    *("turtledemo", "venv", "__pycache__"),
}
UNUSED_MODULES = re.compile(
    r"_?(crypt|curses|ctypes_test|dbm|gdbm|nis|readline|sqlite3|test|tkinter|xx)\w*\.(.*\.)?so$"
)
# what wheels may take for granted: https://peps.python.org/pep-0599/#the-manylinux2014-policy
FOR_WHEELS = (
    *("libgcc_s.so.1", "libstdc++.so.6", "libatomic.so.1", "libz.so.1"),
    *(
        "libc.so.6",
        "libdl.so.2",
        "libm.so.6",
        "libmvec.so.1",
        "libpthread.so.0",
        "libresolv.so.2",
        "librt.so.1",
        "libutil.so.1",
    ),
)
KEPT = (Path("/etc/ssl/certs/ca-certificates.crt"), Path("/etc/os-release"))
USERS = "root:x:0:0:root:/:/sbin/nologin\nunigate:x:10001:10001:unigate:/:/sbin/nologin\n"
GROUPS = "root:x:0:\nunigate:x:10001:\n"


def main() -> int:
    """Fill the folder that the command line names."""
    root = Path(sys.argv[1])
    interpreter = Path(sys.executable).resolve()
    modules = list(standard_library(STDLIB))
    binaries = [interpreter, *(path for path in modules if path.suffix == ".so"), *named(FOR_WHEELS)]
    files = {Path(sys.executable), interpreter, *modules, *binaries, *libraries(binaries), *KEPT}
    for path in sorted(files):
        copy(path, root)
    index(root, {path.parent for path in files if ".so" in path.suffixes and STDLIB not in path.parents})
    for package in sorted(owners(files)):
        record(package, root)
    accounts(root)
    return 0


def standard_library(folder: Path) -> Iterator[Path]:
    """Yield the files of the standard library that a service can import."""
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in UNUSED_PACKAGES and not path.name.startswith("config-"):
                yield from standard_library(path)
        elif not UNUSED_MODULES.match(path.name) and path.suffix not in {".a", ".pyc"}:
            yield path


def named(libraries: Iterable[str]) -> list[Path]:
    """Return where the loader finds libraries; one that the base does not have is nowhere."""
    cache = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    places = dict(re.findall(r"^\s+(\S+) \(.*\) => (\S+)$", cache, re.MULTILINE)[::-1])
    return [Path(places[name]) for name in libraries if name in places]


def libraries(binaries: Iterable[Path]) -> set[Path]:
    """Return the shared libraries that binaries load, the loader included."""
    found = set()
    for binary in binaries:
        listing = subprocess.run(["ldd", str(binary)], check=True, capture_output=True, text=True).stdout
        if "not found" in listing:
            raise SystemExit(f"{binary}: {listing}")
        found |= {Path(path) for path in re.findall(r"(/\S+) \(0x", listing)}
    return found


def copy(path: Path, root: Path) -> None:
    """Copy a file to its place below a root; usr-merged folders hold the file once, at its real place."""
    for place in {path.parent.resolve() / path.name, path.resolve()}:
        target = root / place.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place, target, follow_symlinks=False) if place.is_symlink() else shutil.copy(place, target)
    for top in ("lib", "lib64"):
        if (source := Path("/", top)).is_symlink() and not (root / top).is_symlink():
            (root / top).symlink_to(source.readlink())


def index(root: Path, folders: Iterable[Path]) -> None:
    """Write the loader's list of libraries; it looks into /usr/local/lib by that list alone."""
    (root / "etc/ld.so.conf").write_text("".join(f"{folder}\n" for folder in sorted(folders)))
    subprocess.run(["/sbin/ldconfig", "-r", str(root)], check=True)


def owners(files: Iterable[Path]) -> set[str]:
    """Return the packages of Debian's that files came with; dpkg knows many by names from before the merge of /usr."""
    names = {str(path) for path in files} | {str(path.resolve()) for path in files}
    names |= {name.removeprefix("/usr") for name in names}
    found = subprocess.run(["dpkg-query", "-S", *sorted(names)], check=False, capture_output=True, text=True).stdout
    return {line.partition(": ")[0] for line in found.splitlines() if not line.startswith("diversion ")}


def record(package: str, root: Path) -> None:
    """Keep a package's description and licence."""
    name = package.partition(":")[0]
    status = root / "var/lib/dpkg/status.d" / name
    status.parent.mkdir(parents=True, exist_ok=True)
    status.write_bytes(subprocess.run(["dpkg-query", "-s", package], check=True, capture_output=True).stdout)
    if (licence := Path("/usr/share/doc", name, "copyright")).exists():
        copy(licence, root)


def accounts(root: Path) -> None:
    """Write what the C library asks of a system: users, where names are looked up, a place for temporary files."""
    (root / "etc/passwd").write_text(USERS)
    (root / "etc/group").write_text(GROUPS)
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n")
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)


if __name__ == "__main__":
    sys.exit(main())
