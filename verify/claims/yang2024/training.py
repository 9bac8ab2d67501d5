"""Training: Proposition 1, gradient descent (10), Theorem 1 with the rates (14)–(17)."""

from __future__ import annotations

from verify.checks.rank import RankHere, SampleRanks
from verify.checks.train import SampleDescents, UpdateRule, WatchBound
from verify.claim import Claim

CLAIMS = (
    Claim(
        id="prop-1",
        title="Gaussian initialisation meets A2 almost surely",
        source="Proposition 1",
        form="printed",
        statement=(
            (
                r"H\ge N,\ Q_h^{(0)}(i,j)\overset{\text{i.i.d.}}{\sim}\mathcal{N}(0,\beta^2)\ \Longrightarrow\ "
                r"\Pr\bigl[\operatorname{rank}B_k^{(0)}=N\ \forall k\in[K]\bigr]=1"
            ),
        ),
        reading="Almost surely in Q^(0), for fixed tokens and features. Sampled in general; decided here by one certified draw, "
        "since the minors of C_k are analytic in the Q_h. A1 is printed among the hypotheses; nothing random here involves λ.",
        assumptions=("A0", "A1", "A3", "heads", "gaussian"),
        checks=(SampleRanks(), RankHere()),
        expected="holds",
        reason="y ↦ Σ_i y_i exp(v_iᵀq) is analytic in q and vanishes identically for distinct v_i only if y = 0.",
        aliases=("proposition-1",),
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
        expected="holds",
        reason="The trainer keeps Q_h − Q_h^(0) = V X_h V̂ᵀ and moves X_h by −η_Q times the gradient in the scores: the same step.",
        aliases=("gradient-descent",),
    ),
    Claim(
        id="theorem-1",
        title="Linear convergence of training",
        source="Theorem 1, (14)–(18)",
        form="printed",
        statement=(
            (
                r"\mathcal{L}(\theta^{(t)})-\inf_\theta\mathcal{L}\le\Bigl(1-\frac{\eta_w\zeta_0}{2K}\Bigr)^{t}"
                r"\bigl(\mathcal{L}(\theta^{(0)})-\inf_\theta\mathcal{L}\bigr),\qquad t\in\mathbb{N}"
            ),
            (
                r"\gamma=\zeta_0^{-5/4}\Bigl(\tfrac{128\sqrt2}{\sqrt2-1}\|\bar Z\|_2^2"
                r"\sqrt H\,\bar f_{\max}K^{3/2}\Delta^{(0)}\Bigr)^{1/2},"
                r"\qquad \eta_Q=1/L,\qquad \eta_w=\gamma^2\eta_Q"
            ),
        ),
        reading="With (15) and (16) at equality and L as printed in (17), every constant enclosed; γ is rounded up and η_Q down.",
        assumptions=("A0", "A1", "A2", "w-zero"),
        checks=(SampleDescents(), WatchBound()),
        expected="holds",
        reason="No instance was found that breaks it. Its proof uses L² of (61), whose second part carries γ f̄_max‖Z̄‖₂/K to the "
        "first power where (58) squared has the second, and (17), which has ‖Z̄‖₂² where (61) gives ‖Z̄‖₂.",
        aliases=("thm-1", "eq-18"),
    ),
)
