"""T. Yang, Y. Huang, Y. Liang, Y. Chi, "In-Context Learning with Representations", NeurIPS 2024 (arXiv 2408.10147)."""

from __future__ import annotations

from verify.claim import Theory
from verify.claims.yang2024 import (
    expansion,
    fixed_point,
    gradients,
    inference,
    loss,
    rates,
    ridge,
    scaling,
    training,
)
from verify.claims.yang2024.assumptions import ASSUMPTIONS

# In the order of the paper.
ORDER = (
    "prop-1", "eq-9", "eq-10", "eq-14", "eq-15", "eq-17", "theorem-1", "eq-20", "eq-21", "theorem-2",
    "eq-25", "lemma-1", "lemma-4", "eq-33", "eq-34",
    "lemma-5", "lemma-6", "eq-45", "eq-49-identity", "eq-56", "eq-65", "eq-66", "eq-75", "eq-76", "eq-77",
    "lemma-5-prompt", "eq-78", "eq-79", "eq-82",
)  # fmt: skip

_ALL = tuple(
    claim
    for room in (training, rates, loss, inference, gradients, fixed_point, ridge, scaling, expansion)
    for claim in room.CLAIMS
)
THEORY = Theory(
    'T. Yang, Y. Huang, Y. Liang, Y. Chi, "In-Context Learning with Representations: Contextual Generalization of Trained '
    'Transformers", NeurIPS 2024 (arXiv 2408.10147)',
    tuple(sorted(_ALL, key=lambda claim: ORDER.index(claim.id))),
    ASSUMPTIONS,
)
