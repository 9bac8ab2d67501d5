"""The probe: planted models with the right answer, intervals that cover, and checkers that refuse false input."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Lasso as Reference
from sklearn.linear_model import Ridge as RidgeReference

from benchmarks.planted import PLANTED, K, N, decided, dictionary, exact, in_context, m, noisy
from numeric.draws import Array, draws
from numeric.probe.data import Block, Prompts
from numeric.probe.families.descent import Descent, power
from numeric.probe.families.feature_noise import FeatureNoise
from numeric.probe.families.lasso import Lasso, minimisers
from numeric.probe.families.least_squares import LeastSquares
from numeric.probe.families.linear_attention import LinearAttention
from numeric.probe.families.posterior import FiniteTasks, Rademacher
from numeric.probe.families.preconditioned import Preconditioned
from numeric.probe.families.ridge import Ridge
from numeric.probe.families.scaled import Scaled
from numeric.probe.hat import hat
from numeric.probe.statistics import Answers, adequacy, contrast, errors, interval, measured


@pytest.mark.sampled(3)
@pytest.mark.parametrize("part", [0.0, 0.05])
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_model_is_recognised(name: str, part: float) -> None:
    right, model = PLANTED[name]
    prompts = dictionary(11)
    decision = decided(prompts, noisy(model(prompts, 11), part, 12))
    assert exact(decision) == right
    assert decision.verdict == "is" if right else decision.verdict in ("none", "behaves like")


def test_one_step_is_found_with_its_step_and_ridge_with_its_penalty() -> None:
    prompts = dictionary(1)
    found = decided(prompts, noisy(PLANTED["one step"][1](prompts, 1), 0.01, 2)).found[0]
    known = {one.name: one for one in found.estimates}
    assert (known["k"].low, known["k"].value, known["k"].high) == (1, 1, 1)
    assert known["η"].low < 0.02 < known["η"].high
    found = decided(prompts, PLANTED["ridge"][1](prompts, 1)[None]).found[0]
    assert found.estimates[0].value == pytest.approx(0.5, rel=1e-6)


def test_least_squares_leaves_a_bound_for_the_penalty() -> None:
    prompts = dictionary(1)
    decision = decided(prompts, noisy(PLANTED["least squares"][1](prompts, 1), 0.05, 2))
    bound = decision.bounds[0]
    assert bound.name == "λ"
    assert 1e-4 < bound.high < 0.05
    larger = Ridge().answers(prompts, "1", np.array([3 * bound.high]))
    found = exact(decided(prompts, noisy(larger, 0.05, 2)))
    assert "ridge" in found
    assert "least squares" not in found


def test_families_of_one_map_cannot_be_told_apart() -> None:
    """With equal singular values ridge, descent and scaled least squares are one map."""
    stream = draws(3)
    Z = np.linalg.qr(stream.standard_normal((N, m)))[0] * 2.0
    features = np.concatenate([Z, stream.standard_normal((K - N, m))])
    prompts = Prompts([Block(Z[None], stream.standard_normal((1, 64, N)), features[None])])
    decision = decided(prompts, Ridge().answers(prompts, "1", np.array([0.5]))[None])
    assert decision.verdict == "cannot tell"
    assert exact(decision) == {"ridge", "gradient descent", "scaled least squares"}
    first, *others = (one.fit.answers for one in decision.found)
    assert all(np.abs(first - other).max() < 1e-6 for other in others)


def test_the_sign_and_the_normaliser_are_named() -> None:
    prompts = in_context(5)
    answers = -Ridge().answers(prompts, "N", np.array([0.3]))
    decision = decided(prompts, answers[None])
    assert (decision.verdict, decision.sign, decision.found[0].fit.order) == ("is", -1, "N")
    assert decision.found[0].estimates[0].value == pytest.approx(0.3, rel=1e-6)
    declared = in_context(5, normaliser="N")
    decision = decided(declared, Ridge().answers(declared, "N", np.array([0.3]))[None])
    assert (decision.sign, decision.found[0].fit.order) == (1, "N")


def test_the_sign_of_a_model_unlike_ridge_is_named() -> None:
    for seed in range(1008, 1012):
        prompts = dictionary(seed)
        for sign in (1, -1):
            decision = decided(prompts, sign * PLANTED["mean"][1](prompts, seed)[None])
            assert (exact(decision), decision.sign) == ({"constant mean"}, sign)


def test_labels_in_another_unit_leave_the_penalty_alone() -> None:
    prompts = dictionary(4)
    block = prompts.blocks[0]
    scaled = Prompts([Block(block.Z, 1000.0 * block.Y, block.Q)])
    for one in (prompts, scaled):
        found = decided(one, Ridge().answers(one, "1", np.array([0.5]))[None]).found[0]
        assert found.estimates[0].value == pytest.approx(0.5, rel=1e-6)


@pytest.mark.slow
def test_a_basic_solution_is_no_ridge() -> None:
    """With fewer labels than features, the solution with zeros in it is not that of least norm, nor ridge at any λ."""
    prompts = in_context(6, n=4, d=4)
    found = []
    for block in prompts.blocks:
        n = block.Z.shape[1]
        beta = np.zeros((len(block.Z), 1, 4))
        beta[:, 0, :n] = np.linalg.solve(block.Z[:, :, :n], block.Y[:, 0, :, None])[:, :, 0]
        found.append(beta)
    decision = decided(prompts, prompts.mapped(found)[None])
    assert exact(decision) == set()
    assert next(one for one in decision.standings if one.name == "ridge").distance > 0.1


def coverage(prompts: Prompts, shared: float, trials: int = 400) -> float:
    """How many intervals hold λ, with chance in each answer, and a part that all answers to a prompt share."""
    family, inside = Ridge(), 0
    true = family.answers(prompts, "1", np.array([0.5]))
    for trial in range(trials):
        stream = draws(100 + trial, 7)
        scale = 0.05 * float(np.sqrt((true**2).mean()))
        chance = scale * stream.standard_normal((2, len(true)))
        common = stream.standard_normal((2, prompts.cluster.max() + 1))[:, prompts.cluster]
        answers = measured(true + chance + shared * scale * common, prompts, 1e-9)
        fit = family.polished(prompts, answers.mean, "1", np.array([0.5]))
        error = float(errors(answers, fit.answers, fit.slopes, prompts)[0])
        low, high = interval(float(fit.parameters[0]), error, prompts)
        inside += low <= 0.5 <= high
    return inside / trials


@pytest.mark.slow
@pytest.mark.parametrize("prompts", [dictionary(1), in_context(1)], ids=["dictionary", "in context"])
@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_intervals_cover(prompts: Prompts, shared: float) -> None:
    assert 0.92 <= coverage(prompts, shared) <= 0.98


def test_noise_of_a_prompt_does_not_reject_the_right_family() -> None:
    prompts = dictionary(2)
    true = PLANTED["ridge"][1](prompts, 2)
    common = 0.05 * draws(3).standard_normal((2, 64))[:, prompts.cluster]
    assert exact(decided(prompts, noisy(true, 0.01, 4) + common)) == {"ridge"}


def test_adequacy_refuses_a_fit_that_is_off() -> None:
    prompts = dictionary(2)
    true = PLANTED["ridge"][1](prompts, 2)
    answers = measured(noisy(true, 0.05, 5), prompts, 1e-9)
    assert adequacy(answers, true, 1, prompts) > 0.01
    assert adequacy(answers, 1.05 * true, 1, prompts) < 1e-6
    declared = Answers(true, 1e-8, None, np.inf)
    assert adequacy(declared, true + 1e-5, 1, prompts) > 0.9
    assert adequacy(declared, true + 1e-3, 1, prompts) < 1e-6


def test_a_contrast_has_the_sign_of_the_nearer_family() -> None:
    prompts = dictionary(2)
    true = PLANTED["ridge"][1](prompts, 2)
    answers = measured(noisy(true, 0.05, 5), prompts, 1e-9)
    assert contrast(answers, true, 1.1 * true, prompts) > 5
    assert contrast(answers, 1.1 * true, true, prompts) < -5
    assert contrast(answers, true, true, prompts) == 0


def by_hand(prompts: Prompts) -> list[tuple[Array, Array, Array]]:
    """Z, y and q of the first prompts of each block."""
    return [(block.Z[b], block.Y[b, 0], block.Q[b, 0]) for block in prompts.blocks for b in range(3)]


def first_answers(prompts: Prompts, answers: Array) -> list[float]:
    """The answers that belong to `by_hand`."""
    starts = np.cumsum([0, *(int(np.prod(block.shape)) for block in prompts.blocks)])
    return [float(answers[start + b]) for start in starts[:-1] for b in range(3)]


def test_families_against_their_definitions() -> None:
    prompts = in_context(8)
    ridge = first_answers(prompts, Ridge().answers(prompts, "N", np.array([0.3])))
    least = first_answers(prompts, LeastSquares().answers(prompts, "1", np.ones(0)))
    steps = first_answers(prompts, Descent().answers(prompts, (3, "N+1"), np.array([0.2])))
    lasso = first_answers(prompts, Lasso().answers(prompts, None, np.array([0.4])))
    for place, (Z, y, q) in enumerate(by_hand(prompts)):
        n = len(y)
        reference = RidgeReference(alpha=0.3 * n, fit_intercept=False).fit(Z, y)
        assert ridge[place] == pytest.approx(float(reference.coef_ @ q), abs=1e-8)
        assert least[place] == pytest.approx(float(np.linalg.pinv(Z) @ y @ q), abs=1e-8)
        beta = np.zeros(4)
        for _ in range(3):
            beta = beta + 0.2 / (n + 1) * Z.T @ (y - Z @ beta)
        assert steps[place] == pytest.approx(float(beta @ q), abs=1e-10)
        other = Reference(alpha=0.4 / n, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(Z, y)
        assert lasso[place] == pytest.approx(float(other.coef_ @ q), abs=1e-6)


def test_the_lasso_meets_its_conditions() -> None:
    block = dictionary(3).blocks[0]
    beta = minimisers([block], 3.0)[None]
    slope = np.einsum("bsn,bnm->bsm", block.Y - np.einsum("bsm,bnm->bsn", beta, block.Z), block.Z)
    assert np.abs(slope).max() <= 3.0 + 1e-6
    assert np.abs(slope - 3.0 * np.sign(beta))[beta != 0].max() < 1e-6


def test_sign_vectors_are_a_finite_set_of_tasks() -> None:
    prompts = in_context(9, d=2)
    signs = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    both = (
        FiniteTasks(0.7 * signs).answers(prompts, None, np.array([0.5])),
        Rademacher().answers(prompts, None, np.array([0.7, 0.5])),
    )
    assert np.allclose(*both, atol=1e-12)
    Z, y, q = by_hand(prompts)[-1]
    weights = np.exp(-((y - 0.7 * signs @ Z.T) ** 2).sum(axis=1) / (2 * 0.25))
    expected = float(weights @ (0.7 * signs @ q) / weights.sum())
    assert first_answers(prompts, both[0])[-1] == pytest.approx(expected, abs=1e-10)


def by_quadrature(Z: Array, y: Array, s: float, tau: float) -> Array:
    """The posterior mean of two coefficients, by polar coordinates."""
    r, angle = np.geomspace(1e-3 * s, 8 * s, 500), np.arange(500) * (2 * np.pi / 500)
    w = (r[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)).reshape(-1, 2)
    square = (w**2).sum(axis=1)
    log = np.log(square) * (1 - len(y) / 2) - square / (2 * s**2)
    log -= ((y - w @ Z.T) ** 2).sum(axis=1) / (2 * tau * square)
    weights = np.exp(log - log.max())
    mean: Array = weights @ w / weights.sum()
    return mean


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("s", "tau"), [(1.0, 0.25), (0.5, 1.0), (1.5, 0.03)])
def test_feature_noise_against_quadrature(s: float, tau: float) -> None:
    prompts = in_context(10, B=4, n=12, d=2)
    found = first_answers(prompts, FeatureNoise().answers(prompts, None, np.array([s, tau])))
    for place, (Z, y, q) in enumerate(by_hand(prompts)):
        assert found[place] == pytest.approx(float(by_quadrature(Z, y, s, tau) @ q), rel=1e-6, abs=1e-9)


def test_feature_noise_is_not_ridge() -> None:
    prompts = dictionary(3)
    answers = FeatureNoise().answers(prompts, None, np.array([1.0, 0.25]))
    assert Ridge().fit(prompts, answers).rss > 1e-3 * float((answers**2).sum())
    found = FeatureNoise().fit(prompts, answers)
    assert found.parameters == pytest.approx([1.0, 0.25], rel=1e-6)


@pytest.mark.parametrize("order", ["1", "N", "N+1"])
def test_linear_attention_against_its_definition(order: str) -> None:
    prompts = in_context(8, normaliser=order)
    queries = np.concatenate([block.Q.reshape(-1, 4) for block in prompts.blocks])
    moment = queries.T @ queries / len(queries)
    known = np.array([1 + 1 / 7, (np.trace(moment) + 0.25) / 7])
    Gamma = known[0] * moment + known[1] * np.eye(4)
    answers = LinearAttention().answers(prompts, order, known)
    length = {"1": lambda n: 1, "N": lambda n: n, "N+1": lambda n: n + 1}[order]
    for place, (Z, y, q) in enumerate(by_hand(prompts)):
        expected = float(q @ np.linalg.solve(Gamma, Z.T @ y)) / length(len(y))
        assert first_answers(prompts, answers)[place] == pytest.approx(expected, abs=1e-10)
    found = LinearAttention().fit(prompts, answers)
    assert (found.order, found.parameters) == (order, pytest.approx(known, rel=1e-5))


def test_what_contains_what() -> None:
    one, many = dictionary(1), in_context(1)
    assert Preconditioned().includes("ridge", "1", one)
    assert not Preconditioned().includes("ridge", "1", many)
    assert Preconditioned().includes("gradient descent", (1, "1"), many)
    assert not Preconditioned().includes("gradient descent", (2, "1"), many)
    assert Ridge().includes("least squares", "1", many)
    assert not Scaled().includes("ridge", "1", many)
    assert Preconditioned().includes("minimiser of linear attention", "1", many)
    assert LinearAttention().includes("gradient descent", (1, "1"), many)
    assert not LinearAttention().includes("gradient descent", (2, "1"), many)


@pytest.mark.parametrize("k", [1, 2, 7, 64, 100])
def test_powers(k: int) -> None:
    base = np.linspace(-1.1, 1.1, 9)
    assert np.allclose(power(base, k), base**k, rtol=1e-12)


def test_thinned_prompts_are_whole_prompts_of_the_same_answers() -> None:
    for prompts in (dictionary(1), in_context(1, B=200)):
        few, rows = prompts.thinned(100)
        assert 50 <= few.M < prompts.M
        whole = Ridge().answers(prompts, "1", np.array([0.5]))
        assert np.allclose(Ridge().answers(few, "1", np.array([0.5])), whole[rows], atol=1e-12)


def test_foreign_features_are_estimated_from_the_answers() -> None:
    prompts = dictionary(7)
    other = draws(7, 5).standard_normal((K, m))[:N]
    found = hat(prompts, noisy(PLANTED["foreign features"][1](prompts, 7), 0.001, 8).mean(axis=0))
    assert found is not None
    assert found.gram is not None
    assert found.asymmetry < 1e-4
    assert np.corrcoef(found.gram.ravel(), (other @ other.T / 0.5).ravel())[0, 1] > 0.99
    assert found.misfit < 1e-3
    assert found.alignment < 0.9
    own = hat(prompts, PLANTED["ridge"][1](prompts, 7))
    assert own is not None
    assert own.alignment > 0.9999


def test_a_map_that_is_no_hat_matrix_is_refused() -> None:
    prompts = dictionary(7)
    block = prompts.blocks[0]
    skew = draws(9).standard_normal((N, K))
    found = hat(prompts, (block.Y @ skew).ravel())
    assert found is not None
    assert found.asymmetry > 0.1
    assert found.gram is None
    assert hat(in_context(1), PLANTED["mean"][1](in_context(1), 1)) is None
