"""Every identity by a second route, polynomials at one size, and false ones that it must refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from small_runs import checked, stated

from symbolic.indexed import KernelError
from verify.mutants.edits import edits
from verify.prove.expand import at_size
from verify.prove.identity import decide
from verify.statement import Claim
from verify.theories.shipped import theory
from verify.theories.yang2024.setting import SETTING, identity
from verify.theories.yang2024.symbolic import letters as let

SMALL = ({"N": 2, "K": 4, "m": 3, "d": 2, "H": 1},)
SMALL_ROOTED = ({"N": 2, "K": 3, "m": 1, "d": 2, "H": 1}, {"N": 1, "K": 2, "m": 3, "d": 2, "H": 2})
CLAIMS = [claim for claim in theory().claims if claim.identities() and not claim.inequalities()]


def at_small_sizes(named: frozenset[str]) -> tuple[dict[str, int], ...]:
    chosen = SMALL_ROOTED if "Zbar" in named else SMALL
    return tuple({**sizes, "m": sizes["N"]} if "Zsq" in named else sizes for sizes in chosen)


SMALLER = replace(SETTING, expands=replace(SETTING.expands, sizes=at_small_sizes))


def small(claim: Claim) -> Claim:
    return replace(claim, formal=lambda: tuple(replace(one, setting=SMALLER) for one in claim.identities()))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: "-".join(claim.key))
def test_both_routes_agree(claim: Claim) -> None:
    found = at_size(small(claim))
    if found.verdict == "undecided":
        assert found.strength is None
        assert "Not all decided: identity" in found.statement
        return
    if claim.expected == "fails":
        # What does not type fails before it has values; where it types it may be true.
        assert found.verdict == "fails" or claim.typing is not None
    else:
        assert (found.verdict, found.strength) == ("not refuted", "proved at size")
    assert found.check == "expand"


def test_most_identities_are_decided() -> None:
    """All but those about A2 with one head and pseudo-inverses."""
    open_ones = [claim.id for claim in CLAIMS if at_size(small(claim)).verdict == "undecided"]
    assert len(open_ones) <= 2
    assert set(open_ones) & {"lemma-1", "lemma-5", "eq-33", "eq-45", "eq-82", "eq-34", "eq-65"} == set()


@pytest.mark.sampled(3)
@pytest.mark.parametrize("id", ["eq-65", "lemma-4", "eq-75"])
def test_no_route_lets_through_what_the_other_refutes(id: str) -> None:
    """Wrong variants: none is said to hold here that an exact point refutes, none is refuted here that the kernel proves."""
    claim = stated(id)
    refuted = 0
    for edit in edits(claim.identities()[0]):
        variant = replace(claim, formal=lambda edit=edit: (edit.statement,))
        try:
            other = decide(variant).verdict
        except KernelError:
            continue  # an index where it does not belong
        found = at_size(small(variant))
        assert {found.verdict, other} != {"holds", "fails"}, f"{edit.operator}: {edit.change}"
        refuted += found.verdict == other == "fails"
    assert refuted >= 5


def test_a_difference_is_named() -> None:
    y, k = let.TABLE["y"].base, sp.Symbol("k", integer=True)
    wrong = identity(y[k], 2 * y[k], {"k": "U"})
    found = at_size(small(replace(stated("eq-65"), formal=lambda: (identity(y[k], y[k], {"k": "K"}), wrong))))
    assert found.statement == (
        "Refuted: at N = 2, K = 4, m = 3, d = 2, H = 1 the sides of identity 2 are different polynomials, at k = 3."
    )
    assert found.known == "exact witness"


def test_it_is_part_of_every_run() -> None:
    other, identity = checked("eq-65", "eq-15").claims
    (found,) = [e for e in identity.evidence if e.check == "expand"]
    assert (found.verdict, found.strength, found.scope) == ("not refuted", "proved at size", "general")
    assert identity.strength == "proved"
    assert "expand" not in [e.check for e in other.evidence]
