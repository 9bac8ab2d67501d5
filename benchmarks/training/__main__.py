"""`make bench-training`: training measured part by part, into record.json beside this and docs/performance.md.

    python -m benchmarks.training [PART ...] [--threads 1 2] [--device cuda] [--limit SECONDS]

Parts, all of them where none is named: autograd, monte-carlo, machine, watching, certificate, trials, scaling, largest, gpu. Each is
written as soon as it is finished and stands in the record with its own date, commit and load; what was measured before stays until
it is measured anew.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import import_module
from typing import Any

from benchmarks.shared import PAGE, ROOT, circumstances, replace, write
from benchmarks.training.process import Bench
from benchmarks.training.section import BEGIN, section

RECORD = ROOT / "benchmarks" / "training" / "record.json"
PACKAGES = ("icl-verify", "torch", "numpy", "scipy")
PARTS = {  # the module that measures, and seconds it may take
    "autograd": ("autograd", 1200), "monte-carlo": ("montecarlo", 1200), "machine": ("machine", 600),
    "watching": ("watching", 900), "certificate": ("certificate", 900),
    "trials": ("trials", 900), "scaling": ("scaling", 900), "largest": ("largest", 2400),
    "gpu": ("gpu", 900),
}  # fmt: skip


def recorded() -> dict[str, Any]:
    """The record as it stands; an empty one where there is none."""
    if not RECORD.exists():
        return {"schema": 1, "parts": {}}
    found: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


def measure(part: str, bench: Bench) -> dict[str, Any]:
    """One part, with its circumstances and how long it took."""
    at, began = circumstances(PACKAGES), time.monotonic()
    found = import_module(f"benchmarks.training.{PARTS[part][0]}").measure(bench)
    return {"circumstances": at, "took": round(time.monotonic() - began, 1), **found}


def keep(part: str, found: dict[str, Any]) -> None:
    """Into the record, beside the other parts, in their order; and onto the page."""
    record = recorded()
    parts = record["parts"] | {part: found}
    record["parts"] = {name: parts[name] for name in PARTS if name in parts}
    write(RECORD, record)
    replace(PAGE, BEGIN, section(record))


def main() -> int:
    """1 where a part failed: the others are measured all the same."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="numbers of threads to try")
    parser.add_argument("--device", help="for part gpu; cuda where there is one")
    parser.add_argument("--limit", type=float, help="seconds for each part, in place of its own")
    told = parser.parse_args()
    unknown = [part for part in told.parts if part not in PARTS]
    if unknown:
        parser.error(f"PART = {unknown[0]}: needs one of {', '.join(PARTS)}")
    failed = []
    for part in told.parts or PARTS:
        limit = told.limit or PARTS[part][1]
        print(f"{part}: at most {limit:.0f} s", file=sys.stderr, flush=True)
        try:
            keep(part, measure(part, Bench(limit, told.threads, told.device or device())))
        except Exception as error:  # whatever it is, the other parts are to be measured
            failed.append(part)
            print(f"{part}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    if failed:
        print(f"not measured: {', '.join(failed)}; what the record had of them stays", file=sys.stderr)
    print(f"record: {RECORD}\npage: {PAGE}")
    return 1 if failed else 0


def device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


if __name__ == "__main__":
    sys.exit(main())
