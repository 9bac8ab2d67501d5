"""The rules of analysis with one check of them broken: each accepts something false that the true ones refuse."""

from __future__ import annotations

import pytest
from broken_rules import BROKEN_RULES
from forged import TRUE_RULES, broken_rules, load
from forged_course import (
    TRUE_USES,
)

from symbolic.rules import NAMES, RULES


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", BROKEN_RULES)
def test_a_broken_rule_accepts_what_is_false(name: str) -> None:
    old, new, forge = BROKEN_RULES[name]
    broken = broken_rules(old, new)
    assert forge(broken).accepted(broken), "the broken rule is not what lets this proof through"
    true = forge(TRUE_RULES)
    assert not true.accepted(TRUE_RULES)
    assert true.least(true.fact.positive) < 0, "what it claims is not false at its point"


def test_every_rule_is_broken_in_some_way() -> None:
    broken = {name.partition(": ")[0] for name in BROKEN_RULES}
    assert broken - {"substitute"} == {
        "supply",
        "extreme",
        "mean value",
        "slope",
        "descent lemma",
        "steps",
        "induction",
        "exponential",
    }
    assert len(RULES) == len(broken - {"substitute"}) == len(NAMES) - 3


def test_rules_with_none_changed_accept_nothing_false() -> None:
    loaded = load()
    assert [name for name, (_, _, forge) in BROKEN_RULES.items() if forge(loaded).accepted(loaded)] == []
    for use in TRUE_USES.values():
        loaded.check(use(loaded))
