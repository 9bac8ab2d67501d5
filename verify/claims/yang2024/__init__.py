"""T. Yang, Y. Huang, Y. Liang, Y. Chi, "In-Context Learning with Representations", NeurIPS 2024 (arXiv 2408.10147)."""

from __future__ import annotations

from verify.claim import Theory
from verify.claims.yang2024 import fixed_point, gradients, inference, loss, training
from verify.claims.yang2024.assumptions import ASSUMPTIONS

# In the order of the paper.
ORDER = (
    "prop-1", "eq-9", "eq-10", "theorem-1", "eq-20", "theorem-2", "lemma-1", "lemma-4", "eq-33", "eq-34", "lemma-5",
    "eq-45", "eq-56", "eq-82",
)  # fmt: skip

_ALL = (*training.CLAIMS, *loss.CLAIMS, *inference.CLAIMS, *gradients.CLAIMS, *fixed_point.CLAIMS)
THEORY = Theory(
    'T. Yang, Y. Huang, Y. Liang, Y. Chi, "In-Context Learning with Representations: Contextual Generalization of Trained '
    'Transformers", NeurIPS 2024 (arXiv 2408.10147)',
    tuple(sorted(_ALL, key=lambda claim: ORDER.index(claim.id))),
    ASSUMPTIONS,
)
