"""Inequalities: an expression is nonnegative because it is a sum of nonnegative terms, an identity that the kernel replays.

    positive = Σ multiplier · root² · fact  +  Σ cofactor · axiom

with multipliers that are products of positive numbers, scalars and entries of nonnegative tensors, and facts that are
nonnegative in their turn: hypotheses, facts proved earlier, or conclusions of a rule. The rules of algebra stand here, those of
analysis in `symbolic.rules`; a rule computes its conclusion from its premises, and there are no others:

  substitute      a fact about any vector (or tensor) holds for the one put in its place
  Cauchy–Schwarz  a ≥ 0, b ≥ 0, a² ≥ Σx², b² ≥ Σy²  ⊢  ab ≥ Σxy
  root            a ≥ 0, b ≥ 0, b² ≥ a²  ⊢  b ≥ a

`Fact.rests` lists the hypotheses, axioms and declarations that a fact rests on, each with the points at which it is taken (`WHEN`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from symbolic.indexed import DELTA, Expr, Index, Tensor, number
from symbolic.proof import Axiom, Use, cases

ONE = number(1)
Letter: TypeAlias = Tensor | str  # a scalar goes by its name

# The points ξ, ξ′ at which a premise is taken.
WHEN = {
    "": "a condition on the points that the fact speaks of",
    "always": "what a letter is, at any two points",
    "start": "where ξ′ is the point at which descent starts",
    "next": "where ξ′ is one step of descent after ξ",
    "before": "at every step of descent before ξ",
    "course": "a property of one whole descent",
}


class BoundError(ValueError):
    """A certificate that is none: a multiplier whose sign is open, a rule misused, an identity that does not close."""


class NotFound(BoundError):
    """No proof is found, which says nothing against the statement."""


@dataclass(frozen=True)
class Certificate:
    """positive = Σ weights + Σ uses, in normal form, for each case of the free indices over a dimension with parts."""

    weights: tuple[Weight, ...] = ()
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True)
class Substitute:
    """The fact with `definition(indices)` for every entry of `tensor`.

    No premise of the fact may tie the tensor down: no axiom and no declaration may mention it, and a hypothesis that mentions it
    must hold for any such tensor (`Fact.any`). A nonnegative tensor gives way to a nonnegative expression.
    """

    fact: Fact
    tensor: Tensor
    definition: Expr
    indices: tuple[Index, ...]

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.fact,)

    def conclusion(self) -> Expr:
        if len(self.indices) != len(self.tensor.slots):
            raise BoundError(f"substitute {self.tensor.name}: {len(self.indices)} indices for its slots")
        if self.tensor.nonneg and not nonnegative(self.definition):
            raise BoundError(f"substitute {self.tensor.name}: the sign of what is put in its place is open")
        if tied := ties(self.fact, self.tensor):
            raise BoundError(
                f"substitute {self.tensor.name}: {tied} holds for this {self.tensor.name}, not for any"
            )
        return self.fact.positive.replace(
            self.tensor, lambda *refs: self.definition.at(dict(zip(self.indices, refs, strict=True)))
        )

    def rests(self) -> frozenset[Taken]:
        return union(self.premises)


@dataclass(frozen=True)
class CauchySchwarz:
    """a b − Σ_over x y ≥ 0. The premises are a² − Σ_over x² ≥ 0 and b² − Σ_over y² ≥ 0, with the same free indices."""

    a: Expr
    b: Expr
    x: Expr
    y: Expr
    over: tuple[Index, ...]
    of_a: Fact
    of_b: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return self.of_a, self.of_b

    def conclusion(self) -> Expr:
        for side, vector, fact in ((self.a, self.x, self.of_a), (self.b, self.y, self.of_b)):
            if not nonnegative(side):
                raise BoundError("Cauchy–Schwarz: the sign of a bound is open")
            if fact.positive != side**2 - (vector**2).sum(*self.over):
                raise BoundError(f"Cauchy–Schwarz: {fact.name} is not the premise")
        return self.a * self.b - (self.x * self.y).sum(*self.over)

    def rests(self) -> frozenset[Taken]:
        return union(self.premises)


@dataclass(frozen=True)
class Root:
    """b − a ≥ 0. The premise is b² − a² ≥ 0."""

    a: Expr
    b: Expr
    premise: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.premise,)

    def conclusion(self) -> Expr:
        if not (nonnegative(self.a) and nonnegative(self.b)):
            raise BoundError("root: the sign of a side is open")
        if self.premise.positive != self.b**2 - self.a**2:
            raise BoundError(f"root: {self.premise.name} is not the premise")
        return self.b - self.a

    def rests(self) -> frozenset[Taken]:
        return union(self.premises)


class Rule(Protocol):
    """A step from premises to the conclusion that it computes; BoundError where the premises are of another shape.

    rests   the premises that the conclusion is taken from without proof, where they are not all those of the facts
    """

    @property
    def premises(self) -> tuple[Fact, ...]: ...

    def conclusion(self) -> Expr: ...

    def rests(self) -> frozenset[Taken]: ...


@dataclass(frozen=True)
class Fact:
    """positive ≥ 0 for every value of the free indices, those in `indices` and others. `why` is None for a hypothesis.

    any      of a hypothesis: the letters for every value of which it holds, as ξ in ‖Z̄ξ‖ ≤ ‖Z̄‖₂‖ξ‖
    extreme  of a hypothesis: the letter whose power there is the least, or the greatest, real number for which it holds, as ‖Z̄‖₂²
    when     of a hypothesis: the points at which it is taken, a key of WHEN
    """

    name: str
    positive: Expr
    indices: tuple[Index, ...] = ()
    why: Certificate | Rule | None = None
    any: tuple[Tensor, ...] = ()
    extreme: Letter | None = None
    when: str = ""

    @cached_property
    def rests(self) -> frozenset[Taken]:
        """What it rests on without proof."""
        match self.why:
            case None:
                return frozenset((Taken.of(self),))
            case Certificate(weights=weights, uses=uses):
                below = [weight.fact for weight in weights if weight.fact is not None]
                return union(below) | {Taken.of(use.axiom) for use in uses}
            case rule:
                return rule.rests()

    @property
    def content(self) -> tuple[Any, ...]:
        """What a hypothesis says, whatever its name is."""
        return "hypothesis", self.positive, self.indices, frozenset(self.any), self.extreme, self.when

    @property
    def letters(self) -> frozenset[Letter]:
        """The letters that it ties down: those it mentions and is not stated for every value of."""
        return letters(self.positive) - set(self.any)


class Declaration(Protocol):
    """A property of letters that is neither an inequality nor an equation, such as that a letter is the softmax of others."""

    @property
    def name(self) -> str: ...

    @property
    def when(self) -> str: ...

    @property
    def content(self) -> tuple[Any, ...]: ...

    @property
    def letters(self) -> frozenset[Letter]: ...


Premise: TypeAlias = "Fact | Axiom | Declaration"


@dataclass(frozen=True)
class Taken:
    """A premise that is taken without proof, known by its content, and the points at which it is taken."""

    content: tuple[Any, ...]
    when: str
    what: Premise = field(compare=False)

    @staticmethod
    def of(what: Premise, when: str | None = None) -> Taken:
        return Taken(what.content, what.when if when is None else when, what)

    @property
    def name(self) -> str:
        return self.what.name + (" at every step before" if self.when == "before" else "")


def union(facts: Iterable[Fact]) -> frozenset[Taken]:
    """What several facts rest on."""
    return frozenset().union(*(fact.rests for fact in facts))


def letters(*exprs: Expr) -> frozenset[Letter]:
    """The letters and the scalars, sizes among them, that these mention."""
    tensors = {tensor for expr in exprs for tensor in expr.tensors() if tensor != DELTA}
    return frozenset(tensors | {name for expr in exprs for m in expr.terms for name, _ in m.scalars})


@dataclass(frozen=True)
class Weight:
    """Σ_bind multiplier · root² · (fact with its indices renamed to `at`); no fact: multiplier · root² alone."""

    multiplier: Expr = ONE
    root: Expr = ONE
    fact: Fact | None = None
    at: tuple[Index, ...] = ()
    bind: tuple[Index, ...] = ()

    @property
    def open(self) -> set[Index]:
        """The indices it leaves free."""
        of_fact = set() if self.fact is None else self.fact.positive.free() - set(self.fact.indices)
        return (self.multiplier.free() | self.root.free() | set(self.at) | of_fact) - set(self.bind)

    def value(self) -> Expr:
        inner = self.multiplier * self.root**2
        if self.fact is None:
            return inner.sum(*self.bind)
        renamed = self.fact.positive.at(dict(zip(self.fact.indices, self.at, strict=True)))
        return inner.times(renamed, *self.bind)


def by(rule: Rule, name: str, indices: tuple[Index, ...] = ()) -> Fact:
    """The fact that a rule gives."""
    return Fact(name, rule.conclusion(), indices, rule)


def nonnegative(expr: Expr) -> bool:
    """Whether every term is a positive number times scalars, nonnegative entries, and even powers of other entries.

    The entries of one monomial share its bound indices, so an even power is one inside the sum: Σ_j x_j² qualifies.
    """
    for monomial, coefficient in expr.terms.items():
        if coefficient < 0:
            return False
        open_ones = [f for f in monomial.factors if not (f[0].nonneg or f[0] == DELTA)]
        if any(open_ones.count(factor) % 2 for factor in open_ones):
            return False
    return True


def open_cases(positive: Expr, certificate: Certificate) -> list[Expr]:
    """What is left of positive − Σ weights − Σ uses, one for each choice of the parts that free indices lie in; empty iff it closes."""
    rest = positive
    for weight in certificate.weights:
        rest = rest - weight.value()
    for use in certificate.uses:
        rest = rest - use.value()
    return [case for case in cases(rest) if case]


def below(fact: Fact) -> tuple[Fact, ...]:
    """The facts that it follows from."""
    if isinstance(fact.why, Certificate):
        return tuple(weight.fact for weight in fact.why.weights if weight.fact is not None)
    return fact.why.premises if fact.why is not None else ()


def facts(fact: Fact) -> Iterator[Fact]:
    """The fact and all that it rests on, premises first, each once."""
    seen: set[int] = set()

    def walk(fact: Fact) -> Iterator[Fact]:
        if id(fact) in seen:
            return
        seen.add(id(fact))
        for premise in below(fact):
            yield from walk(premise)
        yield fact

    yield from walk(fact)


def ties(fact: Fact, tensor: Tensor) -> str:
    """The name of a premise that the fact rests on and that ties this very tensor down; else ''."""
    return next((taken.name for taken in ordered(fact.rests) if tensor in taken.what.letters), "")


def ordered(rests: Iterable[Taken]) -> list[Taken]:
    """By name; the order of a set differs from process to process."""
    return sorted(rests, key=lambda taken: (taken.name, taken.when, repr(taken.content)))


def hypotheses(fact: Fact) -> list[Fact]:
    """The hypotheses that it rests on, discharged ones left out."""
    return [taken.what for taken in ordered(fact.rests) if isinstance(taken.what, Fact)]
