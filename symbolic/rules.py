"""Rules of analysis: each computes its conclusion from its premises, and from what is declared of letters.

  supply         F where H, and H  ⊢  F
  extreme        n is the least number with n S ≥ T for every x; c S ≥ T for every x  ⊢  c ≥ n
  mean value     ‖D softmax · ξ‖₁ ≤ c wherever |ξ_j| ≤ c, and |x_j − x′_j| ≤ c  ⊢  ‖softmax(x) − softmax(x′)‖₁ ≤ c
  slope          Σ_j w_j (D softmax · (x − x′))_j ≤ c for every softmax  ⊢  Σ_j w_j (softmax(x) − softmax(x′))_j ≤ c
  descent lemma  ‖∇f(ξ) − ∇f(ξ′)‖² ≤ L²‖ξ − ξ′‖² on a convex set  ⊢  f′ ≤ f + ⟨∇f, ξ′ − ξ⟩ + (L/2)‖ξ′ − ξ‖² there
  steps          ‖g^(s)‖ ≤ c r^s at every step s < t  ⊢  ‖x^(t) − x^(0)‖ ≤ η c Σ_{s<t} r^s
  induction      P_1, …, P_n at the start, and from all earlier steps at the next one  ⊢  P_i at every step
  exponential    T log(1/q) ≥ log max{1, X}  ⊢  q^T X ≤ 1

Supply, mean value and induction discharge hypotheses: by their content, and no others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from symbolic.bound import (
    BoundError,
    Fact,
    Letter,
    Premise,
    Taken,
    letters,
    nonnegative,
    ordered,
    ties,
    union,
)
from symbolic.course import Course, Exponential, Gradient, SoftmaxPair, constant
from symbolic.indexed import Expr, Index, Tensor, fresh, number, scalar
from symbolic.proof import Axiom

HALF = Fraction(1, 2)


def need(condition: bool, otherwise: str) -> None:
    if not condition:
        raise BoundError(otherwise)


def is_condition(taken: Taken, positive: Expr) -> bool:
    """Whether it is the hypothesis that `positive` ≥ 0, for these letters, at the points that the fact speaks of."""
    what = taken.what
    return taken.when == "" and isinstance(what, Fact) and not what.any and what.positive == positive


def made_of(tensor: Tensor, rests: Iterable[Taken]) -> set[Letter]:
    """The letters that have a definition in terms of this letter: exactly one each, by earlier letters.

    Raises BoundError where another premise mentions one of these letters. The
    declaration of a course, in which they move, is no such premise.
    """
    left, made = ordered(rests), set[Letter]()
    said: set[Letter] = {tensor}

    def speaks(what: Premise) -> bool:
        of_made = what.stepped if isinstance(what, Course) else what.letters
        return tensor in what.letters or not made.isdisjoint(of_made)

    while found := next((t for t in left if speaks(t.what)), None):
        left.remove(found)
        what = found.what
        defined = letters(what.lhs) if isinstance(what, Axiom) and found.when == "always" else frozenset()
        said |= letters(what.rhs) if isinstance(what, Axiom) else frozenset()
        need(len(defined) == 1 and defined.isdisjoint(said), f"{found.name}: not so for every {tensor.name}")
        made |= defined
        said |= defined
    return made


@dataclass(frozen=True)
class Supply:
    """The fact, without the hypotheses that other facts state."""

    fact: Fact
    supplies: tuple[Fact, ...]

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.fact, *self.supplies)

    def conclusion(self) -> Expr:
        self.rests()
        return self.fact.positive

    def rests(self) -> frozenset[Taken]:
        kept = self.fact.rests
        for supply in self.supplies:
            met = [(taken, taken.what) for taken in kept if taken.when == "" and isinstance(taken.what, Fact)]
            met = [(taken, asked) for taken, asked in met if asked.positive == supply.positive]
            need(bool(met), f"supply: {self.fact.name} does not suppose {supply.name}")
            for _, asked in met:
                need(
                    asked.indices == supply.indices,
                    f"supply: {supply.name} has other free indices than the hypothesis",
                )
                for tensor in asked.any:
                    need(
                        not ties(supply, tensor), f"supply: {supply.name} is not stated for any {tensor.name}"
                    )
            kept = kept - {taken for taken, _ in met}
        return kept | union(self.supplies)


@dataclass(frozen=True)
class Extreme:
    """value − n^p ≥ 0 for the least n^p, n^p − value ≥ 0 for the greatest one, with which the hypothesis `of` holds.

    The premise is the hypothesis with `value` in the place of n^p, for every vector for which it is stated. It may rest on definitions of
    further letters by the vector, on which neither the hypothesis nor `value` depends.
    """

    of: Fact
    value: Expr
    premise: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return self.of, self.premise

    def parts(self) -> tuple[Expr, Expr, Expr]:
        """The letter to the power in which it stands, what it is multiplied by, and the rest of the hypothesis."""
        letter = self.of.extreme
        if self.of.why is not None or letter is None or self.of.when != "always":
            raise BoundError(f"extreme: {self.of.name} declares no least or greatest number")
        head, rest, power = number(0), number(0), None
        for monomial, coefficient in self.of.positive.terms.items():
            term = Expr({monomial: coefficient})
            if letter not in letters(term):
                rest = rest + term
                continue
            if isinstance(letter, str):
                found = scalar(letter, dict(monomial.scalars)[letter])
                head = head + term * scalar(letter, -dict(monomial.scalars)[letter])
            else:
                at = [refs for tensor, refs in monomial.factors if tensor == letter]
                indices = tuple(ref for refs in at for ref in refs if isinstance(ref, Index))
                need(
                    len(at) == 1 and len(indices) == len(at[0]),
                    f"extreme: {letter.name} stands more than once",
                )
                found = letter[indices]
                head = head + Expr.of(
                    coefficient,
                    monomial.scalars,
                    tuple(f for f in monomial.factors if f[0] != letter),
                    monomial.dims,
                )
            need(power is None or power == found, "extreme: the letter stands in two ways")
            power = found
        if power is None:
            raise BoundError(f"extreme: {self.of.name} does not mention the letter")
        return power, head, rest

    def conclusion(self) -> Expr:
        power, head, rest = self.parts()
        need(
            self.premise.positive == head * self.value + rest,
            f"extreme: {self.premise.name} is another premise",
        )
        need(self.premise.indices == self.of.indices, "extreme: the premise has other free indices")
        for tensor in self.of.any:
            need(
                not any(slot.may_be_empty for slot in tensor.slots),
                f"extreme: {tensor.name} may have no entry",
            )
            need(tensor not in letters(self.value), f"extreme: the bound depends on {tensor.name}")
            made = made_of(tensor, self.premise.rests)
            need(
                made.isdisjoint(letters(self.of.positive, self.value)),
                f"extreme: a letter of the bound or of {self.of.name} depends on {tensor.name}",
            )
        if nonnegative(head):
            return self.value - power
        need(nonnegative(-1 * head), "extreme: the sign of what the letter is multiplied by is open")
        return power - self.value

    def rests(self) -> frozenset[Taken]:
        return union(self.premises)


@dataclass(frozen=True)
class MeanValue:
    """value − Σ_over moved ≥ 0, for moved² ≤ (s − s′)² and the softmax s of `of`.

    With D_j = s_j (ξ_j − Σ_i s_i ξ_i), the derivative of softmax along ξ, the premises are
      of_speed  speed² − D² ≥ 0
      flow      c − Σ_over speed ≥ 0 where c² − ξ² ≥ 0, which is discharged
      scores    value² − (x − x′)² ≥ 0
      of_moved  (s − s′)² − moved² ≥ 0
    The flow holds for every s that is a softmax, every ξ and every c, hence on the segment from x′ to x, with x − x′ for ξ and value for c.
    """

    of: SoftmaxPair
    direction: Tensor
    reach: str
    value: Expr
    speed: Expr
    moved: Expr
    of_speed: Fact
    flow: Fact
    scores: Fact
    of_moved: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return self.of_speed, self.flow, self.scores, self.of_moved

    def within(self) -> Expr:
        """c² − ξ_j² ≥ 0: what the flow supposes."""
        return scalar(self.reach) ** 2 - self.direction[self.of.over] ** 2

    def derivative(self) -> Expr:
        """s_j (ξ_j − Σ_i s_i ξ_i)."""
        over, other = self.of.over, fresh(self.of.over.dim)
        s = self.of.s[self.of.indices]
        return s * (self.direction[over] - (s.at({over: other}) * self.direction[other]).sum(other))

    def conclusion(self) -> Expr:
        of, over = self.of, self.of.over
        need(nonnegative(self.value), "mean value: the sign of the bound is open")
        need(over not in self.value.free(), "mean value: the bound of the scores depends on the position")
        step = of.s[of.indices] - of.s2[of.indices]
        for fact, wanted in (
            (self.of_speed, self.speed**2 - self.derivative() ** 2),
            (self.flow, scalar(self.reach) - self.speed.sum(over)),
            (self.scores, self.value**2 - (of.x - of.x2) ** 2),
            (self.of_moved, step**2 - self.moved**2),
        ):
            need(fact.positive == wanted, f"mean value: {fact.name} is another premise")
        free = set(of.indices)
        need(
            set(self.scores.indices) == set(self.of_moved.indices) == free,
            "mean value: a premise has other free indices",
        )
        need(set(self.flow.indices) == free - {over}, "mean value: the flow has other free indices")
        self.rests()
        return self.value - self.moved.sum(over)

    def rests(self) -> frozenset[Taken]:
        along = union((self.of_speed, self.flow))
        kept = {taken for taken in along if not is_condition(taken, self.within())}
        for taken in ordered(kept):
            need(taken.when == "always", f"mean value: {taken.name} need not be so along the segment")
            need(self.reach not in taken.what.letters, f"mean value: {taken.name} speaks of {self.reach}")
        return frozenset(kept) | union((self.scores, self.of_moved)) | {Taken.of(self.of)}


@dataclass(frozen=True)
class Slope:
    """bound − Σ_over w (s − s′) ≥ 0, for the softmax s of `of`.

    The premise is bound − Σ_over w D ≥ 0, with D_j = s_j (ξ_j − Σ_i s_i ξ_i) the derivative of softmax along ξ = x − x′. It rests on
    nothing that speaks of s, hence it holds for every softmax on the segment from x′ to x; the bound, w and the scores do not depend on s.
    """

    of: SoftmaxPair
    w: Expr
    bound: Expr
    flow: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.flow,)

    def conclusion(self) -> Expr:
        of, over = self.of, self.of.over
        need(of.s not in letters(self.bound), f"slope: the bound depends on {of.s.name}")
        need(of.s not in letters(self.w), f"slope: what softmax is multiplied by depends on {of.s.name}")
        need(of.s not in letters(of.x, of.x2), f"slope: the scores depend on {of.s.name}")
        s, turn = of.s[of.indices], of.x - of.x2
        derivative = s * (turn - (s * turn).sum(over))
        need(
            self.flow.positive == self.bound - (self.w * derivative).sum(over),
            f"slope: {self.flow.name} is another premise",
        )
        self.rests()
        return self.bound - (self.w * (s - of.s2[of.indices])).sum(over)

    def rests(self) -> frozenset[Taken]:
        for taken in ordered(self.flow.rests):
            need(
                self.of.s not in taken.what.letters,
                f"slope: {taken.name} need not be so along the segment",
            )
        return self.flow.rests | {Taken.of(self.of)}


@dataclass(frozen=True)
class DescentLemma:
    """f + ⟨∇f, ξ′ − ξ⟩ + (L/2)‖ξ′ − ξ‖² − f′ ≥ 0. The premise is L²‖ξ − ξ′‖² − ‖∇f − ∇f′‖² ≥ 0 for every two points of a convex set.

    A condition of the premise that moves must be c² − x² ≥ 0 for an entry x of ξ, with the same for ξ′: a ball, which is convex.
    """

    course: Course
    of: Gradient
    L: Expr
    premise: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.premise,)

    def conclusion(self) -> Expr:
        need(
            nonnegative(self.L) and not self.course.moving(letters(self.L)), "descent lemma: L is no constant"
        )
        apart, turned, along = number(0), number(0), number(0)
        for x, x2, g, g2 in self.of.parts:
            need(
                (x, x2) in self.course.pairs and (g, g2) in self.course.pairs,
                f"descent lemma: {x.name} does not move",
            )
            at = tuple(Index(f"#descent{place}", dim) for place, dim in enumerate(x.slots))
            apart = apart + ((x[at] - x2[at]) ** 2).sum(*at)
            turned = turned + ((g[at] - g2[at]) ** 2).sum(*at)
            along = along + (g[at] * (x2[at] - x[at])).sum(*at)
        need((self.of.f, self.of.f2) in self.course.pairs, f"descent lemma: {self.of.f} does not move")
        need(
            self.premise.positive == self.L**2 * apart - turned,
            f"descent lemma: {self.premise.name} is another premise",
        )
        self.rests()
        return scalar(self.of.f) + along + HALF * self.L * apart - scalar(self.of.f2)

    def rests(self) -> frozenset[Taken]:
        conditions = {
            taken.what.positive
            for taken in self.premise.rests
            if taken.when == "" and isinstance(taken.what, Fact)
        }
        for taken in ordered(self.premise.rests):
            if taken.when == "always" or constant(self.course, taken):
                continue
            need(
                taken.when == "" and isinstance(taken.what, Fact) and self._ball(taken.what, conditions),
                f"descent lemma: {taken.name} need not be so along the segment",
            )
        return self.premise.rests | {Taken.of(self.of), Taken.of(self.course)}

    def _ball(self, fact: Fact, conditions: set[Expr]) -> bool:
        for x, x2, *_ in self.of.parts:
            for one, other in ((x, x2), (x2, x)):
                if len(fact.indices) != len(one.slots) or tuple(i.dim for i in fact.indices) != one.slots:
                    continue
                square, same = one[fact.indices] ** 2, other[fact.indices] ** 2
                if not self.course.moving(letters(fact.positive + square)):
                    return fact.positive + square - same in conditions
        return False


@dataclass(frozen=True)
class Steps:
    """(η c Σ_{s<t} r^s)² − Σ_over (x^(t) − x^(0))² ≥ 0, with ξ = ξ^(t) and ξ′ = ξ^(0).

    The premise is (c r^s)² − Σ_over g² ≥ 0 at ξ = ξ^(s), for the steps x^(s+1) = x^(s) − η g^(s); its conditions are taken at every step
    before t.
    """

    course: Course
    x: Tensor
    c: Expr
    at: tuple[Index, ...]
    over: tuple[Index, ...]
    premise: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.premise,)

    def conclusion(self) -> Expr:
        x, x2, g = self._step()
        need(not self.course.moving(letters(self.c)), "steps: c is no constant")
        bound = (self.c * scalar(self.course.power)) ** 2
        need(
            self.premise.positive == bound - (g[self.at] ** 2).sum(*self.over),
            f"steps: {self.premise.name} is another premise",
        )
        self.rests()
        reach = scalar(self.course.rate) * self.c * scalar(self.course.total)
        return reach**2 - ((x[self.at] - x2[self.at]) ** 2).sum(*self.over)

    def _step(self) -> tuple[Tensor, Tensor, Tensor]:
        for step in self.course.steps:
            if step[0] == self.x:
                return step
        raise BoundError(f"steps: {self.x.name} is no parameter of the descent")

    def rests(self) -> frozenset[Taken]:
        found = set()
        for taken in ordered(self.premise.rests):
            if taken.when in ("always", "course") or (taken.when == "" and constant(self.course, taken)):
                found.add(taken)
                continue
            need(
                taken.when == "" and self.course.here(taken.what.letters),
                f"steps: {taken.name} is no condition on one point",
            )
            found.add(Taken.of(taken.what, "before"))
        return frozenset(found) | {Taken.of(self.course, "start")}


@dataclass(frozen=True)
class Part:
    """One statement of an induction: the hypothesis P that ξ meets it, P at the start, and the step to P.

    start  P in the letters of ξ′ = ξ^(0)
    step   P at ξ = ξ^(t), from the steps before and from the start ξ′ = ξ^(0); or P at ξ′, one step after ξ
    """

    hypothesis: Fact
    start: Fact
    step: Fact


@dataclass(frozen=True)
class Induction:
    """Statement `number` of `parts`, at every step of the descent.

    At a step each statement may be taken from the ones before it in `parts`; at earlier steps from all.
    """

    course: Course
    parts: tuple[Part, ...]
    number: int

    @property
    def premises(self) -> tuple[Fact, ...]:
        return tuple(fact for part in self.parts for fact in (part.start, part.step))

    def conclusion(self) -> Expr:
        need(0 <= self.number < len(self.parts), f"induction: no statement {self.number}")
        for part in self.parts:
            claim = part.hypothesis
            need(
                claim.why is None and claim.when == "" and not claim.any,
                f"induction: {claim.name} is no hypothesis",
            )
            need(claim.positive.free() == set(claim.indices), f"induction: an index of {claim.name} is open")
            for fact in (part.start, part.step):
                need(
                    fact.indices == claim.indices,
                    f"induction: {fact.name} has other free indices than {claim.name}",
                )
            need(
                part.start.positive == self.course.at_start(claim.positive),
                f"induction: {part.start.name} is another statement",
            )
        self.rests()
        return self.parts[self.number].hypothesis.positive

    def rests(self) -> frozenset[Taken]:
        found: set[Taken] = set()
        earlier: list[Fact] = []
        every = [part.hypothesis for part in self.parts]
        for part in self.parts:
            self._take(part.start.rests, "start", (), found)
            if part.step.positive == part.hypothesis.positive:
                allowed = [Taken.of(fact, "before") for fact in every] + [Taken.of(fact) for fact in earlier]
                self._take(part.step.rests, "start", allowed, found)
            else:
                following = self.course.at_next(part.hypothesis.positive)
                need(
                    part.step.positive == following,
                    f"induction: {part.step.name} is not {part.hypothesis.name} at the next step",
                )
                allowed = [Taken.of(fact, when) for fact in every for when in ("", "before")]
                reached = {self.course.at_next(fact.positive) for fact in earlier}
                allowed += [
                    t for t in part.step.rests if any(is_condition(t, positive) for positive in reached)
                ]
                self._take(part.step.rests, "next", allowed, found)
            earlier.append(part.hypothesis)
        return frozenset(found) | {Taken.of(self.course)}

    def _take(self, rests: frozenset[Taken], point: str, allowed: Iterable[Taken], found: set[Taken]) -> None:
        """Adds the premises of one fact that are not discharged; those of the start and of a step become properties of the course."""
        for taken in ordered(rests - frozenset(allowed)):
            if taken.when == point:
                found.add(Taken.of(taken.what, "course"))
                continue
            fits = taken.when in ("always", "course") or (taken.when == "" and constant(self.course, taken))
            need(fits, f"induction: {taken.name} is neither a statement of the induction nor a constant")
            found.add(taken)


@dataclass(frozen=True)
class Logarithm:
    """1 − q^T X ≥ 0. The premise is T log(1/q) − log max{1, X} ≥ 0."""

    of: Exponential
    premise: Fact

    @property
    def premises(self) -> tuple[Fact, ...]:
        return (self.premise,)

    def conclusion(self) -> Expr:
        of = self.of
        wanted = scalar(of.times) * scalar(of.log_ratio) - scalar(of.log)
        need(self.premise.positive == wanted, f"exponential: {self.premise.name} is another premise")
        return 1 - scalar(of.power) * of.of

    def rests(self) -> frozenset[Taken]:
        return self.premise.rests | {Taken.of(self.of)}


RULES = (Supply, Extreme, MeanValue, Slope, DescentLemma, Steps, Induction, Logarithm)
NAMES = {
    "Substitute": "substitution", "CauchySchwarz": "Cauchy–Schwarz", "Root": "root", "Supply": "supply",
    "Extreme": "least or greatest number", "MeanValue": "mean value theorem",
    "Slope": "mean value theorem along a vector", "DescentLemma": "descent lemma", "Steps": "triangle inequality over steps",
    "Induction": "induction over steps", "Logarithm": "exponential",
}  # fmt: skip


def declarations(rule: object) -> tuple[SoftmaxPair | Gradient | Course | Exponential, ...]:
    """What a rule takes to be declared of letters."""
    match rule:
        case MeanValue(of=of) | Slope(of=of) | Logarithm(of=of):
            return (of,)
        case DescentLemma(course=course, of=of):
            return course, of
        case Steps(course=course) | Induction(course=course):
            return (course,)
    return ()
