"""Ahn, Cheng, Daneshmand and Sra (NeurIPS 2023): Theorem 1 with its proof, Lemma 1, and Theorem 5 for multiples of the identity."""

from verify.theories.named import of_setting

NAMED = of_setting(
    __name__,
    "Ahn, Cheng, Daneshmand, Sra, "
    '"Transformers Learn to Implement Preconditioned Gradient Descent for In-Context Learning", NeurIPS 2023',
)
