"""Become the service of this container, which the image names: `python -m unigate_<service>`, arguments handed on."""

import os
import sys

if __name__ == "__main__":
    os.execv(sys.executable, [sys.executable, "-m", os.environ["UNIGATE_SERVICE"], *sys.argv[1:]])  # noqa: S606
