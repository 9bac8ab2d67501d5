"""T. Yang, Y. Huang, Y. Liang, Y. Chi, "In-Context Learning with Representations", NeurIPS 2024 (arXiv 2408.10147)."""

from __future__ import annotations

from verify.statement import Theory
from verify.theories.yang2024.assumptions import ASSUMPTIONS
from verify.theories.yang2024.claims import (
    accuracy,
    descent,
    drift,
    expansion,
    fixed_point,
    gradients,
    induction,
    inference,
    initialisation,
    lipschitz,
    loss,
    norms,
    rates,
    ridge,
    scaling,
    setting,
    smoothness_17,
    softmax_bounds,
    tails,
    training,
    words,
)
from verify.theories.yang2024.claims import assumptions as assumption_claims
from verify.theories.yang2024.premises import registry

# The parts of the paper, and in each its claims in order. A claim whose id is missing here is an error at import.
PARTS = (
    ("Setting and assumptions", ("eq-8", "eq-9", "eq-10", "a0", "a1", "a2", "a3", "a4")),
    ("Results", (
        "prop-1", "eq-14", "eq-15", "eq-16", "eq-17", "theorem-1", "eq-20", "eq-21", "theorem-2", "eq-23", "eq-25",
    )),
    ("Preliminaries and the fixed point", (
        "lemma-1", "lemma-2", "lemma-3", "lemma-4", "eq-33", "eq-34", "eq-35", "noise-free", "lemma-5", "lemma-5-least",
        "lemma-5-infimum", "eq-37", "eq-38",
    )),
    ("Proof of Theorem 1", (
        "lemma-6", "eq-81", "lemma-7", "lemma-7-loss", "lemma-7-sum", "eq-43-base", "eq-43a", "eq-43b", "eq-43c", "eq-44",
        "eq-45", "eq-46", "eq-46-one-norm", "eq-46-scores", "eq-46-token", "eq-47", "eq-48-frobenius", "eq-48-drift", "eq-48",
        "eq-48-rank", "eq-49-gradient", "eq-49-identity", "eq-49", "lemma-8", "eq-51", "lemma-9", "eq-53", "eq-54", "eq-55",
        "eq-56", "eq-58", "eq-59", "eq-59-max", "eq-59-joint", "lemma-10", "eq-61-17", "eq-17-A",
        "eq-62", "geometric-sum", "step-3", "eq-63", "step-4", "step-4-contraction",
    )),
    ("Proof of Theorem 2", (
        "eq-65", "eq-66", "ridge-solution", "eq-67", "eq-68", "eq-69", "eq-70-loss", "eq-70-norm", "eq-70", "eq-70-rate",
        "theorem-2-error", "theorem-2-last",
    )),
    ("Proofs of Proposition 1 and Lemmas 5 and 7", (
        "prop-1-law", "eq-72", "eq-73", "eq-74", "eq-75", "eq-76", "eq-77", "lemma-5-prompt", "eq-78", "eq-79", "eq-82", "eq-83",
    )),
    ("Claims in words", ("w1", "w2", "w3", "w4", "w5", "w6", "w7")),
)  # fmt: skip
# What the text rests its statements on, in words. What the proofs go through is read off them.
RESTS = {
    "a2": ("prop-1",), "eq-16": ("eq-17",), "eq-17": ("eq-61-17",), "theorem-1": ("a2", "eq-15", "eq-16", "eq-43c", "lemma-5-infimum"),
    "eq-34": ("eq-33",), "eq-78": ("eq-77",), "eq-79": ("eq-77",), "lemma-5": ("a1", "eq-34", "eq-78", "eq-79"),
    "lemma-7": ("lemma-7-loss",), "lemma-7-loss": ("lemma-5",), "lemma-7-sum": ("lemma-7",), "eq-46-scores": ("lemma-2",),
    "eq-48-frobenius": ("lemma-2",), "lemma-8": ("lemma-2",), "eq-51": ("lemma-2",), "eq-47": ("lemma-7-sum", "step-3"),
    "eq-48-rank": ("eq-48",), "eq-43c": ("eq-48-drift", "eq-48-frobenius", "lemma-10"), "eq-54": ("eq-51", "lemma-9"), "eq-55": ("eq-54",),
    "eq-56": ("eq-82",), "eq-58": ("eq-51", "eq-53", "eq-56"), "eq-59": ("eq-58",), "eq-61-17": ("lemma-10",),
    "eq-62": ("eq-45", "lemma-5"), "step-4": ("eq-63",), "step-4-contraction": ("eq-49",),
    "eq-66": ("eq-34", "eq-65"), "ridge-solution": ("eq-66",), "eq-68": ("eq-67",),
    "eq-69": ("eq-68",), "eq-70-loss": ("lemma-5",), "eq-70": ("eq-37", "eq-70-loss"), "eq-70-rate": ("eq-70", "theorem-1"),
    "theorem-2-last": ("eq-21", "eq-69", "eq-70-rate", "theorem-2-error"), "theorem-2": ("a4", "eq-20", "ridge-solution", "theorem-2-last"),
}  # fmt: skip
ORDER = [id for _, ids in PARTS for id in ids]

_ALL = tuple(
    claim
    for room in (
        setting,
        assumption_claims,
        initialisation,
        training,
        rates,
        loss,
        inference,
        gradients,
        fixed_point,
        ridge,
        scaling,
        expansion,
        softmax_bounds,
        norms,
        lipschitz,
        induction,
        drift,
        descent,
        smoothness_17,
        accuracy,
        tails,
        words,
    )
    for claim in room.CLAIMS
)
THEORY = Theory(
    'T. Yang, Y. Huang, Y. Liang, Y. Chi, "In-Context Learning with Representations: Contextual Generalization of Trained '
    'Transformers", NeurIPS 2024 (arXiv 2408.10147)',
    tuple(sorted(_ALL, key=lambda claim: ORDER.index(claim.id))),
    ASSUMPTIONS,
    PARTS,
    registry,
    RESTS,
)


def theory() -> Theory:
    """The theory; a function, so that a test may put another one in its place."""
    return THEORY
