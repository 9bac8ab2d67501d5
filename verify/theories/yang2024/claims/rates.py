"""The constants (14), (15), (17), (21), each typed once in SymPy as printed; the balls of the run are held to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from verify.mutants.edits import formulas
from verify.statement import Claim
from verify.theories.yang2024 import needs
from verify.theories.yang2024.checks.constants import SYMBOL, CompareConstant
from verify.theories.yang2024.setting import SETTING

zeta0, Zbar, f_max, normZ, ZtZ, Delta0, N, K, m, H, tau, B, epsilon, delta, gamma, rate = SYMBOL.values()
root2 = sp.sqrt(2)

GAMMA = zeta0 ** sp.Rational(-5, 4) * sp.sqrt(
    128 * root2 / (root2 - 1) * Zbar**2 * sp.sqrt(H) * f_max * K ** sp.Rational(3, 2) * Delta0
)
L = sp.sqrt(
    (8 * root2 * H * sp.sqrt(K) * Zbar**2 / zeta0 * sp.sqrt(Delta0) + 1 + ZtZ / (m * tau)) ** 2
    * Zbar**4
    * (8 / K * gamma**2 + 4096 / (gamma * zeta0**2) * K**2 * N * Delta0)
    + 2 * H**2 * Zbar**4 * (gamma**4 / K**2 + 16384 / (gamma * zeta0**4) * K**3 * Zbar**2 * Delta0**2)
)
TAIL = sp.log(1 / delta)
T = sp.log(
    B**2
    * Delta0
    * (normZ + sp.sqrt(tau) * sp.sqrt(2 * sp.sqrt(N * TAIL) + 2 * TAIL + N)) ** 2
    / (m * tau * epsilon)
) / (-rate)

READING = (
    "A definition, judged by whether the number in use is the printed one: typed once more in SymPy and evaluated on norms and "
    "eigenvalues from numpy."
)


# What a careless reader takes for one another.
SWAPPED = {
    K: (N, m), N: (K,), m: (N,), H: (N,), zeta0: (gamma,), gamma: (zeta0,), Zbar: (f_max, normZ), f_max: (Zbar,),
    normZ: (Zbar, ZtZ), ZtZ: (normZ,), epsilon: (delta,), delta: (epsilon,),
}  # fmt: skip


def _claim(id: str, title: str, statement: str, letter: str, formula: sp.Expr, reason: str) -> Claim:
    def others() -> Iterator[tuple[str, Claim]]:
        for operator, other in formulas(SETTING, formula, SWAPPED):
            yield f"{operator}: {other}", replace(claim, checks=(CompareConstant(letter, other),))

    claim = Claim(
        id=id, title=title, source=f"({id.removeprefix('eq-')})", form="printed", statement=(statement,), reading=READING,
        assumptions=("A2",), checks=(CompareConstant(letter, formula),), kind="definition", expected="definition",
        reason=reason, variants=others,
        needs=needs.defined_all_the_same if id == "eq-14" else needs.undefined,
    )  # fmt: skip
    return claim


CLAIMS = (
    _claim(
        "eq-14", "The smallest eigenvalue ζ_0",
        r"\zeta_0:=\min_{k\in[K]}\lambda_{\min}\left(B_k^{(0)}B_k^{(0)\top}\right)", "zeta0", zeta0,
        "Enclosed from V, Q, Z; numpy takes singular values of RᵀC_k with RRᵀ = ZᵀZ + mτI.",
    ),
    _claim(
        "eq-15", "The least scale γ",
        r"\gamma\ge\zeta_0^{-5/4}\left(\frac{128\sqrt2}{\sqrt2-1}\|\bar Z\|_2^2\sqrt H\,\bar f_{\max}K^{3/2}\Delta^{(0)}\right)^{1/2}",
        "gamma", GAMMA, "At equality.",
    ),
    _claim(
        "eq-17", "The smoothness L",
        r"L^2=\left(8\sqrt2H\sqrt K\frac{\|\bar Z\|_2^2}{\zeta_0}\sqrt{\Delta^{(0)}}+1+\frac{\|Z^\top\hat Z\|_2}{m\tau}\right)^2"
        r"\|\bar Z\|_2^4"
        r"\left(\frac8K\gamma^2+\frac{4096}{\gamma\zeta_0^2}K^2N\Delta^{(0)}\right)"
        r"+2H^2\|\bar Z\|_2^4\left(\frac{\gamma^4}{K^2}+\frac{16384}{\gamma\zeta_0^4}K^3\|\bar Z\|_2^2(\Delta^{(0)})^2\right)",
        "L", L, "As printed, at the γ of (15); whether it bounds the smoothness is Lemma 10's question.",
    ),
    _claim(
        "eq-21", "The number of steps T",
        r"T\ge\frac{\log\left(B^2\Delta^{(0)}(\|Z\|_2+\sqrt\tau(2\sqrt{N\log(1/\delta)}+2\log(1/\delta)+N)^{1/2})^2/(m\tau\varepsilon)\right)}"
        r"{\log(1/(1-\eta_w\zeta_0/(2K)))}",
        "T", T, "As printed, at equality, with the rate of (18).",
    ),
)  # fmt: skip
