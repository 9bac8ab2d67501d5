"""`make bench-proofs`: every side in fresh processes, one after the other, into record.json beside this and docs/performance.md.

python -m benchmarks.proofs [--limit SECONDS]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from typing import Any

from benchmarks.proofs.section import BEGIN, section
from benchmarks.shared import PAGE, ROOT, circumstances, replace, spread, write

RECORD = ROOT / "benchmarks" / "proofs" / "record.json"
PACKAGES = ("icl-verify", "sympy", "python-flint", "numpy")
FAST, SLOW = 7, 2  # processes a side

# name, what is stated, sizes, our side, SymPy's side, how many times faster is wanted
PAIRS = (
    (
        "gradient in Q", "(82): derived from (1), (8), (9), proved for all N, K, m, d, H, replayed by both checkers",
        "all dimensions; SymPy at N=2, K=3, d=2, m=1, H=1", "gradient-proof", "gradient-sympy", 300,
    ),
    *(
        (f"squares of Lemma 5, m = {m}", "(78) and the repaired (79), every token, as polynomials", f"N=3, K=4, m={m}",
         f"squares-polynomials-m{m}", f"squares-sympy-m{m}", 1000)
        for m in (2, 3)
    ),
    *(
        (f"Lemma 5, m = {m}", "the repaired (36) in Â, as polynomials", f"N=3, K=4, m={m}",
         f"lemma-5-polynomials-m{m}", f"lemma-5-sympy-m{m}", 1000)
        for m in (2, 3)
    ),
)  # fmt: skip
ALONE = (
    "all identities",
    "every identity that is expected to hold, proved and replayed by both checkers",
    "all-identities",
    2.0,
)


def measured(side: str, seed: int, limit: float) -> dict[str, float] | None:
    """Seconds of one fresh process; None where it was ended at the limit. Raises RuntimeError where it fails or says no."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.proofs.sides", side, str(limit)],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": str(seed), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == -signal.SIGXCPU:
        return None
    if done.returncode != 0:
        raise RuntimeError(f"{side}: {done.stderr.strip().splitlines()[-1]}")
    found: dict[str, Any] = json.loads(done.stdout)
    if not found["true"]:
        raise RuntimeError(f"{side}: a statement that is true was not found to be")
    return {name: round(found[name], 4) for name in ("cpu", "wall")}


def side(name: str, processes: int, limit: float) -> dict[str, Any]:
    """All measurements of one side, with their median and range; once one is ended at the limit no more are begun."""
    runs: list[dict[str, float]] = []
    for seed in range(processes):
        print(f"{name}, process {seed + 1} of {processes}", file=sys.stderr, flush=True)
        found = measured(name, seed, limit)
        if found is None:
            return {"side": name, "limit": limit, "ended at the limit": True, "hash seeds": [seed]}
        runs.append(found)
    cpu = [run["cpu"] for run in runs]
    return {
        "side": name, "limit": limit, "ended at the limit": False, "hash seeds": list(range(processes)), "runs": runs,
        **spread(cpu),
    }  # fmt: skip


def pair(row: tuple[str, str, str, str, str, int], limit: float) -> dict[str, Any]:
    name, stated, sizes, ours, theirs, wanted = row
    fast, slow = side(ours, FAST, limit), side(theirs, SLOW, limit)
    ended = slow["ended at the limit"]
    ratio = (limit if ended else slow["median"]) / fast["median"]
    return {
        "name": name, "statement": stated, "sizes": sizes, "fast": fast, "slow": slow, "ratio": round(ratio),
        "at least": ended, "wanted": wanted,
    }  # fmt: skip


def benchmark(limit: float) -> dict[str, Any]:
    name, stated, alone, wanted = ALONE
    return {
        "schema": 1, **circumstances(PACKAGES),
        "alone": {"name": name, "statement": stated, "wanted": wanted, **side(alone, FAST, limit)},
        "pairs": [pair(row, limit) for row in PAIRS],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--limit", type=float, default=300.0, help="seconds of processor time after which a process is ended"
    )
    record = benchmark(parser.parse_args().limit)
    write(RECORD, record)
    replace(PAGE, BEGIN, section(record))
    print(f"record: {RECORD}\npage: {PAGE}")


if __name__ == "__main__":
    main()
