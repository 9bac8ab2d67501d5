"""The claims in words: what each comes to, its witness computed by another road, false variants, and the checks on false input."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
import torch
from small_runs import checked, claim, small, stated

import verify.theories.yang2024.checks.unseen as unseen_module
from numeric.draws import draws
from verify.record import ClaimRecord, Record
from verify.theories.yang2024.binding import objects, rational
from verify.theories.yang2024.checks import dictionary, speed
from verify.theories.yang2024.checks.dictionary import DistinctHere
from verify.theories.yang2024.checks.moments import FiniteTasks, mean_loss
from verify.theories.yang2024.checks.penalty import BestHere, SmallPrompt
from verify.theories.yang2024.checks.signs import SignsHere, squared_parts
from verify.theories.yang2024.checks.unseen import trained_on_small_instances
from verify.theories.yang2024.claims import words
from verify.theories.yang2024.claims import words_findings as find
from verify.theories.yang2024.claims import words_tradeoffs as trade
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import TaskLaw
from verify.theories.yang2024.numeric.loss import population_loss
from verify.theories.yang2024.numeric.train import train
from verify.theories.yang2024.options import Options

IDS = tuple(f"w{n}" for n in range(1, 8))
NULL_SETS = "a real-analytic function that is not identically zero vanishes on a null set only"
EXPECTED = {
    ("w1", "printed"): ("fails", "certified"), ("w1", "repaired"): ("holds", "proved"),
    ("w2", "printed"): ("fails", "exact witness"), ("w2", "repaired"): ("holds", "proved"),
    ("w3", "printed"): ("holds", "proved"),
    ("w4", "printed"): ("fails", "exact witness"), ("w4", "repaired"): ("holds", f"proved given {NULL_SETS}"),
    ("w5", "printed"): ("not refuted", "tested"), ("w6", "printed"): ("not refuted", "tested"),
    ("w7", "printed"): ("fails", "exact witness"), ("w7", "repaired"): ("not refuted", "certified"),
}  # fmt: skip
FAILING = [c for c in words.CLAIMS if c.expected == "fails"]
HOLDING = [c for c in words.CLAIMS if c.accepted]


@cache
def record() -> Record:
    return checked(*IDS)


@cache
def laboratory() -> Laboratory:
    return Laboratory(small(), Options(device="cpu"))


def here(record: ClaimRecord) -> list[str]:
    return [e.verdict for e in record.evidence if e.scope == "here"]


def test_what_each_comes_to() -> None:
    found = {(c.id, c.form): (c.verdict, c.known) for c in record().claims}
    assert found == EXPECTED
    assert record().exit_code == 0
    for c in record().claims:
        assert c.reading, "the reading is written down"
        assert c.assumptions == list(stated(c.id, c.form).assumptions)


@pytest.mark.parametrize("printed", FAILING, ids=lambda c: c.id)
def test_a_witness_stands_alone(printed) -> None:
    assert printed.replays is not None
    witness = printed.replays()
    assert witness == claim(record(), printed.id).witness
    assert witness.lhs
    assert witness.rhs


@pytest.mark.sampled(3)
@pytest.mark.parametrize("holding", HOLDING, ids=lambda c: f"{c.id}-{c.form}")
def test_false_variants_die(holding) -> None:
    assert holding.variants is not None
    variants = list(holding.variants())
    assert len(variants) >= 5
    assert len({name for name, _ in variants}) == len(variants)
    for name, variant in variants:
        evidence = [e for checker in variant.checks for e in checker(variant, laboratory())]
        assert any(e.verdict == "fails" and e.witness is not None for e in evidence), name


# W2, by summing over a finite law of λ and ε with plain fractions.


def brute_error(
    Z: list[list[Fraction]], N: int, weights: list[Fraction], tasks: list[tuple[int, ...]], sigma: Fraction
) -> Fraction:
    """E(ŷ_k − y_k)² at the last token; λ uniform over tasks, ε with entries ±σ."""
    m, K, total, count = len(Z), len(Z[0]), Fraction(0), 0
    for signs, task in product(product((1, -1), repeat=m * K), tasks):
        y = [sum(task[a] * (Z[a][k] + sigma * signs[a * K + k]) for a in range(m)) for k in range(K)]
        total += (sum(weights[j] * y[j] for j in range(N)) - y[-1]) ** 2
        count += 1
    return total / count


def test_the_best_predictor_is_worse_by_enumeration() -> None:
    one = [[Fraction(1)] * 3]
    a, b = (brute_error(one, 2, [Fraction(1, 2 + c)] * 2, [(1,), (-1,)], Fraction(1)) for c in (1, 2))
    assert (a, b) == (Fraction(4, 3), Fraction(11, 8))
    best, star = trade.both(SmallPrompt.of([[1, 1, 1]], 2, 1))
    assert (6 * star, 6 * best) == (rational(a), rational(b))
    assert brute_error([[Fraction(1)] * 2], 1, [Fraction(1, 2)], [(1,), (-1,)], Fraction(1)) == Fraction(3, 2)


def test_the_loss_of_a_small_prompt_is_the_population_loss() -> None:
    rng = np.random.default_rng(3)
    features, A_hat, second = (
        rng.integers(-3, 4, (2, 4)),
        rng.integers(-3, 4, (3, 4)),
        np.array([[2, 1], [1, 3]]),
    )
    prompt = SmallPrompt(objects(features.tolist()), 3, rational(Fraction(1, 4)))
    covariance = features.T @ second @ features + 0.25 * np.trace(second) * np.eye(4)
    seen = population_loss(torch.tensor(A_hat, dtype=torch.float64), torch.tensor(covariance))
    assert float(prompt.loss(objects(A_hat.tolist()), objects(second.tolist()))) == pytest.approx(float(seen))


def test_the_template_moves_away_and_shrinks() -> None:
    """The two proved clauses, on random prompts."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        Z, y, c = rng.standard_normal((3, 2)), rng.standard_normal(2), np.sort(rng.uniform(0.1, 5, 3))
        x = [np.linalg.solve(Z @ Z.T + p * np.eye(3), Z @ y) for p in c]
        far = np.linalg.norm(x[0] - x[2])
        assert far >= max(np.linalg.norm(x[0] - x[1]), np.linalg.norm(x[1] - x[2]))
        assert np.linalg.norm(x[0]) >= np.linalg.norm(x[1])


