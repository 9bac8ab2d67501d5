"""What decides W3–W7: exact points for one head, for A3 and its converse, for rank, for tasks and their moments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from symbolic.evaluate import Point, evaluate
from verify.record import Need, Witness
from verify.sides import read
from verify.theories.yang2024.binding import RATIONALS, inverse, objects, rational
from verify.theories.yang2024.checks import dictionary
from verify.theories.yang2024.checks.clauses import (
    Finding,
    array_text,
    confirmed,
    exhibited,
    opened,
    proved,
    proved_identity,
    refuted,
)
from verify.theories.yang2024.checks.dictionary import Token
from verify.theories.yang2024.checks.moments import FiniteTasks, mean_loss
from verify.theories.yang2024.checks.penalty import SmallPrompt
from verify.theories.yang2024.checks.signs import squared_parts
from verify.theories.yang2024.claims import words_proofs as proofs
from verify.theories.yang2024.claims.loss import closed_form
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.symbolic.derivation import derive

EXACT = "exact rational arithmetic"

# W3.


def two_signs(features: Sequence[int] = (1, -1, 1)) -> Finding:
    """A column of A at an unlabelled token with entries of both signs; m = 1, N = 2, K = 3."""
    prompt = SmallPrompt.of([features], 2, 1)
    column = prompt.weights(prompt.tau)[:, 2]
    plus, minus = squared_parts(column, rational(0))
    least = min(plus, minus)
    gap = prompt.tau / (2 * prompt.sizes["K"]) * least
    shown = ", ".join(map(str, column))
    if not least > 0:
        summary = f"at Ẑ = {tuple(features)} A_{{:,3}} = ({shown})"
        witness = Witness(
            summary=summary,
            sizes=prompt.sizes,
            lhs=shown,
            rhs="entries of both signs",
            method=EXACT,
            exact=True,
        )
        return refuted(True, f"{summary} has entries of one sign.", witness)
    return exhibited(
        bool(least > 0),
        f"at N = 2, K = 3, m = 1, Ẑ = {tuple(features)}, τ = 1 it is A_{{:,3}} = ({shown}): ‖A_{{:,3}} − w s‖² ≥ {least} "
        f"for every w and s, and with H = 1 𝓛(θ) − min_Â 𝓛 ≥ (mτ/2K) · {least} = {gap} for every θ.",
    )


def no_tasks_in_A(laboratory: Laboratory) -> Iterable[Need]:
    if proofs.tasks_absent(derive().fixed_point):
        yield Need(
            assumption="A1", verdict="not needed", strength="proved",
            statement="A of (34) is a formula in Z and τ: neither λ nor a label stands in it. A1 makes it the minimiser.",
        )  # fmt: skip


# W4.

REPEATED: tuple[Token, ...] = ((1, 0), (0, 1), (1, 0))
BOX: tuple[Token, ...] = (
    (Fraction(3, 5), Fraction(4, 5)), (Fraction(3, 5), Fraction(-4, 5)), (Fraction(-3, 5), Fraction(4, 5)),
)  # fmt: skip


def what_A3_gives(laboratory: Laboratory) -> Iterable[Need]:
    twice: tuple[Token, ...] = ((1, 0), (1, 0))
    if dictionary.separating_row(twice) is None and dictionary.equal_tokens(twice):
        summary = f"N = K = 2, tokens {dictionary.shown(twice)}: no row tells them apart, and they are equal"
        yield Need(
            assumption="A3", verdict="needed", strength="certified", statement=f"Without it {summary}.",
            witness=Witness(summary=summary, sizes={"N": 2, "K": 2, "d": 2}, values={"V": dictionary.shown(twice)}, method=EXACT,
                exact=True),
        )  # fmt: skip


def equal_outside_the_prompt() -> Finding:
    """A3 with a token of the prompt once more in the dictionary."""
    row, pair = dictionary.separating_row(REPEATED[:2]), dictionary.equal_tokens(REPEATED)
    summary = f"N = 2, K = 3, tokens {dictionary.shown(REPEATED)}: a row of V separates the first two, and v_1 = v_3"
    witness = Witness(
        summary=summary, sizes={"N": 2, "K": 3, "d": 2}, values={"V̂": array_text(objects(REPEATED).T)}, lhs="v_1 = v_3", rhs="v_1 ≠ v_3",
        method=EXACT, exact=True,
    )  # fmt: skip
    return refuted(row is not None and pair == (0, 2), f"A3 speaks of V alone: {summary}.", witness)


def norms_matter() -> Finding:
    """(83), ‖G‖_F ≤ 2αs_{jk}, at tokens that A3 allows and A0 does not; d = 1, α_{h,k} = α = 1."""
    v, token, s = (Fraction(2), Fraction(-2)), Fraction(2), Fraction(1, 2)
    G = s * sum((s * (v[0] - x) for x in v), Fraction(0)) * token
    separated = dictionary.separating_row([(x,) for x in v]) is not None
    summary = (
        f"d = 1, V = (2, −2), v_k = 2, s = (1/2, 1/2), α = 1: ‖G‖_F = {abs(G)}, and (83) says at most {2 * s}"
    )
    witness = Witness(
        summary=summary, sizes={"N": 2, "d": 1}, values={"V": "(2, -2)", "v_k": "2", "s": "(1/2, 1/2)", "α": "1"},
        lhs=str(abs(G)), rhs=str(2 * s), method=EXACT, exact=True,
    )  # fmt: skip
    return refuted(
        separated and abs(G) > 2 * s,
        f"A0 asks for ‖v_k‖ = 1 as well, and Lemma 7 uses it: {summary}.",
        witness,
    )


def not_conversely() -> Finding:
    """Distinct unit tokens none of whose rows separates them."""
    so = (
        dictionary.unit(BOX)
        and dictionary.equal_tokens(BOX) is None
        and dictionary.separating_row(BOX) is None
    )
    return exhibited(
        so, f"{dictionary.shown(BOX)} are distinct unit tokens, and every row of V has two equal entries."
    )


def full_rank_without_A3() -> Finding:
    """Three heads that give BOX full row rank: Q_hv_k = (a log 2, b log 2), so that exp(v_jᵀQ_hv_k) is a power of 2."""
    rank = box_rank()
    return exhibited(
        rank == len(BOX) and dictionary.separating_row(BOX) is None,
        f"for these three and Q_hv_k/log 2 = (0, 0), (5/3, 0), (0, 5/4) C_k has rank {rank} = N, "
        "so that it has for almost every Gaussian Q.",
        given=("a real-analytic function that is not identically zero vanishes on a null set only",),
    )


def box_rank() -> int:
    queries = tuple((Fraction(5 * a, 3), Fraction(5 * b, 4)) for a, b in ((0, 0), (1, 0), (0, 1)))
    return dictionary.rank(dictionary.attention(dictionary.columns_of_powers(BOX, queries, (2, 2))))


# W5.


def _need(assumption: str, summary: str, matrix: list[list[Fraction]]) -> Iterable[Need]:
    """`needed`, if this B_k (or C_k) of an instance that breaks one hypothesis alone has no full row rank."""
    array = objects(matrix)
    if (rank := dictionary.rank(array)) < len(array):
        yield Need(
            assumption=assumption, verdict="needed", strength="certified", statement=f"{summary}: rank {rank} < N = {len(array)}.",
            witness=Witness(summary=summary, sizes={"N": len(array)}, lhs=f"rank {rank}", rhs=f"N = {len(array)}", method=EXACT,
                exact=True),
        )  # fmt: skip


def what_rank_needs(laboratory: Laboratory) -> Iterable[Need]:
    half, third, twice = Fraction(1, 2), Fraction(1, 3), Fraction(2, 3)
    yield from _need(
        "A0",
        "v_1 = v_2: every row of C_k is (1/2, 1/2), whatever Q",
        [[half, half], [half, half]],
    )
    yield from _need("heads", "H = 1 head for N = 2 tokens, C_k = (1/3, 2/3)ᵀ", [[third], [twice]])
    yield from _need(
        "gaussian", "Q_1 = Q_2 = 0: every column of C_k is (1/2, 1/2)ᵀ", [[half, half], [half, half]]
    )


# W6.


def task_free() -> Finding:
    if not proofs.tasks_absent(derive().fixed_point):
        return opened("prove", "a task or a label stands in the derived A")
    return Finding(
        "prove", "holds", "proved", "A, to which Â tends, is derived with no task and no label in it."
    )


def not_the_truth() -> Finding:
    """A feature that no label has seen."""
    prompt = SmallPrompt.of([[1, 0], [0, 1]], 1, 1)
    weight = prompt.weights(prompt.sizes["m"] * prompt.tau)[0, 1]
    return exhibited(
        bool(weight == 0),
        "at N = 1, m = 2, Ẑ = I ridge regression itself predicts 0 for token 2, whatever λ_2: near ridge is not near λᵀf(v_k).",
    )


# W7.

TURNED = FiniteTasks(((Fraction(7, 5), Fraction(1, 5)), (Fraction(-1, 5), Fraction(7, 5))))
NOISE = Fraction(1, 2)  # ε has entries ± 1/2, so τ = 1/4


def less_than_A1_will_do() -> Finding:
    """(36) under a law of λ with E[λλᵀ] = I that has a mean and dependent components."""
    half = Fraction(1, 2)
    Z, A_hat, tau = objects([[half, 1], [half, -1]]), objects([[2, -1]]), rational(NOISE**2)
    M = Z[:, :1].T @ Z[:, :1] + objects([[2 * NOISE**2]])  # 1, so that Z̄ = 1
    sides = read(closed_form(repaired=True)[0])
    arrays = {"Z": Z, "Ahat": A_hat, "Minv": inverse(M), "Zbar": M}
    right = evaluate(sides.rhs, Point(RATIONALS, arrays, {"N": 1, "K": 2, "m": 2, "tau": tau})).item()
    left, pair = mean_loss(Z, A_hat, TURNED, NOISE), TURNED.dependent()
    identity = bool(np.all(TURNED.second == objects([[1, 0], [0, 1]]))) and bool(M[0, 0] * M[0, 0] == M[0, 0])
    mean = ", ".join(map(str, TURNED.mean))
    summary = (
        f"λ is (7/5, 1/5) or (−1/5, 7/5), ε has entries ±1/2, N = 1, K = 2, m = 2: E[λ] = ({mean}), the components are dependent, "
        f"and (9), summed over the law, is {left}, (36) with the repaired constant {right}"
    )
    witness = Witness(
        summary=summary, sizes={"N": 1, "K": 2, "m": 2}, values={
            "Ẑ": array_text(Z), "Â": array_text(A_hat), "tau": str(tau), "tasks λ, equally likely": array_text(objects(TURNED.tasks)),
        },
        lhs=f"(9) = {left}", rhs=f"(36) = {right}", method=f"{EXACT}, sum over every λ and ε of a finite law", exact=True,
    )  # fmt: skip
    so = identity and pair is not None and any(x != 0 for x in TURNED.mean) and bool(left == right)
    return refuted(so, f"Lemma 5 holds where A1 fails twice: {summary}.", witness)


# Equal variances, but correlated; uncorrelated, with other variances; the trace of I.
OTHER_MOMENTS = tuple(
    ((Fraction(a), Fraction(b)), (Fraction(b), Fraction(c)))
    for a, b, c in ((1, Fraction(1, 2), 1), (2, 0, 1), (Fraction(1, 2), 0, Fraction(3, 2)))
)


def second_moments_are_needed() -> Finding:
    """(36) at N = K = 1, Â = 0, τ = 1 for three Σ ≠ I."""
    told, zero = [], objects([[0]])
    for second in OTHER_MOMENTS:
        for z in ((1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (2, 2)):
            prompt = SmallPrompt.of([[z[0]], [z[1]]], 1, 1)
            if prompt.loss(zero, objects(second)) != prompt.loss(zero):
                told.append(f"Σ = [{dictionary.shown(second)}] at z_1 = {z}")
                break
    statement = f"(36) is off for {'; '.join(told)} (N = K = 1, m = 2, Â = 0, τ = 1)."
    argument = (
        "at N = K = 1, Â = 0 the difference is (z_1ᵀ(Σ − I)z_1 + τ(tr Σ − m))/2; were it 0 at z_1 and at 2z_1, z_1ᵀ(Σ − I)z_1 would "
        "be 0, and if so at all e_a and e_a + e_b, Σ would be I"
    )
    return replace(confirmed(len(told) == len(OTHER_MOMENTS), statement), steps=(argument,))


def closed_form_holds() -> Finding:
    return proved(
        "(36), repaired, for every law that meets A1.", proved_identity(closed_form(repaired=True)[0], "(36)")
    )
