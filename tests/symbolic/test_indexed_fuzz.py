"""The kernel against brute force at random un-normalised expressions: N = 2, K = 5, so U has 3 tokens, m = 3."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_expressions import CASES, check_monomial, check_tree

from symbolic import indexed

RULES_OF_MONOMIALS = (
    "contract", "narrow", "disjoint", "unit sum", "unit sum of a wider use", "count", "count of U", "symmetric sort",
    "repeated in one tensor", "thrice",
)  # fmt: skip
OPERATIONS = ("rename", "swap", "split", "replace", "power", "product of sums", "clash of bound and free")


def test_normal_forms_of_monomials() -> None:
    random, seen = Random(2024), Counter[str]()
    for case in range(3 * CASES):
        wrong = check_monomial(random, indexed, seen)
        assert wrong is None, f"monomial {case}: {wrong}"
    rare = {rule: seen[rule] for rule in RULES_OF_MONOMIALS if seen[rule] < CASES // 100}
    assert not rare, f"rules hardly exercised: {rare} of {dict(seen)}"


def test_operations_on_expressions() -> None:
    random, seen = Random(8147), Counter[str]()
    for case in range(CASES):
        wrong = check_tree(random, indexed, seen)
        assert wrong is None, f"expression {case}: {wrong}"
    rare = {rule: seen[rule] for rule in OPERATIONS if seen[rule] < CASES // 200}
    assert not rare, f"operations hardly exercised: {rare} of {dict(seen)}"


@pytest.mark.parametrize("check", [check_monomial, check_tree])
def test_under_hypothesis(check) -> None:
    @settings(
        max_examples=max(60, CASES // 5),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=False))
    def search(random: Random) -> None:
        assert check(random, indexed, Counter()) is None

    search()
