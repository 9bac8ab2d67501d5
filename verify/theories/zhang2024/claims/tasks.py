"""Theorem 4.5 and Appendix C: covariances Λ_τ = diag(λ_τ) that differ from task to task.

Tasks are drawn from a list with probabilities: what the paper takes expectations of are polynomials of degree at most three in λ_τ, and any
law with finite third moments has the same such expectations as a law on finitely many points (Tchakaloff). So independence is not used.
"""

from __future__ import annotations

from verify.own.terms import supposed
from verify.theories.zhang2024.setting import (
    Array,
    E_exp,
    N,
    P,
    S,
    T,
    Theta,
    U,
    a,
    at_most,
    b,
    c,
    d,
    eta,
    eye,
    g,
    gamma,
    h,
    kappa,
    lam,
    m_1,
    m_2,
    query,
    ratio,
    rho,
    sigma,
    sp,
    t,
    top,
    total,
    u,
    weight,
    xi_,
    zeta,
)


def mean(value: sp.Expr) -> sp.Expr:
    """The expectation over tasks."""
    return total(weight[t] * value, t)


def state() -> None:
    """Adds the statements."""
    S.section("Appendix C: tasks with different covariances")
    diagonal = eye(d)[a, b]
    of_tasks = mean(gamma[t, a] * lam[t, a] * lam[t, b] * u**2 * U[a, b] ** 2)
    random_loss = total(of_tasks, a, b) / 2 - u * mean(total(lam[t, a] ** 2 * U[a, a], a))
    S.identity(
        "lemma-c-1", -S.gradient(random_loss, U[a, b]), -(u**2) * zeta[a, b] * U[a, b] + u * kappa[a] * diagonal,
        form="printed", title="The flow of U₁₁ over random covariances, entry by entry", source="Lemma C.1, (C.3), (C.4)",
    )  # fmt: skip
    S.identity(
        "eq-c-3", zeta[a, b] * diagonal, xi_[a] * diagonal,
        form="ours", title="On the diagonal ζ is ξ", source="(C.3)",
    )  # fmt: skip
    velocity = -(u**2) * zeta[a, b] * U[a, b] + u * kappa[a] * diagonal
    speed = -u * total(zeta[a, b] * U[a, b] ** 2, a, b) + total(kappa[a] * U[a, a], a)
    flow = S.flow({U[a, b]: velocity, u: speed})
    task_loss = u**2 * total(zeta[a, b] * U[a, b] ** 2, a, b) / 2 - u * total(kappa[a] * U[a, a], a)
    S.identity(
        "eq-c-5", random_loss, task_loss,
        form="printed", title="The loss ℓ_rdm by moments of λ_τ", source="Lemma C.3, (C.5)",
    )  # fmt: skip
    S.identity(
        "lemma-c-3", -S.gradient(task_loss, U[a, b]), velocity,
        form="printed", title="The flow is that of the gradient of ℓ_rdm", source="Lemma C.3, (C.4)",
    )  # fmt: skip
    S.identity(
        "lemma-c-3-scalar", -S.gradient(task_loss, u), speed,
        form="printed", title="The flow of u₋₁ is that of the gradient of ℓ_rdm", source="Lemma C.3, (C.4)",
    )  # fmt: skip
    S.identity(
        "lemma-c-5", flow(u**2 - U.square), 0,
        form="printed", title="u₋₁² − ‖U₁₁‖²_F is conserved", source="Lemma C.5",
    )  # fmt: skip
    chances = sp.Eq(total(weight[t], t), 1)
    gap = (
        total(xi_[a] * (u * U[a, a] - ratio[a]) ** 2, a) / 2
        + total(zeta[a, b] * (1 - diagonal) * u**2 * U[a, b] ** 2, a, b) / 2
    )
    S.identity(
        "eq-c-7", task_loss + total(kappa[a] * ratio[a], a) / 2, gap, when=[sp.Eq(kappa[a], xi_[a] * ratio[a])],
        form="printed", title="ℓ_rdm above its least value, with κ_i/ξ_i", source="Lemma C.4, (C.6), (C.7)",
    )  # fmt: skip
    reached = -total(xi_[a] * ratio[a] ** 2, a) / 2
    of_ratio = u**2 * total(zeta[a, b] * U[a, b] ** 2, a, b) / 2 - u * total(xi_[a] * ratio[a] * U[a, a], a)
    away = (
        total(xi_[a] * (u * U[a, a] - ratio[a]) ** 2, a) / 2
        + total(zeta[a, b] * (u * (1 - diagonal) * U[a, b]) ** 2, a, b) / 2
    )
    S.inequality(
        "eq-c-6", reached, of_ratio, proof=away, expected="holds",
        form="printed", title="The least value of ℓ_rdm, with κ_i = ξ_i(κ_i/ξ_i)", source="Lemma C.4, (C.6)",
    )  # fmt: skip
    S.identity(
        "theorem-4-5", task_loss, reached, source="Theorem 4.5, (4.12), (C.8)",
        when=[sp.Eq(kappa[a], xi_[a] * ratio[a]), sp.Eq(u * U[a, b], ratio[a] * diagonal)],
        form="printed", title="The limit is a global minimum of ℓ_rdm: the least value is attained there",
    )  # fmt: skip
    S.section("Appendix C: Lemmas C.6 to C.8 and Theorem 4.5")
    S.identity(
        "lemma-c-6-start", mean(total((lam[t, a] * Theta[a, b]) ** 2, a, b)), total(mean(lam[t, a] * Theta[a, b]) ** 2, a, b), when=chances,
        form="printed", title="E tr[Λ_τ²ΘΘᵀ] as a squared norm", source="Lemma C.6, in its proof", expected="fails", failure="false",
        reason="The left side is E‖Λ_τΘ‖²_F; it is larger by the variance of Λ_τΘ.",
        consequence="Condition (4.11) is still sufficient, since it uses the smaller of the two.",
    )  # fmt: skip
    S.inequality(
        "lemma-c-6-start", total(mean(lam[t, a] * Theta[a, b]) ** 2, a, b), mean(total((lam[t, a] * Theta[a, b]) ** 2, a, b)), when=chances,
        form="repaired", title="E tr[Λ_τ²ΘΘᵀ] is at least ‖EΛ_τΘ‖²_F", source="Lemma C.6, in its proof", expected="holds",
    )  # fmt: skip
    # m_1 is any number that is at least ‖EΛ_τ²‖_F, as √d‖EΛ_τ²‖_op is; m_2 is √d, of which 1 ≤ √d is used; top is any bound of ‖Γ_τ‖_op
    start = Theta @ Theta.T
    unit, root_of_size = at_most(start.square, 1), at_most(1, m_2)
    largest, at_most_one = at_most(gamma[t, a], top[t]), at_most(total(weight[t], t), 1)
    bounded = total(weight[t] * top[t] * lam[t, c] ** 2, t, c)
    curved = total(zeta[a, b] * start[a, b] ** 2, a, b)
    inside = weight[t] * top[t] * start[a, b] ** 2 / 2
    above = (
        bounded * supposed(root_of_size)
        + bounded * supposed(unit)
        + total(inside * (lam[t, a] - lam[t, b]) ** 2, t, a, b)
        + total(inside * ((1 - sp.KroneckerDelta(a, c)) * lam[t, c]) ** 2, t, a, b, c)
        + total(inside * ((1 - sp.KroneckerDelta(b, c)) * lam[t, c]) ** 2, t, a, b, c)
        + total(weight[t] * lam[t, a] * lam[t, b] * start[a, b] ** 2 * supposed(largest), t, a, b)
    )
    S.inequality(
        "lemma-c-6-bound", curved, m_2 * bounded, when=[unit, root_of_size, largest], proof=above, expected="holds",
        form="printed", title="E tr[Γ_τΛ_τΘΘᵀΛ_τΘΘᵀ] is at most √d E[‖Γ_τ‖_op‖Λ_τ‖²_F], with m₂ for √d",
        source="Lemma C.6, in its proof",
    )  # fmt: skip
    other = T.index("other")
    squared = total(mean(lam[t, a] * Theta[a, b]) ** 2, a, b)
    spread = (
        total(kappa[a] * Theta[a, b] ** 2, a, b) * supposed(at_most_one)
        + total(weight[t] * weight[other] * (Theta[a, b] * (lam[t, a] - lam[other, a])) ** 2, t, other, a, b)
        / 2
    )
    at_start = sigma**4 / 2 * curved - sigma**2 * total(kappa[a] * start[a, a], a)
    S.inequality(
        "eq-c-10", at_start, sigma**2 / 2 * (sigma**2 * m_2 * bounded - 2 * squared),
        when=[unit, root_of_size, largest, at_most_one], proof=sigma**4 / 2 * above + sigma**2 * spread, expected="holds",
        form="printed", title="The loss at the start is negative under (4.11), with m₂ for √d", source="Lemma C.6, (C.10)",
    )  # fmt: skip
    S.identity(
        "lemma-c-6-sign", task_loss, 0, when=sp.Eq(u, 0),
        form="printed", title="Where u₋₁ vanishes, so does ℓ_rdm", source="Lemma C.6, in its proof",
    )  # fmt: skip
    balanced, first = at_most(U.square, u**2), at_most(kappa.square, m_1**2)
    falls = at_most(task_loss, at_start)
    S.inequality(
        "eq-c-12", sigma**2 * (2 * squared - sigma**2 * m_2 * bounded), 2 * m_1 * u**2,
        when=[unit, root_of_size, largest, at_most_one, balanced, first, falls], expected="holds",
        proof=m_1 * total((U[a, b] - u / m_1 * kappa[a] * diagonal) ** 2, a, b)
        + m_1 * supposed(balanced)
        + u**2 / m_1 * supposed(first)
        + total(zeta[a, b] * (u * U[a, b]) ** 2, a, b)
        + 2 * supposed(falls)
        + sigma**4 * above
        + 2 * sigma**2 * spread,
        form="printed", title="The lower bound of u₋₁², where ℓ_rdm is at most its start, with m₁ for √d‖EΛ_τ²‖_op and m₂ for √d",
        source="Lemma C.7, (C.12)",
    )  # fmt: skip
    S.inequality(
        "eq-c-14", eta * total(rho[a, b] * P[a, b] ** 2, a, b), total(rho[a, b] ** 2 * P[a, b] ** 2, a, b),
        when=eta <= rho[a, b], expected="holds",
        form="printed", title="The gradient inequality of ℓ_rdm, divided by u₋₁², for any ζ and u₋₁U₁₁ − diag(κ/ξ)",
        source="Lemma C.8, (C.13), (C.14)",
    )  # fmt: skip
    S.identity(
        "eq-c-15", total(ratio[a], a), total(ratio[a] ** 2, a), expected="fails", failure="false",
        form="printed", title="The limits of u₋₁ and U₁₁ are balanced, with ratio for κ/ξ", source="(C.15)",
        reason="With lim u₋₁⁴ = Σκ_i/ξ_i the conserved quantity u₋₁² − ‖U₁₁‖²_F of Lemma C.5 would not be zero at the limit.",
        consequence="(C.17) has the right limit, and Theorem 4.5 rests on (C.17).",
    )  # fmt: skip
    S.identity(
        "eq-c-15", u**4, total(ratio[a] ** 2, a), when=[sp.Eq(ratio[a], u * U[a, a]), sp.Eq(total(U[a, a] ** 2, a), u**2)],
        form="repaired", title="lim u₋₁⁴ is Σ(κ_i/ξ_i)²", source="(C.15), as in (C.17)",
    )  # fmt: skip
    S.section("Section 4.3: an example")
    exponential = Array((d,), lambda row: (g[row] ** 2 + h[row] ** 2) / 2)
    S.identity(
        "words-4-3-moments", E_exp(total(exponential[a] + 10 * exponential[a] ** 2 + 100 * exponential[a] ** 3, a)), 621 * d.size,
        form="printed", title="Moments of Exp(1): 1, 2 and 6, as digits of a number", source="example after Theorem 4.5",
    )  # fmt: skip
    S.identity(
        "words-4-3", E_exp(exponential[a] ** 2) * E_exp(exponential[a]), E_exp(exponential[a] ** 3) / 3,
        form="printed", title="For N and M without end the mean prediction is a third of ⟨w, x_q⟩", source="example after Theorem 4.5",
    )  # fmt: skip
    finite = (N.size + 1) / N.size * exponential[a] ** 3 + exponential[a] ** 2 * total(
        exponential[b], b
    ) / N.size
    S.identity(
        "words-4-3-finite", E_exp(total(finite, a)), d.size * (6 + (2 * d.size + 10) / N.size),
        form="ours", title="Σξ of the example at every N and d", source="example after Theorem 4.5",
    )  # fmt: skip
    slope = exponential[a] * query[a] ** 2
    S.identity(
        "words-4-3-query", E_exp(exponential[a] * slope) / 3, E_exp(slope) / 3, expected="fails", failure="misread",
        form="printed", title="The same for x_q ~ N(0, Λ_new): the mean of ŷ times x_q, for w = 1", source="example after Theorem 4.5",
        reason="A query from N(0, Λ_new) knows of Λ_new: E[λx²] is E[λ²] = 2, and E[λ]E[x²] is 1.",
        consequence="The example holds for a query that does not depend on Λ_new.",
    )  # fmt: skip
