"""A sweep: the cells of a design over theories, and how they are read from a file."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from numeric.errors import InputError
from verify.sweeps.cell import Cell, Named, swept
from verify.sweeps.columns import COMMON, Column, field_column, joined, of_claims
from verify.sweeps.design import Design, axis, design
from verify.sweeps.subject import CLAIMS
from verify.theories.named import NamedTheory
from verify.theories.shipped import FIRST

KEYS: dict[str, Any] = {
    "design": "grid", "cells": None, "seed": 0, "theory": None, "instance": None, "job": CLAIMS, "tier": "fast", "only": [],
    "rates": None, "time_limit": None,
}  # fmt: skip
ASKED = ("theory", "job", "seed", "tier", "only", "rates")  # what can vary beside the fields of an instance


@dataclass(frozen=True)
class Sweep:
    """A sweep as it is asked for. `cells` says which cells it has.

    fixed       the values of ASKED that do not vary
    base        what the cells of each theory begin from
    folder      where files are that the sweep and its instances name
    time_limit  seconds after which a cell is ended
    """

    name: str
    design: Design
    fixed: Mapping[str, Any]
    base: Mapping[str, Mapping[str, Any]]
    folder: Path
    time_limit: float | None = None

    @property
    def total(self) -> int:
        """The number of points of the design."""
        return self.design.total

    def cells(self) -> Iterator[Cell]:
        """The cells, in the order of the design, each once. Raises InputError for a point that defines no cell."""
        seen: set[str] = set()
        known: dict[str, tuple[Named, dict[str, Any]]] = {}
        for point in self.design.points():
            asked = {name: point.get(name, self.fixed[name]) for name in ASKED}
            fields = {name: value for name, value in point.items() if name not in ASKED}
            theory, seed = asked["theory"], asked.pop("seed")
            key = repr(asked)  # cells that differ in their seed or their instance ask for the same
            if key not in known:
                known[key] = self._asked(theory, asked, fields)
            found, checked = known[key]
            inputs = found.subject.inputs(self.base[theory], {**checked, "seed": seed}, fields)
            cell = Cell(theory, found.named.title, inputs, fields, str(self.folder))
            if cell.digest not in seen:
                seen.add(cell.digest)
                yield cell

    def _asked(
        self, theory: str, point: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> tuple[Named, dict[str, Any]]:
        """The theory, and what is asked of it in every cell. Raises InputError."""
        asked = {name: value for name, value in point.items() if name != "theory"}
        found = named, subject = swept(theory)
        if asked["job"] not in subject.jobs:
            raise InputError(
                "sweep.job", asked["job"], f"one of {', '.join(subject.jobs)}", f'write job = "{CLAIMS}"'
            )
        if asked["rates"] is None and subject.rates:
            asked["rates"] = subject.rates[0]
        if (asked["rates"] or None) not in (subject.rates or (None,)):
            needs = f"one of {', '.join(subject.rates)}" if subject.rates else "a theory that trains"
            raise InputError("sweep.rates", asked["rates"], needs, "remove it")
        asked["only"] = list(only(named, asked["only"]))
        for name in fields:
            if name not in subject.fields:
                near = get_close_matches(name, [*subject.fields, *ASKED], n=1)
                needs = f"a field of an instance, or one of {', '.join(ASKED)}"
                raise InputError(
                    f"vary.{name}", fields[name], needs, f"did you mean {near[0]}?" if near else "remove it"
                )
        return found, asked

    def theories(self) -> list[str]:
        """The names of the theories that are swept."""
        return list(self.base)

    def columns(self) -> list[Column]:
        """The columns that rows of this sweep have."""
        groups = [list(COMMON), [Column("rates", "text", "at which rates is trained")]]
        axes = {one.name: one for one in self.design.axes}
        for theory in self.theories():
            named, subject = swept(theory)
            known = {one.name: one for job in self._values("job") for one in subject.columns(job)}
            groups.append(list(known.values()))
            for name, one in axes.items():
                if name not in ASKED and (column := field_column(name, subject.fields)) not in known:
                    groups.append([Column(column, _kind(one.grid()), f"the field {name} of the instance")])
            asked = {id for ids in self._values("only") for id in only(named, ids)}
            whole = any(not ids for ids in self._values("only"))
            if CLAIMS in self._values("job"):
                groups.append(of_claims(c.key for c in named.theory.claims if whole or c.id in asked))
        return joined(*groups)

    def _values(self, name: str) -> Sequence[Any]:
        return next((one.grid() for one in self.design.axes if one.name == name), [self.fixed[name]])

    def told(self) -> str:
        """The sweep as data, by which its cells can be listed again."""
        from dataclasses import asdict

        return json.dumps(
            {"name": self.name, "design": asdict(self.design), "fixed": dict(self.fixed), "base": dict(self.base),
             "folder": str(self.folder), "time_limit": self.time_limit}, indent=1, sort_keys=True,
        )  # fmt: skip

    @property
    def digest(self) -> str:
        """SHA-256 over the sweep as data."""
        return hashlib.sha256(self.told().encode()).hexdigest()


def only(named: NamedTheory, ids: Any) -> tuple[str, ...]:
    """The canonical ids of claims, each once. Raises InputError."""
    if not isinstance(ids, list | tuple) or not all(isinstance(id, str) for id in ids):
        raise InputError("sweep.only", ids, "a list of ids of claims", 'write only = ["lemma"]')
    known = named.ids()
    for id in ids:
        if id not in known:
            near = get_close_matches(id, known, n=1)
            remedy = f"did you mean {near[0]}?" if near else "`icl-verify claims` lists them"
            raise InputError("sweep.only", id, f"the id of a claim of {named.title}", remedy)
    return tuple(dict.fromkeys(known[id] for id in ids))


def _kind(values: Sequence[Any]) -> Any:
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return "whole"
    return "number" if all(isinstance(value, int | float) for value in values) else "text"


def is_sweep(path: str | None) -> bool:
    """Whether a file is the file of a sweep, not of an instance."""
    if path is None or not path.lower().endswith(".toml"):
        return False
    try:
        return bool(set(tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))) & {"sweep", "vary"})
    except (OSError, ValueError):
        return False  # what is wrong with the file is said where an instance is read


def read(path: str | Path, theory: str | None = None) -> Sweep:
    """The sweep that a file describes; `theory` is swept where the file names none. Raises InputError."""
    path = Path(path)
    data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    for table in data:
        if table not in ("sweep", "vary", "instance"):
            raise InputError(
                table, data[table], "one of the tables sweep, vary, instance", f"remove it from {path.name}"
            )
        if not isinstance(data[table], dict):
            raise InputError(table, data[table], f"a table, [{table}]", f"write [{table}] in {path.name}")
    asked, vary = data.get("sweep", {}), data.get("vary", {})
    for key in asked:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"remove it from {path.name}"
            raise InputError(f"sweep.{key}", asked[key], f"one of {', '.join(KEYS)}", remedy)
    settings = {**KEYS, **asked}
    if not isinstance(settings["job"], str):
        raise InputError("sweep.job", settings["job"], "the name of a job", f'write job = "{CLAIMS}"')
    axes = [axis(name, given) for name, given in _flat(vary)]
    if not axes:
        raise InputError(
            "vary",
            "nothing",
            "at least one thing that varies",
            "write seed = {from = 0, to = 9} under [vary]",
        )
    instance = settings["instance"]
    if "instance" in data:
        if instance is not None:
            raise InputError(
                "sweep.instance", instance, "a file or a table [instance], not both", "remove one of them"
            )
        instance = data["instance"]
    folder = path.resolve().parent
    varied = next((one for one in axes if one.name == "theory"), None)
    names = list(varied.grid()) if varied else [settings["theory"] or theory or FIRST]
    place = {name: _placed(name, folder) for name in names}
    if varied is not None:
        axes = [axis("theory", [place[name] for name in names]) if one is varied else one for one in axes]
    fixed = {
        "theory": place[names[0]], "job": settings["job"], "seed": None, "tier": settings["tier"], "only": settings["only"],
        "rates": settings["rates"],
    }  # fmt: skip
    base = {name: swept(name).subject.base(instance, folder) for name in place.values()}
    return made(
        path.stem, design(settings["design"], axes, settings["cells"], settings["seed"]), fixed, base, folder,
        settings["time_limit"],
    )  # fmt: skip


def made(
    name: str, design: Design, fixed: Mapping[str, Any], base: Mapping[str, Mapping[str, Any]], folder: Path,
    time_limit: Any = None,
) -> Sweep:  # fmt: skip
    """The sweep, once its first cell and its time limit are seen to be right. Raises InputError."""
    if time_limit is not None and (
        isinstance(time_limit, bool) or not isinstance(time_limit, int | float) or not 0 < time_limit < 1e9
    ):
        raise InputError(
            "sweep.time_limit", time_limit, "a positive number of seconds", "write time_limit = 3600"
        )
    found = Sweep(name, design, fixed, base, folder, None if time_limit is None else float(time_limit))
    next(found.cells())
    return found


def again(told: Mapping[str, Any]) -> Sweep:
    """The sweep that `told` gave as data."""
    from verify.sweeps.design import Axis, Range

    plan = told["design"]
    axes = tuple(
        Axis(
            one["name"],
            Range(**one["values"]) if isinstance(one["values"], dict) else tuple(map(_tuple, one["values"])),
        )
        for one in plan["axes"]
    )
    return Sweep(
        told["name"], Design(plan["kind"], axes, plan["count"], plan["seed"]), told["fixed"], told["base"], Path(told["folder"]),
        told["time_limit"],
    )  # fmt: skip


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _flat(vary: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The lines of [vary] by dotted name: TOML reads sizes.N as a table of a table."""
    for name, given in vary.items():
        if isinstance(given, Mapping) and not {"from", "to"} & set(given):
            yield from _flat(given, f"{prefix}{name}.")
        else:
            yield prefix + name, given


def _placed(theory: Any, folder: Path) -> str:
    """A theory by a name that means the same in every folder."""
    if not isinstance(theory, str):
        raise InputError("sweep.theory", theory, "the name of a theory", f'write theory = "{FIRST}"')
    file, colon, setting = theory.partition(":")
    return f"{(folder / file).resolve()}{colon}{setting}" if file.endswith(".py") else theory
