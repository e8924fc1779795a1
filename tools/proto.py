"""proto/**/*.proto -> packages/contract/**/*_pb2.py, *_pb2_grpc.py and their typed .pyi stubs.

`--check` writes nothing and fails when the committed stubs differ from what would be generated.
"""

import filecmp
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "proto"
TARGET = ROOT / "packages" / "contract"
PLUGINS = ("python_out", "mypy_out", "grpc_python_out", "mypy_grpc_out")


def generate(target: Path) -> list[Path]:
    """Write the stubs of every .proto under `target`; return their paths relative to it."""
    protos = sorted(str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.proto"))
    outputs = [f"--{plugin}={target}" for plugin in PLUGINS]
    # protoc finds the mypy plugins beside the interpreter, whether or not the virtualenv is activated
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{SOURCE}", *outputs, *protos]
    subprocess.run(command, check=True, env=environment, stderr=subprocess.PIPE, text=True)
    return stubs(target)


def stubs(folder: Path) -> list[Path]:
    """Return the generated files under `folder`, relative to it."""
    return sorted(path.relative_to(folder) for path in folder.rglob("*_pb2*.py*") if "__pycache__" not in path.parts)


def drift() -> list[Path]:
    """Return the stubs that are missing, left over or different from what the .proto files say."""
    with tempfile.TemporaryDirectory() as scratch:
        fresh = generate(Path(scratch))
        _, different, missing = filecmp.cmpfiles(scratch, TARGET, [str(path) for path in fresh], shallow=False)
    return sorted({Path(name) for name in (*different, *missing)} | (set(stubs(TARGET)) - set(fresh)))


def main(arguments: list[str]) -> int:
    """Generate, or with `--check` compare."""
    try:
        stale = drift() if arguments == ["--check"] else generate(TARGET) and []
    except subprocess.CalledProcessError as error:
        print(error.stderr, file=sys.stderr)
        return 1
    for path in stale:
        print(f"{path} is not what proto/ says: run `make proto`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
