"""Proofs as data: the same on every run, as they are written, one name one thing; and what it takes for a proof to count."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import sympy as sp

from symbolic import double, ledger
from symbolic.bound import CauchySchwarz, Certificate, Fact, Root, Substitute, Weight, by
from symbolic.double import Books, Doubled, document, double_check, recording
from symbolic.indexed import DELTA, Tensor, number, scalar
from symbolic.ledger import text
from symbolic.operations import LedgerError
from symbolic.proof import Axiom, Proof, Use
from symbolic.rules import Supply
from symbolic.second import replay
from symbolic.written import Written, written
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.derivation import derive, push_through
from verify.theories.yang2024.symbolic.letters import index, tensor, unused
from verify.theories.yang2024.symbolic.reading import reader

PROOFS = Path(ledger.__file__).parents[1] / "verify" / "theories" / "yang2024" / "proofs.json"
DATA = json.loads(PROOFS.read_text(encoding="utf-8"))
i, j, k, u, b = index("i", "N"), index("j", "N"), index("k", "K"), index("k", "U"), index("b", "m")
QUERY = derive().fixed_point.at({k: u}), derive().ridge_weights
XI, Y = let.XI, let.Y


def through() -> Proof:
    """A proof with indices that are made anew each time."""
    return Proof(push_through(let.Z[b, u], j, b, (b,)))


def ball(letter: Tensor, level: str) -> Fact:
    return Fact(f"{letter.name} in a ball", scalar(level, 2) - (letter[j] ** 2).sum(j), (), any=(letter,))


def cauchy() -> Fact:
    """Indices made on the way in every part of a fact: αν ≥ Σ ξ_i x_i, for the x_i = Σ_h s_{ik}^h."""
    over, head, row = unused("N"), unused("H"), unused("N")
    vector = tensor("v0", "N")
    moved = by(
        Substitute(ball(vector, "nA"), vector, (let.S[head, row, k]).sum(head), (row,)), "s in a ball", (k,)
    )
    rule = CauchySchwarz(
        scalar("abar"),
        scalar("nA"),
        XI[over],
        let.S[head, over, k].sum(head),
        (over,),
        ball(XI, "abar"),
        moved,
    )
    inner = by(rule, "inner product", (k,))
    bind = unused("N")
    more = Weight(root=XI[bind], bind=(bind,))
    return Fact(
        "more", inner.positive + (XI[j] ** 2).sum(j), (k,), Certificate((Weight(fact=inner, at=(k,)), more))
    )


def test_indices_made_on_the_way_get_the_same_letters() -> None:
    first = text(
        document([("p", *QUERY, through(), ()), ("c", number(0), cauchy().positive, cauchy(), (k,))])
    )
    for _ in range(13):
        unused("K")
    again = text(
        document([("p", *QUERY, through(), ()), ("c", number(0), cauchy().positive, cauchy(), (k,))])
    )
    assert first == again
    assert "#" not in first
    assert not any(report.reason for report in replay(json.loads(first)))


def test_an_index_has_one_letter_all_through_a_fact() -> None:
    """Its own index is one that was made on the way, and stands in its weights beside older and newer ones."""
    before, own, after = unused("N"), unused("N"), unused("N")
    positive = XI[own] ** 2 * (XI[j] ** 2).sum(j) + (let.AHAT[own, k] * XI[j]).sum(j) ** 2
    parts = (
        Weight(XI[own] ** 2, XI[before], bind=(before,)),
        Weight(root=(let.AHAT[own, k] * XI[after]).sum(after)),
    )
    fact = Fact("squares", positive, (own, k), Certificate(parts))
    assert double_check(number(0), positive.at({own: i}), fact, (i, k)).proved


@pytest.mark.slow
def test_the_file_is_the_same_whatever_the_hash_seed() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/symbolic')\n"
        "from test_ledger import QUERY, cauchy, through, number, k, document, text\n"
        "print(text(document([('p', *QUERY, through(), ()), ('c', number(0), cauchy().positive, cauchy(), (k,))])))"
    )
    root = PROOFS.parents[3]
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_facts_of_the_same_words_are_one() -> None:
    one, other = ball(XI, "abar"), ball(XI, "abar")
    twice = Fact(
        "twice", one.positive + other.positive, (), Certificate((Weight(fact=one), Weight(fact=other)))
    )
    data = document([("a", number(0), twice.positive, twice, ()), ("b", number(0), one.positive, one, ())])
    assert [row["name"] for row in data["facts"]] == ["xi in a ball", "twice"]
    assert [weight["fact"] for weight in data["facts"][1]["weights"]] == [0, 0]
    assert [row["fact"] for row in data["proofs"]] == [1, 0]


def test_one_name_for_two_things_is_an_error() -> None:
    Y_K, Y_N = tensor("two", "K"), tensor("two", "N")
    with pytest.raises(LedgerError, match="letter two: two declarations"):
        document([("a", Y_K[k], Y_K[k], Proof(), ()), ("b", Y_N[j], Y_N[j], Proof(), ())])
    axioms = [Axiom("one name", let.AHAT[j, k], value, (j, k)) for value in (number(0), number(1))]
    uses = [Proof((Use(axiom, number(1), (j, k)),)) for axiom in axioms]
    rows = [("p", let.AHAT[j, k], axiom.rhs, proof, ()) for axiom, proof in zip(axioms, uses, strict=True)]
    with pytest.raises(LedgerError, match="axiom one name: two statements"):
        document(rows)
    # Alone, each is a proof; both in one, none.
    assert all(double_check(*row[1:3], row[3]).proved for row in rows)
    both = Proof((*uses[0].uses, *uses[1].uses))
    doubled = double_check(2 * let.AHAT[j, k], number(1), both)
    assert not doubled.kernel
    assert doubled.replayer == "axiom one name: two statements"
    assert doubled.contradiction.endswith(
        "the second replayer refuses the proof (axiom one name: two statements), the other accepts it"
    )


def test_both_must_accept(monkeypatch: pytest.MonkeyPatch) -> None:
    true, false = (let.AHAT[j, k], let.AHAT[j, k]), (let.AHAT[j, k], number(0))
    assert double_check(*true, Proof()) == Doubled("", "", frozenset({"rule: rename"}))
    refused = double_check(*false, Proof())
    assert not refused.proved
    assert refused.contradiction == ""
    assert refused.kernel == "2 terms left"
    monkeypatch.setattr(double, "by_kernel", lambda *_: "")
    doubled = double_check(*false, Proof())
    assert not doubled.proved
    assert doubled.contradiction == (
        "the two checkers disagree: the second replayer refuses the proof (what is shown is another statement), the other accepts it"
    )
    monkeypatch.setattr(double, "by_kernel", lambda *_: "no")
    assert double_check(*true, Proof()).contradiction == (
        "the two checkers disagree: the kernel refuses the proof (no), the other accepts it"
    )


def test_what_a_fact_is_compared_with() -> None:
    square = Fact("square", XI[j] ** 2, (j,), Certificate((Weight(root=XI[j]),)))
    assert double_check(number(0), XI[i] ** 2, square, (i,)).proved
    assert double_check(-1 * XI[j] ** 2, number(0), square).proved
    for lhs, rhs, axes in (
        (number(0), 2 * XI[i] ** 2, (i,)), (XI[i] ** 2, number(0), (i,)), (number(0), XI[i] ** 2, (j,)), (number(0), XI[i] ** 2, ()),
    ):  # fmt: skip
        doubled = double_check(lhs, rhs, square, axes)
        assert doubled.kernel
        assert doubled.replayer


def test_what_is_taken_is_listed_by_name() -> None:
    fact = cauchy()
    doubled = double_check(number(0), fact.positive, fact)
    assert doubled.proved
    assert doubled.hypotheses == ["v0 in a ball, for every v0", "xi in a ball, for every xi"]
    assert (doubled.axioms, doubled.declarations, doubled.positive, doubled.letters) == ([], [], [], ["s"])
    used = double_check(*QUERY, through())
    assert used.axioms == ["(ZZᵀ+mτI)(ZZᵀ+mτI)⁻¹ = I", "(ZᵀZ+mτI)⁻¹(ZᵀZ+mτI) = I"]
    assert used.letters == ["Ginv", "Minv"]
    assert "contract" in used.rules
    root = by(
        Root(
            number(0),
            scalar("zeta", -1),
            Fact("1/ζ² ≥ 0", scalar("zeta", -2), (), Certificate((Weight(scalar("zeta", -2)),))),
        ),
        "1/ζ ≥ 0",
    )
    assert double_check(number(0), root.positive, root).positive == ["zeta"]


def test_what_is_supplied_is_not_listed() -> None:
    """The hypothesis that another fact states is none of the conclusion, unless something else rests on it."""
    level, other = (Fact(f"{name} ≥ 0", scalar(name) - 1) for name in ("abar", "nA"))
    above = Fact("α ≥ ν", scalar("abar") - scalar("nA"))
    twice = Fact("twice", 2 * level.positive, (), Certificate((Weight(number(2), fact=level),)))
    stated = Fact("from ν", level.positive, (), Certificate((Weight(fact=other), Weight(fact=above))))
    step = by(Supply(twice, (stated,)), "supplied")
    assert double_check(number(0), step.positive, step).hypotheses == ["nA ≥ 0", "α ≥ ν"]
    again = Fact("again", 3 * level.positive, (), Certificate((Weight(fact=step), Weight(fact=level))))
    assert double_check(number(0), again.positive, again).hypotheses == ["abar ≥ 0", "nA ≥ 0", "α ≥ ν"]


def test_a_refused_proof_leaves_nothing_in_the_books() -> None:
    """Its letters, axioms and facts are forgotten: the next proof may use their names for something else."""
    books = Books()
    wide, narrow = tensor("two", "K"), tensor("two", "N")
    false = Fact("false", wide[k] ** 2 - 1, (k,), Certificate((Weight(root=wide[k]),)))
    _, refused = books.replayed(("false", number(0), false.positive, false, (k,)))
    assert refused.reason == "false: certificate gives something else"
    assert books.ledger.mark() == Books().ledger.mark()
    assert books._facts == []
    true = Fact("true", narrow[j] ** 2, (j,), Certificate((Weight(root=narrow[j]),)))
    assert not books.replayed(("true", number(0), true.positive, true, (j,)))[1].reason


def test_recording_keeps_what_both_accept() -> None:
    with recording() as outer:
        double_check(let.XI[j], let.XI[j], Proof(), name="kept")
        with recording() as inner:
            double_check(let.XI[j], let.XI[i], Proof(), name="refused")
        double_check(let.Y[k], let.Y[k], Proof(), name="kept too")
    double_check(let.XI[j], let.XI[j], Proof(), name="after")
    assert [row[0] for row in outer] == ["kept", "kept too"]
    assert inner == []


def test_shared_facts_are_replayed_once() -> None:
    books = Books()
    fact = cauchy()
    _, first = books.replayed(("a", number(0), fact.positive, fact, (k,)))
    seen = list(books._facts)
    _, second = books.replayed(("b", number(0), fact.positive, fact, (k,)))
    assert books._facts == seen
    assert (first.reason, second.reason) == ("", "")
    assert first.used == second.used


# A side as it is written


N, K, M = let.N, let.K, let.m
a_, i_, j_, k_, l_, t_ = sp.symbols("a i j k l t", integer=True)
Z, y, s, A_ = (let.TABLE[name].base for name in ("Z", "y", "s", "Ahat"))
DIMS = {"j": "N", "k": "K", "t": "K"}
h_ = sp.Symbol("h", integer=True)
SIDES = {
    "sum of a square": sp.Sum(sp.Sum(Z[a_, i_] * A_[i_, k_], (i_, 1, N)) ** 2, (a_, 1, M)),
    "a name bound twice": sp.Sum(y[k_] * sp.Sum(y[i_], (i_, 1, N)) * sp.Sum(y[i_] ** 2, (i_, 1, N)), (k_, 1, K)) * y[k_],
    "a delta inside": sp.Sum(sp.KroneckerDelta(i_, k_) * y[i_], (i_, 1, N)) - sp.KroneckerDelta(j_, k_) * y[t_],
    "unit sums": sp.Sum(s[h_, i_, k_], (i_, 1, N), (h_, 1, let.H)) / K + sp.sqrt(K) * sp.Rational(2, 3),
    "sums over nothing": sp.Sum(sp.Sum(y[t_], (i_, 1, N)), (l_, N + 1, K)),
    "powers of sums": (sp.Sum(y[i_], (i_, 1, N)) + let.tau) ** 3 - sp.Sum(y[l_], (l_, N + 1, K)) ** 2,
    "a derivative under a sum": sp.Sum(sp.Derivative(sp.Symbol("Loss"), A_[i_, k_], evaluate=False) * A_[i_, t_], (i_, 1, N)),
    "an expectation under a sum": sp.Sum(sp.Function("E_eps")(let.TABLE["eps"].base[a_, k_] ** 2) * y[t_], (a_, 1, M)),
}  # fmt: skip


@pytest.mark.parametrize("name", SIDES)
def test_what_is_written_is_what_the_kernel_reads(name: str) -> None:
    """And with one coefficient or one factor another it is not."""
    source = reader(DIMS)
    value = source.read(SIDES[name])
    side = written(source, SIDES[name], value)
    assert double_check(side, value, Proof()).proved
    random = Random(3)
    for _ in range(6):
        place = random.randrange(len(side.terms))
        term = side.terms[place]
        spoiled = random.choice(
            (
                replace(term, coefficient=term.coefficient * 2),
                replace(term, scalars=(*term.scalars, ("tau", 1))),
            )
        )
        if term.factors and random.random() < 0.5:
            spoiled = replace(term, factors=(*term.factors, term.factors[-1]))
            if term.factors[-1][0] == DELTA:  # its own square
                continue
        wrong = Written(value, (*side.terms[:place], spoiled, *side.terms[place + 1 :]))
        doubled = double_check(wrong, value, Proof())
        assert doubled.contradiction.startswith("the two checkers disagree: the second replayer refuses")


def test_what_is_written_has_no_normal_form() -> None:
    """Σ_{h,i,l} s_i δ_{il} = H is no copy of H: the second replayer has all the steps to take."""
    source = reader(DIMS)
    side = sp.Sum(s[h_, i_, k_] * sp.KroneckerDelta(i_, l_), (i_, 1, N), (l_, 1, N), (h_, 1, let.H))
    assert source.read(side) == scalar("H")
    data = document([("p", written(source, side, scalar("H")), scalar("H"), Proof(), ())])
    (term,) = data["proofs"][0]["lhs"]
    assert sorted(name for name, _ in term[2]) == ["delta", "s"]
    assert sorted(term[3]) == ["H", "N", "N"]
    assert data["proofs"][0]["rules"] == ["contract", "count", "rename", "unit sum"]


def test_the_data_speak_of_the_letters_as_they_are_declared() -> None:
    """What is said of a letter in the file is what the kernel says: none is more symmetric or more positive there."""
    extra = []
    for name, row in DATA["tensors"].items():
        if name not in let.TABLE:
            extra.append(name)
            continue
        tensor = let.TABLE[name].tensor
        assert tuple(row["slots"]) == tuple(slot.name for slot in tensor.slots)
        assert row.get("symmetric", False) == tensor.symmetric
        assert row.get("unit_sum") == tensor.unit_sum
        assert row.get("nonneg", False) == tensor.nonneg
    assert len(extra) < len(DATA["tensors"]) // 4, extra


def test_the_file_is_written_line_by_line() -> None:
    lines = PROOFS.read_text(encoding="utf-8").splitlines()
    assert len(lines) == sum(map(len, DATA.values())) + 2 * len(DATA) + 2
    assert text(DATA) == PROOFS.read_text(encoding="utf-8")
