"""A second checker of proofs. It reads their data (verify/proofs.json), shares no code with the kernel, and imports nothing of ours.

    python -m symbolic.replayer verify/proofs.json

Its method is another one, without normal forms: products are multiplied out as they stand; every free token index is taken in the
prompt and outside it; deltas are merged by union–find over typed indices; sums over all tokens are split; what remains is paired off
by invariants and a search for a renaming that maps one term onto the other.

A term is [coefficient, {scalar: power}, [[tensor, [index, …]], …], [type of bound index 0, of 1, …]]; a free index is "name:type", a
bound one a number. Scalars are nonnegative, their powers rational; one with a negative power must be positive, and is reported where
that is not plain. So is all that a proof rests on without proof: axioms, hypotheses, declared steps.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count, product
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

TYPES = "NUKmdH"
MEET = {a + b: a if a == b else "" for a in TYPES for b in TYPES if a == b or a + b in ("NU", "UN")}
MEET |= {"KN": "N", "NK": "N", "KU": "U", "UK": "U"}
POSITIVE = ("N", "K", "m", "d", "H", "tau", "gamma")
DECLARED = ("mean value", "descent lemma", "Weyl", "geometric series", "triangle over steps", "induction")

# Inside, every index is "name:type"; the names of bound ones are numbers, all different.
Factor: TypeAlias = tuple[str, tuple[str, ...]]
Powers: TypeAlias = tuple[tuple[str, Fraction], ...]
Below: TypeAlias = set[
    tuple[str, str, str]
]  # kind, name, tensor: axioms and hypotheses, and what they are about
_number = count()


class Refused(ValueError):
    """The data do not prove what they state."""


class Tensor(NamedTuple):
    slots: tuple[str, ...]
    symmetric: bool = False
    unit_sum: int | None = None
    nonneg: bool = False


class Term(NamedTuple):
    coefficient: Fraction
    powers: Powers
    factors: tuple[Factor, ...]
    bound: tuple[str, ...]


@dataclass
class Replay:
    """What came of one proof: `reason` is empty where it is accepted; the rest is what it used."""

    id: str
    reason: str = ""
    rules: set[str] = field(default_factory=set)
    axioms: set[str] = field(default_factory=set)
    hypotheses: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)
    positive: set[str] = field(default_factory=set)

    def line(self) -> str:
        parts = [f"{self.id}: REFUSED: {self.reason}" if self.reason else f"{self.id}: replayed"]
        for title in ("axioms", "hypotheses", "declared", "positive"):
            names = sorted(getattr(self, title))
            parts += [f"{title}: {', '.join(names)}"] if names else []
        return "; ".join(parts)


def need(condition: object, otherwise: str) -> None:
    if not condition:
        raise Refused(otherwise)


def is_bound(ref: str) -> bool:
    return ref[0].isdigit()


def inside(inner: str, outer: str) -> bool:
    """Whether the type of the first index lies in that of the second."""
    return MEET.get(inner[-1] + outer[-1]) == inner[-1]


# Sums of products, multiplied out as they stand


def scaled(terms: Iterable[Term], by: int) -> list[Term]:
    return [t._replace(coefficient=by * t.coefficient) for t in terms]


def raised(powers: Powers, more: Iterable[tuple[str, Fraction]]) -> Powers:
    found = dict(powers)
    for name, power in more:
        found[name] = found.get(name, Fraction(0)) + power
    return tuple(sorted((name, power) for name, power in found.items() if power))


def moved(factors: Iterable[Factor], new: Mapping[str, str]) -> tuple[Factor, ...]:
    return tuple((name, tuple(new.get(ref, ref) for ref in refs)) for name, refs in factors)


def put(a: Term, b: Term, new: Mapping[str, str]) -> Term:
    """a · b with names for free indices of b; its bound ones get numbers of their own."""
    own = {ref: f"{next(_number)}:{ref[-1]}" for ref in b.bound}
    factors = a.factors + moved(b.factors, {**new, **own})
    return Term(
        a.coefficient * b.coefficient, raised(a.powers, b.powers), factors, a.bound + tuple(own.values())
    )


def times(*parts: list[Term]) -> list[Term]:
    result = parts[0]
    for part in parts[1:]:
        result = [put(a, b, {}) for a in result for b in part]
    return result


def renamed(terms: list[Term], old: Sequence[str], new: Sequence[str]) -> list[Term]:
    """Free indices by others whose types lie in theirs, all at once."""
    need(len(old) == len(new) and len(set(old)) == len(old), f"{len(new)} indices for {len(old)}")
    need(all(map(inside, new, old)), f"indices {', '.join(old)} cannot become {', '.join(new)}")
    return [t._replace(factors=moved(t.factors, dict(zip(old, new, strict=True)))) for t in terms]


def summed(terms: list[Term], over: Sequence[str]) -> list[Term]:
    """Σ over free indices; one that does not occur is counted later."""
    types = {ref[:-1]: ref for ref in over}
    need(len(types) == len(over), "an index is summed twice")
    used = {ref for t in terms for _, refs in t.factors for ref in refs}
    need(all(types.get(ref[:-1], ref) == ref for ref in used), "an index is summed with another type")
    result = []
    for t in terms:
        new = {ref: f"{next(_number)}:{ref[-1]}" for ref in over}
        result.append(t._replace(factors=moved(t.factors, new), bound=t.bound + tuple(new.values())))
    return result


def replaced(terms: list[Term], tensor: str, formals: list[str], definition: list[Term]) -> list[Term]:
    """The definition for every entry of the tensor."""
    result = []
    for t in terms:
        parts = [t._replace(factors=())]
        for name, refs in t.factors:
            if name == tensor:
                need(len(refs) == len(formals) and all(map(inside, refs, formals)), f"{tensor}: other types")
                new = dict(zip(formals, refs, strict=True))
                parts = [put(p, d, new) for p in parts for d in definition]
            else:
                parts = [p._replace(factors=(*p.factors, (name, refs))) for p in parts]
        result += parts
    return result


# Data


def fraction(text: Any) -> Fraction:
    need(isinstance(text, str) and re.fullmatch(r"-?\d+(/[1-9]\d*)?", text), f"{text!r} is no fraction")
    return Fraction(text)


def free(refs: Any) -> list[str]:
    for ref in refs:
        need(
            isinstance(ref, str) and re.fullmatch(rf"[^\W\d]\w*:[{TYPES}]", ref), f"{ref!r} is no free index"
        )
    return list(refs)


def declare(name: str, given: Mapping[str, Any]) -> Tensor:
    t = Tensor(**{**given, "slots": tuple(given["slots"])})
    flags = isinstance(t.symmetric, bool) and isinstance(t.nonneg, bool)
    need(name != "delta" and flags and set(t.slots) <= set(TYPES), f"{name}: no declaration of a tensor")
    need(not t.symmetric or (len(t.slots) == 2 and len(set(t.slots)) == 1), f"{name}: symmetric in two types")
    if t.unit_sum is not None:
        sums = type(t.unit_sum) is int and 0 <= t.unit_sum < len(t.slots)
        need(sums and not t.symmetric, f"{name}: no slot {t.unit_sum} that sums to one")
    return t


# Whether terms cancel


class Shape:
    """Factors without deltas, up to the names of their bound indices, none of which runs over all tokens."""

    def __init__(self, factors: tuple[Factor, ...], tensors: Mapping[str, Tensor]) -> None:
        self.factors = factors
        self.symmetric = [tensors[name].symmetric for name, _ in factors]
        places: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for (name, refs), symmetric in zip(factors, self.symmetric, strict=True):
            for slot, ref in enumerate(refs):
                places[ref].append((name, 0 if symmetric else slot))
        shown = {r: f"{r[-1]}{sorted(seen)}" if is_bound(r) else r for r, seen in places.items()}
        views = moved(factors, shown)
        self.views = [
            (n, tuple(sorted(v)) if s else v) for (n, v), s in zip(views, self.symmetric, strict=True)
        ]
        self.key = tuple(sorted(self.views))

    def same(self, other: Shape, found: dict[str, str], left: tuple[int, ...]) -> bool:
        """Whether some renaming of bound indices that extends `found` maps the factors from some place on to those `left`."""
        if not left:
            return True
        place = len(self.factors) - len(left)
        for candidate in (n for n in left if other.views[n] == self.views[place]):
            rest = tuple(n for n in left if n != candidate)
            image = other.factors[candidate][1]
            for turned in (image, image[::-1]) if self.symmetric[place] else (image,):
                more = dict(found)
                pairs = zip(self.factors[place][1], turned, strict=True)
                if all(self.pair(a, b, more) for a, b in pairs) and self.same(other, more, rest):
                    return True
        return False

    @staticmethod
    def pair(mine: str, theirs: str, found: dict[str, str]) -> bool:
        if mine in found or not (is_bound(mine) and is_bound(theirs)):
            return found.get(mine, mine) == theirs
        fits = mine[-1] == theirs[-1] and theirs not in found.values()
        found[mine] = theirs
        return fits


class Zero:
    """Decides whether terms cancel, and notes the rules that it takes."""

    def __init__(self, tensors: Mapping[str, Tensor], rules: set[str]) -> None:
        self.tensors, self.rules = tensors, rules

    def vanishes(self, terms: list[Term]) -> bool:
        used = sorted({r for t in terms for _, refs in t.factors for r in refs if not is_bound(r)})
        need(len({ref[:-1] for ref in used}) == len(used), "an index has two types")
        return all(self.cancel(renamed(terms, used, case)) for case in self.cases(used))

    def cases(self, refs: Sequence[str]) -> Iterator[list[str]]:
        """The indices over all tokens as prompt or unlabelled ones, in every way."""
        self.rules |= {"split"} if any(ref[-1] == "K" for ref in refs) else set()
        for choice in product(*("NU" if ref[-1] == "K" else ref[-1] for ref in refs)):
            yield [ref[:-1] + part for ref, part in zip(refs, choice, strict=True)]

    def cancel(self, terms: list[Term]) -> bool:
        buckets: dict[Any, list[list[Any]]] = defaultdict(list)
        for powers, equal, shape, coefficient in (piece for term in terms for piece in self.pieces(term)):
            bucket = buckets[powers, equal, shape.key]
            for entry in bucket:
                if shape.same(entry[0], {}, tuple(range(len(shape.factors)))):
                    self.rules.add("rename")
                    entry[1] += coefficient
                    break
            else:
                bucket.append([shape, coefficient])
        return not any(total for bucket in buckets.values() for _, total in bucket)

    def pieces(self, term: Term) -> Iterator[tuple[Powers, Any, Shape, Fraction]]:
        """The term without deltas, unit sums and bound indices that do not occur, its sums over tokens split."""
        new = self.merge(term)
        if new is None:
            return
        factors = [(n, refs) for n, refs in moved(term.factors, new) if n != "delta"]
        equal = tuple(sorted((a, b) for a, b in new.items() if not is_bound(a) and a != b))
        bound = {new.get(ref, ref) for ref in term.bound}
        self.drop_unit_sums(factors, bound)
        sizes = [(term.coefficient, term.powers)]
        used = {ref for _, refs in factors for ref in refs}
        for size in (ref[-1] for ref in bound if ref not in used and is_bound(ref)):
            self.rules.add("count")
            parts = ((1, "K"), (-1, "N")) if size == "U" else ((1, size),)
            sizes = [(c * sign, raised(p, [(name, Fraction(1))])) for c, p in sizes for sign, name in parts]
        tokens = [ref for ref in bound & used if ref[-1] == "K"]
        for case in self.cases(tokens):
            shape = Shape(moved(factors, dict(zip(tokens, case, strict=True))), self.tensors)
            for coefficient, powers in sizes:
                yield powers, equal, shape, coefficient

    def merge(self, term: Term) -> dict[str, str] | None:
        """One name for all indices that deltas make equal, with the meet of their types; None where that is empty."""
        classes: list[set[str]] = []
        for refs in (set(refs) for name, refs in term.factors if name == "delta"):
            apart = [c for c in classes if not c & refs]
            classes = [*apart, refs.union(*(c for c in classes if c & refs))]
        new: dict[str, str] = {}
        for refs in classes:
            types = {ref[-1] for ref in refs}
            if {"N", "U"} <= types:
                self.rules.add("disjoint")
                return None
            narrowest = min(refs, key=lambda ref: (is_bound(ref), ref[-1] == "K", ref))
            least = min(types, key="NUmdHK".index)
            free_ones = sum(not is_bound(ref) for ref in refs)
            self.rules |= {"narrow"} if free_ones > 1 else set()
            self.rules |= {"contract"} if free_ones < len(refs) or len(refs) == 1 else set()
            new |= dict.fromkeys(refs, narrowest[:-1] + least)
        return new

    def drop_unit_sums(self, factors: list[Factor], bound: set[str]) -> None:
        """Takes out, in place, what sums to one over an index that occurs nowhere else."""
        every = [ref for _, refs in factors for ref in refs]
        for place, (name, refs) in enumerate(factors):
            unit, slots = self.tensors[name].unit_sum, self.tensors[name].slots
            if (
                unit is not None
                and is_bound(ref := refs[unit])
                and ref[-1] == slots[unit]
                and every.count(ref) == 1
            ):
                self.rules.add("unit sum")
                bound.discard(ref)
                del factors[place]
                return self.drop_unit_sums(factors, bound)
        return None


# Proofs


class Checker:
    """Checks one proof. Of each fact it keeps the indices, what is nonnegative, and what lies below it: (kind, name, tensor)."""

    def __init__(self, document: Mapping[str, Any], report: Replay) -> None:
        self.axioms, self.report = document["axioms"], report
        self.tensors = {name: declare(name, given) for name, given in document["tensors"].items()}
        self.zero = Zero(self.tensors, report.rules)
        self.facts: list[tuple[list[str], list[Term], Below]] = []

    def read(self, data: Any) -> list[Term]:
        """Terms, with every index checked against its slot."""
        result = []
        for coefficient, scalars, rows, dims in data:
            bound = tuple(f"{next(_number)}:{dim}" for dim in dims)
            need(set(dims) <= set(TYPES), f"{dims}: no types of bound indices")
            factors = []
            for name, given in rows:
                free(ref for ref in given if type(ref) is not int)
                need(all(type(ref) is str or ref >= 0 for ref in given), "a bound index below 0")
                refs = tuple(ref if isinstance(ref, str) else bound[ref] for ref in given)
                slots = self.tensors[name].slots if name != "delta" else refs[::-1]
                fits = all(
                    inside(a, b) if name != "delta" else a[-1] + b[-1] in MEET
                    for a, b in zip(refs, slots, strict=True)
                )
                need(fits, f"{name} at {', '.join(refs)}: types do not fit")
                factors.append((name, refs))
            powers = raised((), [(name, fraction(power)) for name, power in scalars.items()])
            self.report.positive |= {name for name, power in powers if power < 0 and name not in POSITIVE}
            result.append(Term(fraction(coefficient), powers, tuple(factors), bound))
        return result

    def check(self, proof: Mapping[str, Any]) -> None:
        lhs, rhs = self.read(proof["lhs"]), self.read(proof["rhs"])
        if proof["relation"] == "=":
            return self.equal(lhs, rhs + self.uses(proof["uses"])[0], "something is left of left − right")
        need(proof["relation"] == "<=", f"{proof['relation']} is no relation")
        for row in proof["facts"]:
            positive = self.read(row["positive"])
            given, below = self.conclusion(row, positive)
            self.equal(given, positive, f"{row['name']}: {row['by']} gives something else")
            self.facts.append((free(row["indices"]), positive, below))
        return self.equal(self.facts[-1][1], rhs + scaled(lhs, -1), "the last fact is not right − left")

    def equal(self, one: list[Term], other: list[Term], otherwise: str) -> None:
        need(self.zero.vanishes(one + scaled(other, -1)), otherwise)

    def uses(self, data: Any) -> tuple[list[Term], Below]:
        """Σ cofactor · axiom, and what it lies on."""
        result, below = [], set()
        for use in data:
            name, axiom = use["axiom"], self.axioms[use["axiom"]]
            zero = self.read(axiom["lhs"]) + scaled(self.read(axiom["rhs"]), -1)
            at = renamed(zero, free(axiom["indices"]), free(use["at"]))
            result += summed(times(self.read(use["cofactor"]), at), free(use["bind"]))
            self.report.axioms.add(name)
            below |= {("axiom", name, tensor) for t in zero for tensor, _ in t.factors}
        return result, below

    def nonnegative(self, terms: list[Term]) -> None:
        """Every term a positive number times entries of nonnegative tensors and even powers of entries of others."""
        for t in terms:
            entries = [f for f in t.factors if f[0] != "delta"]
            entries = [(n, tuple(sorted(refs)) if self.tensors[n].symmetric else refs) for n, refs in entries]
            even = all(self.tensors[e[0]].nonneg or entries.count(e) % 2 == 0 for e in entries)
            need(t.coefficient >= 0 and even, "the sign of a multiplier or of a bound is open")

    def premise(self, number: Any) -> tuple[list[str], list[Term], Below]:
        need(type(number) is int and 0 <= number < len(self.facts), f"fact {number} does not come before")
        found: tuple[list[str], list[Term], Below] = self.facts[number]
        return found

    def conclusion(self, row: Mapping[str, Any], positive: list[Term]) -> tuple[list[Term], Below]:
        """What the rule gives, and what it lies on."""
        match row["by"]:
            case "hypothesis":
                self.report.hypotheses.add(row["name"])
                return positive, {("hypothesis", row["name"], n) for t in positive for n, _ in t.factors}
            case "certificate":
                total, below = self.uses(row["uses"])
                for weight in row["weights"]:
                    multiplier, root = self.read(weight["multiplier"]), self.read(weight["root"])
                    self.nonnegative(multiplier)
                    value = times(multiplier, root, root)
                    if weight["fact"] is not None:
                        indices, given, under = self.premise(weight["fact"])
                        value = times(value, renamed(given, indices, free(weight["at"])))
                        below |= under
                    total += summed(value, free(weight["bind"]))
                return total, below
            case "substitute":
                return self.substitute(row)
            case "Cauchy–Schwarz":
                a, b, x, y = (self.read(row[part]) for part in "abxy")
                over, below = free(row["over"]), set()
                for side, vector, number in ((a, x, row["of_a"]), (b, y, row["of_b"])):
                    self.nonnegative(side)
                    _, given, under = self.premise(number)
                    below |= under
                    wanted = times(side, side) + scaled(summed(times(vector, vector), over), -1)
                    self.equal(given, wanted, f"{row['name']}: fact {number} is not the premise")
                return times(a, b) + scaled(summed(times(x, y), over), -1), below
            case "root":
                a, b = self.read(row["a"]), self.read(row["b"])
                self.nonnegative(a + b)
                _, given, below = self.premise(row["premise"])
                self.equal(given, times(b, b) + scaled(times(a, a), -1), f"{row['name']}: not the premise")
                return b + scaled(a, -1), below
            case "declared":
                need(row["rule"] in DECLARED, f"{row['rule']} is no declared rule")
                self.report.declared.add(row["rule"])
                return positive, set().union(*(self.premise(number)[2] for number in row["premises"]))
        raise Refused(f"{row['by']} is no rule")

    def substitute(self, row: Mapping[str, Any]) -> tuple[list[Term], Below]:
        """What holds for any value of a tensor holds for this one: no axiom below is about it, and its sign is kept."""
        name, definition = row["tensor"], self.read(row["definition"])
        _, given, below = self.premise(row["fact"])
        tensor = self.tensors[name]
        need(not tensor.symmetric and tensor.unit_sum is None, f"{name}: a rule has used what it is")
        if tensor.nonneg:
            self.nonnegative(definition)
        for kind, what, about in below:
            need(about != name or kind == "hypothesis", f"{name}: {what} is about it")
        self.report.hypotheses |= {f"{what}, for every {name}" for _, what, about in below if about == name}
        rest = {found for found in below if found[2] != name}
        return replaced(given, name, free(row["indices"]), definition), rest


def replay(document: Mapping[str, Any]) -> list[Replay]:
    """Checks every proof of a document: {"tensors": …, "axioms": …, "proofs": […]}. What cannot be read is refused."""
    results = []
    for proof in document["proofs"]:
        report = Replay(str(proof.get("id")))
        try:
            Checker(document, report).check(proof)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            report.reason = str(error) if isinstance(error, Refused) else f"not readable: {error!r}"
        results.append(report)
    return results


def main(arguments: Sequence[str]) -> int:
    results = [report for name in arguments for report in replay(json.loads(Path(name).read_text("utf-8")))]
    for report in results:
        print(report.line())
    return 0 if results and not any(report.reason for report in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
