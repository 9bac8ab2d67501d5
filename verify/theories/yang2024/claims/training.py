"""Training: Proposition 1, gradient descent (10), Theorem 1 with the rates (14)–(17)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from verify.prove.inequality import ProveBound
from verify.statement import Claim
from verify.theories.yang2024 import needs
from verify.theories.yang2024.checks.enclosed import EnclosedDescents
from verify.theories.yang2024.checks.every_step import EveryStep
from verify.theories.yang2024.checks.iterates import AtIterates
from verify.theories.yang2024.checks.rank import RankHere, SampleRanks
from verify.theories.yang2024.checks.train import SampleDescents, UpdateRule, WatchBound
from verify.theories.yang2024.claims.induction import REPAIRED, of_loss, theorem_1, with_sharper_L
from verify.theories.yang2024.claims.lipschitz_rates import consequence
from verify.theories.yang2024.needs import along
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.symbolic.shorthand_steps import INDUCTION


def with_heads(instance: Instance, heads: np.ndarray[tuple[int, int, int], np.dtype[np.float64]]) -> Instance:
    return replace(instance, H=len(heads), Q_given=heads)


def other_ranks() -> Iterator[tuple[str, Claim]]:
    """Proposition 1 with a hypothesis that is lost or changed; instances with N = 1 meet it all the same."""
    for name, supposed in {
        "hypothesis H ≥ N − 1": lambda i: replace(i, H=max(1, i.N - 1)),
        "constant H = 1": lambda i: replace(i, H=1),
        "hypothesis β > 0 lost": lambda i: with_heads(i, np.zeros((i.N, i.d, i.d))),
        "hypothesis A3 lost": lambda i: replace(i, H=i.N, tokens=np.repeat(i.tokens[:, :1], i.K, axis=1)),
        "index: one Q for all heads": lambda i: with_heads(i, np.stack([i.Q0(0)] * i.N)),
        "missing term: rows of Q but the first": lambda i: with_heads(
            i, np.stack([i.Q0(0) * (h + 1 == i.N) for h in range(i.N)])
        ),
    }.items():
        yield name, replace(CLAIMS[0], checks=(SampleRanks(supposed),))


def other_steps() -> Iterator[tuple[str, Claim]]:
    """(10) with other rates."""
    slightly = 1 + 1e-9
    for name, of_w, of_Q in (
        ("sign of the step in w", -1.0, 1.0), ("sign of the step in Q", 1.0, -1.0), ("factor 2 of η_w", 2.0, 1.0),
        ("factor 2 of η_Q", 1.0, 2.0), ("missing term: Q stays", 1.0, 0.0), ("missing term: w stays", 0.0, 1.0),
        ("constant 1 + 1e-9 of η_w", slightly, 1.0), ("constant 1 + 1e-9 of η_Q", 1.0, slightly),
    ):  # fmt: skip
        yield name, replace(CLAIMS[1], checks=(UpdateRule(of_w, of_Q),))


def other_bounds() -> Iterator[tuple[str, Claim]]:
    """(18) with a faster rate, or from a smaller start."""
    for name, check in {
        "constant 2K → K": SampleDescents(power=lambda i: 2.0),
        "constant 2K → K/4": SampleDescents(power=lambda i: 8.0),
        "factor H of ζ_0": SampleDescents(power=lambda i: float(i.H)),
        "swapped size: 2N for 2K": SampleDescents(power=lambda i: i.K / i.N),
        "missing term: 1/(2K) lost": SampleDescents(power=lambda i: 2.0 * i.K),
        "constant 1/2 of Δ^(0)": SampleDescents(share=0.5),
        "factor 9/10 of Δ^(0), 4 of ζ_0": SampleDescents(power=lambda i: 4.0, share=0.9),
        "exponent 100t": SampleDescents(power=lambda i: 100.0),
    }.items():
        yield name, replace(CLAIMS[2], checks=(check,))


LINEAR = (
    r"\mathcal{L}(\theta^{(t)})-\inf_\theta\mathcal{L}\le\left(1-\frac{\eta_w\zeta_0}{2K}\right)^{t}"
    r"\left(\mathcal{L}(\theta^{(0)})-\inf_\theta\mathcal{L}\right),\qquad t\in\mathbb{N}"
)
RATES = (
    r"\gamma\ge\zeta_0^{-5/4}\left(\frac{128\sqrt2}{\sqrt2-1}\|\bar Z\|_2^2"
    r"\sqrt H\,\bar f_{\max}K^{3/2}\Delta^{(0)}\right)^{1/2},"
    r"\qquad \eta_Q\le1/L,\qquad \eta_w=\gamma^2\eta_Q"
)
REPAIRED_L = (
    r"L^2\ge2\left(\frac{4\gamma^2\|\bar Z\|_2^4(2\gamma H\alpha+\|A\|_2)^2}K+\frac{\gamma^4H^2\|\bar Z\|_2^4}{K^2}\right)"
    r"+\frac{8\gamma^2\bar f_{\max}^2\|\bar Z\|_2^2}K\max\{1,(2\sqrt K\alpha)^2\}"
    r"\left[(\alpha\gamma H)^2+4N(\alpha\gamma H+\|A\|_2)^2\right],\quad\alpha\text{ of (44)}"
)

CLAIMS = (
    Claim(
        id="prop-1",
        title="Gaussian initialisation meets A2 almost surely",
        source="Proposition 1",
        form="printed",
        statement=(
            (
                r"H\ge N,\ \beta>0,\ Q_h^{(0)}(i,j)\overset{\text{i.i.d.}}{\sim}\mathcal{N}(0,\beta^2)\ \Longrightarrow\ "
                r"\Pr\left[\operatorname{rank}B_k^{(0)}=N\ \forall k\in[K]\right]=1"
            ),
        ),
        reading="Almost surely in Q^(0), for fixed tokens and features. Sampled in general; decided here by one certified draw, "
        "since the minors of C_k are analytic in the Q_h. A1 is printed among the hypotheses; nothing random here involves λ.",
        assumptions=("A0", "A1", "A3", "heads", "gaussian"),
        checks=(SampleRanks(), RankHere()),
        expected="not refuted",
        reason="y ↦ Σ_i y_i exp(v_iᵀq) is analytic in q and vanishes identically for distinct v_i only if y = 0.",
        aliases=("proposition-1",),
        variants=other_ranks,
        needs=needs.proposition_1,
    ),
    Claim(
        id="eq-10",
        title="Gradient descent, as it was run",
        source="(10)",
        form="printed",
        statement=(
            (
                r"Q_h^{(t)}=Q_h^{(t-1)}-\eta_Q\nabla_{Q_h}\mathcal{L}(\theta^{(t-1)}),\qquad "
                r"w_h^{(t)}=w_h^{(t-1)}-\eta_w\nabla_{w_h}\mathcal{L}(\theta^{(t-1)})"
            ),
        ),
        reading="A definition of the algorithm: what is judged is whether the iterates of our trainer obey it, with the gradients that "
        "were derived and at the rates (16) as printed.",
        assumptions=("A1", "A2"),
        checks=(UpdateRule(),),
        kind="definition",
        expected="definition",
        reason="The trainer keeps Q_h − Q_h^(0) = V X_h V̂ᵀ and moves X_h by −η_Q times the gradient in the scores: the same step.",
        aliases=("gradient-descent",),
        needs=needs.any_law,
        variants=other_steps,
    ),
    Claim(
        id="theorem-1",
        main=True,
        title="Linear convergence of training",
        source="Theorem 1, (14)–(18)",
        form="printed",
        statement=(
            LINEAR,
            RATES,
            (
                r"L^2=\left(8\sqrt2H\sqrt K\frac{\|\bar Z\|_2^2}{\zeta_0}\sqrt{\Delta^{(0)}}+1+\frac{\|Z^\top\hat Z\|_2}{m\tau}\right)^2"
                r"\|\bar Z\|_2^4\left(\frac8K\gamma^2+\frac{4096}{\gamma\zeta_0^2}K^2N\Delta^{(0)}\right)"
                r"+2H^2\|\bar Z\|_2^4\left(\frac{\gamma^4}{K^2}+\frac{16384}{\gamma\zeta_0^4}K^3\|\bar Z\|_2^2(\Delta^{(0)})^2\right)"
            ),
        ),
        reading="L as printed in (17), every constant enclosed. The run takes (15) and (16) at equality, γ rounded up and η_Q down; "
        "the samples take every second instance at a larger γ and a smaller η_Q. In the letters of the induction it is (43c).",
        assumptions=("A0", "A1", "A2", "w-zero"),
        checks=(EnclosedDescents(of_loss(proved=False)), SampleDescents(), WatchBound(), EveryStep("loss")),
        expected="not refuted",
        reason="No instance was found that breaks it. Its proof uses L² of (61), whose second part carries γ f̄_max‖Z̄‖₂/K to the "
        "first power where (58) squared has the second, and (17), which has ‖Z̄‖₂² where (61) gives ‖Z̄‖₂.",
        aliases=("thm-1", "eq-18"),
        variants=other_bounds,
        needs=needs.theorem_1,
    ),
    Claim(
        id="theorem-1",
        main=True,
        title="Linear convergence of training, for an L that is proved",
        source="Theorem 1, (14)–(18)",
        form="repaired",
        statement=(LINEAR, RATES, REPAIRED_L),
        reading="At every step t, for every γ and η_Q within (15) and (16), with any L that is at least that of the repaired (61) at α of "
        "(44). In the letters of the induction (18) is (43c): r² = 1 − η_Qσ/2 is 1 − η_wζ_0/(2K) by (44) and η_w = γ²η_Q, and ξ = ξ^(t).",
        assumptions=("A0", "A1", "A2", "w-zero"),
        formal=theorem_1,
        checks=(ProveBound(), AtIterates(), EveryStep("loss", repaired=True)),
        expected="holds",
        reason=f"L² has (γ f̄_max‖Z̄‖₂/K)² where (61) has its first power. {REPAIRED}",
        improvements=with_sharper_L,
        consequence=consequence,
        needs=along(partial(of_loss, proved=True), *INDUCTION, repaired=True),
    ),
)
