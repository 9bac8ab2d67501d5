"""What an inequality needs: by what its certificate uses, and by exact points that break one assumption and then the inequality."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np

from symbolic.bound import Certificate, Fact, facts
from symbolic.indexed import Expr, KernelError, delta, number
from verify.necessity.points import Tried, Way, certified, needed, proofs, smallest_first
from verify.points.evaluation import Posed, pose, posed
from verify.points.exact_points import ExactPoint, Instances, Parameter
from verify.record import Need
from verify.statement import Claim, Inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import unit_token
from verify.theories.yang2024.symbolic.reading import reader

LONG = (Fraction(10), Fraction(10**6))  # norms of the tokens
OFTEN = (Fraction(10**6), Fraction(1, 10**6))  # E[λ_i²]
VANISHING = frozenset(("zeta", "sigma"))  # zero where B_k has no full row rank


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
    tried = Tried()
    return needed("A0", _stretched(claim), tried) or Need(
        assumption="A0", verdict="none found", strength=None, budget=f"{tried}, with tokens of norm up to {max(LONG)}",
        statement="The proof uses ‖v_k‖ = 1. No exact point that was tried with longer tokens breaks it; the closest has left/right = "
        f"{tried.closest:.4g}.",
    )  # fmt: skip


def _stretched(claim: Claim) -> Iterator[Way]:
    points = Instances()
    for inequality in claim.inequalities():
        relaxed = replace(inequality.domain, relaxed=(*inequality.domain.relaxed, "A0"))
        one = pose(replace(inequality, domain=relaxed))
        for norm in LONG:
            yield Way(
                one,
                partial(_longer, points, one, norm),
                f"With tokens of norm {norm} and scores of the usual size it is broken.",
            )


def _longer(points: Instances, one: Posed, norm: Fraction) -> Iterator[ExactPoint]:
    return (longer(point, norm) for point in smallest_first(points, one))


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
    tried = Tried()
    try:
        need = needed("A1", _of_other_tasks(claim), tried)
    except KernelError:  # it cannot be read without A1, which says nothing of whether it holds
        return None
    if need is not None:
        return need
    if not tried.points and any(LOSSES & set(mentions(one)) for one in claim.inequalities()):
        return None
    if not tried.points:
        return Need(
            assumption="A1", verdict="not needed", strength="proved",
            statement="Nothing in its formal reading is an expectation over λ.",
        )  # fmt: skip
    return Need(
        assumption="A1", verdict="none found", strength=None, budget=f"{tried}, with E[λλᵀ] = cI, c = 10⁶ and 10⁻⁶",
        statement=f"No such point that was tried breaks it; the closest has left/right = {tried.closest:.4g}.",
    )  # fmt: skip


def _of_other_tasks(claim: Claim) -> Iterator[Way]:
    """The inequalities that say something else then. Raises KernelError where one cannot be read so."""
    points = Instances()
    for inequality in claim.inequalities():
        for c in OFTEN:
            one = with_tasks(inequality, c)
            if one is not None:
                yield Way(
                    one,
                    partial(smallest_first, points, one),
                    f"With E[λλᵀ] = {c} I the loss (9) and its gradients are {c} times those under A1, 𝓛* is the printed "
                    "formula, and it is broken.",
                )


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
