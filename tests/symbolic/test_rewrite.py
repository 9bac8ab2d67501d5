"""Rewriting by an axiom: what comes out is the uses and a rest, and the rest has no more of the left side."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symbolic.bound import BoundError, Weight
from symbolic.check import check
from symbolic.indexed import Expr, KernelError, number, scalar
from symbolic.proof import Axiom, Use, prove
from symbolic.rewrite import certificate, fact, rewrite
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom, root_axiom, unit_token
from verify.theories.yang2024.symbolic.letters import index

h, i, j, n = index("h", "H"), index("i", "N"), index("j", "N"), index("n", "N")
k, p, q = index("k", "K"), index("p", "d"), index("q", "d")
V, S, ZD, B = let.V, let.S, let.ZD, let.B


def adds_up(expr: Expr, by: Axiom) -> Expr:
    """The rest, after the uses and it were seen to make up the expression."""
    uses, rest = rewrite(expr, by)
    total = rest
    for use in uses:
        total = total + use.value()
    assert total == expr
    return rest


@pytest.mark.parametrize(
    ("expr", "by", "left"),
    [
        (let.ZD[j, k], axiom(ZD), (let.ZBAR[j, i] * let.DEL[i, k]).sum(i)),
        ((ZD[j, k] ** 2).sum(j), axiom(ZD), ((let.ZBAR[j, i] * let.DEL[i, k]).sum(i) ** 2).sum(j)),
        (ZD[j, k] * ZD[n, k], axiom(ZD), (let.ZBAR[j, i] * let.DEL[i, k]).sum(i) * (let.ZBAR[n, i] * let.DEL[i, k]).sum(i)),
        ((V[p, k] ** 2).sum(p), unit_token(), number(1)),
        ((S[h, j, k] * V[p, j] ** 2).sum(j, p), unit_token(), number(1)),  # Σ_j s_j is one by the kernel
        ((let.DS[h, j, k] ** 3).sum(j), axiom(let.DS), (let.DS[h, j, k] * (S[h, j, k] - let.S2[h, j, k]) ** 2).sum(j)),
        (scalar("nDQ", 5), axiom("nDQ"), scalar("nDQ") * (let.DQ[h] ** 2).sum(h) ** 2),
        (scalar("root2", 4) * scalar("tau"), axiom("root2"), 4 * scalar("tau")),
    ],
)  # fmt: skip
def test_every_occurrence_is_replaced(expr: Expr, by: Axiom, left: Expr) -> None:
    assert adds_up(expr, by) == left


@pytest.mark.parametrize(
    ("expr", "by"),
    [
        ((V[p, k] * V[p, j]).sum(p), unit_token()),  # two tokens
        (V[p, k] ** 2, unit_token()),  # not summed
        ((V[p, k] ** 3).sum(p), unit_token()),  # the index stands elsewhere too
        ((V[p, k] ** 2 * V[p, j]).sum(p), unit_token()),
        (let.DS[h, j, k] * let.DS[h, i, k], axiom(let.DS)),  # no square
        (scalar("nDQ"), axiom("nDQ")),
        (let.ZBAR[j, i] * let.ZBAR[i, n], root_axiom()),
    ],
)
def test_what_is_no_occurrence_stays(expr: Expr, by: Axiom) -> None:
    assert rewrite(expr, by) == ((), expr)


def test_slots_of_a_symmetric_letter_match_in_any_order() -> None:
    squared = ((let.ZBAR[i, j] * let.XI[i]).sum(i) ** 2).sum(j)
    rest = adds_up(squared, root_axiom())
    assert let.ZBAR not in rest.tensors()
    form = (let.XI[j] * root_axiom().rhs.at({index("n", "N"): i}) * let.XI[i]).sum(i, j)
    assert prove(rest, form)


def test_prompt_tokens_match_where_tokens_are_asked_for() -> None:
    assert adds_up((V[p, j] ** 2).sum(p), unit_token()) == number(1)
    (use,), _ = rewrite((V[p, j] ** 2).sum(p, j), unit_token())
    assert [index.dim for index in use.bind] == [let.DIMENSIONS["N"]]


def test_indices_of_uses_do_not_meet_free_ones() -> None:
    free = index("j", "N")  # the name by which the definition of Z̄δ calls its row
    (use,), _ = rewrite(let.XI[free] * ZD[i, k].sum(i), axiom(ZD))
    assert free not in use.bind
    assert use.at[0] in use.bind
    adds_up(let.XI[free] * ZD[i, k].sum(i), axiom(ZD))


def test_equal_places_make_one_use() -> None:
    uses, _ = rewrite((ZD[j, k] ** 2).sum(j) + 3 * (ZD[j, k] * let.XI[j]).sum(j), axiom(ZD))
    assert len(uses) == 1


def test_an_axiom_whose_left_side_is_no_monomial() -> None:
    for left in (2 * V[p, k], V[p, k] + let.Q[h, p, q], number(0)):
        with pytest.raises(KernelError, match="no monomial of coefficient 1"):
            rewrite(number(1), Axiom("wrong", left, number(0), (p, k, h, q)))


def test_a_certificate_that_is_not_closed_is_refused() -> None:
    half = Fraction(1, 2)
    false = fact("false", 1 - 2 * (V[p, k] ** 2).sum(p), (k,), [], [unit_token()])
    with pytest.raises(BoundError, match="1 terms left"):
        check(false)
    short = fact("‖v‖² ≤ 2", 2 - (V[p, k] ** 2).sum(p), (k,), [Weight(number(1))], [unit_token()])
    check(short)
    assert certificate(number(half), [Weight(number(half))]).uses == ()
    assert isinstance(short.why and short.why.uses[0], Use)  # type: ignore[union-attr]


def test_an_equation_with_its_transpose_has_no_end_as_a_rule() -> None:
    """Q[p, q] = Q[q, p] turns round for ever; that it is a premise is another matter."""
    transposed = Axiom("symmetric", let.Q[h, p, q], let.Q[h, q, p], (h, p, q))
    with pytest.raises(KernelError, match="its left side stands in its right side"):
        rewrite(let.Q[h, p, q], transposed)
