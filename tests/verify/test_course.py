"""What is declared of gradient descent and of softmax follows from definitions: gradients, scores, and which letters move."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symbolic.bound import Fact, Letter, letters
from symbolic.calculus import derivative
from symbolic.course import SoftmaxPair
from symbolic.functions import Exp, Is, Of, Softmax
from symbolic.indexed import Expr, Tensor, delta, number, scalar
from symbolic.kinds import Is as KindIs
from symbolic.kinds import parts
from symbolic.proof import Axiom
from symbolic.registry import LETTER
from symbolic.rules import MeanValue
from verify.theories.yang2024.premises import registry
from verify.theories.yang2024.symbolic import lemmas
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.course import DESCENT, GRADIENT, descent_41, loss_gap, loss_gap_next
from verify.theories.yang2024.symbolic.definitions import kinds
from verify.theories.yang2024.symbolic.dependence import differentiate, score
from verify.theories.yang2024.symbolic.functions import functions
from verify.theories.yang2024.symbolic.lemmas import h, j, k, p, q
from verify.theories.yang2024.symbolic.letters import unused


def expanded(expr: Expr) -> Expr:
    """With the definitions of δ, of what is made of it, and of the gradients."""
    for letter in (let.GQ, let.PT, let.GA, let.CZ, let.ZD, let.B, let.VB, let.DEL):
        kind = kinds()[letter.name]
        assert isinstance(kind, KindIs)
        expr = expr.replace(
            letter,
            lambda *refs, at=kind.indices, value=kind.value: value.at(dict(zip(at, refs, strict=True))),
        )
    return expr


def gap() -> Expr:
    return expanded(loss_gap().rhs)


def test_the_letters_of_the_gradient_are_the_derivatives_of_the_gap() -> None:
    """∂/∂α and ∂/∂Q of (1/2K) Σ_k ‖Z̄δ_k‖², with δ of (33) and the derivative of softmax."""
    (alpha, _, g_alpha, _), (Q, _, g_Q, _) = GRADIENT.parts
    assert (GRADIENT.f, loss_gap().lhs) == ("gap", scalar("gap"))
    assert expanded(g_alpha[h, k]) == derivative(gap(), alpha, (h, k))
    slope = differentiate(gap(), Q, (h, p, q), frozenset((let.ALPHA,)))
    assert expanded(g_Q[h, p, q]) == slope
    assert expanded(g_Q[h, p, q]) != number(2) * slope
    assert expanded(g_Q[h, q, p]) != slope, "another layout of Q"


def test_the_gradient_is_one_of_every_letter_of_the_gap_that_moves() -> None:
    """α, and Q by the softmax of its scores."""
    moving = gap().tensors() & DESCENT.letters
    assert moving == {let.ALPHA, let.S}
    assert {part[0] for part in GRADIENT.parts} == {let.ALPHA, let.Q} == {step[0] for step in DESCENT.steps}


def test_the_second_point_says_the_same() -> None:
    assert GRADIENT.f2 == "gapn"
    assert (loss_gap_next().lhs, loss_gap_next().rhs) == (scalar("gapn"), let.at_second_point(loss_gap().rhs))
    for here, there in ((part[0], part[1]) for part in GRADIENT.parts):
        assert let.PRIMED[here] == there
    for here, there in ((part[2], part[3]) for part in GRADIENT.parts):
        assert let.PRIMED[here] == there
    for one, other in DESCENT.pairs:
        if isinstance(one, Tensor) and one not in (let.Q, let.ALPHA):
            assert isinstance(other, Tensor)
            assert kinds()[other.name] == let.primed(kinds()[one.name])


def test_the_steps_are_those_of_41() -> None:
    for axiom, (x, after, slope) in zip(descent_41(), DESCENT.steps, strict=True):
        assert axiom.lhs == after[axiom.indices]
        assert axiom.rhs == x[axiom.indices] - scalar(DESCENT.rate) * slope[axiom.indices]
        assert axiom.when == "next"


def test_the_scores_of_the_softmax_are_those_of_28() -> None:
    of = lemmas.attention()
    given = functions()[of.s.name]
    assert isinstance(given, Softmax)
    scores = functions()[given.letter.name]
    assert isinstance(scores, Is)
    assert of.x == scores.value.at(dict(zip(scores.indices, of.indices, strict=True))) == score(*of.indices)
    assert of.x2 == let.at_second_point(of.x)
    assert let.PRIMED[of.s] == of.s2
    assert of.indices[given.over] == of.over == of.indices[of.s.unit_sum or 0]


def test_the_derivative_of_softmax_is_that_of_its_exponentials() -> None:
    """Σ_i ∂s_j/∂x_i ξ_i for s = e·r, ∂e/∂x = e and r Σe = 1: what the rule calls the derivative along ξ."""
    i = unused("N")
    slope = derivative(
        let.E[h, j, k] * let.R[h, k], let.X, (h, i, k),
        {let.E: lambda refs, at: let.E[refs] * delta(refs[1], at[1]) * delta(refs[0], at[0]) * delta(refs[2], at[2]),
         let.R: lambda refs, at: -1 * let.R[refs] ** 2 * let.E[refs[0], at[1], refs[1]] * delta(refs[0], at[0]) * delta(refs[1], at[2])},
    )  # fmt: skip
    rule = lemmas.softmax_one_norm().why
    assert isinstance(rule, MeanValue)
    assert rule.of == lemmas.attention()
    plain = Tensor("plain", let.S.slots)  # nothing is known of its sum
    given = replace(rule, of=replace(rule.of, s=plain)).derivative()
    assert given.replace(plain, lambda head, at, token: let.E[head, at, token] * let.R[head, token]) == (
        slope * let.XI[i]
    ).sum(i)


# Which letters move


def depends(seeds: frozenset[Letter]) -> frozenset[Letter]:
    """These letters, and all that a definition of the theory makes of them: axioms, squares, largest ones, functions, extreme numbers."""
    rows: list[tuple[frozenset[Letter], frozenset[Letter]]] = []  # what is made, what of
    for entry in registry().entries:
        what = entry.what
        if entry.because != LETTER or what.when != "always":
            continue
        if isinstance(what, Axiom):
            rows.append((letters(what.lhs), letters(what.rhs)))
        elif isinstance(what, Fact) and what.extreme is not None:
            rows.append((frozenset((what.extreme,)), what.letters))
        elif isinstance(what, SoftmaxPair):
            rows += [(frozenset((what.s,)), letters(what.x)), (frozenset((what.s2,)), letters(what.x2))]
    rows += [
        (frozenset((let.TABLE[name].tensor if name in let.TABLE else name,)), letters(*parts(kind)))
        for name, kind in kinds().items()
    ]
    for name, given in functions().items():
        made = frozenset((let.TABLE[name].tensor if name in let.TABLE else name,))
        match given:
            case Is(_, value):
                rows.append((made, letters(value)))
            case Softmax(letter, _) | Exp(letter):
                rows.append((made, frozenset((letter,))))
            case Of(others):
                rows.append((made, frozenset(others)))
    found = seeds
    while more := [made for made, of in rows if of & found and not made <= found]:
        found = found.union(*more)
    return found


@pytest.mark.parametrize(
    ("which", "listed"),
    [(0, DESCENT.letters), (1, DESCENT.elsewhere)],
    ids=["at a point", "at the other point"],
)
def test_every_letter_that_depends_on_a_parameter_moves(which: int, listed: frozenset[Letter]) -> None:
    seeds = frozenset(step[which] for step in DESCENT.steps)
    found = depends(seeds)
    assert {str(letter) for letter in found - listed} == set()
    by_hand: tuple[set[Letter], ...] = (
        {let.NAH, let.LMIN, let.GQ, let.DX, "gap", "ng", "nD"},
        {let.NAH2, let.LMIN2, let.GQ2, let.DX, "gapn"},
    )
    assert by_hand[which] <= found


def test_what_holds_for_every_vector_speaks_of_no_letter_that_the_vector_defines() -> None:
    """Else another vector would be put in the place of one of two letters that belong together."""
    for entry in registry().entries:
        if isinstance(entry.what, Fact) and entry.what.any:
            made = depends(frozenset(entry.what.any)) - set(entry.what.any)
            assert not made & letters(entry.what.positive), entry.name
