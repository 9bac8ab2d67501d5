"""`python -m symbolic.second PROOFS [PREMISES]`: each premise by its content, and a line for each proof.

PREMISES is the registry of the theory, premises.json beside PROOFS if it is left out. The exit code is 1 where a proof is refused or
there is none, 2 where a file cannot be read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from .premises import Registry
from .replayer import CONTENTS, Replay, replay


def report(results: Sequence[Replay], registry: Registry) -> Iterator[str]:
    """The premises that are taken, by number and content, what is taken of functions and laws, the proofs, and how many were refused."""
    taken = {registry.number(premise) for found in results for premise in found.rests.values()}
    for number, premise in enumerate(registry.premises or (), start=1):
        if number in taken:
            yield f"premise {number}, {premise.row['because']}: {premise.shown()}"
    used = {entry for found in results for entry in found.used}
    yield from sorted(entry for entry in used if entry.partition(": ")[0] in CONTENTS)
    yield from (found.line() for found in results)
    yield f"{len(results)} proofs, {sum(bool(found.reason) for found in results)} refused by the second replayer"


def main(arguments: Sequence[str]) -> int:
    if len(arguments) not in (1, 2):
        print("usage: python -m symbolic.second PROOFS [PREMISES]", file=sys.stderr)
        return 2
    proofs = Path(arguments[0])
    premises = Path(arguments[1]) if len(arguments) == 2 else proofs.with_name("premises.json")
    tables: list[Any] = []
    for path in (proofs, premises):
        try:
            tables.append(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            print(f"{path}: cannot be read as JSON ({error})", file=sys.stderr)
            return 2
    registry = Registry(tables[1])
    results = replay(tables[0], registry=registry)
    print(f"registry {premises}, SHA-256 {sha256(premises.read_bytes()).hexdigest()}")
    print(*report(results, registry), sep="\n")
    return int(not results or any(found.reason for found in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
