"""Inequalities: an expression is nonnegative because it is a sum of nonnegative things, an identity that the kernel replays.

    positive = Σ multiplier · root² · fact  +  Σ cofactor · axiom

with multipliers that are products of positive numbers, scalars and entries of nonnegative tensors, and facts that are
nonnegative in their turn: hypotheses of the statement, proved earlier, or by one of these rules, and there are no others:

  substitute      a fact about any vector (or tensor) holds for the one put in its place
  Cauchy–Schwarz  a ≥ 0, b ≥ 0, a² ≥ Σx², b² ≥ Σy²  ⊢  ab ≥ Σxy
  root            a ≥ 0, b ≥ 0, b² ≥ a²  ⊢  b ≥ a
  declared        a step of analysis by its name (mean value inequality, …), with its premises: listed wherever it is used
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from symbolic.indexed import DELTA, Expr, Index, KernelError, Tensor, number
from symbolic.proof import Use, cases, no_division, none_supposed

ONE = number(1)

# The steps of analysis that a proof may appeal to by name; what each says stands here, once.
DECLARED = {
    "mean value": "a differentiable map is Lipschitz on a convex set with any bound of its Jacobian, norm for norm",
    "descent lemma": "f(y) ≤ f(x) + ⟨∇f(x), y − x⟩ + (L/2)‖y − x‖² where ∇f is L-Lipschitz on the segment",
    "Weyl": "σ_min(B + E) ≥ σ_min(B) − ‖E‖_F",
    "geometric series": "Σ_{i<t} q^i ≤ 1/(1 − q) for 0 ≤ q < 1",
    "triangle over steps": "‖x_t − x_0‖ ≤ Σ_{s<t} ‖x_{s+1} − x_s‖",
    "induction": "what holds at the start and passes from all earlier steps to the next one holds at every step",
    "spectral norm": "‖A‖₂ is the least c ≥ 0 with ‖Ax‖₂ ≤ c‖x‖₂ for every x",
    "smallest eigenvalue": "λ_min(S) is the largest c with xᵀSx ≥ c‖x‖₂² for every x, S symmetric",
    "logarithm": "T ≥ log X / log(1/q) gives q^T X ≤ 1, for 0 < q < 1 and X > 0",
}


class BoundError(ValueError):
    """A certificate that is none: a multiplier whose sign is open, a rule misused, an identity that does not close."""


@dataclass(frozen=True)
class Certificate:
    """positive = Σ weights + Σ uses, in normal form, for each case of the free token indices."""

    weights: tuple[Weight, ...] = ()
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True)
class Substitute:
    """The fact with `definition(indices)` for every entry of `tensor`.

    Nothing below the fact may tie the tensor down: no axiom and no declared step may mention it, and a hypothesis that
    does must say that it holds for any such tensor (`Fact.any`). A tensor that is nonnegative gives way to what is.
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


@dataclass(frozen=True)
class Declared:
    """A step outside the algebra: `rule` is a key of DECLARED, `positive` what it gives from the premises.

    discharges   hypotheses of the premises that the step is about, as the induction hypothesis: the conclusion does not rest on them
    """

    rule: str
    positive: Expr
    premises: tuple[Fact, ...] = ()
    discharges: tuple[Fact, ...] = ()

    def conclusion(self) -> Expr:
        if self.rule not in DECLARED:
            raise BoundError(f"{self.rule}: no declared rule")
        return self.positive


Rule: TypeAlias = Substitute | CauchySchwarz | Root | Declared


@dataclass(frozen=True)
class Fact:
    """positive ≥ 0 for every value of the free indices. `why` is None for a hypothesis: then the name says which.

    any   of a hypothesis: the letters for every value of which it is one, as ξ in ‖Z̄ξ‖ ≤ ‖Z̄‖₂‖ξ‖
    """

    name: str
    positive: Expr
    indices: tuple[Index, ...] = ()
    why: Certificate | Rule | None = None
    any: tuple[Tensor, ...] = ()


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
    """What is left of positive − Σ weights − Σ uses, one for each choice of prompt or unlabelled token; empty iff it closes."""
    rest = positive
    for weight in certificate.weights:
        rest = rest - weight.value()
    for use in certificate.uses:
        rest = rest - use.value()
    return [case for case in cases(rest) if case]


def check(fact: Fact, seen: dict[int, Fact] | None = None) -> None:
    """Raises BoundError unless the fact follows, all the way down to hypotheses. Each fact is looked at once.

    `seen` are facts that passed before, by identity; those that pass now are added.
    """
    passed = {} if seen is None else seen

    def visit(fact: Fact) -> None:
        if passed.get(id(fact)) is fact:
            return
        if isinstance(fact.why, Certificate):
            for weight in fact.why.weights:
                if not nonnegative(weight.multiplier):
                    raise BoundError(f"{fact.name}: the sign of a multiplier is open")
                if weight.fact is not None:
                    visit(weight.fact)
            left = open_cases(fact.positive, fact.why)
            if left:
                raise BoundError(f"{fact.name}: {sum(len(case.terms) for case in left)} terms left")
        elif fact.why is not None:
            if not admitted(fact):
                raise BoundError(f"{fact.name}: {type(fact.why).__name__} is no rule")
            if fact.why.conclusion() != fact.positive:
                raise BoundError(f"{fact.name}: the rule gives something else")
            for premise in fact.why.premises:
                visit(premise)
        grounded(fact)
        passed[id(fact)] = fact

    try:
        visit(fact)
    except KernelError as error:
        raise BoundError(f"{fact.name}: {error}") from error


def admitted(fact: Fact) -> bool:
    """Whether it is a hypothesis, or follows by a certificate or one of the rules above."""
    return type(fact.why) in (type(None), Certificate, Substitute, CauchySchwarz, Root, Declared)


def kept(fact: Fact) -> set[Index]:
    """The indices for every value of which it is one."""
    return set(fact.indices) | fact.positive.free()


def grounded(fact: Fact) -> None:
    """Raises KernelError where its reason divides by what may be zero, or speaks of an unlabelled token that it does not speak of."""
    match fact.why:
        case Certificate(weights=weights, uses=uses):
            for weight in weights:
                no_division(weight.multiplier, weight.root)
                none_supposed(weight.open, kept(fact))
            for use in uses:
                no_division(use.cofactor)
                none_supposed(use.open, kept(fact))
        case Substitute(fact=premise, definition=definition):
            no_division(definition)
            none_supposed(kept(premise), kept(fact))
        case CauchySchwarz(a=a, b=b, x=x, y=y, over=over, of_a=of_a, of_b=of_b):
            no_division(a, b, x, y)
            none_supposed((kept(of_a) | kept(of_b)) - set(over), kept(fact))
        case Root(a=a, b=b, premise=premise):
            no_division(a, b)
            none_supposed(kept(premise), kept(fact))


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
    """The name of a hypothesis, axiom or declared step below the fact that speaks of this very tensor; else ''."""
    for found in facts(fact):
        if isinstance(found.why, Certificate):
            for use in found.why.uses:
                if tensor in use.axiom.lhs.tensors() | use.axiom.rhs.tensors():
                    return use.axiom.name
        elif (
            (found.why is None or isinstance(found.why, Declared))
            and tensor in found.positive.tensors()
            and tensor not in found.any
        ):
            return found.name
    return ""


def hypotheses(fact: Fact) -> list[Fact]:
    """What it rests on without proof."""
    return [found for found in facts(fact) if found.why is None]


def declared(fact: Fact) -> list[str]:
    """The declared rules that it uses."""
    return sorted({found.why.rule for found in facts(fact) if isinstance(found.why, Declared)})
