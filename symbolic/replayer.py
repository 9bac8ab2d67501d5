"""A second checker of proofs. It reads their data (verify/proofs.json), shares no code with the kernel, and imports nothing of ours.

Its method is another one: no normal form; products multiplied out as they stand, each free token index taken in the prompt and outside
it, deltas merged by union–find over typed indices, sums over all tokens split, then terms paired off by a search for a renaming.

A term is [coefficient, {scalar: power}, [[tensor, [index, …]], …], [type of bound index 0, of 1, …]]; a free index is "name:type", a
bound one a number. Scalars are nonnegative, broken powers allowed. Reported is all that is taken without proof: what is said of letters,
scalars that something is divided by, axioms, hypotheses, declared steps and what they discharge. N ≥ 1; N = K is allowed.
`python -m symbolic.replayer FILE` says of each proof in a file what came of it.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import count, product
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

TYPES = "NUKmdH"
MEET = {a + a: a for a in TYPES} | {"KN": "N", "NK": "N", "KU": "U", "UK": "U", "NU": "", "UN": ""}
POSITIVE = ("N", "K", "m", "d", "H", "tau", "gamma")
DECLARED = "mean value|descent lemma|Weyl|geometric series|triangle over steps|induction|spectral norm|smallest eigenvalue|logarithm"
EMPTY = "it supposes that there is an unlabelled token, and its conclusion does not speak of that one"

# Inside, every index is "name:type"; the names of bound ones are numbers, all different.
Factor: TypeAlias = tuple[str, tuple[str, ...]]
Number: TypeAlias = int | Fraction
_number = count()


class Tensor(NamedTuple):
    slots: tuple[str, ...]
    symmetric: bool = False
    unit_sum: int = -1  # none
    nonneg: bool = False


class Term(NamedTuple):
    coefficient: Number = 1
    powers: tuple[tuple[str, Number], ...] = ()
    factors: tuple[Factor, ...] = ()
    bound: tuple[str, ...] = ()


def need(condition: object, otherwise: str) -> None:
    if not condition:
        raise ValueError(otherwise)


def is_bound(ref: str) -> bool:
    return ref[0].isdecimal()


def unlabelled(terms: list[Term], indices: Iterable[str] = ()) -> set[str]:
    """Free indices over unlabelled tokens, of terms and among those given."""
    every = {ref for t in terms for _, refs in t.factors for ref in refs} | set(indices)
    return {ref for ref in every if ref[-1] == "U" and not is_bound(ref)}


def inside(inner: str, outer: str) -> bool:
    """Whether the type of the first index lies in that of the second."""
    return MEET.get(inner[-1] + outer[-1]) == inner[-1]


def fraction(text: Any) -> Number:
    need(isinstance(text, str) and re.fullmatch(r"-?\d+(/[1-9]\d*)?", text), f"{text!r} is no fraction")
    return Fraction(text) if "/" in text else int(text)


def free(refs: list[Any]) -> list[str]:
    good = [isinstance(ref, str) and re.fullmatch(rf"[^\W\d]\w*:[{TYPES}]", ref) for ref in refs]
    need(all(good), f"{refs}: no free indices")
    return refs


def declare(name: str, given: Mapping[str, Any]) -> Tensor:
    t = Tensor(**{**given, "slots": tuple(given["slots"])})
    alike = not t.symmetric or (len(t.slots) == 2 and t.slots[0] == t.slots[1] and t.unit_sum == -1)
    good = name != "delta" and set(t.slots) <= set(TYPES) and alike and t.unit_sum in range(-1, len(t.slots))
    need(good, f"{name}: no declaration of a tensor")
    return t


def scaled(terms: Iterable[Term], by: int) -> list[Term]:
    return [t._replace(coefficient=by * t.coefficient) for t in terms]


def raised(powers: Sequence[tuple[str, Number]]) -> tuple[tuple[str, Number], ...]:
    found = {name: sum(power for other, power in powers if other == name) for name, _ in powers}
    return tuple(sorted((name, power) for name, power in found.items() if power))


def moved(factors: Iterable[Factor], new: Mapping[str, str]) -> tuple[Factor, ...]:
    if not new:
        return tuple(factors)
    return tuple((name, tuple([new.get(r, r) for r in refs])) for name, refs in factors)


def put(a: Term, b: Term, new: Mapping[str, str]) -> Term:
    """a · b with names for free indices of b; its bound ones get numbers of their own."""
    own = {ref: f"{next(_number)}:{ref[-1]}" for ref in b.bound}
    factors, bound = a.factors + moved(b.factors, {**new, **own}), (*a.bound, *own.values())
    return Term(a.coefficient * b.coefficient, raised(a.powers + b.powers), factors, bound)


def times(left: list[Term], right: list[Term]) -> list[Term]:
    return [put(a, b, {}) for a in left for b in right]


def renamed(terms: list[Term], old: Sequence[str], new: Sequence[str]) -> list[Term]:
    """Free indices by others whose types lie in theirs, all at once."""
    need(len(old) == len(new) and len(set(old)) == len(old), f"{len(new)} indices for {len(old)}")
    need(all(map(inside, new, old)), f"indices {', '.join(old)} cannot become {', '.join(new)}")
    return [t._replace(factors=moved(t.factors, dict(zip(old, new, strict=True)))) for t in terms]


def summed(terms: list[Term], over: Sequence[str]) -> list[Term]:
    """Σ over free indices; one that does not occur is counted later."""
    types = {ref[:-1]: ref for ref in over}
    alike = all(types.get(ref[:-1], ref) == ref for t in terms for _, refs in t.factors for ref in refs)
    need(alike and len(types) == len(over), f"Σ over {over}: one is summed twice, or has two types")
    return [put(Term(), t._replace(bound=(*t.bound, *over)), {}) for t in terms]


def replaced(terms: list[Term], tensor: str, formals: list[str], definition: list[Term]) -> list[Term]:
    """The definition for every entry of the tensor."""
    result = []
    for t in terms:
        parts = [t._replace(factors=())]
        for name, refs in t.factors:
            new = dict(zip(formals, refs, strict=True)) if name == tensor else {}
            need(all(map(inside, new.values(), new)), f"{tensor}: a definition for other types")
            choices = definition if name == tensor else [Term(factors=((name, refs),))]
            parts = [put(part, choice, new) for part in parts for choice in choices]
        result += parts
    return result


class Shape:
    """Factors up to the names of their bound indices."""

    def __init__(self, factors: tuple[Factor, ...], tensors: Mapping[str, Tensor]) -> None:
        self.factors = factors
        self.turns = {name: (1, -1) if tensors[name].symmetric else (1,) for name, _ in factors}
        places: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for name, refs in factors:
            for slot, ref in enumerate(refs):
                places[ref].append((name, slot if len(self.turns[name]) == 1 else 0))
        seen = {r: f"{r[-1]}{sorted(found)}" if is_bound(r) else r for r, found in places.items()}
        self.views = [(n, max(refs[::turn] for turn in self.turns[n])) for n, refs in moved(factors, seen)]
        self.key = tuple(sorted(self.views))
        self.told_apart = len(set(seen.values())) == len(seen)

    def same(self, other: Shape, found: dict[str, str], left: list[int]) -> bool:
        """Whether a renaming that extends `found` maps the last factors onto those `left` of the other, whose key agrees."""
        if self.told_apart or not left:
            return True
        name, refs = self.factors[-len(left)]
        for candidate in (n for n in left if other.views[n] == self.views[-len(left)]):
            for turn in self.turns[name]:
                more, rest = dict(found), [n for n in left if n != candidate]
                pairs = list(zip(refs, other.factors[candidate][1][::turn], strict=True))
                fits = all(more.setdefault(a, b) == b and a[-1] == b[-1] for a, b in pairs)
                fits = fits and all(a == b or (is_bound(a) and is_bound(b)) for a, b in pairs)
                if fits and len(set(more.values())) == len(more) and self.same(other, more, rest):
                    return True
        return False


class Replay:
    """Checks one proof, or one fact in it: `reason` is empty where it is accepted; `used` is what it takes."""

    def __init__(self, row: Mapping[str, Any], document: Mapping[str, Any], facts: list[Replay]) -> None:
        self.name, self.reason, self.document, self.facts = str(row.get("name")), "", document, facts
        self.used, self.below = set[str](), set[tuple[str, str]]()  # below: a tensor, and what is said of it
        self.open, self.positive, self.indices = set[str](), list[Term](), list[str]()
        try:
            self.tensors = {name: declare(name, given) for name, given in document["tensors"].items()}
            self.tensors["delta"] = Tensor((), symmetric=True)
            (self.fact if "by" in row else self.relation)(row)
            rules = sorted(used.removeprefix("rule: ") for used in self.used if used.startswith("rule: "))
            need(row.get("rules", rules) == rules, f"its rules are {', '.join(rules)}")
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            self.reason = str(error) if isinstance(error, ValueError) else f"not readable: {error!r}"

    def line(self) -> str:
        outcome = f"REFUSED, {self.reason}" if self.reason else "replayed"
        return "; ".join([f"{self.name}: {outcome}", *sorted(self.used)])

    def relation(self, row: Mapping[str, Any]) -> None:
        lhs, rhs, axes = self.read(row["lhs"]), self.read(row["rhs"]), free(row.get("axes", []))
        need(row["relation"] in ("=", "<="), f"{row['relation']} is no relation")
        equality = row["relation"] == "="
        shown = self.uses(row["uses"]) if equality else scaled(self.premise(row["fact"], axes), -1)
        self.equal(lhs, rhs + shown, "what is shown is another statement")
        need(self.open | unlabelled(shown) <= unlabelled(lhs + rhs, axes), EMPTY)

    def fact(self, row: Mapping[str, Any]) -> None:
        self.positive, self.indices = self.read(row["positive"]), free(row["indices"])
        self.equal(self.conclusion(row), self.positive, f"{row['by']} gives something else")
        need(self.open <= unlabelled(self.positive, self.indices), EMPTY)

    def premise(self, number: Any, at: list[str] | None = None) -> list[Term]:
        need(type(number) is int and 0 <= number < len(self.facts), f"fact {number} does not come before")
        found = self.facts[number]
        need(not found.reason, f"{found.name}: {found.reason}")
        self.below, self.used = self.below | found.below, self.used | found.used
        self.open |= unlabelled(found.positive, found.indices) if at is None else set()
        return renamed(found.positive, found.indices, found.indices if at is None else at)

    def equal(self, one: list[Term], other: list[Term], otherwise: str) -> None:
        """Refuses unless the two cancel: as they stand, or wherever free token indices lie, with sums over tokens split."""
        left = self._left(one + scaled(other, -1), split=False)
        used = sorted({r for t in left for _, refs in t.factors for r in refs if not is_bound(r)})
        need(len({ref[:-1] for ref in used}) == len(used), "an index has two types")
        apart = (self._left(renamed(left, used, case), split=True) for case in self._cases(used))
        need(not left or not any(apart), otherwise)

    def _cases(self, refs: Sequence[str]) -> Iterator[list[str]]:
        self.used |= {"rule: split" for ref in refs if ref[-1] == "K"}
        for choice in product(*("NU" if ref[-1] == "K" else ref[-1] for ref in refs)):
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
                self.used.add("rule: rename")
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
            self.used.add("rule: count")
            parts = ((1, "K"), (-1, "N")) if size == "U" else ((1, size),)
            sizes = [(c * sign, raised((*p, (name, 1)))) for c, p in sizes for sign, name in parts]
        tokens = [ref for ref in bound & used if ref[-1] == "K"]
        for case in self._cases(tokens) if split else [tokens]:
            some = moved(factors, dict(zip(tokens, case, strict=True)))
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
            if {"N", "U"} <= types:
                self.used.add("rule: disjoint")
                return None
            if any(ref[-1] == "K" and not is_bound(ref) for ref in refs):
                continue  # decided where each token lies in the prompt or outside
            kept = min(refs, key=lambda ref: (is_bound(ref), ref))
            new |= dict.fromkeys(refs, kept[:-1] + min(types, key="NUmdHK".index))
            self.used |= {"rule: contract" if is_bound(ref) else "rule: narrow" for ref in refs - {kept}}
        return new

    def _sum_to_one(self, factors: list[Factor], bound: set[str]) -> None:
        """Takes out, in place, entries summed to one over an index that occurs nowhere else."""
        every = [ref for _, refs in factors for ref in refs]
        for name, refs in factors:
            unit, slots = self.tensors[name].unit_sum, self.tensors[name].slots
            ref, slot = (*refs, "")[unit], (*slots, "")[unit]
            if ref in bound and ref[-1] == slot and every.count(ref) == 1:
                self.used.add("rule: unit sum")
                bound.remove(ref)
                factors.remove((name, refs))
                self._sum_to_one(factors, bound)
                break

    def read(self, data: Any) -> list[Term]:
        """Terms, with every index checked against its slot."""
        result = []
        for coefficient, scalars, rows, dims in data:
            need(set(dims) <= set(TYPES), f"{dims}: no types of bound indices")
            bound = {place: f"{next(_number)}:{dim}" for place, dim in enumerate(dims)}
            factors = []
            for name, given in rows:
                refs = tuple(bound[ref] if type(ref) is int else free([ref])[0] for ref in given)
                pair = name == "delta" and len(refs) == 2
                slots = refs[::-1] if pair else self.tensors[name].slots
                for ref, to in zip(refs, slots, strict=True):
                    need(inside(ref, to) or (pair and ref[-1] + to[-1] in MEET), f"{name}: {ref} in {to}")
                factors.append((name, refs))
                plain = pair or self.tensors[name][1:] == Tensor(())[1:]
                self.used |= set() if plain else {f"letter: {name}"}
            powers = raised([(name, fraction(power)) for name, power in scalars.items()])
            self.used |= {f"positive: {n}" for n, power in powers if power < 0 and n not in POSITIVE}
            result.append(Term(fraction(coefficient), powers, tuple(factors), tuple(bound.values())))
        return result

    def closed(self, terms: list[Term], row: Mapping[str, Any]) -> list[Term]:
        """Σ over what the row binds."""
        self.open |= unlabelled(terms, row["at"]) - set(row["bind"])
        return summed(terms, free(row["bind"]))

    def nonnegative(self, data: Any) -> list[Term]:
        """Terms that are positive numbers times entries of nonnegative tensors and even powers of others."""
        terms = self.read(data)
        for t in terms:
            rows = [(name, refs) for name, refs in t.factors if name != "delta"]
            odd = any(rows.count(row) % 2 and not self.tensors[row[0]].nonneg for row in rows)
            need(t.coefficient >= 0 and not odd, "the sign of a multiplier or of a bound is open")
        return terms

    def uses(self, data: Any) -> list[Term]:
        """Σ cofactor · axiom."""
        result = []
        for use in data:
            axiom = self.document["axioms"][use["axiom"]]
            self.used.add(f"axiom: {use['axiom']}")
            zero = self.read(axiom["lhs"]) + scaled(self.read(axiom["rhs"]), -1)
            self.below |= {(tensor, use["axiom"]) for t in zero for tensor, _ in t.factors}
            at = renamed(zero, free(axiom["indices"]), free(use["at"]))
            result += self.closed(times(self.read(use["cofactor"]), at), use)
        return result

    def conclusion(self, row: Mapping[str, Any]) -> list[Term]:
        """What the rule gives."""
        by = row["by"]
        if by in ("hypothesis", "declared"):
            what, kept = (row["name"], row["any"]) if by == "hypothesis" else (row["rule"], [])
            need(by == "hypothesis" or re.fullmatch(DECLARED, what), f"{what} is no declared rule")
            for number in row["premises"] if by == "declared" else ():
                self.premise(number)
            gone = {f"hypothesis: {name}" for name in row.get("discharges", ())}
            self.used = {"discharged" + u.removeprefix("hypothesis") if u in gone else u for u in self.used}
            self.used.add(f"{by}: {what}" + (f", for every {', '.join(kept)}" if kept else ""))
            self.below |= {(n, self.name) for t in self.positive for n, _ in t.factors if n not in kept}
            return self.positive
        if by == "certificate":
            total = self.uses(row["uses"])
            for weight in row["weights"]:
                value = times(self.nonnegative(weight["multiplier"]), times(*[self.read(weight["root"])] * 2))
                if weight["fact"] is not None:
                    value = times(value, self.premise(weight["fact"], free(weight["at"])))
                total += self.closed(value, weight)
            return total
        if by == "substitute":  # what holds for any such tensor holds for this one
            name, tensor, given = row["tensor"], self.tensors[row["tensor"]], self.premise(row["fact"])
            need(not tensor.symmetric and tensor.unit_sum < 0, f"{name}: a rule has used what it is")
            tied = [what for about, what in self.below if about == name]
            need(not tied, f"{', '.join(tied)}: no fact about any {name}")
            definition = (self.nonnegative if tensor.nonneg else self.read)(row["definition"])
            return replaced(given, name, free(row["formals"]), definition)
        a, b = self.nonnegative(row["a"]), self.nonnegative(row["b"])
        if by == "root":
            squares = times(b, b) + scaled(times(a, a), -1)
            self.equal(self.premise(row["premise"]), squares, "the premise is another")
            return b + scaled(a, -1)
        need(by == "Cauchy–Schwarz", f"{by} is no rule")
        x, y, over = self.read(row["x"]), self.read(row["y"]), free(row["over"])
        for side, vector, number in ((a, x, row["of_a"]), (b, y, row["of_b"])):
            squares = times(side, side) + scaled(summed(times(vector, vector), over), -1)
            self.equal(self.premise(number), squares, f"the premise is not fact {number}")
        return times(a, b) + scaled(summed(times(x, y), over), -1)


def replay(document: Mapping[str, Any], facts: list[Replay] | None = None) -> list[Replay]:
    """Checks every proof of a document; `facts` are those of its facts that were checked before, and grows."""
    facts = [] if facts is None else facts
    for row in document["facts"][len(facts) :]:
        facts.append(Replay(row, document, facts))
    return [Replay(row, document, facts) for row in document["proofs"]]


def main(files: Sequence[str]) -> int:
    results = [found for file in files for found in replay(json.loads(Path(file).read_text("utf-8")))]
    print(*(found.line() for found in results), sep="\n")
    return int(not results or any(found.reason for found in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
