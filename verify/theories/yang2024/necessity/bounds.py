"""What an inequality needs: by what its certificate uses, and by exact points that break one assumption and then the inequality."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from symbolic.bound import Certificate, Fact, facts
from symbolic.indexed import Expr, KernelError, delta, number
from verify.points.compare import Outcome, decide
from verify.points.evaluation import Posed, pose, posed
from verify.points.exact_points import ExactPoint, Instances, Parameter
from verify.points.witness import witness
from verify.record import Need
from verify.statement import Claim, Inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import unit_token
from verify.theories.yang2024.symbolic.reading import reader

POINTS = 40
LONG = (Fraction(10), Fraction(10**6))  # norms of the tokens
OFTEN = (Fraction(10**6), Fraction(1, 10**6))  # E[λ_i²]
VANISHING = frozenset(("zeta", "sigma"))  # zero where B_k has no full row rank


def proofs(claim: Claim) -> list[Fact] | None:
    """The proof of each inequality; None where one has none."""
    found = [inequality.proof for inequality in claim.inequalities()]
    return [proof() for proof in found if proof is not None] if found and None not in found else None


def smallest_first(points: Instances, one: Posed) -> Iterator[ExactPoint]:
    """The exact points that certify the inequality, in order of size."""
    drawn = [points.at(number, one) for number in range(POINTS)]
    return iter(sorted(drawn, key=lambda point: sum(point.sizes[name] for name in one.sizes)))


@dataclass
class Tried:
    """How many exact points were tried, of sizes up to which, and the closest left/right among them."""

    points: int = 0
    largest: int = 0
    closest: float = 0.0

    def broken_at(self, one: Posed, points: Iterator[ExactPoint]) -> tuple[ExactPoint, Outcome] | None:
        """The first point at which left > right is certain."""
        for point in points:
            outcome = decide(one, point)
            self.points += 1
            self.largest = max(self.largest, *(point.sizes[name] for name in one.sizes), 0)
            if outcome.relation == "above":
                return point, outcome
            if outcome.relation in ("below", "equal", "close"):
                self.closest = max(self.closest, outcome.ratio)
        return None

    def __str__(self) -> str:
        return f"{self.points} exact points of sizes up to {self.largest}"


# A0


def unit_tokens(claim: Claim) -> Need | None:
    """Not needed where no proof uses it; needed where tokens of another norm break the inequality."""
    if not claim.inequalities():
        return None
    known = proofs(claim)
    if known is not None and not any(uses_unit_tokens(fact) for fact in known):
        return Need(
            assumption="A0", verdict="not needed", strength="proved", statement="The proof nowhere uses ‖v_k‖ = 1, nor that tokens differ."
        )  # fmt: skip
    if not certified(claim):
        return None
    points, tried = Instances(), Tried()
    for inequality in claim.inequalities():
        relaxed = replace(inequality.domain, relaxed=(*inequality.domain.relaxed, "A0"))
        one = pose(replace(inequality, domain=relaxed))
        for norm in LONG:
            stretched = (longer(point, norm) for point in smallest_first(points, one))
            if (found := tried.broken_at(one, stretched)) is not None:
                point, outcome = found
                return Need(
                    assumption="A0", verdict="needed", strength="certified", witness=witness(one, point, outcome),
                    statement=f"With tokens of norm {norm} and scores of the usual size it is broken.",
                    budget=str(tried),
                )  # fmt: skip
    return Need(
        assumption="A0", verdict="none found", strength=None, budget=f"{tried}, with tokens of norm up to {max(LONG)}",
        statement="The proof uses ‖v_k‖ = 1. No exact point that was tried with longer tokens breaks it; the closest has left/right = "
        f"{tried.closest:.4g}.",
    )  # fmt: skip


def longer(point: ExactPoint, norm: Fraction) -> ExactPoint:
    """Tokens times `norm`, and Q over its square: the same scores."""

    def parameter(name: str) -> Parameter:
        value = point.parameter(name)
        factor = {"V": norm, "Q": norm**-2, "Q2": norm**-2}.get(name, Fraction(1))
        return np.asarray(value * factor, dtype=object) if isinstance(value, np.ndarray) else value * factor

    return ExactPoint(point.setting, point.sizes, parameter)


def uses_unit_tokens(fact: Fact) -> bool:
    """Whether the norm of a token enters anywhere below this fact."""
    return any(
        use.axiom.name == unit_token().name
        for found in facts(fact)
        if isinstance(found.why, Certificate)
        for use in found.why.uses
    )


# A1


def tasks(claim: Claim) -> Need | None:
    """Needed where λ with E[λλᵀ] = cI breaks the inequality: the loss and the gradients of the model become c times what they were."""
    if not claim.inequalities() or not certified(claim):
        return None
    points, tried, touched = Instances(), Tried(), False
    for inequality in claim.inequalities():
        for c in OFTEN:
            try:
                one = with_tasks(inequality, c)
            except KernelError:  # it cannot be read without A1, which says nothing of whether it holds
                return None
            if one is None:
                continue
            touched = True
            if (found := tried.broken_at(one, smallest_first(points, one))) is not None:
                point, outcome = found
                return Need(
                    assumption="A1", verdict="needed", strength="certified", witness=witness(one, point, outcome),
                    statement=f"With E[λλᵀ] = {c} I the loss (9) and its gradients are {c} times those under A1, 𝓛* is the printed "
                    "formula, and it is broken.",
                    budget=str(tried),
                )  # fmt: skip
    if not touched and any(LOSSES & set(mentions(one)) for one in claim.inequalities()):
        return None
    if not touched:
        return Need(
            assumption="A1", verdict="not needed", strength="proved",
            statement="Nothing in its formal reading is an expectation over λ.",
        )  # fmt: skip
    return Need(
        assumption="A1", verdict="none found", strength=None, budget=f"{tried}, with E[λλᵀ] = cI, c = 10⁶ and 10⁻⁶",
        statement=f"No such point that was tried breaks it; the closest has left/right = {tried.closest:.4g}.",
    )  # fmt: skip


LOSSES = {"gap", "gapn", "Delta0", "ng"}  # scalars that stand for the loss and its gradient along a run


def mentions(inequality: Inequality) -> tuple[str, ...]:
    source = reader(inequality.dims)
    return tuple(name for side in (inequality.lhs, inequality.rhs) for name in source.read(side).names[1])


SCALED = (let.GA, let.GA2, let.GQ, let.GQ2, let.G)  # linear in E[yyᵀ]


def with_tasks(inequality: Inequality, c: Fraction) -> Posed | None:
    """The inequality for E[λλᵀ] = cI; None where it says the same. Raises KernelError where it cannot be read so."""
    source = reader(inequality.dims, any_tasks=True)
    sides = [source.read(side) for side in (inequality.lhs, inequality.rhs)]
    moved = [scaled(side, c) for side in sides]
    plain = [reader(inequality.dims).read(side) for side in (inequality.lhs, inequality.rhs)]
    if moved == plain:
        return None
    axes = inequality.setting.axes(inequality.dims)
    return posed(inequality.setting, moved[0], moved[1], axes, inequality.domain, squared=inequality.squared)


def scaled(side: Expr, c: Fraction) -> Expr:
    total = number(0)
    for head, factors, names in side.opened():
        for tensor, refs in factors:
            part = delta(*refs) if tensor.name in ("delta", let.SLAM.name) else tensor[refs]
            head = head * (c * part if tensor == let.SLAM or tensor in SCALED else part)
        total = total + head.sum(*names)
    return total


# A2


def full_rank(claim: Claim) -> Need | None:
    """ζ_0 = 0 without it: needed where something is divided by ζ_0, else the certificate closes for ζ_0 = 0 as well."""
    known = proofs(claim)
    given = [
        bound for inequality in claim.inequalities() for _, bound in inequality.domain.given.values()
    ]  # constants such as α of (44)
    sides = [side for inequality in claim.inequalities() for side in (inequality.lhs, inequality.rhs)]
    if not sides:
        return None
    source = reader({name: dim for one in claim.inequalities() for name, dim in one.dims.items()})
    if any(divides(source.read(side)) for side in (*sides, *given)):
        return Need(
            assumption="A2", verdict="needed", strength="proved",
            statement="Without it ζ_0 = 0, and the statement divides by ζ_0, or by σ = ζ_0γ²/K: it says nothing then.",
        )  # fmt: skip
    if known is None or any(divides(expr) for fact in known for expr in multipliers(fact)):
        return None
    return Need(
        assumption="A2", verdict="not needed", strength="proved",
        statement="Neither the statement nor its certificate divides by ζ_0: the same combination of squares and facts closes for "
        "ζ_0 = 0, where σ = 0, given the rates.",
    )  # fmt: skip


def divides(expr: Expr) -> bool:
    """Whether a term carries ζ_0 or σ to a negative power."""
    return any(power < 0 for m in expr.terms for name, power in m.scalars if name in VANISHING)


def multipliers(fact: Fact) -> Iterator[Expr]:
    for found in facts(fact):
        if isinstance(found.why, Certificate):
            yield from (
                weight.multiplier for weight in found.why.weights if isinstance(weight.multiplier, Expr)
            )
            yield from (use.cofactor for use in found.why.uses)


# w^(0) = 0


def start(claim: Claim) -> Need | None:
    """Not needed where no proof rests on it; what happened before t is among the hypotheses."""
    known = proofs(claim)
    if known is None or any(
        because == "w-zero"
        for fact in known
        for _, because in claim.inequalities()[0].setting.premises.owners(fact)
    ):
        return None
    return Need(
        assumption="w-zero", verdict="not needed", strength="proved",
        statement="The proof does not use it; through the hypotheses on earlier steps it does, where there are any.",
    )  # fmt: skip


def certified(claim: Claim) -> bool:
    """Whether its inequalities have exact points: those that a run alone gives letters to have none."""
    from verify.points.certify import Certify

    return any(isinstance(check, Certify) for check in claim.checks)
