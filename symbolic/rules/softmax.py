"""Rules on softmax: the mean value theorem, entry by entry and along a vector."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.bound import Fact, Taken, letters, nonnegative, ordered, union
from symbolic.course import SoftmaxPair
from symbolic.indexed import Expr, Tensor, fresh, scalar
from symbolic.rules.hypotheses import is_condition, need


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
