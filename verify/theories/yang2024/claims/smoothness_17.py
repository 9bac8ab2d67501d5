"""From (61) to (17): the L of the learning rates against the L of Lemma 10, and the norm of A that stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from numeric import balls
from symbolic.bound import Fact, Weight
from symbolic.indexed import scalar
from verify.prove.methods import BOUND_CHECKS
from verify.record import Improvement, Witness
from verify.statement import Claim, Domain, Inequality
from verify.theories.yang2024.checks.constants import SYMBOL
from verify.theories.yang2024.checks.iterates import AtIterates
from verify.theories.yang2024.checks.refuted import Refuted
from verify.theories.yang2024.claims import norm_of_A, rates, steps
from verify.theories.yang2024.claims.descent import repaired_61
from verify.theories.yang2024.claims.notation_bounds import tightened
from verify.theories.yang2024.laboratory import Laboratory, big
from verify.theories.yang2024.numeric.constants import T_theorem2, steps_for_bound
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.lemmas import H as heads
from verify.theories.yang2024.symbolic.lemmas import N as size_N
from verify.theories.yang2024.symbolic.lemmas import alpha_bar, f_max, gamma, mx, norm_A, norm_Zbar
from verify.theories.yang2024.symbolic.reading import reader
from verify.theories.yang2024.symbolic.scalars import closed
from verify.theories.yang2024.symbolic.shorthand import H, K, N, j, k, m, over, tau
from verify.theories.yang2024.symbolic.shorthand import gamma as g
from verify.theories.yang2024.symbolic.shorthand_steps import ALPHA, Delta0, root2, zeta
from verify.theories.yang2024.symbolic.shorthand_steps import f_max as f
from verify.theories.yang2024.symbolic.shorthand_steps import norm_A as nA
from verify.theories.yang2024.symbolic.shorthand_steps import norm_Zbar as Zb
from verify.theories.yang2024.symbolic.shorthand_steps import norm_ZZ as nZZ

A_bound = 1 + nZZ / (m * tau)
A, x = let.base(let.A), let.base(let.XIK)

# (61) and (17) in the same letters


def printed_61(alpha: sp.Expr, largest: sp.Expr) -> sp.Expr:
    """L² of (61) as printed."""
    inner = 2 * g * Zb**2 * (2 * g * H * alpha + nA)
    bracket = (alpha * g * H) ** 2 + 4 * N * (alpha * g * H + nA) ** 2
    return 2 * (inner**2 / K + g**4 / K**2 * H**2 * Zb**4) + 8 * g * f * Zb * largest * bracket


def printed_17() -> sp.Expr:
    """L² of (17) as printed, once more in kernel letters; `rates.L` is the first time."""
    names = {"zeta0": zeta, "normZbar": Zb, "f_max": f, "normZtZ": nZZ, "Delta0": Delta0, "N": N, "K": K, "m": m, "H": H,
             "tau": tau, "gamma": g}  # fmt: skip
    spelled = sp.expand(rates.L**2).subs({SYMBOL[name]: letter for name, letter in names.items()})
    return spelled.replace(sp.sqrt(2), root2)


def printed() -> tuple[Inequality, ...]:
    """L of (61) is at most L of (17)."""
    return (
        inequality(
            printed_61(let.scalar_symbol("abar"), let.scalar_symbol("mx")), printed_17(), squared=True
        ),
    )


@dataclass(frozen=True)
class Tiny:
    """N = K = m = d = H = 1, where everything is rational: the one softmax is 1, A = 1, B = Z̄, ζ_0 = Z̄², Δ^(0) = ½Z̄²."""

    z: Fraction
    tau: Fraction
    Zbar: Fraction
    gamma: Fraction

    def values(self) -> dict[sp.Symbol, sp.Expr]:
        z, t, root, gamma_ = (sp.Rational(v) for v in (self.z, self.tau, self.Zbar, self.gamma))
        return {
            "zeta0": root**2, "normZbar": root, "f_max": root, "normZ": sp.Abs(z), "normZtZ": z**2, "Delta0": root**2 / 2,
            "tau": t, "gamma": gamma_, **dict.fromkeys(("N", "K", "m", "H"), sp.Integer(1)),
        }  # fmt: skip

    def squares(self) -> tuple[sp.Rational, sp.Rational]:
        """L² of (61) and of (17). Raises ArithmeticError where γ does not meet (15) or Z̄ is not the root."""
        named = self.values()
        at = {SYMBOL[name]: value for name, value in named.items()}
        if (
            self.z**2 + self.tau != self.Zbar**2
            or not (rates.GAMMA**2).subs(at) < sp.Rational(self.gamma) ** 2
        ):
            raise ArithmeticError("not an instance at rates within (15)")
        alpha = (
            sp.sqrt(2) * 4 * named["normZbar"] / (named["gamma"] * named["zeta0"]) * sp.sqrt(named["Delta0"])
        )
        largest = sp.Max(1, (2 * alpha) ** 2)
        letters = {nA: 1, g: named["gamma"], Zb: named["normZbar"], f: named["f_max"], N: 1, K: 1, H: 1}
        return sp.nsimplify(printed_61(alpha, largest).subs(letters)), sp.nsimplify((rates.L**2).subs(at))


def smaller() -> Witness | None:
    """A rational instance at which L of (17) is smaller than L of (61)."""
    tiny = Tiny(Fraction(3, 10), Fraction(4, 25), Fraction(1, 2), Fraction(15))
    of_61, of_17 = tiny.squares()
    if not of_61 > of_17:
        return None
    return Witness(
        summary=f"at N = K = m = d = H = 1 with Z = ({tiny.z}), τ = {tiny.tau}, γ = {tiny.gamma}, which meets (15): Z̄ = {tiny.Zbar}, "
        f"ζ_0 = {tiny.Zbar**2}, A = 1, Δ^(0) = {tiny.Zbar**2 / 2}, α = {Fraction(4) / tiny.gamma}; L² of (61) is {of_61} and L² of (17) "
        f"is {of_17}",
        sizes={"N": 1, "K": 1, "m": 1, "d": 1, "H": 1},
        values={"V": "[(1)]", "Z": f"[({tiny.z})]", "tau": str(tiny.tau), "Q": "[[(0)]]", "w": "[(0)]", "gamma": str(tiny.gamma)},
        lhs=str(of_61), rhs=str(of_17), method="exact arithmetic in SymPy; every constant from its definition at this instance", exact=True,
    )  # fmt: skip


# The repair


def repaired_17() -> sp.Expr:
    """The repaired (61) with (44) put in and ‖A‖₂ at its bound."""
    reach = 4 * root2 * H * sp.sqrt(K) * Zb / zeta * sp.sqrt(Delta0)  # αγH
    inner = (2 * reach + A_bound) ** 2 * Zb**4 * 8 / K * g**2
    bracket = reach**2 + 4 * N * (reach + A_bound) ** 2
    largest = let.scalar_symbol("mx")
    return inner + 2 * H**2 * Zb**4 * g**4 / K**2 + 8 * g**2 * f**2 * Zb**2 / K * largest * bracket


def repaired() -> tuple[Inequality, ...]:
    domain = Domain(free=("zeta", "Delta0"), given={"abar": ("=", ALPHA)})
    return (inequality(repaired_61(), repaired_17(), squared=True, domain=domain, proof=norm_put_in),)


@cache
def norm_put_in() -> Fact:
    """Both squares of sums that contain ‖A‖₂ grow with it: u² − v² = (u − v)(u + v)."""
    bound = norm_of_A.norm_bound()
    both = bound.positive + 2 * norm_A  # ‖A‖₂ and its bound, added
    reach, head = alpha_bar * gamma * heads, gamma**2 * norm_Zbar**2 * scalar("K", -1)
    of_alpha = 8 * head * norm_Zbar**2 * (4 * reach + both)
    of_Q = 32 * head * f_max**2 * mx * size_N * (2 * reach + both)
    source = reader({})
    positive = source.read(repaired_17()) - source.read(repaired_61())
    return closed(
        "‖A‖₂ at its bound", positive, (Weight(of_alpha, fact=bound), Weight(of_Q, fact=bound)),
        given=(steps.alpha_44(),),
    )  # fmt: skip


def traced(laboratory: Laboratory) -> str:
    """By what factor L, η, the rate of (18) and T of (21) change at this instance, in balls."""
    c, inference = laboratory.constants, laboratory.instance.inference
    if c.gamma is None or c.L is None or c.log_rate is None:
        return f"No rates at this instance to compare: {c.no_rates}."
    with balls.precision(c.precision):
        L = c.L_repaired(c.gamma)
        factor, log_rate = L / c.L, c.log_factor(c.gamma**2 / L)
        slower = c.log_rate / log_rate
    text = (
        f"At this instance, γ at equality in (15): L goes from {digits(c.L)} to {digits(L)}, by the factor {digits(factor)}; η_Q = 1/L and "
        f"η_w are divided by it, and the logarithm of the factor of (18) by {digits(slower)}"
    )
    target = laboratory.options.bound_target
    try:
        before, after = (
            (
                T_theorem2(c, inference.B, inference.epsilon, inference.delta, rate)[1],
                steps_for_bound(rate, target),
            )
            for rate in (c.log_rate, log_rate)
        )
    except balls.Undecided:
        text += ". "
    else:
        text += (
            f": T of (21) goes from {big(before[0])} to {big(after[0])}, the steps until (18) is at {target:g} of its start from "
            f"{big(before[1])} to {big(after[1])}. "
        )
    covered = (
        "L of (17) is no smaller than the proved one here: the proof covers this instance as printed, whatever its run was seen to do. "
        if factor <= 1
        else "With L of (17) Theorem 1 is thereby not proved. "
    )
    return text + covered + "No instance was found that breaks it."


def digits(x: arb) -> str:
    return str(x.str(4, radius=False))


# ‖A‖₂


def norm() -> tuple[Inequality, ...]:
    return (inequality(nA, A_bound, proof=norm_of_A.norm_bound),)


def norm_tightened() -> Iterator[Improvement]:
    image = sp.Sum(sp.Sum(A[j, k] * x[k], *over("K", k)) ** 2, *over("N", j))
    slope = nZZ / (m * tau)
    sharper = inequality(
        image, (1 + slope**2) * let.scalar_symbol("nxi") ** 2, squared=True, proof=norm_of_A.sharper_image
    )
    yield tightened(
        sharper, "‖A‖₂ ≤ √(1 + (‖ZᵀẐ‖₂/(mτ))²), since A = (I, M⁻¹ZᵀZ^Q)",
        "(1 + c)/√(1 + c²) with c = ‖ZᵀẐ‖₂/(mτ), at most √2", "at Z = 0; for c > 0 in the limit of N = 1, z_1 → 0 at fixed z_1z_2",
    )  # fmt: skip


NORM = r"\|A\|_2\le1+\frac{\|Z^\top\hat Z\|_2}{m\tau}"
PRINTED = (
    r"L_{(61)}\le L_{(17)}\quad\text{with }\alpha\text{ of (44) and }\|A\|_2\le1+\tfrac{\|Z^\top\hat Z\|_2}{m\tau}",
)
OF_ALPHA = (
    r"L^2=\left(8\sqrt2H\sqrt K\frac{\|\bar Z\|_2}{\zeta_0}\sqrt{\Delta^{(0)}}+a\right)^2\|\bar Z\|_2^4\frac8K\gamma^2"
    r"+2H^2\|\bar Z\|_2^4\frac{\gamma^4}{K^2}"
)
OF_Q = r"+\frac{8\gamma^2\bar f_{\max}^2\|\bar Z\|_2^2}{K}\max\{1,(2\sqrt K\alpha)^2\}\left[\rho^2+4N(\rho+a)^2\right],"
WHERE = r"\rho=4\sqrt2H\sqrt K\frac{\|\bar Z\|_2}{\zeta_0}\sqrt{\Delta^{(0)}},\qquad a=1+\tfrac{\|Z^\top\hat Z\|_2}{m\tau}"

CLAIMS = (
    Claim(
        id="eq-61-17",
        title="L of (17) is L of (61), with α of (44)",
        source="(17), (61)",
        form="printed",
        statement=PRINTED,
        reading="No display of the paper, but what its proof takes: (16) has L of (17), Step 4 has L of Lemma 10. "
        "(17) is meant to be (61) at α of (44), so it must be at least that: then Lemma 10 holds for it too. At rates within (15). "
        "It has ‖Z̄‖₂² in its first bracket where (61) gives ‖Z̄‖₂, too little where ‖Z̄‖₂ < 1; it has (2√Kα)² for max{1, (2√Kα)²}, "
        "too little where 2√Kα < 1, and by (15) that is so unless K ≥ 11N; f̄_max ≤ ‖Z̄‖₂ is put in rightly. The first power of "
        "(59), (61) is another matter: here L of (61) is the printed one.",
        assumptions=("A0", "A1", "A2", "w-zero"),
        formal=printed,
        checks=(Refuted(), AtIterates("start")),
        replays=smaller,
        expected="fails",
        failure="false",
        reason="Both slips at once at the witness; at Z = 0, τ = 1 in the same sizes ‖Z̄‖₂ = 1, and the maximum alone does it.",
    ),
    Claim(
        id="eq-61-17",
        title="The L that is proved, with α of (44)",
        source="(17), (61)",
        form="repaired",
        statement=(OF_ALPHA, OF_Q, WHERE),
        reading="The repaired (61), which is proved to be a smoothness constant, with (44) put in and ‖A‖₂ at its bound.",
        assumptions=("A2",),
        formal=repaired,
        checks=(*BOUND_CHECKS, AtIterates("start")),
        expected="holds",
        reason="(44) put in, and every term grows with ‖A‖₂.",
        consequence=traced,
    ),
    Claim(
        id="eq-17-A",
        title="The norm of A that stands in (17)",
        source="(17)",
        form="printed",
        statement=(NORM,),
        reading="No display of the paper: (17) has the right side where (61) has ‖A‖₂.",
        assumptions=(),
        formal=norm,
        checks=BOUND_CHECKS,
        expected="holds",
        reason="mτ‖M⁻¹u‖₂ ≤ ‖u‖₂ for M = ZᵀZ + mτI, and u = ZᵀẐx + (mτI, 0)x.",
        improvements=norm_tightened,
        aliases=("norm-A",),
    ),
)  # fmt: skip
