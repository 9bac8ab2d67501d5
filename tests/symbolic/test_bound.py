"""Inequalities: what a certificate shows, what it must not show, and that what it shows is so at exact points."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import flint
import numpy as np
import pytest

from symbolic.bound import (
    ONE,
    BoundError,
    CauchySchwarz,
    Certificate,
    Fact,
    Root,
    Substitute,
    Taken,
    Weight,
    by,
    facts,
    hypotheses,
    nonnegative,
)
from symbolic.check import check
from symbolic.course import Exponential
from symbolic.evaluate import Point, Ring, evaluate
from symbolic.indexed import Expr, delta, number, scalar
from symbolic.proof import Axiom, Use
from symbolic.rules import Logarithm
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.letters import index

h, i, j, k = index("h", "H"), index("i", "N"), index("j", "N"), index("k", "K")
p = index("p", "d")
HALF = number(Fraction(1, 2))
RATIONAL = Ring("exact rational", lambda f: flint.fmpq(f.numerator, f.denominator), object, exact=True)
XS, XI, S = let.XS, let.XI, let.S

SUM_OF_SQUARES = scalar("N") * (XS[i, p] ** 2).sum(i, p) - (XS[i, p].sum(i) ** 2).sum(p)
PAIRS = Certificate((Weight(HALF, XS[i, p] - XS[j, p], bind=(i, j, p)),))
LEMMA_3 = Fact("Lemma 3", SUM_OF_SQUARES, (), PAIRS)
SHORT = Fact(
    "‖s‖² ≤ 1",
    1 - (S[h, j, k] ** 2).sum(j),
    (h, k),
    Certificate((Weight(S[h, i, k] * S[h, j, k], 1 - delta(i, j), bind=(i, j)),)),
)
LONG = Fact("a hypothesis: ‖ξ‖² ≤ α²", scalar("abar", 2) - (XI[j] ** 2).sum(j))


def test_sums_of_squares_close() -> None:
    for fact in (LEMMA_3, SHORT):
        check(fact)
        assert hypotheses(fact) == []
        assert fact.rests == frozenset()


@pytest.mark.parametrize(
    "wrong",
    [
        Fact("without N", (XS[i, p] ** 2).sum(i, p) - (XS[i, p].sum(i) ** 2).sum(p), (), PAIRS),
        Fact("twice as sharp", SUM_OF_SQUARES - (XS[i, p] ** 2).sum(i, p), (), PAIRS),
        Fact("sums instead of differences", SUM_OF_SQUARES, (), Certificate((Weight(HALF, XS[i, p] + XS[j, p], bind=(i, j, p)),))),
        Fact("not halved", SUM_OF_SQUARES, (), Certificate((Weight(ONE, XS[i, p] - XS[j, p], bind=(i, j, p)),))),
        Fact("no certificate", SUM_OF_SQUARES, (), Certificate()),
        Fact("the other way", -SUM_OF_SQUARES, (), Certificate((Weight(-HALF, XS[i, p] - XS[j, p], bind=(i, j, p)),))),
        Fact("an open sign", XI[j], (j,), Certificate((Weight(XI[j]),))),
        Fact("a factor of open sign", XI[j] * XI[i] ** 2, (i, j), Certificate((Weight(XI[j], XI[i]),))),
        Fact("odd power", XI[j] ** 3, (j,), Certificate((Weight(XI[j] ** 3),))),
        Fact("unlike factors", XI[j] * XI[i], (i, j), Certificate((Weight(XI[j] * XI[i]),))),
    ],
    ids=lambda fact: fact.name,
)  # fmt: skip
def test_what_is_no_certificate(wrong: Fact) -> None:
    with pytest.raises(
        BoundError, match=f"^{wrong.name}: (the sign of a multiplier is open|[0-9]+ terms left)$"
    ):
        check(wrong)


def test_a_weak_premise_is_found_below() -> None:
    """The step above it closes; the fact it rests on does not."""
    false = Fact("ξ_j ≥ 0", XI[j], (j,), Certificate((Weight(XI[j]),)))
    above = Fact("2ξ_j ≥ 0", 2 * XI[j], (j,), Certificate((Weight(number(2), fact=false, at=(j,)),)))
    with pytest.raises(BoundError, match="ξ_j ≥ 0: the sign"):
        check(above)


def test_signs() -> None:
    assert nonnegative(S[h, j, k] * XI[j] ** 2 + scalar("tau", -1) + delta(i, j))
    assert nonnegative((XI[j] ** 2).sum(j) * number(Fraction(1, 3)))
    assert nonnegative(number(0))
    assert not nonnegative(S[h, j, k] - number(Fraction(1, 10**9)))
    assert not nonnegative(XI[j].sum(j) ** 2), "a square of a sum is one by its root, not by its terms"
    assert not nonnegative(let.Z[index("a", "m"), k])


def test_substitute_puts_an_expression_in_the_place_of_any_vector() -> None:
    square = Fact("Σξ² ≥ 0", (XI[j] ** 2).sum(j), (), Certificate((Weight(root=XI[j], bind=(j,)),)))
    moved = by(Substitute(square, XI, let.Y[j] - let.Y[j], (j,)), "of zero")
    assert moved.positive == number(0)
    gap = by(Substitute(square, XI, let.AHAT[j, k] - let.A[j, k], (j,)), "of a difference", (k,))
    check(gap)
    assert gap.positive == ((let.AHAT[j, k] - let.A[j, k]) ** 2).sum(j)
    with pytest.raises(BoundError, match="substitute xi: 2 indices"):
        by(Substitute(square, XI, let.AHAT[j, k], (j, k)), "too many")


def test_substitute_leaves_a_vector_alone_that_something_speaks_of() -> None:
    """Σξ² ≤ α² is so for one ξ. Put 2ξ in its place, and it is not."""
    definition = Axiom("ψ² = Σξ²", scalar("nA", 2), (XI[j] ** 2).sum(j), ())
    defined = Fact(
        "ψ²",
        scalar("nA", 2),
        (),
        Certificate((Weight(root=XI[j], bind=(j,)),), (Use(definition, number(1), ()),)),
    )
    declared = Exponential("q^T", "qT", "T", "lq", "lX", (XI[j] ** 2).sum(j))
    jump = by(
        Logarithm(declared, Fact("T is large", scalar("T") * scalar("lq") - scalar("lX"))), "q^T Σξ² ≤ 1"
    )
    above = Fact("α² + 1 ≥ ‖ξ‖²", LONG.positive + 1, (), Certificate((Weight(), Weight(fact=LONG))))
    for fact, name in (
        (LONG, LONG.name),
        (above, LONG.name),
        (defined, definition.name),
        (jump, declared.name),
    ):
        with pytest.raises(BoundError, match=r"substitute xi: .* holds for this xi, not for any") as caught:
            by(Substitute(fact, XI, 2 * XI[j], (j,)), "for twice ξ")
        assert name in str(caught.value)
    universal = Fact(
        "‖Z̄ξ‖ ≤ ‖Z̄‖‖ξ‖",
        scalar("nZbar", 2) * (XI[j] ** 2).sum(j) - ((let.ZBAR[i, j] * XI[j]).sum(j) ** 2).sum(i),
        any=(XI,),
    )
    check(by(Substitute(universal, XI, 2 * let.Y[j], (j,)), "for twice y"))


def test_a_nonnegative_letter_gives_way_to_nothing_else() -> None:
    """‖Q_h − Q′_h‖ ≥ 0 says nothing of −1."""
    sign = Fact("dQ ≥ 0", let.DQ[h], (h,), Certificate((Weight(let.DQ[h]),)))
    check(sign)
    with pytest.raises(BoundError, match="substitute dQ: the sign of what is put in its place is open"):
        by(Substitute(sign, let.DQ, -1 * let.ALPHA[h, k] ** 2, (h,)), "of a negative number", (h, k))
    check(by(Substitute(sign, let.DQ, let.ALPHA[h, k] ** 2, (h,)), "of a square", (h, k)))


def test_a_rule_that_gives_something_else_is_refused() -> None:
    square = Fact("Σξ² ≥ 0", (XI[j] ** 2).sum(j), (), Certificate((Weight(root=XI[j], bind=(j,)),)))
    forged = Fact("forged", (XI[j] ** 2).sum(j) - 1, (), Substitute(square, XI, XI[j], (j,)))
    with pytest.raises(BoundError, match="forged: the rule gives something else"):
        check(forged)


def test_cauchy_schwarz_needs_both_premises_as_they_are() -> None:
    a, b = scalar("abar"), number(1)
    one = Fact("‖s‖² ≤ 1", SHORT.positive, (h, k), SHORT.why)
    product = by(CauchySchwarz(a, b, XI[j], S[h, j, k], (j,), LONG, one), "α ≥ ξᵀs", (h, k))
    check(product)
    assert product.positive == a - (XI[j] * S[h, j, k]).sum(j)
    assert [found.name for found in hypotheses(product)] == [LONG.name]
    for wrong, message in (
        (CauchySchwarz(-a, b, XI[j], S[h, j, k], (j,), LONG, one), "the sign of a bound is open"),
        (CauchySchwarz(a, b, S[h, j, k], XI[j], (j,), LONG, one), "is not the premise"),
        (CauchySchwarz(a, b, XI[j], S[h, j, k], (j,), LONG, LONG), "is not the premise"),
        (CauchySchwarz(a, b * Fraction(1, 2), XI[j], S[h, j, k], (j,), LONG, one), "is not the premise"),
    ):
        with pytest.raises(BoundError, match=message):
            wrong.conclusion()


def test_root() -> None:
    premise = Fact("α² ≥ τ²", scalar("abar", 2) - scalar("tau", 2))
    check(by(Root(scalar("tau"), scalar("abar"), premise), "α ≥ τ"))
    with pytest.raises(BoundError, match="is not the premise"):
        Root(scalar("abar"), scalar("tau"), premise).conclusion()
    with pytest.raises(BoundError, match="the sign of a side is open"):
        Root(scalar("tau"), -scalar("abar"), premise).conclusion()


class Wish:
    """A step of no rule."""

    premises = ()

    def conclusion(self) -> Expr:
        return scalar("abar")

    def rests(self) -> frozenset[Taken]:
        return frozenset()


def test_there_are_no_rules_but_those_of_the_kernel() -> None:
    with pytest.raises(BoundError, match="wish: Wish is no rule"):
        check(by(Wish(), "wish"))
    with pytest.raises(BoundError, match="unsaid: the rule gives something else"):
        check(
            Fact(
                "unsaid",
                scalar("abar") - 1,
                (),
                Root(number(0), scalar("abar"), Fact("α² ≥ 0", scalar("abar", 2))),
            )
        )


def test_facts_come_premises_first_and_once() -> None:
    twice = Fact(
        "twice", 2 * SHORT.positive, (h, k),
        Certificate((Weight(fact=SHORT, at=(h, k)), Weight(fact=SHORT, at=(h, k)))),
    )  # fmt: skip
    assert [found.name for found in facts(twice)] == [SHORT.name, "twice"]
    check(twice)


def test_uses_of_axioms_close_the_gap() -> None:
    definition = Axiom("ψ² = Σξ²", scalar("nA", 2), (XI[j] ** 2).sum(j), ())
    certificate = Certificate((Weight(root=XI[j], bind=(j,)),), (Use(definition, number(1), ()),))
    check(Fact("ψ² ≥ 0", scalar("nA", 2), (), certificate))


@pytest.mark.parametrize("seed", range(30))
def test_what_is_proved_is_so_at_exact_points(seed: int) -> None:
    """A random certificate, and its conclusion at a random rational point."""
    random = Random(seed)
    sizes = {"N": random.randint(1, 3), "K": 3, "m": 1, "d": random.randint(1, 3), "H": random.randint(1, 2)}

    def draw() -> flint.fmpq:
        return flint.fmpq(random.randint(-9, 9), random.randint(1, 5))

    def filled(*shape: int) -> np.ndarray:
        array = np.empty(shape, dtype=object)
        for at in np.ndindex(shape):
            array[at] = draw()
        return array

    e = np.vectorize(abs, otypes=[object])(filled(sizes["H"], sizes["N"], 3)) + flint.fmpq(1)
    point = Point(
        RATIONAL,
        {"xs": filled(sizes["N"], sizes["d"]), "xi": filled(sizes["N"]), "y": filled(3), "s": e / e.sum(axis=1)[:, None, :]},
        sizes | {"tau": abs(draw()) + 1},
    )  # fmt: skip
    roots = [XI[j], let.Y[i] - XI[j], XS[j, p] - XI[j], S[h, j, k] * XI[j] - number(random.randint(-2, 2))]
    weights = []
    for root in random.sample(roots, random.randint(1, 3)):
        free = tuple(sorted(root.free()))
        multiplier = number(Fraction(random.randint(1, 5), random.randint(1, 4))) * scalar(
            "tau", random.randint(-1, 2)
        )
        if k in free and h in free:
            multiplier = multiplier * S[h, j, k]
        weights.append(Weight(multiplier, root, bind=free))
    positive = number(0)
    for weight in weights:
        positive = positive + weight.value()
    check(Fact("random", positive, (), Certificate(tuple(weights))))
    assert evaluate(positive, point)[()] >= 0
    with pytest.raises(BoundError):
        check(Fact("random, and one less", positive - 1, (), Certificate(tuple(weights))))
