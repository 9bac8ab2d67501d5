"""A0–A4 and the two hypotheses that the theorems state in passing: w^(0) = 0 (Theorem 1) and H ≥ N (Proposition 1)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from flint import arb

from numeric import balls
from verify.record import AssumptionRecord, Scalar
from verify.statement import Assumption
from verify.theories.yang2024.laboratory import Laboratory
from verify.vocabulary import Strength

UNIT_TOLERANCE = 2.0**-50
SHOWN = 8
LARGEST = 1e280  # what is written of a number beyond


def _record(
    assumption: Assumption,
    verdict: Literal["holds", "fails", "undecided"],
    finding: str,
    *,
    margin: float | None,
    strength: Strength | None = "certified",
    offenders: list[str] | None = None,
    figures: dict[str, Scalar] | None = None,
) -> AssumptionRecord:
    named = offenders or []
    if len(named) > SHOWN:
        named = [*named[:SHOWN], f"and {len(named) - SHOWN} more"]
    return AssumptionRecord(
        id=assumption.id, title=assumption.title, text=assumption.text, statement=[], verdict=verdict,
        strength=strength, margin=margin, margin_meaning=assumption.margin_meaning, finding=finding,
        offenders=named, figures=figures or {},
    )  # fmt: skip


def check_A0(assumption: Assumption, laboratory: Laboratory) -> AssumptionRecord:
    """Norms in 256-bit balls of the exact entries; equality of tokens entry by entry."""
    instance = laboratory.instance
    offenders: list[str] = []
    worst = arb(0)
    with balls.precision(256):
        tokens = balls.exact(instance.tokens).transpose().tolist()
        for k, token in enumerate(tokens):
            off = sum((x * x for x in token), arb(0)) - 1
            worst = worst.max(abs(off))
            if not abs(off) <= UNIT_TOLERANCE:
                offenders.append(f"token {k + 1}: ‖v‖² − 1 = {float(off):.3g}")
    defect = float(worst.upper().min(arb(LARGEST)))
    unit = 1.0 - defect / UNIT_TOLERANCE
    first, second, distance = closest_columns(instance.tokens)
    if distance == 0:
        offenders[:0] = [f"tokens {i + 1} and {j + 1} are equal" for i, j in equal_columns(instance.tokens)]
    apart = (
        f"closest tokens {first + 1} and {second + 1} at distance {distance:.4g}"
        if instance.K > 1
        else "one token"
    )
    finding = f"largest |‖v_k‖² − 1| = {defect:.3g} (allowed: 2⁻⁵⁰ = {UNIT_TOLERANCE:.3g}); {apart}; τ = {instance.tau:g}"
    figures: dict[str, Scalar] = {"largest norm defect": defect, "smallest distance": distance}
    verdict: Literal["holds", "fails"] = "fails" if offenders else "holds"
    return _record(
        assumption, verdict, finding, margin=min(unit, distance), offenders=offenders, figures=figures
    )


def closest_columns(tokens: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> tuple[int, int, float]:
    """The two columns nearest to each other, and their distance; (0, 0, 2.0) where there is only one."""
    best = (0, 0, np.inf)
    for j in range(1, tokens.shape[1]):
        apart = np.abs(tokens[:, :j] - tokens[:, j : j + 1])
        top = apart.max(axis=0)  # scaled out of the squares, so that they neither vanish nor overflow
        lengths = top * np.sqrt(((apart / np.where(top > 0, top, 1)) ** 2).sum(axis=0))
        lengths = np.fmin(lengths, LARGEST)  # nan, of entries that are infinitely far apart, among them
        i = int(lengths.argmin())
        if lengths[i] < best[2]:
            best = (i, j, float(lengths[i]))
    return best if tokens.shape[1] > 1 else (0, 0, 2.0)


def equal_columns(tokens: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> list[tuple[int, int]]:
    """Pairs (first, later) of equal columns."""
    seen: dict[bytes, int] = {}
    pairs = []
    for j, column in enumerate(tokens.T):
        first = seen.setdefault((column + 0.0).tobytes(), j)  # −0.0 + 0.0 is 0.0
        if first != j:
            pairs.append((first, j))
    return pairs


def check_A1(assumption: Assumption, laboratory: Laboratory) -> AssumptionRecord:
    """The law's own parameters: an equation has no slack, so the margin is 0 where it holds."""
    law = laboratory.instance.tasks
    second = law.std**2 + law.mean**2
    offenders = [] if law.mean == 0 else [f"E[λ_i] = {law.mean:g} for every component"]
    if second != 1:
        offenders.append(f"E[λ_i²] = {second:g} for every component")
    finding = (
        f"{law.kind} components, independent by construction, E[λ_i] = {law.mean:g}, E[λ_i²] = {second:g}"
    )
    verdict: Literal["holds", "fails"] = "fails" if offenders else "holds"
    return _record(
        assumption, verdict, finding, margin=0.0 - max(abs(law.mean), abs(second - 1)), offenders=offenders
    )


