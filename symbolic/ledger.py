"""Proofs as data, and both checkers on them.

    double_check(lhs, rhs, why, axes)   why: a Proof of lhs = rhs, or a Fact that rhs − lhs ≥ 0   ->  Doubled

`Doubled.proved` says that the kernel and the second replayer (`symbolic.replayer`, which sees the data only) both accept it;
`Doubled.contradiction` is a sentence where exactly one of them does. What it rests on without proof, as the replayer found it:
`axioms`, `hypotheses`, `declared`, `positive`, by name, to be compared with what the statement allows.

The data are the same on every run: indices that were made on the way get letters, terms are sorted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from symbolic.bound import (
    CauchySchwarz,
    Certificate,
    Declared,
    Fact,
    Root,
    Substitute,
    check,
    facts,
    open_cases,
)
from symbolic.indexed import DELTA, Expr, Index, KernelError, Tensor
from symbolic.letters import INDEX_NAMES
from symbolic.proof import Axiom, Proof, Use
from symbolic.replayer import Replay, replay

Data: TypeAlias = dict[str, Any]


class LedgerError(ValueError):
    """One name for two different things: the data would be ambiguous."""


@dataclass(frozen=True)
class Doubled:
    """What the two checkers say of one proof; `kernel` and `replayer` are empty where they accept it, else say why not."""

    data: Data
    kernel: str
    replayer: str
    rules: tuple[str, ...]
    axioms: tuple[str, ...]
    hypotheses: tuple[str, ...]
    declared: tuple[str, ...]
    positive: tuple[str, ...]

    @property
    def proved(self) -> bool:
        return not self.kernel and not self.replayer

    @property
    def contradiction(self) -> str:
        """Empty where both accept or both refuse."""
        if bool(self.kernel) == bool(self.replayer):
            return ""
        refused, by = (self.kernel, "the kernel") if self.kernel else (self.replayer, "the second replayer")
        return f"the two checkers disagree: {by} refuses the proof ({refused}), the other accepts it"


def double_check(
    lhs: Expr, rhs: Expr, why: Proof | Fact, axes: tuple[Index, ...] = (), name: str = ""
) -> Doubled:
    """Proof: lhs = rhs. Fact: lhs ≤ rhs, where its `positive`, its indices renamed to `axes`, is rhs − lhs.

    Both checkers look, whatever the other one says. Raises LedgerError where one name stands for two things.
    """
    data = document([(name, lhs, rhs, why, axes)])
    (report,) = replay(data)
    return doubled(data, by_kernel(lhs, rhs, why, axes), report)


def doubled(data: Data, kernel: str, report: Replay) -> Doubled:
    used = {title: tuple(sorted(names)) for title, names in report.used.items()}
    titles = ("rules", "axioms", "hypothesis", "declared", "positive")
    return Doubled(data, kernel, report.reason, *(used.get(title, ()) for title in titles))


def by_kernel(lhs: Expr, rhs: Expr, why: Proof | Fact, axes: tuple[Index, ...] = ()) -> str:
    """Why the kernel refuses the proof; empty where it accepts it."""
    try:
        if isinstance(why, Fact):
            check(why)
            shown = why.positive.at(dict(zip(why.indices, axes, strict=True)))
            left = open_cases(rhs - lhs - shown, Certificate())
            return "the fact is not right − left" if left else ""
        left = why.open_cases(lhs, rhs)
        return f"{sum(len(case.terms) for case in left)} terms left" if left else ""
    except (ValueError, KernelError) as error:
        return str(error)


Row: TypeAlias = tuple[str, Expr, Expr, Proof | Fact, tuple[Index, ...]]


def document(rows: Iterable[Row]) -> Data:
    """The data of several proofs; letters and axioms stand once for all of them."""
    ledger = Ledger()
    proofs = [ledger.proof(*row) for row in rows]
    return {
        "tensors": dict(sorted(ledger.tensors.items())),
        "axioms": dict(sorted(ledger.axioms.items())),
        "proofs": proofs,
    }


def text(data: Data) -> str:
    """The file: a line for each letter, axiom and proof."""
    dump = _dump
    tables = [
        f'"{title}": {{\n'
        + ",\n".join(f"{dump(key)}: {dump(value)}" for key, value in data[title].items())
        + "\n}"
        for title in ("tensors", "axioms")
    ]
    return (
        "{\n"
        + ",\n".join([*tables, '"proofs": [\n' + ",\n".join(map(dump, data["proofs"])) + "\n]"])
        + "\n}\n"
    )


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Ledger:
    """Writes proofs down, and with them the letters and axioms that they use."""

    def __init__(self) -> None:
        self.tensors: dict[str, Data] = {}
        self.axioms: dict[str, Data] = {}

    def proof(self, name: str, lhs: Expr, rhs: Expr, why: Proof | Fact, axes: tuple[Index, ...]) -> Data:
        row: Data = {"id": name, "relation": "=" if isinstance(why, Proof) else "<="}
        row |= {"lhs": self.terms(lhs), "rhs": self.terms(rhs)}
        if isinstance(why, Proof):
            return row | {"uses": [self.use(use) for use in why.uses]}
        numbers: dict[int, int] = {}
        rows = []
        for fact in facts(why):
            rows.append(self.fact(fact, numbers))
            numbers[id(fact)] = len(numbers)
        return row | {"axes": refs(axes, {}), "facts": rows}

    def terms(self, expr: Expr) -> list[Any]:
        rows = []
        for monomial, coefficient in expr.terms.items():
            factors = []
            for tensor, refs in monomial.factors:
                self.tensor(tensor)
                factors.append([tensor.name, [r if isinstance(r, int) else ref(r) for r in refs]])
            scalars = {name: str(power) for name, power in monomial.scalars}
            rows.append([str(coefficient), scalars, factors, list(monomial.dims)])
        return sorted(rows, key=lambda row: (len(row[2]), _dump(row)))

    def tensor(self, tensor: Tensor) -> None:
        if tensor == DELTA:
            return
        row: Data = {"slots": list(tensor.slots)}
        row |= {"symmetric": True} if tensor.symmetric else {}
        row |= {"unit_sum": tensor.unit_sum} if tensor.unit_sum is not None else {}
        row |= {"nonneg": True} if tensor.nonneg else {}
        if self.tensors.setdefault(tensor.name, row) != row:
            raise LedgerError(f"letter {tensor.name}: two declarations")

    def axiom(self, axiom: Axiom) -> str:
        names = lettered((axiom.lhs, axiom.rhs), axiom.indices)
        lhs, rhs = (self.terms(side.at(names)) for side in (axiom.lhs, axiom.rhs))
        row = {"indices": refs(axiom.indices, names), "lhs": lhs, "rhs": rhs}
        if self.axioms.setdefault(axiom.name, row) != row:
            raise LedgerError(f"axiom {axiom.name}: two statements")
        return axiom.name

    def use(self, use: Use) -> Data:
        names = lettered((use.cofactor,), (*use.at, *use.bind))
        return {
            "axiom": self.axiom(use.axiom),
            "cofactor": self.terms(use.cofactor.at(names)),
            "at": refs(use.at, names),
            "bind": refs(use.bind, names),
        }

    def fact(self, fact: Fact, numbers: Mapping[int, int]) -> Data:
        names = lettered((fact.positive,), fact.indices)
        row: Data = {"name": fact.name, "indices": refs(fact.indices, names)}
        row["positive"] = self.terms(fact.positive.at(names))
        match fact.why:
            case None:
                for tensor in fact.any:
                    self.tensor(tensor)
                return row | {"by": "hypothesis", "any": sorted(tensor.name for tensor in fact.any)}
            case Certificate(weights, uses):
                rows = []
                for w in weights:
                    new = lettered((w.multiplier, w.root), (*w.at, *w.bind))
                    rows.append({
                        "multiplier": self.terms(w.multiplier.at(new)), "root": self.terms(w.root.at(new)),
                        "fact": None if w.fact is None else numbers[id(w.fact)],
                        "at": refs(w.at, new), "bind": refs(w.bind, new),
                    })  # fmt: skip
                return row | {"by": "certificate", "weights": rows, "uses": [self.use(use) for use in uses]}
            case Substitute(premise, tensor, definition, indices):
                self.tensor(tensor)
                new = lettered((definition,), indices)
                return row | {
                    "by": "substitute", "fact": numbers[id(premise)], "tensor": tensor.name,
                    "indices": refs(indices, new), "definition": self.terms(definition.at(new)),
                }  # fmt: skip
            case CauchySchwarz(a, b, x, y, over, of_a, of_b):
                new = lettered((a, b, x, y), over)
                sides = {
                    part: self.terms(side.at(new)) for part, side in zip("abxy", (a, b, x, y), strict=True)
                }
                premises = {"of_a": numbers[id(of_a)], "of_b": numbers[id(of_b)]}
                return row | {"by": "Cauchy–Schwarz", **sides, "over": refs(over, new), **premises}
            case Root(a, b, premise):
                sides = {"a": self.terms(a), "b": self.terms(b)}
                return row | {"by": "root", **sides, "premise": numbers[id(premise)]}
            case Declared(rule, _, premises):
                return row | {"by": "declared", "rule": rule, "premises": [numbers[id(p)] for p in premises]}


def ref(index: Index) -> str:
    return f"{index.name}:{index.dim}"


def refs(indices: Iterable[Index], names: Mapping[Index, Index]) -> list[str]:
    return [ref(names.get(index, index)) for index in indices]


def lettered(exprs: Iterable[Expr], indices: Iterable[Index]) -> dict[Index, Index]:
    """Letters for the indices #1, #2, … that were made on the way, in the order in which they were."""
    free = {*indices, *(index for expr in exprs for index in expr.free())}
    taken = {index.name for index in free}
    names: dict[Index, Index] = {}
    for index in sorted((i for i in free if i.name.startswith("#")), key=lambda i: int(i.name[1:])):
        first, *more = INDEX_NAMES[index.dim]
        letters = (first, *more, *(f"{first}{n}" for n in range(1, 99)))
        name = next(letter for letter in letters if letter not in taken)
        taken.add(name)
        names[index] = Index(name, index.dim)
    return names
