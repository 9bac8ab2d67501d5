"""The upper tail of χ²_N for every N: the bound of Laurent and Massart (2000, Lemma 1), and its halving.

p stands for √N and r for √s, so that x − N = 2√(Ns) + 2s is the polynomial 2pr + 2r².
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symbolic.argument import Argument, Line

p = sp.Symbol("p", positive=True)
r = sp.Symbol("r", nonnegative=True)
u = sp.Symbol("u", nonnegative=True)


def chernoff(root: int | Fraction = 2, linear: int | Fraction = 2) -> Argument:
    """P(χ²_N − N ≥ root·√(Ns) + linear·s) ≤ e^{−s}."""
    excess = sp.Rational(root) * p * r + sp.Rational(linear) * r**2
    least = r / (p + 2 * r)
    # ψ(u) = u²/(1 − 2u) + u + ½ log(1 − 2u) bounds the logarithm of the moment generating function.
    psi = u**2 / (1 - 2 * u) + u + sp.log(1 - 2 * u) / 2
    exponent = p**2 * least**2 / (1 - 2 * least) - least * excess
    return Argument(
        f"P(χ²_N − N ≥ {root}√(Ns) + {linear}s) ≤ e^{{−s}} for all N ≥ 1, s ≥ 0",
        (
            Line(
                "E e^{u(ξ²−1)} = e^{−u} (2π)^{−1/2} ∫ e^{−(1/2 − u)x²} dx for ξ ~ N(0, 1), 0 ≤ u < 1/2",
                rule="definition",
            ),
            Line(
                "that is e^{−u} (1 − 2u)^{−1/2}; squared: π/((1/2 − u)·2π) = 1/(1 − 2u)",
                zero=sp.pi / ((sp.Rational(1, 2) - u) * 2 * sp.pi) - 1 / (1 - 2 * u),
                rule="Gaussian integral",
            ),
            Line("ψ(u) = u²/(1 − 2u) + u + ½ log(1 − 2u) is 0 at u = 0", zero=psi.subs(u, 0)),
            Line("and ψ′(u) = 2u²/(1 − 2u)²", zero=sp.diff(psi, u) - 2 * u**2 / (1 - 2 * u) ** 2),
            Line(
                "so ψ ≥ 0 on [0, 1/2): log E e^{u(ξ²−1)} = −u − ½ log(1 − 2u) ≤ u²/(1 − 2u)", rule="monotone"
            ),
            Line("E e^{u(χ²_N − N)} ≤ e^{N u²/(1 − 2u)}", rule="independence"),
            Line("P(χ²_N − N ≥ x) ≤ e^{N u²/(1 − 2u) − ux}", rule="Markov"),
            Line(
                "u = √s/(√N + 2√s) lies in [0, 1/2): 1 − 2u = √N/(√N + 2√s)",
                positive=1 - 2 * least,
                strict=True,
            ),
            Line(
                f"there the exponent at x = {root}√(Ns) + {linear}s is at most −s",
                positive=-(exponent + r**2),
            ),
        ),
    )


def halved() -> Argument:
    """The tail is at most P(χ²_N ≥ N) e^{−s} ≤ ½ e^{−s}: its hazard rate is at least the u of `chernoff`."""
    x, t, N, above = sp.symbols("x t N r", positive=True)  # s > 0; at s = 0 both sides are equal
    at = p**2 + 2 * p * above + 2 * above**2
    speed = (p + 2 * above) / above
    phi = (N / 2 - 1) * (sp.log(N + t) - sp.log(N - t)) - t
    density = (N / 2 - 1) * sp.log(x) - x / 2
    ratio = density.subs(x, x + t) - density
    return Argument(
        "P(χ²_N − N ≥ 2√(Ns) + 2s) ≤ P(χ²_N ≥ N) e^{−s} ≤ ½ e^{−s} for all N ≥ 1, s ≥ 0",
        (
            Line("F(x) = P(χ²_N ≥ x), f = −F′ ∝ x^{N/2−1} e^{−x/2}, x = N + 2√(Ns) + 2s", rule="definition"),
            Line(
                "F(x)/f(x) = ∫_0^∞ (1 + t/x)^{N/2−1} e^{−t/2} dt, since log f(x+t) − log f(x) = (N/2−1) log(1 + t/x) − t/2",
                zero=sp.expand(
                    ratio
                    - (N / 2 - 1) * (sp.log(x + t) - sp.log(x))  # log(1 + t/x)
                    + t / 2
                ),
            ),
            Line("N = 1: the power is at most 1, so F/f ≤ 2", rule="positive integral"),
            Line(
                "N ≥ 2: (1 + t/x)^{N/2−1} ≤ e^{(N/2−1)t/x}, so F/f ≤ 1/(1/2 − (N/2−1)/x)", rule="exponential"
            ),
            Line(
                "that is 2x/(x − N + 2)",
                zero=1 / (sp.Rational(1, 2) - (N / 2 - 1) / x) - 2 * x / (x - N + 2),
            ),
            Line("where x − N + 2 > 0", positive=at - p**2 + 2, strict=True),
            Line("dx/ds = (√N + 2√s)/√s", zero=sp.diff(at, above) / sp.diff(above**2, above) - speed),
            Line("N = 1: 2 ≤ dx/ds", positive=speed - 2),
            Line("N ≥ 2: 2x/(x − N + 2) ≤ dx/ds", positive=speed - 2 * at / (at - p**2 + 2)),
            Line("so d/ds (log F(x(s)) + s) = 1 − (f/F) dx/ds ≤ 0: F(x(s)) e^s ≤ F(N)", rule="monotone"),
            Line(
                "D(t) = f(N + t) − f(N − t), f = 0 below 0; on (0, N) its sign is that of φ(t) = log f(N+t) − log f(N−t)",
                zero=sp.expand(density.subs(x, N + t) - density.subs(x, N - t) - phi),
            ),
            Line("φ(0) = 0", zero=phi.subs(t, 0)),
            Line("and φ′(t) = (t² − 2N)/(N² − t²)", zero=sp.diff(phi, t) - (t**2 - 2 * N) / (N**2 - t**2)),
            Line(
                "φ falls, and may rise after that, so D is first negative, then positive, with one change of sign at some t*",
                rule="monotone",
            ),
            Line(
                "0 = E[χ²_N − N] = ∫ t D(t) dt and ∫ (t − t*) D(t) dt ≥ 0, so t* ∫ D ≤ 0: P(χ²_N ≥ N) ≤ P(χ²_N < N)",
                rule="positive integral",
            ),
        ),
    )