def check_A2(assumption: Assumption, laboratory: Laboratory) -> AssumptionRecord:
    """ζ_0 enclosed from V, Q, Z."""
    spectrum = laboratory.spectrum
    zeta = spectrum.zeta
    figures: dict[str, Scalar] = {
        "token of the smallest eigenvalue": spectrum.token + 1,
        "bits of precision": max(spectrum.bits, default=0),
    }
    if spectrum.rank == "full":
        finding = f"min_k λ_min(B_k B_kᵀ) = {zeta.str(6, radius=False)}, at token {spectrum.token + 1}"
        margin: float | None = balls.float_down(zeta)
        if margin == 0:  # no margin, rather than that of a rank that is deficient
            margin, finding = None, f"{finding}; positive, and below the range of double precision"
        return _record(assumption, "holds", finding, margin=margin, figures=figures)
    if spectrum.rank == "deficient":
        return _record(
            assumption, "fails", spectrum.reason, margin=0.0, offenders=[spectrum.reason], figures=figures
        )
    return _record(
        assumption,
        "undecided",
        spectrum.reason,
        margin=None,
        strength=None,
        offenders=[spectrum.reason],
        figures=figures,
    )


def check_A3(assumption: Assumption, laboratory: Laboratory) -> AssumptionRecord:
    """The row of V with the largest smallest gap between two entries. Differences of floats vanish only if they are equal."""
    V = laboratory.instance.V
    if V.shape[1] == 1:
        return _record(assumption, "holds", "one prompt token: nothing to tell apart", margin=None)
    order = np.sort(V, axis=1)
    gaps = np.diff(order, axis=1).min(axis=1)
    row = int(gaps.argmax())
    if gaps[row] > 0:
        finding = f"row {row + 1} of V: its entries are at least {gaps[row]:.4g} apart"
        return _record(assumption, "holds", finding, margin=float(gaps[row]), figures={"row": row + 1})
    offenders = []
    for r, x in enumerate(V):
        i, j = next((i, j) for j in range(1, len(x)) for i in range(j) if x[i] == x[j])
        offenders.append(f"row {r + 1}: tokens {i + 1} and {j + 1} agree")
    return _record(
        assumption, "fails", "every row of V has two equal entries", margin=0.0, offenders=offenders
    )


def check_A4(assumption: Assumption, laboratory: Laboratory) -> AssumptionRecord:
    """The tasks drawn for inference, one by one."""
    instance = laboratory.instance
    B, norms = instance.inference.B, laboratory.inference_prompts.norms
    largest = float(norms.max())
    offenders = [f"task {t + 1}: ‖λ‖ = {norms[t]:.4g}" for t in np.flatnonzero(norms > B)]
    law = instance.inference.tasks
    finding = f"{len(norms)} tasks drawn ({law.kind}, mean {law.mean:g}, std {law.std:g}); largest ‖λ‖ = {largest:.4g}, B = {B:g}"
    verdict: Literal["holds", "fails"] = "fails" if offenders else "holds"
    return _record(
        assumption,
        verdict,
        finding,
        margin=(B - largest) / (B + largest),
        strength="tested",
        offenders=offenders,
    )


