"""What the repaired and the sharper L of Lemma 10 do to the rates (16), (18) and to T of (21), at one instance."""

from __future__ import annotations

from flint import arb

from numeric import balls
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import Constants

WHERE = (
    "Step 4 uses (61), and with α of (44) it gives L of (17), hence η_Q ≤ 1/L (16), the rate of (18) and T of (21); what uses (17) as "
    "printed rests on the printed (59)."
)


def sharper_61(c: Constants, gamma: arb) -> arb:
    """L of the sharper Lemma 10 at α of (44)."""
    _, K, _, H = c.sizes
    alpha, A, Zbar = c.alpha(gamma), c.norm_A, c.norm_Zbar
    slope = alpha * gamma * H
    delta = slope + A
    of_alpha = (gamma * Zbar**2 * (slope + delta)) ** 2 / (2 * K) + (gamma**2 * H * Zbar**2 / K) ** 2
    inside = (alpha * (slope / arb(2).sqrt() + 3 * delta)) ** 2 + (slope + delta) ** 2 / K
    return (of_alpha + (gamma * c.f_max * Zbar) ** 2 * inside).sqrt()


def consequence(laboratory: Laboratory) -> str:
    """The factors by which L, η_Q and T change at the laboratory's instance."""
    c = laboratory.constants
    if c.gamma is None or c.L is None or c.log_rate is None:
        return f"{WHERE} At this instance there are no rates to compare: {c.no_rates}."
    told = []
    with balls.precision(c.precision):
        for name, L in (("repaired", c.L_repaired(c.gamma)), ("sharper", sharper_61(c, c.gamma))):
            steps = c.log_rate / c.log_factor(c.gamma**2 / L)
            told.append(
                f"with the {name} (61), L is {_shown(L)}, {_shown(L / c.L)} times that of (17), so η_Q and η_w change by the factor "
                f"{_shown(c.L / L)} and T by {_shown(steps)}"
            )
    return f"{WHERE} At this instance, at γ of (15): {'; '.join(told)}."


def _shown(value: arb) -> str:
    return str(value.mid().str(4, radius=False))
