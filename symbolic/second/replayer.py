"""Proofs and facts, replayed from their data.

Scalars are nonnegative, broken powers allowed. Reported is all that is taken without proof: what is said of letters, scalars that
a proof divides by, and premises, which are hypotheses, axioms and declarations. All sizes are at least 1, but for
the last part of a dimension, which may be empty.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from .analysis import RULES
from .calculus import Calculus, unbound
from .premises import OPEN, Premise, Registry
from .terms import (
    Factor,
    Shape,
    Tensor,
    Term,
    declare,
    fraction,
    fresh,
    is_bound,
    moved,
    need,
    raised,
    renamed,
    replaced,
    scaled,
    summed,
    supposing,
    times,
)  # fmt: skip
from .types import Types, inside, whole

CONTENTS = ("function", "law")
EMPTY = "it supposes an index over a part that may be empty, and its conclusion has no such index"


def brief(used: Iterable[str]) -> Iterator[str]:
    """What is used, of functions and laws the letters alone: `python -m symbolic.second` says once what they are."""
    contents = [(title, text) for title, _, text in (entry.partition(": ") for entry in used)]
    yield from sorted(f"{title}: {text}" for title, text in contents if title not in CONTENTS)
    for title in CONTENTS:
        letters = sorted(re.split(r"\W", text)[0] for other, text in contents if other == title)
        if letters:
            yield f"{title}s of {', '.join(letters)}"


class Replay:
    """Checks one proof, or one fact or operation in it: `reason` is empty where it is accepted; `used` is what it takes."""

    def __init__(
        self,
        row: Mapping[str, Any],
        document: Mapping[str, Any],
        facts: Sequence[Replay] = (),
        operations: Sequence[Replay] = (),
        registry: Registry = OPEN,
    ) -> None:
        self.name, self.reason, self.document = str(row.get("name")), "", document
        self.facts, self.operations = facts, operations
        self.row, self.registry = row, registry
        self.rules_used, self.rests = set[str](), dict[tuple[str, str], Premise]()
        self.open, self.positive, self.indices = set[str](), list[Term](), list[str]()
        self.gives = list[Term]()  # of an operation
        self.types = Types({})
        try:
            registry.letters_of(document)
            self.types = types_of(document["dimensions"])
            self.free = self.types.free
            self.tensors = {
                name: declare(name, given, self.types) for name, given in document["tensors"].items()
            }
            self.tensors["delta"] = Tensor((), symmetric=True)
            (self.operation if "gives" in row else self.fact if "by" in row else self.relation)(row)
            both = {"start", "next"} <= {premise.when for premise in self.rests.values()}
            need(not both, "it takes the second point for the start and for the next step at once")
            rules = sorted(used.removeprefix("rule: ") for used in self.used if used.startswith("rule: "))
            need(row.get("rules", rules) == rules, f"its rules are {', '.join(rules)}")
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            self.reason = str(error) if isinstance(error, ValueError) else f"not readable: {error!r}"
            self.reason = self.types.shown(self.reason)
        self.rules_used = {self.types.shown(used) for used in self.rules_used}

    @property
    def used(self) -> set[str]:
        """What it takes: letters, divisors, rules, and the titles of its premises."""
        return self.rules_used | {premise.title for premise in self.rests.values()}

    def line(self) -> str:
        """What came of it, and what it takes, by the numbers of the registry."""
        outcome = f"REFUSED, {self.reason}" if self.reason else "replayed"
        numbers = sorted({self.registry.number(premise) for premise in self.rests.values()} - {0})
        taken = [f"premises {', '.join(map(str, numbers))}"] if numbers else []
        return "; ".join([f"{self.name}: {outcome}", *brief(self.rules_used), *taken])

    def relation(self, row: Mapping[str, Any]) -> None:
        lhs, rhs, axes = self.read(row["lhs"]), self.read(row["rhs"]), self.free(row.get("axes", []))
        need(row["relation"] in ("=", "<="), f"{row['relation']} is no relation")
        equality = row["relation"] == "="
        shown = self.uses(row["uses"]) if equality else scaled(self.premise(row["fact"], axes), -1)
        self.equal(lhs, rhs + shown, "what is shown is another statement")
        need(self.open | supposing(shown) <= supposing(lhs + rhs, axes), EMPTY)
        strange = self.registry.strange(self.rests.values())
        need(not strange, f"not a premise of the theory: {'; '.join(strange)}")
        supposed = self.registry.supposed(self.rests.values())
        need(row.get("supposes", supposed) == supposed, f"it supposes {'; '.join(supposed) or 'nothing'}")

    def fact(self, row: Mapping[str, Any]) -> None:
        self.positive, self.indices = self.read(row["positive"]), self.free(row["indices"])
        self.equal(self.conclusion(row), self.positive, f"{row['by']} gives something else")
        need(self.open <= supposing(self.positive, self.indices), EMPTY)

    def operation(self, row: Mapping[str, Any]) -> None:
        self.gives, self.indices = self.read(row["gives"]), self.free(row["indices"])
        need(unbound(self.gives) <= set(self.indices), "an operation gives an index that is not its own")
        calculus = Calculus(self.document["functions"], self.tensors, self.types, self.read)
        self.equal(calculus.result(row), self.gives, f"the {row['by']} is another")
        self.rules_used |= calculus.taken

    def operated(self, number: int, refs: Sequence[str]) -> list[Term]:
        """What an operation gives, at these indices."""
        need(0 <= number < len(self.operations), f"operation {number} does not come before")
        found = self.operations[number]
        need(not found.reason, f"operation {number}: {found.reason}")
        self.rules_used |= found.rules_used
        return renamed(found.gives, found.indices, refs)

    def premise(self, number: Any, at: list[str] | None = None) -> list[Term]:
        found = self.given(number)
        self.rests, self.rules_used = self.rests | found.rests, self.rules_used | found.rules_used
        self.open |= supposing(found.positive, found.indices) if at is None else set()
        return renamed(found.positive, found.indices, found.indices if at is None else at)

    def given(self, number: Any) -> Replay:
        """An earlier fact, which was accepted."""
        need(type(number) is int and 0 <= number < len(self.facts), f"fact {number} does not come before")
        found: Replay = self.facts[int(number)]
        need(not found.reason, f"{found.name}: {found.reason}")
        return found

    def take(self, premise: Premise) -> None:
        stated = premise.row.get("when", "always")
        need(stated in ("", "always", "start", "next"), f"{premise.name}: taken at no points ({stated})")
        self.rests[premise.key] = premise

    def declaration(self, name: str, kind: str) -> Mapping[str, Any]:
        """What is declared under this name, among the premises from here on unless it is a course."""
        found: Mapping[str, Any] = self.document["declarations"][name]
        need(found["is"] == kind, f"{name}: no {kind}")
        if kind != "course":
            self.take(Premise("declaration", name, found, "always"))
        return found

    def equal(self, one: list[Term], other: list[Term], otherwise: str) -> None:
        """Refuses unless the two cancel."""
        need(self.same(one, other), otherwise)

    def same(self, one: list[Term], other: list[Term]) -> bool:
        """Whether the two cancel: as they stand, or in every part that free indices may lie in, with sums split into parts."""
        left = self._left(one + scaled(other, -1), split=False)
        used = sorted({r for t in left for _, refs in t.factors for r in refs if not is_bound(r)})
        need(len({ref[:-1] for ref in used}) == len(used), "an index has two types")
        apart = (self._left(renamed(left, used, case), split=True) for case in self._cases(used))
        return not left or not any(apart)

    def left(self, terms: list[Term]) -> list[Term]:
        """Terms with like ones added up."""
        return self._left(terms, split=False)

    def _cases(self, refs: Sequence[str]) -> Iterator[list[str]]:
        parts = [self.types.parts.get(ref[-1]) or (ref[-1],) for ref in refs]
        self.rules_used |= {"rule: split" for choices in parts if len(choices) > 1}
        for choice in product(*parts):
            yield [ref[:-1] + part for ref, part in zip(refs, choice, strict=True)]

    def _left(self, terms: list[Term], split: bool) -> list[Term]:
        """What is left when terms that are equal up to names are added up."""
        buckets: dict[Any, list[tuple[Shape, list[Term]]]] = defaultdict(list)
        for piece in (piece for term in terms for piece in self._pieces(term, split)):
            shape = Shape(piece.factors, self.tensors)
            bucket, places = buckets[piece.powers, shape.key], list(range(len(piece.factors)))
            found = next((same for other, same in bucket if shape.same(other, {}, places)), None)
            if found is None:
                bucket.append((shape, [piece]))
            else:
                found.append(piece)
                self.rules_used.add("rule: rename")
        alike = [(same[0], sum(t.coefficient for t in same)) for b in buckets.values() for _, same in b]
        return [term._replace(coefficient=total) for term, total in alike if total]

    def _pieces(self, term: Term, split: bool) -> Iterator[Term]:
        """The term without deltas that can be merged, unit sums, and bound indices that do not occur."""
        new = self._merge(refs for name, refs in term.factors if name == "delta")
        if new is None:
            return
        bound = {new.get(ref, ref) for ref in term.bound if is_bound(new.get(ref, ref))}
        factors = [f for f in moved(term.factors, new) if f[0] != "delta" or f[1][0] != f[1][1]]
        self._sum_to_one(factors, bound)
        factors += [("delta", (a, b)) for a, b in sorted(new.items()) if not is_bound(a) and a != b]
        used = {ref for _, refs in factors for ref in refs}
        sizes = [(term.coefficient, term.powers)]
        for size in (ref[-1] for ref in bound - used):
            self.rules_used.add("rule: count")
            pieces = self.types.pieces[size]
            sizes = [(c * sign, raised((*p, (name, 1)))) for c, p in sizes for sign, name in pieces]
        parted = [ref for ref in bound & used if self.types.parts.get(ref[-1])]
        for case in self._cases(parted) if split else [parted]:
            some = moved(factors, dict(zip(parted, case, strict=True)))
            rest = tuple({ref for _, refs in some for ref in refs if is_bound(ref)})
            yield from (Term(coefficient, powers, some, rest) for coefficient, powers in sizes)

    def _merge(self, deltas: Iterable[tuple[str, ...]]) -> dict[str, str] | None:
        """One name for all indices that deltas make equal, with the meet of their types; None where that is empty."""
        classes: list[set[str]] = []
        for refs in map(set, deltas):
            met = [c for c in classes if c & refs]
            classes = [*(c for c in classes if c not in met), refs.union(*met)]
        new: dict[str, str] = {}
        for refs in classes:
            types = {ref[-1] for ref in refs}
            if len(types - set(map(whole, types))) > 1:
                self.rules_used.add("rule: disjoint")
                return None
            if any(self.types.parts.get(ref[-1]) and not is_bound(ref) for ref in refs):
                continue  # decided where each index is taken in one part
            kept = min(refs, key=lambda ref: (is_bound(ref), ref))
            new |= dict.fromkeys(refs, kept[:-1] + max(types))
            self.rules_used |= {
                "rule: contract" if is_bound(ref) else "rule: narrow" for ref in refs - {kept}
            }
        return new

    def _sum_to_one(self, factors: list[Factor], bound: set[str]) -> None:
        """Takes out, in place, entries summed to one over an index that occurs nowhere else."""
        every = [ref for _, refs in factors for ref in refs]
        for name, refs in factors:
            unit, slots = self.tensors[name].unit_sum, self.tensors[name].slots
            ref, slot = (*refs, "")[unit], (*slots, "")[unit]
            if ref in bound and ref[-1] == slot and every.count(ref) == 1:
                self.rules_used.add("rule: unit sum")
                bound.remove(ref)
                factors.remove((name, refs))
                self._sum_to_one(factors, bound)
                break

    def read(self, data: Any) -> list[Term]:
        """Terms, with every index checked against its slot; what an operation gives stands in the place of a number."""
        result = []
        for coefficient, scalars, rows, dims in data:
            bound = {place: fresh(self.types.of(dim)) for place, dim in enumerate(dims)}
            factors, operations = [], []
            for name, given in rows:
                refs = tuple(bound[ref] if type(ref) is int else self.free([ref])[0] for ref in given)
                if type(name) is int:
                    operations.append((name, refs))
                    continue
                pair = name == "delta" and len(refs) == 2
                slots = refs[::-1] if pair else self.tensors[name].slots
                for ref, to in zip(refs, slots, strict=True):
                    alike = pair and whole(ref[-1]) == whole(to[-1])
                    need(alike or inside(ref, to), f"{name}: {ref} in {to}")
                factors.append((name, refs))
                plain = pair or self.tensors[name][1:] == Tensor(())[1:]
                self.rules_used |= set() if plain else {f"letter: {name}"}
            powers = raised([(name, fraction(power)) for name, power in scalars.items()])
            divided = {name for name, power in powers if power < 0}
            known = self.registry.positive
            wrong = [] if known is None else sorted(divided - known - self.types.sizes)
            need(not wrong, f"it divides by {', '.join(wrong)}, which may be zero")
            self.rules_used |= {f"positive: {name}" for name in divided - self.types.sizes}
            parts = [Term(fraction(coefficient), powers, tuple(factors), tuple(bound.values()))]
            for number, refs in operations:
                parts = times(parts, self.operated(number, refs))
            result += parts
        return result

    def closed(self, terms: list[Term], row: Mapping[str, Any]) -> list[Term]:
        """Σ over what the row binds."""
        bind = self.free(row["bind"])
        self.open |= supposing(terms, self.free(row["at"])) - set(bind)
        return summed(terms, bind)

    def nonnegative(self, data: Any) -> list[Term]:
        """Terms that are positive numbers times entries of nonnegative tensors and even powers of others."""
        terms = self.read(data)
        need(self.is_nonnegative(terms), "the sign of a multiplier or of a bound is open")
        return terms

    def is_nonnegative(self, terms: list[Term]) -> bool:
        for t in terms:
            rows = [(name, refs) for name, refs in t.factors if name != "delta"]
            odd = any(rows.count(row) % 2 and not self.tensors[row[0]].nonneg for row in rows)
            if t.coefficient < 0 or odd:
                return False
        return True

    def uses(self, data: Any) -> list[Term]:
        """Σ cofactor · axiom."""
        result = []
        for use in data:
            axiom = self.document["axioms"][use["axiom"]]
            self.take(Premise("axiom", use["axiom"], axiom, axiom["when"]))
            zero = self.read(axiom["lhs"]) + scaled(self.read(axiom["rhs"]), -1)
            at = renamed(zero, self.free(axiom["indices"]), self.free(use["at"]))
            result += self.closed(times(self.read(use["cofactor"]), at), use)
        return result

    def conclusion(self, row: Mapping[str, Any]) -> list[Term]:
        """What the rule gives."""
        by = row["by"]
        if by == "hypothesis":
            self.take(Premise("hypothesis", self.name, row, row["when"]))
            return self.positive
        if by in RULES:
            return RULES[by](self, row)
        if by == "certificate":
            total = self.uses(row["uses"])
            for weight in row["weights"]:
                value = times(self.nonnegative(weight["multiplier"]), times(*[self.read(weight["root"])] * 2))
                if weight["fact"] is not None:
                    value = times(value, self.premise(weight["fact"], self.free(weight["at"])))
                total += self.closed(value, weight)
            return total
        if by == "substitute":  # what holds for any such tensor holds for this one
            name, tensor, given = row["tensor"], self.tensors[row["tensor"]], self.premise(row["fact"])
            need(not tensor.symmetric and tensor.unit_sum < 0, f"{name}: a rule has used what it is")
            tied = sorted(p.name for p in self.rests.values() if name in p.letters)
            need(not tied, f"{', '.join(tied)}: no fact about any {name}")
            definition = (self.nonnegative if tensor.nonneg else self.read)(row["definition"])
            return replaced(given, name, self.free(row["formals"]), definition)
        need(by in ("root", "Cauchy–Schwarz"), f"{by} is no rule")
        a, b = self.nonnegative(row["a"]), self.nonnegative(row["b"])
        if by == "root":
            squares = times(b, b) + scaled(times(a, a), -1)
            self.equal(self.premise(row["premise"]), squares, "the premise is another")
            return b + scaled(a, -1)
        x, y, over = self.read(row["x"]), self.read(row["y"]), self.free(row["over"])
        for side, vector, number in ((a, x, row["of_a"]), (b, y, row["of_b"])):
            squares = times(side, side) + scaled(summed(times(vector, vector), over), -1)
            self.equal(self.premise(number), squares, f"the premise is not fact {number}")
        return times(a, b) + scaled(summed(times(x, y), over), -1)


def types_of(dimensions: Mapping[str, Any]) -> Types:
    """The types of a document, made once for the documents that say the same of dimensions."""
    key = json.dumps(dimensions)
    if key not in _types:
        _types[key] = Types(dimensions)
    return _types[key]


_types: dict[str, Types] = {}


def replay(
    document: Mapping[str, Any],
    facts: list[Replay] | None = None,
    operations: list[Replay] | None = None,
    registry: Registry = OPEN,
) -> list[Replay]:
    """Checks every proof of a document; `facts` and `operations` are those of it that were checked before, and grow.

    With a registry that lists premises, a proof that takes another one is refused.
    """
    facts, operations = [] if facts is None else facts, [] if operations is None else operations
    for row in document.get("operations", ())[len(operations) :]:
        operations.append(Replay(row, document, (), operations, registry))
    for row in document["facts"][len(facts) :]:
        facts.append(Replay(row, document, facts, (), registry))
    return [Replay(row, document, facts, operations, registry) for row in document["proofs"]]