def check_w_zero(assumption: Assumption, laboratory: Laboratory) -> AssumptionRecord:
    w = laboratory.instance.w0
    heads = np.flatnonzero(np.any(w != 0, axis=1))
    offenders = [f"head {h + 1}: largest |w| = {np.abs(w[h]).max():.4g}" for h in heads]
    finding = "w^(0) = 0" if not offenders else f"{len(heads)} of {len(w)} heads start at w ≠ 0"
    return _record(
        assumption,
        "fails" if offenders else "holds",
        finding,
        margin=0.0 - float(np.abs(w).max()),
        offenders=offenders,
    )


def check_heads(assumption: Assumption, laboratory: Laboratory) -> AssumptionRecord:
    N, H = laboratory.instance.N, laboratory.instance.H
    offenders = [] if H >= N else [f"H = {H} heads for N = {N} prompt tokens"]
    margin = (H - N) / (H + N)
    return _record(
        assumption, "fails" if offenders else "holds", f"H = {H}, N = {N}", margin=margin, offenders=offenders
    )


def check_gaussian(assumption: Assumption, laboratory: Laboratory) -> AssumptionRecord:
    given = laboratory.instance.Q_given is not None
    finding = (
        "Q_h^(0) was given as an array"
        if given
        else f"entries drawn from N(0, β²), β = {laboratory.instance.beta:g}"
    )
    return _record(
        assumption,
        "fails" if given else "holds",
        finding,
        margin=None,
        offenders=["initialisation.Q"] if given else [],
    )


ASSUMPTIONS = (
    Assumption(
        "A0", "Tokens are distinct unit vectors, the noise is positive", "v_k distinct, ‖v_k‖₂ = 1, τ > 0",
        (r"v_i\ne v_j\ (i\ne j),\qquad \|v_k\|_2=1,\qquad \tau>0",),
        "the smaller of: distance of the closest two tokens; 1 − 2⁵⁰ · max_k |‖v_k‖² − 1|", check_A0,
    ),
    Assumption(
        "A1", "Task distribution", "the λ_i are independent, E[λ_i] = 0, E[λ_i²] = 1",
        (r"\lambda_i\ \text{independent},\qquad \mathbb{E}[\lambda_i]=0,\qquad \mathbb{E}[\lambda_i^2]=1",),
        "minus the larger of |E[λ_i]| and |E[λ_i²] − 1|: an equation has no slack", check_A1,
    ),
    Assumption(
        "A2", "Initialisation", "B_k^(0) has full row rank for all k ∈ [K]",
        (r"\operatorname{rank}B_k^{(0)}=N,\qquad k\in[K]",),
        "certified lower end of ζ_0 = min_k λ_min(B_k^(0) B_k^(0)ᵀ); 0 where the rank is deficient", check_A2,
    ),
    Assumption(
        "A3", "A row of V separates the prompt tokens", "some row x of V has x_i ≠ x_j for all i ≠ j",
        (r"\exists\,x\ \text{row of}\ V:\ x_i\ne x_j\ (i\ne j)",),
        "over rows, the largest smallest gap between two entries", check_A3,
    ),
    Assumption(
        "A4", "Bounded tasks at inference", "‖λ‖₂ ≤ B",
        (r"\|\lambda\|_2\le B",), "(B − max ‖λ‖)/(B + max ‖λ‖) over the tasks drawn", check_A4,
    ),
    Assumption(
        "w-zero", "Hypothesis of Theorem 1", "w_k^(0) = 0",
        (r"w_k^{(0)}=0",), "minus the largest |w|: an equation has no slack", check_w_zero,
    ),
    Assumption(
        "heads", "Hypothesis of Proposition 1", "H ≥ N", (r"H\ge N",), "(H − N)/(H + N)", check_heads,
    ),
    Assumption(
        "gaussian", "Hypothesis of Proposition 1", "Q_h^(0)(i, j) i.i.d. N(0, β²)",
        (r"Q_h^{(0)}(i,j)\sim\mathcal{N}(0,\beta^2)",), "none: it is a matter of how Q was made", check_gaussian,
    ),
)  # fmt: skip
