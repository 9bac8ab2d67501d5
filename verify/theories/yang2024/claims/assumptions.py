"""A0–A4 as claims: each can be met, none follows from the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from verify.record import Need
from verify.statement import Check, Claim
from verify.theories.yang2024.assumptions import ASSUMPTIONS
from verify.theories.yang2024.checks.independence import FiniteTasks, Independent, MomentsOnly
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import Array, Inference, Instance, TaskLaw

JUDGED = tuple(assumption for assumption in ASSUMPTIONS if assumption.id in ("A0", "A1", "A2", "A3", "A4"))
SIGNS = TaskLaw("rademacher")

# In four dimensions (±1, ±1, ±1, ±1)/2 are unit vectors without rounding.
HALVES = np.array([[1, 1, 1, 1], [1, 1, 1, -1], [1, 1, -1, -1], [1, -1, 1, -1]]).T / 2
UNIT = np.eye(4)


def outer(left: Array, right: Array) -> Array:
    product: Array = np.multiply.outer(left, right)
    return product


def together() -> Instance:
    """N, K, m, d, H = 2, 3, 2, 4, 2: Q_1 = 0 gives uniform attention, Q_2 scores that differ at every token."""
    tokens = np.column_stack([UNIT[0], HALVES[:, 0], HALVES[:, 1]])
    Q = np.stack([np.zeros((4, 4)), outer(UNIT[0], np.array([2.0, 1.0, 0.0, 0.0]))])
    features = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    inference = Inference(SIGNS, B=2.0, prompts=4)
    return Instance("exact", tokens, features, N=2, H=2, tau=0.5, tasks=SIGNS, inference=inference, Q_given=Q)


def with_token(token: Array) -> Instance:
    """The last token, which is not in the prompt, replaced."""
    tokens = together().tokens.copy()
    tokens[:, 2] = token
    return replace(together(), tokens=tokens)


def with_heads(*Q: Array) -> Instance:
    return replace(together(), H=len(Q), Q_given=np.stack(Q))


def no_separating_row() -> Instance:
    """Three distinct tokens with entries ±1/2: in each row two are equal. Three heads tell them apart all the same."""
    tokens = HALVES[:, [0, 2, 3, 1]]
    along = 2 * UNIT[0]
    Q = np.stack([np.zeros((4, 4)), outer(UNIT[1], along), outer(UNIT[2], along)])
    features = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 1.0, 1.0]])
    return replace(together(), tokens=tokens, features=features, N=3, H=3, Q_given=Q)


def short_bound() -> Instance:
    """λ of two entries ±1 has norm √2, more than B = 1."""
    return replace(together(), inference=Inference(SIGNS, B=1.0, prompts=4))


VIOLATIONS: Mapping[str, Mapping[str, Callable[[], Instance]]] = {
    "A0": {
        "an unlabelled token twice": lambda: with_token(UNIT[0]),
        "an unlabelled token of norm 2": lambda: with_token(2 * HALVES[:, 1]),
    },
    "A1": {
        "λ_i = 1 always": lambda: replace(together(), tasks=TaskLaw("rademacher", 1.0, 0.0)),
        "λ_i = ±2": lambda: replace(together(), tasks=TaskLaw("rademacher", 0.0, 2.0)),
    },
    "A2": {
        "two equal heads": lambda: with_heads(*[together().Q0(1)] * 2),
        "one head for two labelled tokens": lambda: with_heads(together().Q0(1)),
    },
    "A3": {"three tokens of entries ±1/2": no_separating_row},
    "A4": {"B less than the norm of every task": short_bound},
}

ONE, SHORT, LONG = Fraction(1), Fraction(1, 5), Fraction(7, 5)  # SHORT² + LONG² = 2
SIGN = (1, -1)
CORRELATED = FiniteTasks(((ONE, ONE), (-ONE, -ONE)))
UNCORRELATED = FiniteTasks(
    tuple((a * x, b * y) for x, y in ((SHORT, LONG), (LONG, SHORT)) for a in SIGN for b in SIGN)
)

READING = (
    "An assumption is neither true nor false of all instances. What is judged: it can be met together with the others, by an "
    "exact instance; and it does not follow from them: exact instances meet all the others and break this one. Here: whether "
    "the instance at hand meets it."
)
BESIDE = {
    "A0": "Unit norm holds exactly for rational tokens; for float64 tokens it is read as |‖v_k‖² − 1| ≤ 2⁻⁵⁰. τ > 0 does not follow "
    "either: in the exact instance ZᵀZ = I, so B_kB_kᵀ = (1 + mτ) C_kC_kᵀ keeps its rank at τ = 0; but no instance has τ ≤ 0.",
    "A1": "Independence is used nowhere beyond E[λλᵀ] = I; whether Lemma 5 needs it is W7's question.",
    "A2": "It can be met only if H ≥ N: B_k has H columns. It is met almost surely where Proposition 1 applies.",
    "A3": "For two labelled tokens it says no more than that they differ; three distinct unit tokens may break it. It speaks of the "
    "prompt alone: whether it makes the dictionary distinct is W4's question.",
    "A4": "B is ours to choose, so for one λ it can always be met; it is an assumption on all prompts that one B must serve.",
}
REASON = {
    "A0": "Nothing else speaks of unlabelled tokens being distinct, or of norms.",
    "A1": "Nothing else speaks of the law of λ in training.",
    "A2": "Equal Q_h give equal columns of C_k, whatever the tokens are.",
    "A3": "Rows of three entries ±1/2 repeat one.",
    "A4": "A1 fixes E‖λ‖² = m in training and bounds nothing at inference.",
}


def judged_not_used(id: str) -> Callable[[Laboratory], Iterator[Need]]:
    """The assumption that a claim is about is no hypothesis of it."""

    def needs(laboratory: Laboratory) -> Iterator[Need]:
        yield Need(
            assumption=id, verdict="not needed", strength="certified",
            statement="Judged here, not used: that it can be met and does not follow is shown on instances of its own.",
        )  # fmt: skip

    return needs


def mistaken(id: str, position: int) -> Callable[[], Iterator[tuple[str, Claim]]]:
    """False variants: the instances of another assumption, or one that breaks this one in the place of the one that meets all."""

    def variants() -> Iterator[tuple[str, Claim]]:
        for other in VIOLATIONS:
            if other != id:
                check = Independent(JUDGED, id, together, VIOLATIONS[other])
                yield (
                    f"hypothesis: instances of {other} for those of {id}",
                    replace(CLAIMS[position], checks=(check,)),
                )
        for name, make in VIOLATIONS[id].items():
            check = Independent(JUDGED, id, make, VIOLATIONS[id])
            yield (
                f"hypothesis: {name} as an instance that meets all",
                replace(CLAIMS[position], checks=(check,)),
            )

    return variants


def _claim(id: str, position: int) -> Claim:
    (assumption,) = [a for a in JUDGED if a.id == id]
    checks: tuple[Check, ...] = (Independent(JUDGED, id, together, VIOLATIONS[id]),)
    if id == "A1":
        checks = (*checks, MomentsOnly(CORRELATED, UNCORRELATED))
    return Claim(
        id=id.lower(), title=assumption.title, source=f"Assumption {id}", form="printed",
        statement=assumption.statement, reading=f"{READING} {BESIDE[id]}", assumptions=(id,), checks=checks,
        kind="assumption", expected="assumption",
        reason=REASON[id], needs=judged_not_used(id), variants=mistaken(id, position),
    )  # fmt: skip


CLAIMS: tuple[Claim, ...] = tuple(
    _claim(assumption.id, position) for position, assumption in enumerate(JUDGED)
)
