"""The inequalities of both proofs in the order in which they are used, and at which points of a run each is evaluated.

What is evaluated is the formal reading that the claim itself carries. A difference ℓ − 𝓛* in it is put as the letter of the gap,
which is computed without cancellation, and 𝓛* that stands on both sides is taken off both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sympy as sp

from verify.points.certify import Certify
from verify.search.search import Search
from verify.sides import Sides, read
from verify.statement import Claim, Inequality
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.shorthand import L as LOSS
from verify.theories.yang2024.symbolic.shorthand import ell, least_loss
from verify.theories.yang2024.theory import theory
from verify.vocabulary import Form

Where = Literal["point", "since start", "one step", "pairs", "constants", "sums", "labels", "arrival"]
"""Which points: θ^(t); θ^(t) and θ^(0); θ^(t) and θ^(t+1); both kinds of pair; none, it is about constants; θ^(t), for the sum of
Lemma 3; θ^(t), with labels y; θ^(t) with t ≥ T of (21)."""


@dataclass(frozen=True)
class Link:
    """One inequality.

    name      what the paper calls it
    id, form  the claim; `part` is which of its inequalities
    where     the points at which it is evaluated
    alpha_44  whether its α is that of (44); otherwise it is the least one that the points allow
    """

    name: str
    id: str
    where: Where
    form: Form = "printed"
    part: int = 0
    alpha_44: bool = False

    @property
    def claim(self) -> Claim:
        return next(claim for claim in theory().claims if claim.key == (self.id, self.form))

    @property
    def inequality(self) -> Inequality:
        return self.claim.inequalities()[self.part]

    @property
    def searched(self) -> bool:
        """Whether its claim has a domain of exact points, on which it is certified and searched."""
        return any(isinstance(check, Certify | Search) for check in self.claim.checks)

    def bound(self) -> Sides:
        """Both sides for the kernel. Raises ValueError where ℓ is left in one: it would cancel."""
        stated = self.inequality
        star = least_loss(repaired=True)
        sides = [_in_gap(side, star) for side in (stated.lhs, stated.rhs)]
        if any(side.has(star) for side in sides):
            sides = [_in_gap(side - star, star) for side in (stated.lhs, stated.rhs)]
        if any(side.has(ell, LOSS, star) for side in sides):
            raise ValueError(f"{self.id}: a loss is left in {sides}")
        lhs, rhs = sides
        return read(inequality(lhs, rhs, stated.dims))


def _in_gap(side: sp.Expr, star: sp.Expr) -> sp.Expr:
    """ℓ − 𝓛* as the letter `gap`; SymPy keeps the terms of 𝓛* among those of the sum, hence ℓ by what it is the sum of."""
    gap = let.scalar_symbol("gap")
    return sp.sympify(side).replace(
        lambda part: isinstance(part, sp.Add) and part.has(ell, LOSS),
        lambda part: _summed(part, star, gap),
    )


def _summed(part: sp.Add, star: sp.Expr, gap: sp.Symbol) -> sp.Expr:
    for whole in (ell, LOSS):
        rest = part - whole + star
        if not rest.has(ell, LOSS, *star.args):
            return rest + gap
    return part


def chain() -> tuple[Link, ...]:
    """All of them, in order."""
    return (*LEMMAS, *MOVEMENT, *RANK, *SMOOTH, *DESCENT, *PREDICTION)


LEMMAS = (
    Link("Lemma 2, (30)", "lemma-2", "pairs"),
    Link("Lemma 3, (31)", "lemma-3", "sums"),
    Link("(46), first step", "eq-46", "pairs"),
    Link("(46), second step", "eq-46-one-norm", "pairs"),
    Link("(46), third step", "eq-46-scores", "pairs"),
    Link("(46), fourth step", "eq-46-token", "pairs"),
    Link("(83)", "eq-83", "point"),
    Link("Lemma 7, sum", "lemma-7-sum", "point"),
    Link("Lemma 7, (42)", "lemma-7", "point"),
    Link("(62)", "eq-62", "point"),
)
MOVEMENT = (
    Link("sum of Step 3", "geometric-sum", "since start"),
    Link("Step 3", "step-3", "since start"),
    Link("(43a)", "eq-43a", "since start", alpha_44=True),
    Link("(47)", "eq-47", "since start", alpha_44=True),
)
RANK = (
    Link("(48), first step", "eq-48-frobenius", "since start"),
    Link("(48), second step", "eq-48-drift", "since start", alpha_44=True),
    Link("(48), last step: (15)", "eq-48", "constants", alpha_44=True),
    Link("(43b)", "eq-43b", "since start"),
    Link("(49), first step", "eq-49-gradient", "point"),
    Link("(49), last steps", "eq-49", "point"),
)
SMOOTH = (
    Link("Lemma 8, (50)", "lemma-8", "pairs"),
    Link("Lemma 8, (51)", "eq-51", "pairs"),
    Link("Lemma 9, (52)", "lemma-9", "point"),
    Link("Lemma 9, (53)", "eq-53", "point"),
    Link("(54)", "eq-54", "pairs"),
    Link("(55)", "eq-55", "pairs"),
    Link("(58)", "eq-58", "pairs"),
    Link("(59), first step, repaired", "eq-59", "pairs", form="repaired"),
    Link("(59), second step", "eq-59-max", "pairs"),
    Link("(59), end to end, repaired", "eq-59-joint", "pairs", form="repaired"),
    Link("Lemma 10, (61) repaired", "lemma-10", "pairs", form="repaired"),
    Link("‖A‖₂ in (17)", "eq-17-A", "constants"),
    Link("(61) repaired, at (44)", "eq-61-17", "constants", form="repaired", alpha_44=True),
    Link("(17) over (61), both printed", "eq-61-17", "constants", alpha_44=True),
)
DESCENT = (
    Link("(63)", "eq-63", "one step"),
    Link("Step 4, descent", "step-4", "one step"),
    Link("Step 4, contraction", "step-4-contraction", "one step"),
    Link("(43c), (18)", "eq-43c", "since start"),
)
PREDICTION = (
    Link("before (70), norms", "eq-70-norm", "point"),
    Link("before (70), loss", "eq-70-norm", "point", part=1),
    Link("(70), first step", "eq-70", "point"),
    Link("(70), second step", "eq-70-rate", "since start"),
    Link("after (70)", "theorem-2-error", "labels"),
    Link("end of Theorem 2: (21)", "theorem-2-last", "arrival"),
)
LEFT_OUT = {
    "eq-43-base": "its left sides are 0 and ζ_0/2 at θ^(0)",
    "eq-44": "equalities",
    "eq-48-rank": "(43b) is its worst vector",
}
"""Claims of inequalities in the proofs that are no link, and why."""
