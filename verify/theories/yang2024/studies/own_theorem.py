"""The theorem behind the certificate for every step, which is ours and not the paper's: what it says, how it is derived, what is proved."""

from __future__ import annotations

from time import perf_counter

from verify.own import stored
from verify.own.theory import theory
from verify.pipeline.bench import Bench
from verify.pipeline.gather import gather
from verify.pipeline.judge import Beside, judge
from verify.record import ClaimRecord, Scalar, Study, Table
from verify.theories.yang2024 import lemmas_every_step
from verify.theories.yang2024.laboratory import Laboratory

TITLE = "A theorem of our own: every step of gradient descent"
THEOREM = (
    "Write F for a root of E[y_{1:N}y_{1:N}ᵀ] = FᵀF, B_k(t) = F C_k(t), r_k(t) = F(Â_k − A_k), and w_k(t) for the weights of token k over "
    "the heads, so that 𝓛 − inf 𝓛 = (1/2K) Σ_k ‖r_k‖². Let S_k = B_k(0)B_k(0)ᵀ with least eigenvalue λ_k > 0, M_k = I − (η_w/K)S_k and "
    "c_k = η_wλ_k/K, and let η_w max_k ‖S_k‖ ≤ K. If a number G closes the circle of the table below, then at every step t ∈ ℕ of (10) "
    "the path of Q is at most G long, ‖B_k(t) − B_k(0)‖ ≤ μ_kG, ‖w_k(t)‖ ≤ W_k, and the gap falls by the factor (1 − x)² or more. "
    "(18) holds for every t where (1 − x)² ≤ 1 − η_wζ_0/(2K)."
)
STEPS: tuple[tuple[str, str, str], ...] = (
    (
        "One step, exactly",
        ("w_k(t+1) = w_k(t) − (η_w/K)B_k(t)ᵀr_k(t) and r_k(t+1) = M_k r_k(t) + p_k(t), with p_k(t) = "
        "(η_w/K)(S_k − B_k(t+1)B_k(t)ᵀ)r_k(t) + (B_k(t+1) − B_k(t))w_k(t)"),
        "(10), put into r_k",
    ),
    (
        "How fast attention moves",
        ("μ_k = ½ max_{i,j}‖v_i − v_j‖ · ½ max_{i,j}‖F(e_i − e_j)‖ · ‖v_k‖ bounds both: (Σ_h ‖∂𝓛/∂Q_h‖²)^½ ≤ (1/K) Σ_k μ_k‖w_k‖‖r_k‖, and "
        "‖B_k(t+1) − B_k(t)‖ ≤ μ_k‖Q(t+1) − Q(t)‖"),
        "both are covariances under the weights of the softmax; Cauchy–Schwarz, and the variance of numbers in an interval",
    ),
    (
        "The perturbation",
        ("with D_k = μ_kG and ε_k = (2‖B_k(0)‖D_k + D_k²)/λ_k: ‖p_k(t)‖ ≤ c_kε_k‖r_k(t)‖ + ‖B_k(t+1) − B_k(t)‖W_k, so that "
        "P_k = c_kε_kR_k + W_kD_k bounds Σ_t ‖p_k(t)‖, where R_k bounds Σ_t ‖r_k(t)‖"),
        "the triangle inequality over steps",
    ),
    (
        "The weights while attention stands still",
        ("w_k(t) = w_k(0) − B_k(0)ᵀS_k⁻¹(I − M_k^t)r_k(0), of norm at most ŵ_k = ‖w_k(0)‖ + (r_k(0)ᵀS_k⁻¹r_k(0))^½; and "
        "c_k Σ_t ‖M_k^t r_k(0)‖ ≤ ŝ_k = ‖r_k(0)‖"),
        "geometric sums of M_k, 0 ≤ M_k ≤ (1 − c_k)I",
    ),
    (
        "The circle closes",
        "R_k = (ŝ_k + P_k)/c_k, W_k = ŵ_k + P_k/√λ_k + (η_w/K)D_kR_k, and (η_Q/K) Σ_k μ_kW_kR_k ≤ G",
        "induction on T, in this order: the path of Q up to T + 1 is at most G; ‖w_k(T+1)‖ ≤ W_k; Σ_{t≤T+1} ‖r_k(t)‖ ≤ R_k",
    ),
    (
        "All tokens together",
        ("with u_k = μ_kW_k and ρ_k(t) = ‖r_k(t)‖: ρ(t+1) ≤ (Diag(1 − c_k(1 − ε_k)) + (η_Q/K)uuᵀ)ρ(t), entry by entry, so that "
        "‖ρ(t+1)‖ ≤ (1 − x)‖ρ(t)‖ for x = min_k c_k(1 − ε_k) − (η_Q/K)‖u‖²"),
        "tokens meet in Q alone; Cauchy–Schwarz",
    ),
    (
        "From the contraction to (18)",
        ("the ratio of both sides of (18) grows with t, so that the smallest margin over t ≥ 1 is at t = 1; (43a) follows from "
        "‖w_h‖ ≤ (Σ_k W_k²)^½, (43b) from σ_N(B_k(t)) ≥ √λ_k − D_k"),
        "(1 − x)² ≤ 1 − η_wζ_0/(2K)",
    ),
)  # fmt: skip
COMMAND = f"icl-verify check {lemmas_every_step.__name__.replace('.', '/')}.py"
METHOD = (
    "Statements in letters of their own, for one token, proved for all sizes; their proofs are stored beside them and replayed by two "
    f"checkers that share no code. `{COMMAND}` also certifies and searches each, and puts it beside its false variants"
)


def study(laboratory: Laboratory) -> Study:
    """The theorem in words, its derivation as a table, and the statements in which it rests, each with its verdict."""
    started, found = perf_counter(), statements()
    rows: list[list[Scalar]] = [[*step] for step in STEPS]
    return Study(
        id="own-theorem", title=TITLE, finding=THEOREM, statements=found, method=METHOD, seconds=perf_counter() - started,
        tables=[Table(caption="The derivation, to be checked by hand", columns=["step", "what is so", "why"], rows=rows)],
        contradiction=next((f"{row.title}: {row.contradiction}" for row in found if row.contradiction), None),
    )  # fmt: skip


def statements() -> list[ClaimRecord]:
    """Each statement with its proof replayed, in the order of the derivation."""
    place = stored.place(lemmas_every_step.__file__, [lemmas_every_step.S], update="")
    kept = stored.opened(place, [lemmas_every_step.S], update=False)
    stated = theory(lemmas_every_step.S, kept.get(lemmas_every_step.S.name))
    rows = []
    for claim in stated.claims:
        evidence = list(gather(claim, claim.checks[0], Bench(0)))
        rows.append(judge(claim, evidence, {}, lambda id: COMMAND, Beside(stated.part(claim.id))))
    return rows
