"""The induction of Theorem 1: its hypotheses (43) at the start and at every step, and the constants (44)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial

import sympy as sp

from verify.prove.inequality import ProveBound
from verify.prove.methods import BOUND_CHECKS
from verify.record import Improvement, Need, Witness
from verify.statement import Check, Claim, Domain, Inequality
from verify.theories.yang2024.checks.enclosed import EnclosedDescents
from verify.theories.yang2024.checks.every_step import EveryStep
from verify.theories.yang2024.checks.iterates import AtIterates
from verify.theories.yang2024.checks.stepped import Quantity
from verify.theories.yang2024.checks.train import WatchBound
from verify.theories.yang2024.checks.watched import Watched
from verify.theories.yang2024.claims import steps_descent
from verify.theories.yang2024.claims.notation_bounds import tightened
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.needs import along
from verify.theories.yang2024.setting import found, inequality
from verify.theories.yang2024.symbolic.shorthand import K, gamma, h, k
from verify.theories.yang2024.symbolic.shorthand_steps import (
    ALPHA,
    FROM_START,
    INDUCTION,
    READING_LEAST,
    READING_START,
    Delta0,
    abar,
    eta,
    gap,
    lmin,
    lmin2,
    nah,
    nah2,
    norm_Zbar,
    power,
    root2,
    sigma,
    zeta,
)

# (44)


def constants_44() -> tuple[Inequality, ...]:
    """σ and α are what the later steps come to, neither more nor less."""
    polyak = gamma**2 / K**2 * zeta / 2 * 2 * K
    reach = eta * norm_Zbar * root2 * gamma / sp.sqrt(K) * sp.sqrt(Delta0) * 4 / (eta * sigma)
    pairs = ((sigma, polyak), (abar, reach))
    domain = Domain(free=("zeta", "Delta0", "nZbar", "eta"), given={"abar": ("=", ALPHA)})
    return tuple(
        found(inequality(lhs, rhs, domain=domain), "by (44)")
        for one, other in pairs
        for lhs, rhs in ((one, other), (other, one))
    )


# (43)


def at_start() -> tuple[Inequality, ...]:
    """(43a) and (43b) at t = 0; (43c) is an equality there."""
    return (
        inequality(nah2[h], abar, {"h": "H"}, proof=steps_descent.start_43a, supposes=("w^(0) = 0",)),
        inequality(zeta / 2, lmin2[k], {"k": "K"}, proof=steps_descent.start_43b, supposes=("(14)",)),
    )


def of_alpha(*, proved: bool) -> tuple[Inequality, ...]:
    proof = steps_descent.all_43a if proved else None
    return (inequality(nah[h], abar, {"h": "H"}, proof=proof, supposes=FROM_START),)


def of_rank(*, proved: bool) -> tuple[Inequality, ...]:
    proof = steps_descent.all_43b if proved else None
    return (inequality(zeta / 2, lmin[k], {"k": "K"}, proof=proof, supposes=FROM_START),)


def of_loss(*, proved: bool) -> tuple[Inequality, ...]:
    proof = steps_descent.all_43c if proved else None
    return (inequality(gap, power**2 * Delta0, proof=proof, supposes=FROM_START),)


# Theorem 1


def theorem_1(smooth: steps_descent.Smoothness = steps_descent.REPAIRED) -> tuple[Inequality, ...]:
    """(18) at every step, in the letter r of (43c), for any L that is at least that of `smooth`."""
    supposes = tuple(name for name in FROM_START if name != steps_descent.REPAIRED.least.name)
    proof = partial(steps_descent.all_43c, smooth)
    return (inequality(gap, power**2 * Delta0, proof=proof, supposes=(*supposes, smooth.least.name)),)


def with_sharper_L() -> Iterator[Improvement]:
    """Theorem 1 for the L of the sharper Lemma 10."""
    (whole,) = theorem_1(steps_descent.SHARPER)
    yield tightened(
        whole, "(18) at every step for η_Q ≤ 1/L with any L that is at least that of the sharper Lemma 10", None,
        "not known; the factors of L and of T at this instance stand with Lemma 10",
    )  # fmt: skip


# w^(0) = 0


def far_start() -> Witness | None:
    """N = K = m = d = H = 1 with w^(0) = 9/10 next to the minimiser A = 1: ‖α_h^(0)‖ against α of (44), both times γ."""
    z, tau, w = Fraction(3, 4), Fraction(1), Fraction(9, 10)
    Zbar = Fraction(5, 4)
    if z**2 + tau != Zbar**2:
        return None
    zeta0 = Zbar**2  # one token, one position: s = 1 and B = Z̄
    root_2_Delta0 = Zbar * (1 - w)  # Δ^(0) = ½ Z̄²(w − 1)²
    limit = 4 * Zbar / zeta0 * root_2_Delta0
    if not w > limit:
        return None
    return Witness(
        summary=f"at N = K = m = d = H = 1, w^(0) = {w}: γ‖α_h^(0)‖ = {w} and γα = {limit}",
        sizes={"N": 1, "K": 1, "m": 1, "d": 1, "H": 1},
        values={"Z": f"[{z}]", "tau": str(tau), "w": f"[{w}]", "V": "[1]", "Q": "[0]"},
        lhs=str(w), rhs=str(limit), method="exact rational arithmetic", exact=True,
    )  # fmt: skip


def needs_of_start(laboratory: Laboratory) -> Iterator[Need]:
    witness = far_start()
    yield Need(
        assumption="A2", verdict="needed", strength="proved",
        statement="Without it ζ_0 = 0, and α of (44), which has ζ_0 in its denominator, is not defined.",
    )  # fmt: skip
    yield Need(
        assumption="w-zero", verdict="needed" if witness else "not examined", strength="certified" if witness else None,
        statement="A start near the minimiser has a small Δ^(0), hence a small α, and w^(0) of the size of A: (43a) fails at t = 0.",
        witness=witness,
    )  # fmt: skip


PRINTED_44 = (
    r"\sigma:=\frac{\zeta_0\gamma^2}{K},\qquad"
    r"\alpha:=\sqrt{2K}\cdot\frac{4\|\bar Z\|_2}{\gamma\zeta_0}\cdot\sqrt{\mathcal{L}(\theta^{(0)})-\mathcal{L}^\star}"
)
RATE_61 = (
    r"\eta_Q\le1/L,\quad L\text{ of (61) with }\tfrac{8\gamma^2\bar f_{\max}^2\|\bar Z\|_2^2}{K}"
    r"\text{ for }8\gamma\bar f_{\max}\|\bar Z\|_2"
)
ALONG: tuple[Check, ...] = (AtIterates(),)
SECOND = (
    "Not proved for L of (17): the step from t − 1 to t uses Lemma 10, which holds for the repaired (61), "
    "and L of (17) may be smaller."
)
REPAIRED = (
    "Proved by induction over the steps for η_Q ≤ 1/L with L of the repaired (61), down to the proof of Lemma 10: start, step and "
    "the induction itself are replayed by both checkers."
)


def hypothesis(
    id: str,
    title: str,
    statement: str,
    formal: Callable[..., tuple[Inequality, ...]],
    of: Quantity,
    reason: str,
    *also: Check,
) -> Iterator[Claim]:
    """As printed, with L of (17), along runs; and for the L that is proved to be a smoothness constant."""
    letter = id.removeprefix("eq-43")
    reading = READING_START + (f" {READING_LEAST}" if id == "eq-43c" else "")
    yield Claim(
        id=id, title=title, source=f"(43{letter})", form="printed", statement=(statement, r"\eta_Q\le1/L,\quad L\text{ of (17)}"),
        reading=f"At every step t, rates within (15), (16). {reading}", assumptions=INDUCTION,
        formal=lambda: formal(proved=False), checks=(EnclosedDescents(), *ALONG, *also, EveryStep(of)), expected="not refuted",
        reason=f"No descent was found that breaks it, be it in balls or in float64. {SECOND}",
        needs=along(partial(formal, proved=False), *INDUCTION, is_18=id == "eq-43c"),
    )  # fmt: skip
    yield Claim(
        id=id, title=f"{title}, for an L that is proved", source=f"(43{letter})", form="repaired",
        statement=(statement, RATE_61),
        reading=f"At every step t. {reading}", assumptions=INDUCTION, formal=lambda: formal(proved=True),
        checks=(ProveBound(), EveryStep(of, repaired=True)), expected="holds", reason=f"{reason} {REPAIRED}",
        needs=along(partial(formal, proved=True), *INDUCTION, repaired=True),
    )  # fmt: skip


CLAIMS = (
    Claim(
        id="eq-43-base",
        title="The induction starts",
        source="(43), t = 0",
        form="printed",
        statement=(
            r"\|\alpha_h^{(0)}\|_2\le\alpha,\qquad\lambda_{\min}(B_k^{(0)}B_k^{(0)\top})\ge\zeta_0/2,",
            r"\mathcal{L}(\theta^{(0)})-\mathcal{L}^\star\le(1-\eta_Q\sigma/2)^0(\mathcal{L}(\theta^{(0)})-\mathcal{L}^\star)",
        ),
        reading="The paper calls the base case apparent. (43c) is an equality at t = 0.",
        assumptions=("A2", "w-zero"),
        formal=at_start,
        checks=(ProveBound(), AtIterates("start")),
        expected="holds",
        reason="α^(0) = 0, and ζ_0 is the smallest of the eigenvalues by (14).",
        needs=needs_of_start,
    ),
    *hypothesis(
        "eq-43a", "α stays bounded", r"\|\alpha_h^{(t)}\|_2\le\alpha", of_alpha, "alpha",
        "Step 3: the steps of α_h add up to no more than α.", Watched(always=True),
    ),
    *hypothesis(
        "eq-43b", "B_k keeps half of its smallest eigenvalue",
        r"\lambda_{\min}(B_k^{(t)}B_k^{(t)\top})\ge\zeta_0/2", of_rank, "rank", "(47) and (48): B_k hardly moves.", Watched(always=True),
    ),
    *hypothesis(
        "eq-43c", "The loss falls at every step",
        r"\mathcal{L}(\theta^{(t)})-\mathcal{L}^\star\le(1-\eta_Q\sigma/2)^t(\mathcal{L}(\theta^{(0)})-\mathcal{L}^\star)", of_loss, "loss",
        "Step 4.", WatchBound(),
    ),
    Claim(
        id="eq-44",
        title="The constants σ and α",
        source="(44)",
        form="printed",
        statement=(PRINTED_44,),
        reading="Definitions, judged by what they are for: σ is the constant of (49) where λ_min ≥ ζ_0/2, which makes 1 − η_Qσ/2 the "
        "factor of (18), and α is what Step 3 adds up to: each as an inequality both ways.",
        assumptions=("A2",),
        formal=constants_44,
        checks=BOUND_CHECKS,
        kind="definition",
        expected="definition",
        reason="(γ²/K²)(ζ_0/2)·2K = σ, and ‖Z̄‖₂√(2γ²/K)√Δ^(0)·4/σ = α.",
    ),
)  # fmt: skip
