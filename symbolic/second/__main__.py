"""`python -m symbolic.second FILE …`: a line for each proof; exit code 1 where one is refused or there is none."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .replayer import replay


def main(files: Sequence[str]) -> int:
    results = [found for file in files for found in replay(json.loads(Path(file).read_text("utf-8")))]
    print(*(found.line() for found in results), sep="\n")
    return int(not results or any(found.reason for found in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
