"""What a sweep can vary and do in the first theory: any field of an instance file, at the printed or at the certified rates."""

from __future__ import annotations

import copy
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from numeric.errors import InputError
from verify.record import Record, Scalar
from verify.sweeps.columns import Column
from verify.sweeps.subject import CLAIMS, Cost
from verify.theories.yang2024.certified_training import ID, train_certified
from verify.theories.yang2024.family.cell import bound, figures, row
from verify.theories.yang2024.fits import Sizes, must_fit, predicted
from verify.theories.yang2024.instance_file import KEYS, parse
from verify.theories.yang2024.job import run
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import Options, built, contents, saved_instance

BOUND = "bound"
OPTIONS = ("dtype", "device")  # fields of a cell that stand in no instance file
FILES = ("tokens.file", "features.file", "initialisation.Q", "initialisation.w")
SAVED = {
    "sizes.N": "N",
    "sizes.H": "H",
    "noise.tau": "tau",
    "initialisation.beta": "beta",
}  # what a saved instance lets vary
SIZES = (
    Column("N", "whole", "labelled tokens in the prompt"),
    Column("K", "whole", "tokens in the dictionary"),
    Column("m", "whole", "basis functions"),
    Column("d", "whole", "dimension of a token"),
    Column("H", "whole", "attention heads"),
    Column("tau", "number", "noise level τ"),
    Column("beta", "number", "deviation of the entries of Q_h at the start, β"),
)  # fmt: skip
TRAINED = {
    "final_gap": Column("gap", "number", "loss gap at the last step"),
    "initial_gap": Column("gap_start", "number", "loss gap at the start"),
    "smallest_margin": Column("margin", "number", "smallest margin of the bound (18) over the steps t ≥ 1"),
    "rate_guaranteed": Column("rate_guaranteed", "number", "guaranteed decrease of log gap", "1/step"),
    "rate_observed": Column("rate_observed", "number", "observed decrease of log gap", "1/step"),
    "eta_Q": Column("eta_Q", "number", "learning rate of Q"),
    "eta_w": Column("eta_w", "number", "learning rate of w"),
    "steps": Column("steps", "whole", "steps of gradient descent that were taken", "steps"),
}  # figures of a training, and their columns
OF_BOUND = (
    Column("bound_18", "text", "whether the bound (18) holds at every step taken"),
    Column("steps_needed", "number", "steps until the guaranteed bound is at its target", "steps"),
    Column("zeta0", "number", "ζ_0, the smallest eigenvalue of B_k B_kᵀ at the start, from below"),
    Column("rate_ratio", "number", "observed over guaranteed rate, in logarithms"),
    Column("movement", "number", "largest relative movement of a Q_h"),
)


