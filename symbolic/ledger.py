"""Proofs as data: statements, facts with the reason of each, axioms and declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from symbolic.bound import CauchySchwarz, Certificate, Declaration, Fact, Letter, Root, Substitute, facts
from symbolic.check import admitted
from symbolic.course import Course, Exponential, Gradient, SoftmaxPair
from symbolic.dimension import Dimension
from symbolic.indexed import DELTA, Expr, Index, Tensor
from symbolic.operations import Data, LedgerError, Operations, dump, lettered
from symbolic.proof import Axiom, Proof, Use
from symbolic.rules import DescentLemma, Extreme, Induction, Logarithm, MeanValue, Slope, Steps, Supply
from symbolic.written import Operation, Term, Written

Side: TypeAlias = Expr | Written
Mark: TypeAlias = tuple[int, ...]


class Ledger:
    """Writes proofs down, and with them the letters, axioms, declarations and facts that they use."""

    def __init__(self) -> None:
        self.dimensions: dict[str, list[str]] = {}
        self._dimensions: dict[Dimension, str] = {}
        self.tensors: dict[str, Data] = {}
        self.operations = Operations(self.terms, self.as_written, self.tensor, self.dimension)
        self.axioms: dict[str, Data] = {}
        self.declarations: dict[str, Data] = {}
        self.facts: list[Data] = []
        # By identity, which is theirs alone as long as they are held.
        self._numbers: dict[int, tuple[Fact, int]] = {}
        self._axioms: dict[int, Axiom] = {}
        self._same: dict[str, int] = {}

    def mark(self) -> Mark:
        """How much is written."""
        return tuple(len(table) for table in self._tables())

    def back_to(self, mark: Mark) -> None:
        """Forgets what was written since; every table keeps the order in which it was filled."""
        for table, size in zip(self._tables(), mark, strict=True):
            if isinstance(table, list):
                del table[size:]
            else:
                for key in list(table)[size:]:
                    del table[key]

    def _tables(self) -> tuple[dict[Any, Any] | list[Data], ...]:
        named = self.dimensions, self._dimensions, self.tensors, self.axioms, self.declarations
        return (*named, *self.operations.tables(), self.facts, self._numbers, self._axioms, self._same)

    def data(self, proofs: list[Data]) -> Data:
        named: dict[str, dict[str, Any]] = {
            "dimensions": self.dimensions,
            "tensors": self.tensors,
            "functions": self.operations.functions,
            "axioms": self.axioms,
        }
        named["declarations"] = self.declarations
        ordered = {title: dict(sorted(table.items())) for title, table in named.items()}
        return ordered | {"operations": self.operations.rows, "facts": self.facts, "proofs": proofs}

    def proof(self, name: str, lhs: Side, rhs: Side, why: Proof | Fact, axes: tuple[Index, ...]) -> Data:
        row: Data = {"name": name, "relation": "=" if isinstance(why, Proof) else "<="}
        row |= {"lhs": self.side(lhs), "rhs": self.side(rhs)}
        if isinstance(why, Proof):
            return row | {"uses": [self.use(use, {}) for use in why.uses]}
        for fact in facts(why):
            self.fact(fact)
        return row | {"fact": self.number(why), "axes": self.operations.refs(axes, {})}

    def number(self, fact: Fact) -> int:
        return self._numbers[id(fact)][1]

    def fact(self, fact: Fact) -> None:
        """Facts of the same words are one."""
        if not admitted(fact):
            raise LedgerError(f"{fact.name}: {type(fact.why).__name__} is no rule")
        if id(fact) not in self._numbers:
            names = lettered((fact.positive,), fact.indices)
            row = {"name": fact.name, "indices": self.operations.refs(fact.indices, names)}
            row |= {"positive": self.terms(fact.positive, names), **self.reason(fact, names)}
            number = self._same.setdefault(dump(row), len(self.facts))
            self.facts += [row] if number == len(self.facts) else []
            self._numbers[id(fact)] = fact, number

    def reason(self, fact: Fact, names: Mapping[Index, Index]) -> Data:
        match fact.why:
            case None:
                for tensor in fact.any:
                    self.tensor(tensor)
                row: Data = {
                    "by": "hypothesis",
                    "any": sorted(tensor.name for tensor in fact.any),
                    "when": fact.when,
                }
                return row | ({} if fact.extreme is None else {"extreme": spelled(fact.extreme)})
            case Certificate(weights, uses):
                rows = []
                for w in weights:
                    new = lettered((w.multiplier, w.root), (*w.at, *w.bind), names)
                    rows.append({
                        "multiplier": self.terms(w.multiplier, new), "root": self.terms(w.root, new),
                        "fact": None if w.fact is None else self.number(w.fact),
                        "at": self.operations.refs(w.at, new), "bind": self.operations.refs(w.bind, new),
                    })  # fmt: skip
                return {"by": "certificate", "weights": rows, "uses": [self.use(use, names) for use in uses]}
            case Substitute(premise, tensor, definition, indices):
                self.tensor(tensor)
                new = lettered((definition,), indices, names)
                put = {"tensor": tensor.name, "formals": self.operations.refs(indices, new)}
                put |= {"definition": self.terms(definition, new)}
                return {"by": "substitute", "fact": self.number(premise), **put}
            case CauchySchwarz(a, b, x, y, over, of_a, of_b):
                new = lettered((a, b, x, y), over, names)
                sides = {part: self.terms(s, new) for part, s in zip("abxy", (a, b, x, y), strict=True)}
                premises = {"of_a": self.number(of_a), "of_b": self.number(of_b)}
                return {"by": "Cauchy–Schwarz", **sides, "over": self.operations.refs(over, new), **premises}
            case Root(a, b, premise):
                new = lettered((a, b), (), names)
                sides = {"a": self.terms(a, new), "b": self.terms(b, new)}
                return {"by": "root", **sides, "premise": self.number(premise)}
            case Supply(premise, supplies):
                return {
                    "by": "supply",
                    "fact": self.number(premise),
                    "supplies": [self.number(s) for s in supplies],
                }
            case Extreme(of, value, premise):
                new = lettered((value,), (), names)
                numbers = {"of": self.number(of), "premise": self.number(premise)}
                return {"by": "extreme", **numbers, "value": self.terms(value, new)}
            case MeanValue() as rule:
                bounds = {"value": rule.value, "speed": rule.speed, "moved": rule.moved}
                facts_ = {
                    "of_speed": rule.of_speed,
                    "flow": rule.flow,
                    "scores": rule.scores,
                    "of_moved": rule.of_moved,
                }
                new = lettered(bounds.values(), (), names)
                self.tensor(rule.direction)
                row = {"by": "mean value", "of": self.declaration(rule.of), "direction": rule.direction.name}
                row |= {"reach": rule.reach} | {part: self.terms(side, new) for part, side in bounds.items()}
                return row | {part: self.number(premise) for part, premise in facts_.items()}
            case Slope(of_softmax, w, bound, flow):
                new = lettered((w, bound), (), names)
                row = {"by": "slope", "of": self.declaration(of_softmax), "w": self.terms(w, new)}
                return row | {"bound": self.terms(bound, new), "flow": self.number(flow)}
            case DescentLemma(course, of, L, premise):
                declared = {"course": self.declaration(course), "of": self.declaration(of)}
                return {
                    "by": "descent lemma",
                    **declared,
                    "L": self.terms(L, names),
                    "premise": self.number(premise),
                }
            case Steps(course, x, c, at, over, premise):
                new = lettered((c,), (*at, *over), names)
                row = {
                    "by": "steps",
                    "course": self.declaration(course),
                    "x": x.name,
                    "c": self.terms(c, new),
                }
                return row | {
                    "at": self.operations.refs(at, new),
                    "over": self.operations.refs(over, new),
                    "premise": self.number(premise),
                }
            case Induction(course, parts, number):
                for part in parts:
                    self.fact(part.hypothesis)
                triples = ((part.hypothesis, part.start, part.step) for part in parts)
                listed = [[self.number(one) for one in triple] for triple in triples]
                declared = {"course": self.declaration(course)}
                return {"by": "induction", **declared, "parts": listed, "number": number}
            case Logarithm(of, premise):
                return {"by": "exponential", "of": self.declaration(of), "premise": self.number(premise)}
        raise LedgerError(f"{fact.name}: {type(fact.why).__name__} is no rule")

    def declaration(self, declared: Declaration) -> str:
        row: Data
        match declared:
            case SoftmaxPair(s=s, s2=s2, x=x, x2=x2, indices=indices, over=over):
                row = {
                    "is": "softmax",
                    "s": s.name,
                    "s2": s2.name,
                    "indices": self.operations.refs(indices, {}),
                    "over": self.operations.ref(over),
                }
                row |= {"x": self.terms(x, {}), "x2": self.terms(x2, {})}
                tensors: Iterable[Letter] = (s, s2)
            case Gradient(f=f, f2=f2, parts=parts):
                row = {
                    "is": "gradient",
                    "f": f,
                    "f2": f2,
                    "parts": [[t.name for t in part] for part in parts],
                }
                tensors = (tensor for part in parts for tensor in part)
            case Exponential(power=power, times=times, log_ratio=log_ratio, log=log, of=of):
                row = {
                    "is": "exponential",
                    "power": power,
                    "times": times,
                    "log_ratio": log_ratio,
                    "log": log,
                }
                row |= {"of": self.terms(of, {})}
                tensors = ()
            case Course() as course:
                row = {
                    "is": "course",
                    "rate": course.rate,
                    "steps": [[t.name for t in step] for step in course.steps],
                }
                row |= {"pairs": [[spelled(one), spelled(other)] for one, other in course.pairs]}
                row |= {"between": [spelled(letter) for letter in course.between]}
                row |= {"ratio": course.ratio, "power": course.power, "total": course.total}
                tensors = course.letters
            case _:
                raise LedgerError(f"{declared.name}: no declaration")
        for letter in sorted(tensors, key=spelled):
            if isinstance(letter, Tensor):
                self.tensor(letter)
        if self.declarations.setdefault(declared.name, row) != row:
            raise LedgerError(f"declaration {declared.name}: two statements")
        return declared.name

    def use(self, use: Use, names: Mapping[Index, Index]) -> Data:
        new = lettered((use.cofactor,), (*use.at, *use.bind), names)
        return {
            "axiom": self.axiom(use.axiom), "cofactor": self.terms(use.cofactor, new),
            "at": self.operations.refs(use.at, new), "bind": self.operations.refs(use.bind, new),
        }  # fmt: skip

    def axiom(self, axiom: Axiom) -> str:
        if self._axioms.get(id(axiom)) is axiom:
            return axiom.name
        names = lettered((axiom.lhs, axiom.rhs), axiom.indices)
        lhs, rhs = (self.terms(side, names) for side in (axiom.lhs, axiom.rhs))
        row = {
            "indices": self.operations.refs(axiom.indices, names),
            "lhs": lhs,
            "rhs": rhs,
            "when": axiom.when,
        }
        if self.axioms.setdefault(axiom.name, row) != row:
            raise LedgerError(f"axiom {axiom.name}: two statements")
        self._axioms[id(axiom)] = axiom
        return axiom.name

    def terms(self, expr: Expr, names: Mapping[Index, Index]) -> list[Any]:
        rows = []
        if new := {old: names[old] for old in names.keys() & expr.free()}:
            expr = expr.at(new)
        for monomial, coefficient in expr.terms.items():
            factors = []
            for tensor, at in monomial.factors:
                self.tensor(tensor)
                factors.append(
                    [tensor.name, [r if isinstance(r, int) else self.operations.ref(r) for r in at]]
                )
            scalars = {name: str(power) for name, power in monomial.scalars}
            rows.append([str(coefficient), scalars, factors, list(map(self.dimension, monomial.dims))])
        return sorted(rows, key=lambda row: (len(row[2]), dump(row)))

    def side(self, side: Side) -> list[Any]:
        return self.terms(side, {}) if isinstance(side, Expr) else self.as_written(side.terms)

    def as_written(self, terms: Iterable[Term]) -> list[Any]:
        """Terms that nobody normalised; an operation in them is a number."""
        rows = []
        for term in terms:
            place = {index: number for number, index in enumerate(term.summed)}
            factors = [
                [self._factor(what), [place.get(r, self.operations.ref(r)) for r in at]]
                for what, at in term.factors
            ]
            powers: dict[str, Fraction] = {}
            for name, power in term.scalars:
                powers[name] = powers.get(name, Fraction(0)) + power
            scalars = {name: str(power) for name, power in sorted(powers.items()) if power}
            rows.append(
                [
                    str(term.coefficient),
                    scalars,
                    factors,
                    [self.dimension(index.dim) for index in term.summed],
                ]
            )
        return sorted(rows, key=lambda row: (len(row[2]), dump(row)))

    def _factor(self, what: Tensor | Operation) -> str | int:
        if isinstance(what, Operation):
            return self.operations.number(what)
        self.tensor(what)
        return what.name

    def dimension(self, dim: Dimension) -> str:
        """The name of a dimension, which stands in the table from here on, with its parts."""
        if dim not in self._dimensions:
            whole = dim.whole or dim
            parts = [part.name for part in whole.parts]
            others = {
                name for one, rest in self.dimensions.items() if one != whole.name for name in (one, *rest)
            }
            if self.dimensions.setdefault(whole.name, parts) != parts or not others.isdisjoint(
                (whole.name, *parts)
            ):
                raise LedgerError(f"dimension {dim}: two structures")
            self._dimensions[dim] = dim.name
        return self._dimensions[dim]

    def tensor(self, tensor: Tensor) -> None:
        if tensor == DELTA:
            return
        row: Data = {"slots": list(map(self.dimension, tensor.slots))}
        row |= {"symmetric": True} if tensor.symmetric else {}
        row |= {"unit_sum": tensor.unit_sum} if tensor.unit_sum is not None else {}
        row |= {"nonneg": True} if tensor.nonneg else {}
        if self.tensors.setdefault(tensor.name, row) != row:
            raise LedgerError(f"letter {tensor.name}: two declarations")


def spelled(letter: Letter) -> str:
    """The name of a tensor or of a scalar."""
    return letter if isinstance(letter, str) else letter.name


def text(data: Data) -> str:
    """The file: a line for each letter, axiom, fact and proof."""
    tables = []
    for title, rows in data.items():
        named = isinstance(rows, dict)
        lines = [f"{dump(key)}: {dump(row)}" for key, row in rows.items()] if named else map(dump, rows)
        opening, closing = "{}" if named else "[]"
        tables.append(f"{dump(title)}: {opening}\n" + ",\n".join(lines) + f"\n{closing}")
    return "{\n" + ",\n".join(tables) + "\n}\n"
