"""The derivation of the certificate for every step (docs/certificate.md) for all sizes: statements of our own, not the paper's.

`icl-verify check verify/theories/yang2024/lemmas_every_step.py` proves each with both checkers, certifies and searches it, and puts
it beside its false variants. One token stands for all: its letters have no index k.
"""

from __future__ import annotations

from verify import Setting, total

S = Setting("Every step, certified")
prompt, heads, entries, tokens = S.dims("prompt heads entries tokens")
i, j, l = prompt.index("i"), prompt.index("j"), prompt.index("l")
h = heads.index("h")
p, q = entries.index("p"), entries.index("q")
k, n = tokens.index("k"), tokens.index("n")
c = S.scalars("c")  # η_w/K

S.section("One step, exactly")  # B at the start, at this step and at the next

start, B, after, w, a = S.letters(
    start=(prompt, heads), B=(prompt, heads), after=(prompt, heads), w=heads, a=prompt
)
r = S.define("r", total(B[i, h] * w[h], h) - a[i], i)
next_w = S.define("next_w", w[h] - c * total(B[j, h] * r[j], j), h)
next_r = S.define("next_r", total(after[i, h] * next_w[h], h) - a[i], i)
away = S.define("away", B[i, h] - start[i, h], i, h)
later = S.define("later", after[i, h] - start[i, h], i, h)
SOURCE = "docs/certificate.md"

S.identity(
    "one step of the residual",
    next_r[i],
    r[i] - c * total(after[i, h] * B[j, h] * r[j], j, h) + total((after[i, h] - B[i, h]) * w[h], h),
    source=SOURCE,
    form="ours",
    reason="r = Bw − a before and after the step, and w moves by −cBᵀr.",
)
S.identity(
    "what one contraction misses",
    total(after[i, h] * B[j, h] - start[i, h] * start[j, h], h),
    total(later[i, h] * start[j, h] + start[i, h] * away[j, h] + later[i, h] * away[j, h], h),
    source=SOURCE,
    form="ours",
    reason="B = B(0) + E, at this step and at the next: three products, which 2‖B(0)‖D + D² bounds.",
)

S.section("How fast attention moves")  # one covariance is behind the movement of B and the gradient in Q

s = S.letters(kind="simplex", s=prompt)
x, y, V, F, X, v, e = S.letters(
    x=prompt, y=prompt, V=(entries, prompt), F=(prompt, prompt), X=(entries, entries), v=entries, e=prompt
)
low, high = S.letters(low=(), high=())
mean_x, mean_y = (S.define(f"mean_{letter}", total(s[i] * of[i], i)) for letter, of in (("x", x), ("y", y)))
score = S.define("score", total(V[p, i] * X[p, q] * v[q], p, q), i)
along = S.define("along", total(F[j, i] * e[j], j), i)

S.identity(
    "the movement of B is a covariance",
    total(e[j] * F[j, i] * s[i] * (score[i] - total(s[l] * score[l], l)), i, j),
    total(s[i] * score[i] * along[i], i) - total(s[i] * score[i], i) * total(s[i] * along[i], i),
    source=SOURCE,
    form="ours",
    reason="eᵀ F J(s) ξ for J(s) = Diag(s) − ssᵀ and the scores ξ = VᵀXv.",
)
S.identity(
    "the gradient in Q is the same covariance",
    total(X[p, q] * V[p, i] * s[i] * (along[i] - total(s[l] * along[l], l)) * v[q], i, p, q),
    total(s[i] * score[i] * along[i], i) - total(s[i] * score[i], i) * total(s[i] * along[i], i),
    source=SOURCE,
    form="ours",
    reason="⟨X, V J(s) Fᵀe vᵀ⟩: the map that moves B and the one that makes the gradient are adjoint, so that one constant serves both.",
)
S.inequality(
    "Cauchy–Schwarz under weights",
    total(s[i] * (x[i] - mean_x) * (y[i] - mean_y), i) ** 2,
    total(s[i] * (x[i] - mean_x) ** 2, i) * total(s[i] * (y[i] - mean_y) ** 2, i),
    proof=total(
        s[i] * s[j] * ((x[i] - mean_x) * (y[j] - mean_y) - (x[j] - mean_x) * (y[i] - mean_y)) ** 2, i, j
    )
    / 2,
    source=SOURCE,
    form="ours",
    reason="The identity of Lagrange, with weights.",
    expected="holds",
)
S.inequality(
    "the variance of numbers in an interval",
    total(s[i] * (x[i] - mean_x) ** 2, i),
    (high - low) ** 2 / 4,
    when=[(high - x[i]) * (x[i] - low) >= 0],
    source=SOURCE,
    form="ours",
    reason="Popoviciu: Σ s(high − x)(x − low) is not negative, and ((high + low)/2 − mean)² is a square.",
    expected="holds",
)

S.section("The weights while attention stands still")  # S = B(0)B(0)ᵀ

square = S.define("square", total(start[i, h] * start[j, h], h), i, j)
inverse = S.inverse("inverse", square[i, j], i, j)
g = S.letters(g=prompt)
moved = S.define("moved", total(start[j, h] * inverse[j, i] * g[i], i, j), h)

S.identity(
    "the length of the weights that reach a residual",
    total(moved[h] ** 2, h),
    total(g[i] * inverse[i, j] * g[j], i, j),
    source=SOURCE,
    form="ours",
    reason="‖BᵀS⁻¹g‖² = gᵀS⁻¹g for S = BBᵀ.",
)

S.section("All tokens together")  # they are coupled through Q: ρ′ = (Diag(α) + θuuᵀ)ρ

rho, u = S.letters(kind="nonnegative", rho=tokens, u=tokens)
theta, largest = S.scalars("theta largest", positive=False)

S.inequality(
    "the coupling of tokens is a contraction",
    total((largest * rho[k] + theta * u[k] * total(u[n] * rho[n], n)) ** 2, k),
    (largest + theta * total(u[n] ** 2, n)) ** 2 * total(rho[k] ** 2, k),
    source=SOURCE,
    form="ours",
    reason="Cauchy–Schwarz, twice; each α_k is at most the largest.",
    expected="holds",
)

S.section("From the contraction to (18)")  # x and η_wζ_0/(2K)

contraction, rate = S.scalars("contraction rate", positive=False)

S.inequality(
    "the contraction gives the rate of the theorem",
    (1 - contraction) ** 2,
    1 - rate,
    when=[rate <= contraction, contraction <= 1],
    source=SOURCE,
    form="ours",
    reason="1 − rate − (1 − x)² = (x − rate) + x(1 − x).",
    expected="holds",
)