class Swept:
    """The first theory as the subject of a sweep."""

    def __init__(self) -> None:
        self.jobs: Mapping[str, str] = {
            CLAIMS: "the claims are judged at the instance, as by `run`",
            BOUND: "gradient descent is held to the bound of Theorem 1 at certified constants, and no claim is judged",
        }
        self.rates: Sequence[str] = ("printed", "certified")
        fields = {name for keys in KEYS.values() for name, example in keys.items() if example is not None}
        self.fields: Sequence[str] = sorted(fields - {"kind", "name", "seed"} | set(OPTIONS))

    def base(self, instance: str | Mapping[str, Any] | None, folder: Path) -> dict[str, Any]:
        if instance is None:
            return {"data": {"kind": "digits"}, "below": ".", "folder": str(folder)}
        if isinstance(instance, Mapping):
            return {"data": dict(instance), "below": ".", "folder": str(folder)}
        if not isinstance(instance, str):
            raise InputError("sweep.instance", instance, "the name of a file", 'write instance = "my.toml"')
        path = folder / instance
        below = os.path.relpath(path.parent, folder)
        if path.suffix.lower() == ".npz":
            saved_instance(path, None)  # what is wrong with the file is said now
            return {"data": {}, "saved": path.name, "below": below, "folder": str(folder)}
        return {"data": contents(path), "below": below, "folder": str(folder)}

    def inputs(
        self, base: Mapping[str, Any], asked: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        data = {name: value for name, value in base["data"].items() if name != "seed"}
        if asked["rates"] == "certified":
            asked = {
                **asked,
                "only": [],
            }  # no claim is asked there, so cells that differ in this alone are one
        options = {"dtype": "float64", "device": "cpu", **base.get("options", {})}
        seed = base["data"].get("seed") if asked["seed"] is None else asked["seed"]
        for name, value in fields.items():
            if name in OPTIONS:
                options[name] = value
            elif "saved" in base and name not in SAVED and not name.startswith("training."):
                needs = f"one of {', '.join(SAVED)}, where the instance is a saved one"
                raise InputError(f"vary.{name}", value, needs, "vary that, or write the instance as .toml")
            else:
                data = _set(data, name, value)
        if asked["job"] == BOUND and (asked["only"] or asked["rates"] != self.rates[0]):
            needs = "neither only nor rates beside it: the bound is that of Theorem 1, at the printed rates"
            raise InputError("sweep.job", BOUND, needs, f'remove them, or write job = "{CLAIMS}"')
        found = {
            **asked, "seed": 0 if seed is None and "saved" not in base else seed, "data": data, "below": base["below"],
            **({"saved": base["saved"]} if "saved" in base else {}), "options": options,
        }  # fmt: skip
        named = (
            [base["saved"]]
            if "saved" in base
            else [one for name in FILES if (one := _get(data, name)) is not None]
        )
        found["files"] = {name: _fingerprint(Path(base["folder"]) / base["below"] / name) for name in named}
        if "saved" not in base:
            parse(data | ({} if seed is None else {"seed": seed}), "the sweep")
        Options(**options, tier=asked["tier"])
        return found

    def record(self, inputs: Mapping[str, Any], folder: Path) -> Record:
        instance, options = self.built(inputs, folder)
        if inputs["job"] == BOUND:
            must_fit(Sizes.of(instance, options), "sweep")
            return bound(instance, options)
        if inputs["rates"] == "certified":
            must_fit(Sizes.of(instance, options))
            return train_certified(instance, options, progress=None, command="icl-verify sweep", weights=None)
        return run(instance, options, command="icl-verify sweep")

    def built(self, inputs: Mapping[str, Any], folder: Path) -> tuple[Instance, Options]:
        """The instance and the options of a cell. Raises InputError."""
        place, seed, data = folder / inputs["below"], inputs["seed"], inputs["data"]
        options = replace(Options(**inputs["options"]), tier=inputs["tier"], only=tuple(inputs["only"]))
        if "saved" in inputs:
            instance = saved_instance(place / inputs["saved"], seed)
            set_ = {
                name: data[table][name]
                for table, name in (key.split(".") for key in SAVED)
                if name in data.get(table, {})
            }
            return replace(instance, **set_), replace(options, **data.get("training", {}))
        instance, found = built(copy.deepcopy(data), place / "the sweep", seed)
        return instance, replace(options, bound_target=found.bound_target, max_steps=found.max_steps)

    def columns(self, job: str) -> Sequence[Column]:
        return [*SIZES, *TRAINED.values(), *(OF_BOUND if job == BOUND else ())]

    def figures(self, job: str, record: Record) -> dict[str, Scalar]:
        assert record.instance is not None
        scalars = record.instance.scalars
        found: dict[str, Scalar] = {**record.instance.sizes, "tau": scalars["τ"], "beta": scalars["β"]}
        if job == BOUND:
            return found | figures(row(record))
        trained = next((one.figures for one in record.studies if one.id == ID), {})
        if not trained and record.training is not None and record.training.figures:
            trained = {**record.training.figures, "steps": record.training.steps}
        return found | {column.name: trained[name] for name, column in TRAINED.items() if name in trained}

    def cost(self, inputs: Mapping[str, Any], folder: Path) -> Cost | None:
        instance, options = self.built(inputs, folder)
        return Cost(*predicted(Sizes.of(instance, options), "sweep" if inputs["job"] == BOUND else "run"))


def _set(data: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The tables of an instance with a value under a dotted name; what does not change is shared with the old ones."""
    table, _, rest = name.partition(".")
    if rest:
        return {**data, table: _set(data.get(table, {}), rest, value)}
    return {**data, name: list(value) if isinstance(value, tuple) else value}


def _get(data: Mapping[str, Any], name: str) -> Any:
    """The value under a dotted name; None where there is none."""
    table, _, leaf = name.partition(".")
    found = data.get(table)
    return found.get(leaf) if isinstance(found, dict) else None


@cache
def _fingerprint(path: Path) -> str:
    """SHA-256 of a file; empty where it cannot be read, which is said where the instance is made."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


@cache
def swept() -> Swept:
    """The first theory as the subject of a sweep."""
    return Swept()
