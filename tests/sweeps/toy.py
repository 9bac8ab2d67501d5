"""A theory whose cells take no time, fail, never end, or end their process: what a store and an engine are tested with."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from verify import Setting, total
from verify.pipeline.provenance import provenance
from verify.record import Record, Scalar, Settings
from verify.sweeps.columns import Column
from verify.sweeps.subject import CLAIMS, Cost
from verify.theories.named import NamedTheory

S = Setting("toy")
p = S.dims("p")
i = p.index("i")
u = S.letters(u=p)
S.identity("trivial", total(u[i], i), total(u[i], i))


class Toy:
    """A record with y = x² + seed; `act` says what else happens."""

    def __init__(self) -> None:
        self.jobs: Mapping[str, str] = {CLAIMS: "nothing"}
        self.rates: Sequence[str] = ()
        self.fields: Sequence[str] = ("x", "act", "patience", "ledger")

    def base(self, instance: Any, folder: Path) -> dict[str, Any]:
        return {}

    def inputs(
        self, base: Mapping[str, Any], asked: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "x": 1,
            "act": "none",
            "patience": 0.0,
            "ledger": "",
            **asked,
            "seed": asked["seed"] or 0,
            **fields,
        }

    def record(self, inputs: Mapping[str, Any], folder: Path) -> Record:
        if inputs["ledger"]:
            with open(inputs["ledger"], "a", encoding="utf-8") as ledger:
                ledger.write(f"{inputs['x']} {inputs['seed']} {os.getpid()}\n")
        time.sleep(inputs["patience"])
        match inputs["act"]:
            case "raise":
                raise ArithmeticError("x is\nno good")
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "endless":
                while True:
                    pass
        return Record(
            status="complete", exit_code=0, headline=f"y = {inputs['x'] ** 2 + inputs['seed']}",
            settings=Settings(seed=inputs["seed"], device="cpu", dtype="exact", tier="fast"), assumptions=[], claims=[],
            provenance=provenance("toy", "2026-01-01T00:00:00+00:00", 0.0, {}),
        )  # fmt: skip

    def columns(self, job: str) -> Sequence[Column]:
        return (Column("x", "number", "what varies", "m"), Column("y", "number", "what comes of it", "m²"))

    def figures(self, job: str, record: Record) -> dict[str, Scalar]:
        return {"y": float(record.headline.removeprefix("y = "))}

    def cost(self, inputs: Mapping[str, Any], folder: Path) -> Cost | None:
        return Cost(2.0**20, 3.0)


TOY = NamedTheory(name=__file__, title="toy", made=lambda: (S,), swept=Toy)
