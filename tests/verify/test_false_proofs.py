"""Attempts to have something false proved through the front door: a claim, and the checks that prove.

Each is refused, by the kernel and not by luck at a point: no sample is taken on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from small_runs import small

from numeric.errors import InputError
from symbolic.bound import (
    ONE,
    BoundError,
    CauchySchwarz,
    Certificate,
    Fact,
    Root,
    Substitute,
    Weight,
    by,
)
from symbolic.check import check
from symbolic.indexed import KernelError, Tensor, delta, number, scalar
from symbolic.proof import Axiom, Proof, Use, prove
from verify.points.rules import Rules
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound
from verify.record import Evidence
from verify.statement import Claim, Identity, Inequality
from verify.theories.shipped import theory
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import SETTING, identity, inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom
from verify.theories.yang2024.symbolic.dependence import RULES, differentiate
from verify.theories.yang2024.symbolic.letters import index, tensor

N, K = let.N, let.K
i, j, k, h = index("i", "N"), index("j", "N"), index("k", "K"), index("h", "H")
p, q, a = index("p", "d"), index("q", "d"), index("a", "m")
t, c = index("t", "U"), index("c", "U")
HALF, MINUS = number(Fraction(1, 2)), number(-1)
J, KK, HH, P, Q, A = (sp.Symbol(name, integer=True) for name in "jkhpqa")
ENTRY = {"h": "H", "j": "N", "k": "K"}


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


def claim_of(*statements: Identity | Inequality) -> Claim:
    lemma = next(claim for claim in theory().claims if claim.id == "lemma-5")
    return replace(lemma, formal=lambda: statements, typing=None, expected=None)


def verdict(check: Any, claim: Claim, laboratory: Laboratory) -> Evidence:
    (found,) = check(claim, laboratory)
    return found


def below(lhs: Any, rhs: Any, fact: Fact, **dims: str) -> Inequality:
    return inequality(sp.sympify(lhs), sp.sympify(rhs), dims, proof=lambda: fact)


# N + 1 ≤ K, which is false where N = K.


def from_a_token() -> Fact:
    """Σ_{t > N} (1 − δ_{tc})² = K − N − 1, for an unlabelled token c: if there is one."""
    weights = (Weight(root=1 - delta(t, c), bind=(t,)),)
    return Fact("K − N − 1", scalar("K") - scalar("N") - 1, (), Certificate(weights))


def through_a_fact() -> Fact:
    """The same, the token handed on by a fact that does not speak of it."""
    there = Fact("for each c", from_a_token().positive, (c,), from_a_token().why)
    check(there)
    return Fact("K − N − 1", there.positive, (), Certificate((Weight(fact=there, at=(c,)),)))


def by_a_norm_that_may_vanish() -> Fact:
    """|x_t| ≤ ‖x_U‖ for each t > N, so that 1 = Σ x_t²/‖x_U‖² ≤ K − N: if ‖x_U‖ is not zero."""
    norm, x = scalar("nxU"), let.XIK
    per = scalar("nxU", -1)
    square = Fact("‖x_U‖²", norm**2 - (x[t] ** 2).sum(t), (), Certificate((), (Use(axiom("nxU"), ONE, ()),)))
    one = Fact("‖e_c‖² ≤ 1", number(1) - (delta(t, c) ** 2).sum(t), (c,), Certificate())
    above, under = (
        by(CauchySchwarz(norm, ONE, sign * x[t], delta(t, c), (t,), square, one), "±x_c ≤ ‖x_U‖", (c,))
        for sign in (1, -1)
    )
    weights = (
        Weight(HALF * per, norm + x[c], above, (c,)),
        Weight(HALF * per, norm - x[c], under, (c,)),
    )
    each = Fact("x_c² ≤ ‖x_U‖²", norm**2 - x[c] ** 2, (c,), Certificate(weights))
    uses = (Use(axiom("nxU"), -1 * per**2, ()),)
    return Fact(
        "K − N − 1", scalar("K") - scalar("N") - 1, (),
        Certificate((Weight(per**2, fact=each, at=(c,), bind=(c,)),), uses),
    )  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """No rule of ours."""

    premises: tuple[Fact, ...] = ()

    def conclusion(self) -> Any:
        return MINUS


def by_a_wish() -> Fact:
    return Fact("−1 ≥ 0", MINUS, (), Wish())  # type: ignore[arg-type]


def by_a_negative_square_root() -> Fact:
    """√(a²) = −a where a is negative: from 1 ≥ 0."""
    premise = Fact("1 ≥ 0", number(1), (), Certificate((Weight(),)))
    return Fact("−1 ≥ 0", MINUS, (), Root(ONE, number(0), premise))


FALSE_BOUNDS: dict[str, tuple[Callable[[], Fact], Any, Any, str]] = {
    "an unlabelled token is supposed": (from_a_token, N + 1, K, "it supposes that there is an index c over U, which may be empty"),
    "an unlabelled token is handed on": (through_a_fact, N + 1, K, "it supposes that there is an index c over U, which may be empty"),
    "a norm that may vanish divides": (by_a_norm_that_may_vanish, N + 1, K, "division by nxU, which may be zero"),
    "a rule of one's own": (by_a_wish, 1, 0, "Wish is no rule"),
    "a root of the wrong sign": (by_a_negative_square_root, 1, 0, "is not the premise"),
}  # fmt: skip


@pytest.mark.parametrize(("proof", "lhs", "rhs", "reason"), FALSE_BOUNDS.values(), ids=FALSE_BOUNDS)
def test_a_false_inequality_is_not_proved(
    proof: Callable[[], Fact], lhs: Any, rhs: Any, reason: str, laboratory: Laboratory
) -> None:
    found = verdict(
        ProveBound(), claim_of(inequality(sp.sympify(lhs), sp.sympify(rhs), proof=proof)), laboratory
    )
    assert (found.verdict, found.strength) == ("undecided", None)
    assert reason in found.statement


def test_what_these_proofs_rest_on_is_sound_where_the_conclusion_keeps_the_token() -> None:
    """For each unlabelled token c, N + 1 ≤ K: that is so."""
    check(Fact("for each c", from_a_token().positive, (c,), from_a_token().why))


def test_a_letter_named_delta_is_none() -> None:
    with pytest.raises(KernelError, match="delta is Kronecker's"):
        tensor("delta", "m")


# Letters that depend on what is varied are not constants.


def held(expr: sp.Expr, operator: str) -> Identity:
    """operator(expr) = expr, as if nothing in it moved."""
    return identity(sp.Function(operator)(expr), expr, {"h": "H", "j": "N", "k": "K", "p": "d", "q": "d"})


def flat(letter: Tensor | str, target: Tensor, *at: sp.Symbol) -> Identity:
    """∂ letter/∂ target = 0."""
    names = {"H": HH, "N": J, "K": KK, "d": P, "m": A}
    expr = (
        let.scalar_symbol(letter)
        if isinstance(letter, str)
        else let.base(letter)[tuple(names[slot.name] for slot in letter.slots)]
    )
    dims = {"h": "H", "j": "N", "k": "K", "p": "d", "q": "d", "a": "m"}
    return identity(sp.Derivative(expr**2, let.base(target)[at]), sp.Integer(0), dims)


FALSE_IDENTITIES = {
    "∂b/∂Q = 0": flat(let.B, let.Q, HH, P, Q),
    "∂δ/∂α = 0": flat(let.DEL, let.ALPHA, HH, KK),
    "∂G/∂Â = 0": flat(let.G, let.AHAT, J, KK),
    "∂‖Q − Q′‖²/∂Q = 0": flat("nDQ", let.Q, HH, P, Q),
    "∂‖Â − A‖²/∂Â = 0": flat("nD", let.AHAT, J, KK),
    "∂(ℓ − 𝓛*)/∂α = 0": flat("gap", let.ALPHA, HH, KK),
    "E‖y‖² = ‖y‖²": held(let.scalar_symbol("ny") ** 2, "E"),
    "E x² = x² over Q": held(let.base(let.X)[HH, J, KK] ** 2, "E_Q"),
    "E s² = s² over Q": held(let.base(let.S)[HH, J, KK] ** 2, "E_Q"),
    "G at A is G": held(let.base(let.G)[J, KK], "at_A"),
    "G at w = γα is G": held(let.base(let.G)[J, KK], "at_alpha"),
    "‖Â − A‖ at A is itself": held(let.scalar_symbol("nD"), "at_A"),
}


@pytest.mark.parametrize("identity", FALSE_IDENTITIES.values(), ids=FALSE_IDENTITIES)
def test_what_depends_is_not_held_constant(identity: Identity, laboratory: Laboratory) -> None:
    with pytest.raises(KernelError, match=r"no rule for .*, which may depend on it"):
        verdict(Decide(), claim_of(identity), laboratory)


@pytest.mark.parametrize("target", [let.Q, let.ALPHA], ids=["Q", "alpha"])
def test_a_derivative_that_vanishes_does_so_for_a_reason(target: Tensor) -> None:
    """By how letters are computed at a point: what does not need Q, or α, has no slope in it."""
    at = {let.Q: (h, p, q), let.ALPHA: (h, k)}[target]
    assert target in RULES
    free = {"H": index("g", "H"), "N": j, "K": index("c", "K"), "d": index("u", "d"), "m": a}
    letters = [
        (name, row.tensor[tuple(free[slot.name] for slot in row.tensor.slots)])
        for name, row in let.TABLE.items()
    ]
    checked = 0
    for name, expr in [*letters, *((name, scalar(name)) for name in let.SCALARS)]:
        try:
            slope, needs = differentiate(expr, target, at), Rules(SETTING).needs(name)
        except (KernelError, InputError):  # no rule for the slope, or no value at a point
            continue
        if not slope:
            assert target.name not in needs, name
            checked += 1
    assert checked >= 15


# A check that was asked nothing.


def test_nothing_stated_is_nothing_proved(laboratory: Laboratory) -> None:
    found = verdict(Decide(), claim_of(), laboratory)
    assert (found.verdict, found.statement) == ("undecided", "Not decided: no identity is stated.")


def test_identities_do_not_carry_an_inequality(laboratory: Laboratory) -> None:
    true, false = identity(N, N), inequality(sp.Integer(1), sp.Integer(0))
    for statements in ((false,), (true, false)):
        assert verdict(Decide(), claim_of(*statements), laboratory).verdict == "undecided"


def test_a_proof_that_is_another_class(laboratory: Laboratory) -> None:
    """The kernel believes what a use says of itself; the second replayer does not."""

    @dataclass(frozen=True)
    class Forged(Use):
        def value(self) -> Any:
            return number(1)

    proof = Proof((Forged(axiom("root2"), number(0), ()),))
    assert prove(number(1), number(0), proof)
    found = verdict(Decide(), claim_of(identity(sp.Integer(1), sp.Integer(0), proof=proof)), laboratory)
    assert found.verdict == "undecided"
    assert "the two checkers disagree" in found.statement


@pytest.mark.parametrize(
    "fact",
    [
        Fact("‖ξ‖", scalar("nxi", 2) - (let.XIK[k] ** 2).sum(k), (), Certificate((), (Use(axiom("nxi"), ONE, ()),))),
        Fact("‖ξ‖", scalar("nxi", 2) - (let.XIK[k] ** 2).sum(k)),
    ],
    ids=["axiom", "hypothesis"],
)  # fmt: skip
def test_a_letter_that_is_tied_gives_way_to_nothing(fact: Fact) -> None:
    with pytest.raises(BoundError, match="not for any"):
        by(Substitute(fact, let.XIK, number(2), (k,)), "4K ≤ ‖ξ‖²")


def test_an_axiom_may_not_be_used_where_it_says_nothing() -> None:
    """An identity that needs an unlabelled token, with an axiom for each of them."""
    each = Axiom("for each c", scalar("K"), scalar("N") + 1, (c,))
    use = Use(each, number(1), (t,))
    with pytest.raises(KernelError, match="it supposes that there is an index t over U, which may be empty"):
        prove(scalar("K"), scalar("N") + 1, Proof((use,)))