def test_best_here() -> None:
    at = laboratory()
    (printed,), (repaired,) = (BestHere(better)(stated("w2"), at) for better in (True, False))
    assert (printed.verdict, repaired.verdict) == ("fails", "holds")
    equal = Laboratory(small(N=3), Options(device="cpu"))
    (printed,), (repaired,) = (BestHere(better)(stated("w2"), equal) for better in (True, False))
    assert (printed.verdict, repaired.verdict) == ("not applicable", "holds")
    assert (
        claim(checked("w2", instance=replace(small(), tasks=TaskLaw(mean=1.0))), "w2").here
        == "not applicable"
    )


# W3.


def test_one_sign_is_as_far_as_said() -> None:
    rng = np.random.default_rng(2)
    for _ in range(200):
        x, u = rng.standard_normal(4), rng.exponential(size=4)
        plus, minus = squared_parts(x, 0.0)
        assert np.sum((x - u) ** 2) >= minus - 1e-12
        assert np.sum((x + u) ** 2) >= plus - 1e-12


def test_signs_here() -> None:
    mixed = speed.exact_instance([[1, -1, 0], [0, 0, 1]], [[1, -1, 1]], 2, 1.0, [[1, 0], [0, 1]])
    (found,) = SignsHere()(stated("w3"), Laboratory(mixed, Options(device="cpu")))
    assert found.verdict == "holds"
    assert found.figures["columns with both signs"] == 1
    alike = replace(mixed, features=np.abs(mixed.features))
    (found,) = SignsHere()(stated("w3"), Laboratory(alike, Options(device="cpu")))
    assert found.verdict == "not applicable"


def test_one_head_stays_above_the_gap() -> None:
    """The gap that W3 states, against a trained and a best one-headed model."""
    instance = speed.exact_instance([[1, -1, 0], [0, 0, 1]], [[1, -1, 1]], 2, 1.0, [[1, 0]])
    exact = Laboratory(instance, Options(device="cpu")).exact
    A = np.array(exact.minimiser().tolist(), dtype=float)
    least = min(
        float(np.sum((A[:, 2] - w * np.array([s, 1 - s])) ** 2))
        for w in np.linspace(-2, 2, 81)
        for s in np.linspace(0, 1, 101)
    )
    assert least >= 1 / 9 - 1e-12
    assert least == pytest.approx(1 / 9, abs=1e-3), "and no nearer bound is possible"


# W4, W5.


def test_tokens_exactly() -> None:
    assert dictionary.separating_row(((1, 0), (0, 1))) == 0
    assert dictionary.separating_row(((1, 5), (1, 7))) == 1
    assert dictionary.separating_row(find.BOX) is None
    assert dictionary.equal_tokens(((1, 0), (1, 0))) == (0, 1)
    assert not dictionary.unit(((1, 1),))
    assert dictionary.rank(objects([[1, 2], [2, 4]])) == 1
    with pytest.raises(ArithmeticError):
        dictionary.columns_of_powers(((1,),), ((Fraction(1, 2),),), (2,))


