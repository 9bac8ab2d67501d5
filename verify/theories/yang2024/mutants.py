"""False variants of the claims of the paper, through their own checks, at an instance that trains in a moment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from verify.mutants.examine import PER_CLAIM, Examiner
from verify.mutants.run import Progress, Run
from verify.mutants.run import run as run_claims
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.theory import THEORY


@cache
def examiner(seed: int, per_claim: int) -> Examiner:
    """One for each process: two labelled tokens of four, trained to both bounds in 378 steps."""
    instance = synthetic(N=2, K=4, d=3, m=3, H=24, tau=0.5, beta=3.0, seed=1)
    laboratory = Laboratory(instance, Options(device="cpu"))
    return Examiner(THEORY.claims, laboratory, seed, per_claim)


def run(
    seed: int = 0,
    only: Sequence[str] = (),
    per_claim: int = PER_CLAIM,
    workers: int | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Run:
    """Examines every true claim of the paper; rows come in its order. One worker: in this process."""
    return run_claims(THEORY.claims, examiner, seed, only, per_claim, workers, progress)
