"""`python -m benchmarks.probing`: how often the probe names the right families of planted models, into docs/probe.md.

python -m benchmarks.probing [--trials NUMBER] [--store FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from statistics import median
from time import process_time

from benchmarks.planted import PLANTED, decided, dictionary, exact, noisy
from benchmarks.shared import END, ROOT, circumstances, measured, replace, seconds

PAGE = ROOT / "docs" / "probe.md"
BEGIN = "<!-- probing -->"
PARTS = (0.0, 0.01, 0.05)
TRIALS = 200


def outcome(name: str, part: float, trial: int) -> tuple[str, float]:
    """What the probe says of a planted model, and the seconds of processor time for it."""
    prompts = dictionary(1000 + trial)
    replicates = noisy(PLANTED[name][1](prompts, 1000 + trial), part, 2000 + trial)
    started = process_time()
    decision = decided(prompts, replicates)
    spent = process_time() - started
    return ", ".join(sorted(exact(decision))) or "no family", spent


def outcomes(trials: int, store: Path | None) -> dict[tuple[str, float, int], tuple[str, float]]:
    """What the probe says of each planted model at each part of noise and trial. In a store outcomes are kept one by one; those that are
    there, of the same code, are not measured again."""
    known = {}
    if store is not None and store.exists():
        for line in store.read_text(encoding="utf-8").splitlines():
            name, part, trial, said, spent = json.loads(line)
            known[name, part, trial] = said, spent
    for trial, name, part in product(range(trials), PLANTED, PARTS):
        if (name, part, trial) not in known:
            found = known[name, part, trial] = outcome(name, part, trial)
            if store is not None:
                with store.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([name, part, trial, *found]) + "\n")
    return known


def rows(trials: int, store: Path | None) -> Iterator[tuple[str, float, Counter[str], float]]:
    """Of each planted model at each part of noise: how often each answer was given, and the median of seconds."""
    known = outcomes(trials, store)
    for name, part in product(PLANTED, PARTS):
        found = [known[name, part, trial] for trial in range(trials)]
        yield name, part, Counter(said for said, _ in found), median(spent for _, spent in found)


def lines(trials: int, store: Path | None) -> list[str]:
    """The table of the page."""
    at = circumstances(("numpy", "scipy"))
    made = list(rows(trials, store))
    right = sum(counts[wanted(name)] for name, _, counts, _ in made)
    spent = seconds(median(row[3] for row in made))
    total = f"{trials} trials of each model at each part of noise: {right} of {trials * len(made)} answers are right."
    text = [
        f"{total} The median of a probe is {spent} of processor time. {measured(at)}.",
        "",
        "| planted | noise | right answer | right | other answers | seconds, median |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, part, counts, each in made:
        others = "; ".join(f"{said}: {count}" for said, count in counts.most_common() if said != wanted(name))
        text.append(
            f"| {name} | {part:.0%} | {wanted(name)} | {counts[wanted(name)]} of {trials} | {others or '–'} | {seconds(each)} |"
        )
    return text


def wanted(name: str) -> str:
    """The answer that is right."""
    return ", ".join(sorted(PLANTED[name][0])) or "no family"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.probing")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument(
        "--store", type=Path, help="outcomes of this very code, from which a later call goes on"
    )
    words = parser.parse_args()
    text = lines(words.trials, words.store)
    replace(PAGE, BEGIN, "\n".join([BEGIN, "", *text, "", END]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