def test_the_box_has_full_rank_in_float64_too() -> None:
    V = np.array([[float(x) for x in token] for token in find.BOX])
    scores = V @ (np.log(2) * np.array([[0, 5 / 3, 0], [0, 0, 5 / 4]]))
    assert np.linalg.svd(np.exp(scores) / np.exp(scores).sum(axis=0))[1].min() > 0.05
    assert find.box_rank() == 3


def test_cube_dictionaries_break_A3_and_nothing_else() -> None:
    rng = draws(0)
    for _ in range(30):
        instance = dictionary.cube_instance(rng)
        columns = [tuple(Fraction(x) for x in column) for column in instance.tokens.T]
        assert dictionary.unit(columns)
        assert dictionary.equal_tokens(columns) is None
        assert dictionary.separating_row(columns[: instance.N]) is None
        assert instance.H >= instance.N


def test_distinct_here() -> None:
    tokens = small().tokens.copy()
    tokens[:, 3] = tokens[:, 0]
    run = checked("w4", instance=replace(small(), tokens=tokens))
    assert claim(run, "w4").here == "fails"
    assert claim(run, "w4", "repaired").here == "holds"
    tokens[:, 1] = tokens[:, 0]
    at = Laboratory(replace(small(), tokens=tokens), Options(device="cpu"))
    assert DistinctHere(prompt_only=True)(stated("w4"), at)[0].verdict == "fails"


def test_each_hypothesis_of_w5_is_needed() -> None:
    needs = {need.assumption: need.verdict for need in claim(record(), "w5").needs}
    assert needs == {"A0": "needed", "heads": "needed", "gaussian": "needed"}


# W6.


def test_a_model_that_is_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def off(trajectory):
        A_hat, N = trained(trajectory), trajectory.instance.N
        A_hat[:, N:] += 100
        return A_hat

    trained = unseen_module.trained_A_hat
    monkeypatch.setattr(unseen_module, "trained_A_hat", off)
    found = trained_on_small_instances(laboratory())
    assert found.verdict == "fails"
    assert found.witness is not None


def test_an_untrained_model_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradient descent that stops at once, with what (18) guarantees after all its steps."""
    monkeypatch.setattr(
        unseen_module, "train", lambda instance, rates, max_steps: train(instance, rates, max_steps=1)
    )
    monkeypatch.setattr(unseen_module, "TARGET", 1e-12)
    monkeypatch.setattr(unseen_module, "STEPS", 10**6)
    assert trained_on_small_instances(laboratory()).verdict == "fails"


def test_unseen_here() -> None:
    found = claim(record(), "w6")
    (evidence,) = [e for e in found.evidence if e.scope == "here"]
    assert (evidence.verdict, evidence.strength) == ("holds", "observed")
    assert evidence.figures["ridge from the template"] > 0.01, "close to ridge is not close to the truth"
    short = checked("w6", max_steps=3)
    assert claim(short, "w6").here == "undecided"


# W7.


def test_the_law_of_w7_is_what_it_is_said_to_be() -> None:
    law = find.TURNED
    assert (law.second == objects([[1, 0], [0, 1]])).all()
    assert law.mean == [Fraction(3, 5), Fraction(4, 5)]
    assert law.dependent() == (0, 1)
    independent = FiniteTasks(tuple(product((1, -1), repeat=2)))
    assert independent.dependent() is None


def test_a_finite_law_against_second_moments() -> None:
    """The enumerated loss is the quadratic form of E[yyᵀ], for a law with Σ ≠ I too."""
    for law in (find.TURNED, FiniteTasks(((1, 0), (2, 3)))):
        features, A_hat = [[0.5, 1.0], [0.5, -1.0]], [[2.0, -1.0]]
        second = np.array([[float(x) for x in row] for row in law.second])
        Z = np.array(features)
        covariance = Z.T @ second @ Z + 0.25 * np.trace(second) * np.eye(2)
        seen = population_loss(torch.tensor(A_hat, dtype=torch.float64), torch.tensor(covariance))
        found = mean_loss(
            objects([[Fraction(x) for x in row] for row in features]), objects([[2, -1]]), law, Fraction(1, 2)
        )
        assert float(found) == pytest.approx(float(seen))


def test_another_law_does_not_pass_for_a_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "TURNED", FiniteTasks(((1, 0), (2, 3))))
    assert find.less_than_A1_will_do().verdict == "undecided"
    monkeypatch.setattr(find, "TURNED", FiniteTasks(tuple(product((1, -1), repeat=2))))
    assert find.less_than_A1_will_do().verdict == "undecided", "a law that meets A1 shows nothing"


def test_moments_that_are_those_of_A1_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)))
    monkeypatch.setattr(find, "OTHER_MOMENTS", (unit,))
    assert find.second_moments_are_needed().verdict == "undecided"
