"""The proofs and premises of the first theory as data, and what the second checker makes of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from symbolic.second import Registry, Replay, replay, replayer
from symbolic.second.analysis import RULES

SECOND = Path(replayer.__file__).resolve().parent
ROOT = SECOND.parents[1]
PROOFS = ROOT / "verify" / "theories" / "yang2024" / "proofs.json"
DATA = json.loads(PROOFS.read_text(encoding="utf-8"))
for proof in DATA["proofs"]:
    del proof["supposes"]  # a list that alone would give a false proof away
PREMISES = PROOFS.with_name("premises.json")
THEORY = Registry(json.loads(PREMISES.read_text(encoding="utf-8")))
DIVISORS = Registry({"positive": THEORY.positive})  # any premise, and any letter


@cache
def replayed() -> tuple[list[Replay], list[Replay]]:
    """The facts and the operations of the theory."""
    facts: list[Replay] = []
    operations: list[Replay] = []
    replay(DATA, facts, operations, DIVISORS)
    return facts, operations


ROWS = [
    (row, number_) for number_, row in enumerate(DATA["facts"]) if row["by"] not in ("hypothesis", *RULES)
]
ANALYSED = [(row, number_) for number_, row in enumerate(DATA["facts"]) if row["by"] in RULES]
ROWS += [(row, len(DATA["facts"])) for row in DATA["proofs"]]
ROWS += [(row, number_) for number_, row in enumerate(DATA["operations"])]


def again(row: Any, document: Any, before: int) -> Replay:
    """A row replayed, with so many facts or operations before it."""
    facts, operations = replayed()
    if "gives" in row:
        return Replay(row, document, (), operations[:before], DIVISORS)
    return Replay(row, document, facts[:before], operations, DIVISORS)
