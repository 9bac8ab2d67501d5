"""`make bench`: all of it, theme by theme; where one fails the others are measured all the same.

python -m benchmarks
"""

from __future__ import annotations

import subprocess
import sys

THEMES = ("proofs", "finding", "training", "probing", "sweeping")


def main() -> int:
    return max(
        subprocess.run([sys.executable, "-m", f"benchmarks.{theme}"], check=False).returncode
        for theme in THEMES
    )


if __name__ == "__main__":
    sys.exit(main())
