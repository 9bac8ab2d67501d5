"""The kernel against brute force at random un-normalised expressions: N = 2, K = 5, so U has 3 tokens, m = 3."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_expressions import CASES, check_monomial, check_sign, check_tree

from symbolic import indexed
from symbolic.bound import nonnegative

HEAD = tuple(re.findall(r"^  (\w+(?: \w+)?)  +\S", indexed.__doc__ or "", re.MULTILINE))
# Rules as the head of the kernel lists them, and finer cases; the least share of cases that must call for each.
OF_MONOMIALS = {
    "contract": 0.2, "disjoint": 0.01, "narrow": 0.03, "unit sum": 0.03, "count": 0.03, "rename": 0.2,
    "an index three times": 0.1, "an index twice in one tensor": 0.05, "count of U": 0.004, "nonnegative tensor": 0.1,
    "broken power": 0.1, "powers of one scalar merged": 0.03, "unit sum of a wider use": 0.004,
    "unit sum after another rule": 0.01, "symmetric slots sorted": 0.01,
}  # fmt: skip
OF_TREES = {
    "split": 0.02, "rename": 0.05, "swap": 0.003, "replace": 0.03, "power": 0.02, "broken power": 0.02,
    "product of sums": 0.1, "clash of bound and free": 0.1, "sum over a delta": 0.1, "sum over nothing": 0.02,
    "sum over a unit sum": 0.1,
}  # fmt: skip


def covered(what: str, cases: int, seen: Counter[str], least: dict[str, float]) -> None:
    """Prints how many cases called for each rule (shown with -s), and asserts that no rule was left out."""
    counts = ", ".join(f"{rule} {seen[rule]}" for rule in least)
    print(f"\n{cases} {what}, 0 mismatches: {counts}")
    rare = {rule: seen[rule] for rule, share in least.items() if seen[rule] < share * cases}
    assert not rare, f"hardly exercised: {rare} of {cases}"


def test_every_rule_at_the_head_of_the_kernel_is_counted() -> None:
    assert HEAD == ("contract", "disjoint", "narrow", "unit sum", "count", "split", "rename")
    assert set(HEAD) <= set(OF_MONOMIALS) | set(OF_TREES)


def test_normal_forms_of_monomials() -> None:
    random, seen = Random(2024), Counter[str]()
    for case in range(3 * CASES):
        wrong = check_monomial(random, indexed, seen)
        assert wrong is None, f"monomial {case}: {wrong}"
    covered("monomials", 3 * CASES, seen, OF_MONOMIALS)


def test_operations_on_expressions() -> None:
    random, seen = Random(8147), Counter[str]()
    for case in range(CASES):
        wrong = check_tree(random, indexed, seen)
        assert wrong is None, f"expression {case}: {wrong}"
    covered("expressions", CASES, seen, OF_TREES)


def test_signs() -> None:
    random, seen = Random(77), Counter[str]()
    for case in range(CASES):
        wrong = check_sign(random, indexed, nonnegative, seen)
        assert wrong is None, f"expression {case}: {wrong}"
    covered("signs", CASES, seen, {"said to be nonnegative": 0.2, "sign left open": 0.2})


@pytest.mark.slow
@pytest.mark.parametrize("check", [check_monomial, check_tree])
def test_under_hypothesis(check) -> None:
    @settings(
        max_examples=max(30, CASES // 20),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=False))
    def search(random: Random) -> None:
        assert check(random, indexed, Counter()) is None

    search()
