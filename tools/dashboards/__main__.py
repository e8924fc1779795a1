"""`make metrics`: every dashboard's JSON, into the chart."""

import sys

from tools.dashboards.files import FOLDER, files


def main() -> int:
    """Write the dashboards, and remove those that are none any more."""
    FOLDER.mkdir(exist_ok=True)
    written = files()
    for path in FOLDER.glob("*.json"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
