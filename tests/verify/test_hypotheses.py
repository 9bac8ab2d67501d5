"""What a proof supposes of letters that the point determines is so at every point: a proof from false premises shows nothing.

What it supposes of free scalars, such as a Lipschitz constant or the gap of a step before, is a condition of the statement.
"""

from __future__ import annotations

import pytest
from paper_points import KINDS, POSITIVE, SIZES, posed, rules

from symbolic.bound import Fact, hypotheses
from symbolic.indexed import number
from verify.points.certify import Certify
from verify.points.compare import decide
from verify.points.exact_points import Instances
from verify.statement import Domain
from verify.theories.shipped import theory

POINTS = Instances(11)
COUNT = len(KINDS)
# A hypothesis on any vector, which the proof puts a vector in for that meets it: it is none of the statement.
OF_ANY_VECTOR = "|ξ_j| ≤ c"


def determined(fact: Fact, domain: Domain) -> bool:
    """Whether every scalar in it is computed from the point, and as it always is."""
    scalars = (
        {name for monomial in fact.positive.terms for name, _ in monomial.scalars}
        - set(SIZES)
        - set(POSITIVE)
    )
    return scalars <= set(rules()) and scalars.isdisjoint((*domain.free, *domain.given))


def supposed() -> list[tuple[str, Fact, Domain]]:
    """Each such hypothesis of a statement that is certified, once for each domain."""
    found: dict[str, tuple[str, Fact, Domain]] = {}
    for claim in theory().claims:
        if not any(isinstance(check, Certify) for check in claim.checks):
            continue
        for inequality in claim.inequalities():
            for fact in hypotheses(inequality.proof()) if inequality.proof else ():
                if fact.name != OF_ANY_VECTOR and determined(fact, inequality.domain):
                    found.setdefault(
                        f"{fact.name} {fact.positive} {inequality.domain}",
                        (claim.id, fact, inequality.domain),
                    )
    return list(found.values())


SUPPOSED = supposed()


def broken(fact: Fact, domain: Domain) -> list[int]:
    """The points of the domain at which it fails for certain."""
    inequality = posed(number(0), fact.positive, fact.indices, domain)
    return [n for n in range(COUNT) if decide(inequality, POINTS.at(n, inequality)).relation == "above"]


@pytest.mark.parametrize(
    ("id", "fact", "domain"), SUPPOSED, ids=[f"{id}-{fact.name}" for id, fact, _ in SUPPOSED]
)
def test_what_is_supposed_is_so(id: str, fact: Fact, domain: Domain) -> None:
    assert broken(fact, domain) == []


def test_there_is_something_to_check() -> None:
    assert len(SUPPOSED) >= 8


def test_a_false_premise_is_seen() -> None:
    """The reverse of the first one."""
    _, fact, domain = next(entry for entry in SUPPOSED if "spectral norm" in entry[1].name)
    assert broken(Fact(fact.name, -1 * fact.positive, fact.indices), domain)
