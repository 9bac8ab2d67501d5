"""Constants against double precision where that is good enough, and certificates where it is not."""

import numpy as np
import pytest
from flint import arb

from numeric import balls
from numeric.errors import InputError
from verify.theories.yang2024.numeric import constants
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.instance import Instance, TaskLaw
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares

LAWS = [TaskLaw(), TaskLaw("uniform", 0.5, 1.5)]


def instance(N=3, K=6, m=4, d=5, H=12, seed=0, **changes):
    rng = np.random.default_rng(seed)
    tokens = rng.standard_normal((d, K))
    arguments = {
        "tokens": tokens / np.linalg.norm(tokens, axis=0),
        "features": rng.standard_normal((m, K)),
        "tau": 0.1,
        "beta": 3.0,
    }
    return Instance("test", N=N, H=H, seed=seed, **(arguments | changes))


def float_B(x):
    """B_k for every token in double precision, (K, N, H)."""
    scores = x.scores0
    s = np.exp(scores - scores.max(axis=1, keepdims=True))
    s /= s.sum(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(x.Z.T @ x.Z + x.m * x.tau * np.eye(x.N))
    return (vectors * np.sqrt(values) @ vectors.T) @ s.transpose(2, 1, 0)


def near(ball, value, rtol=1e-9):
    return np.isclose(float(ball.mid()), value, rtol=rtol, atol=0)


@pytest.mark.parametrize("seed", range(3))
def test_constants_agree_with_double_precision(seed):
    x = instance(seed=seed)
    c = constants.enclose_constants(x)
    B = float_B(x)
    smallest = np.linalg.eigvalsh(B @ B.transpose(0, 2, 1))[:, 0]
    M = x.Z.T @ x.Z + x.m * x.tau * np.eye(x.N)
    quadratic = least_squares(label_covariance(x), x.N)
    assert all(near(ball, value) for ball, value in zip(c.spectrum.smallest, smallest, strict=True))
    assert c.spectrum.rank == "full"
    assert c.spectrum.token == np.argmin(smallest)
    assert near(c.zeta0, smallest.min())
    assert near(c.f_max, np.sqrt(M.diagonal().max()))
    assert near(c.norm_Z, np.linalg.norm(x.Z, 2))
    assert near(c.norm_Zbar, np.sqrt(np.linalg.norm(M, 2)))
    assert near(c.norm_ZtZhat, np.linalg.norm(x.Z.T @ x.features, 2))
    assert near(c.norm_A, np.linalg.norm(quadratic.A, 2))
    assert near(c.loss0, np.trace(label_covariance(x)) / (2 * x.K))
    assert near(c.infimum, quadratic.infimum)
    assert near(c.Delta0, quadratic.gap(np.zeros((x.N, x.K))))
    assert c.Delta0.overlaps(c.loss0 - c.infimum)


SHARP = (
    "zeta0", "f_max", "norm_Z", "norm_Zbar", "norm_ZtZhat", "norm_A", "loss0", "infimum", "Delta0", "gamma", "L", "eta_Q", "eta_w",
    "log_rate", "rate",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_every_constant_is_sharper_than_double_precision(seed):
    c = constants.enclose_constants(instance(seed=seed))
    assert {name for name in SHARP if getattr(c, name).rel_accuracy_bits() < 53} == set()


def test_rates_follow_the_printed_formulas():
    x = instance()
    c = constants.enclose_constants(x)
    zeta0, Delta0, norm, f_max = (float(b.mid()) for b in (c.zeta0, c.Delta0, c.norm_Zbar, c.f_max))
    N, K, m, H, tau = x.N, x.K, x.m, x.H, x.tau
    gamma = zeta0**-1.25 * np.sqrt(128 * 2**0.5 / (2**0.5 - 1) * norm**2 * H**0.5 * f_max * K**1.5 * Delta0)
    first = 8 * 2**0.5 * H * K**0.5 * norm**2 / zeta0 * Delta0**0.5 + 1 + float(c.norm_ZtZhat) / (m * tau)
    second = 8 / K * gamma**2 + 4096 / (gamma * zeta0**2) * K**2 * N * Delta0
    third = gamma**4 / K**2 + 16384 / (gamma * zeta0**4) * K**3 * norm**2 * Delta0**2
    L = np.sqrt(first**2 * norm**4 * second + 2 * H**2 * norm**4 * third)
    assert near(c.gamma, gamma)
    assert near(c.L, L)
    assert near(c.eta_Q, 1 / L)
    assert near(c.eta_w, gamma**2 / L)
    assert near(c.log_rate, np.log1p(-(gamma**2) / L * zeta0 / (2 * K)))
    assert c.rate.overlaps(1 - c.eta_w * c.zeta0 / (2 * K))


@pytest.mark.parametrize("seed", range(3))
def test_float_rates_are_certified_and_lose_almost_nothing(seed):
    c = constants.enclose_constants(instance(seed=seed))
    rates = c.rates
    gamma = (arb(rates.eta_w) / arb(rates.eta_Q)).sqrt()
    assert gamma >= c.gamma
    assert arb(rates.eta_Q) * c.L_printed(gamma) <= 1
    assert near(c.eta_Q, rates.eta_Q)
    assert rates.eta_w == rates.gamma**2 * rates.eta_Q
    assert arb(rates.log_rate) >= c.log_factor(arb(rates.eta_w))
    assert near(c.log_rate, rates.log_rate)
    assert np.isclose(rates.one_minus_rate, -np.expm1(rates.log_rate))


def saturated(score):
    """N = K = 2; three heads all put weight 1 − e^−(score + h) on token 2, so ζ_0 is about e^(−2 score)."""
    Q = np.array([[[0.0, 0.0], [score + h, score + h]] for h in range(3)])
    return Instance("saturated", np.eye(2), np.array([[1.0, 0.5]]), 2, 3, 0.1, Q_given=Q)


def test_a_factor_that_rounds_to_one_keeps_its_logarithm():
    c = constants.enclose_constants(saturated(24.0))
    assert -1e-20 < c.log_rate < 0
    assert c.log_rate.rel_accuracy_bits() >= 48
    log_rate = arb(c.rates.log_rate)
    assert log_rate >= c.log_factor(arb(c.rates.eta_w))
    steps = constants.steps_for_bound(c.rates.log_rate, 1e-3)
    assert steps > 10**20
    assert steps * log_rate < arb(1e-3).log() * (1 - arb(2) ** -40)
    assert steps * log_rate > arb(1e-3).log() * (1 + arb(2) ** -40)


@pytest.mark.parametrize("score", [40.0, 200.0, 700.0])
def test_saturated_softmax_is_decided_beyond_double_precision(score):
    x = saturated(score)
    c = constants.enclose_constants(x)
    assert c.spectrum.rank == "full"
    assert np.linalg.matrix_rank(float_B(x)[0]) == 1  # what double precision would have said
    assert c.zeta0 < (-2 * arb(score) + 2).exp()
    assert c.zeta0 > (-2 * arb(score) - 5).exp()
    assert c.zeta0.rel_accuracy_bits() >= 48
    exact = ExactInstance(x)
    with balls.precision(4096):
        C_k = exact.C()[c.spectrum.token]
        assert balls.gram_exceeds(C_k, exact.M, c.zeta0 * (1 - arb(2) ** -25)) is True
        assert balls.gram_exceeds(C_k, exact.M, c.zeta0 * (1 + arb(2) ** -25)) is False


def test_rates_past_float64_are_refused_with_a_reason():
    c = constants.enclose_constants(saturated(700.0))
    assert c.eta_Q > 0
    assert c.rates is None
    assert c.no_rates == "gamma, eta_Q or eta_w is outside the range of float64"


def nearly_equal(exponent):
    """N = K = 2; three heads whose scores differ by 2^−exponent, so ζ_0 is about 4^−exponent and its scale says nothing."""
    Q = np.array([[[0.0, 0.0], [h * 2.0**-exponent] * 2] for h in range(3)])
    return Instance("nearly equal", np.eye(2), np.array([[1.0, 0.5]]), 2, 3, 0.1, Q_given=Q)


def test_too_little_precision_is_undecided_not_deficient():
    c = constants.enclose_constants(nearly_equal(300), limit=128)
    assert c.spectrum.rank == "undecided"
    assert c.spectrum.reason == "rank of B_k not decided with 128 bits for k = 1, 2"
    assert c.rates is None
    assert c.gamma is None
    assert c.zeta0.contains(0)
    sharper = constants.enclose_spectrum(nearly_equal(300))
    assert sharper.rank == "full"
    assert min(sharper.bits) >= 512
    assert all(ball.rel_accuracy_bits() >= 48 for ball in sharper.smallest)
    assert all(
        wide.contains(sharp) for wide, sharp in zip(c.spectrum.smallest, sharper.smallest, strict=True)
    )


def test_each_token_gets_the_precision_that_it_needs():
    """Token 1 has heads that differ by 2^−300 there, token 2 heads that differ by 1."""
    Q = np.array([[[0.0, 0.0], [h * 2.0**-300, float(h)]] for h in range(3)])
    x = Instance("two", np.eye(2), np.array([[1.0, 0.5]]), 2, 3, 0.1, Q_given=Q)
    spectrum = constants.enclose_spectrum(x)
    assert spectrum.bits[1] == 128 < spectrum.bits[0]
    assert spectrum.token == 0


@pytest.mark.parametrize("score", [2e3, 1e5, 1e9])
def test_no_score_is_too_large(score):
    """ζ_0 = e^(−2e9) at 128 bits: its scale is exact."""
    spectrum = constants.enclose_spectrum(saturated(score))
    assert (spectrum.rank, spectrum.bits) == ("full", (128, 128))
    assert abs(spectrum.zeta.log() + 2 * score) < 10


def test_scores_that_take_more_bits_to_be_known_to_one():
    """1e150 to within one is 500 bits."""
    spectrum = constants.enclose_spectrum(instance(H=4, beta=1e150))
    assert spectrum.rank == "full"
    assert max(spectrum.bits) >= 512
    assert -(arb(10) ** 152) < spectrum.zeta.log() < -(arb(10) ** 148)
    assert spectrum.zeta.rel_accuracy_bits() >= 48


def zero_token():
    tokens = np.array(instance().tokens)
    tokens[:, 4] = 0
    return {"tokens": tokens}


def equal_tokens():
    tokens = np.array(instance().tokens)
    tokens[:, 2] = tokens[:, 0]
    return {"tokens": tokens}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"H": 2}, "H = 2 heads are fewer than N = 3"),
        (zero_token(), "token 5 is zero, so every entry of its C_k is 1/N"),
        (equal_tokens(), "prompt tokens 1 and 3 are equal, so are their rows of every C_k"),
        (
            {"Q_given": np.zeros((12, 5, 5))},
            "only 1 of the H = 12 matrices Q_h are distinct, fewer than N = 3",
        ),
    ],
)
def test_rank_deficiency_is_certified_from_structure(changes, reason):
    c = constants.enclose_constants(instance(**changes))
    assert (c.spectrum.rank, c.spectrum.reason) == ("deficient", reason)
    assert c.zeta0 == 0
    assert (c.gamma, c.L, c.eta_Q, c.eta_w, c.log_rate, c.rate, c.rates) == (None,) * 7
    assert c.no_rates == f"zeta0 is not certified positive: {reason}"
    with pytest.raises(balls.Undecided, match="not certified positive"):
        constants.T_theorem2(c, 1.0, 0.1, 0.1)


def test_equal_initial_heads_may_part_in_training():
    x = instance(Q_given=np.zeros((12, 5, 5)))
    X = np.random.default_rng(0).standard_normal((12, 3, 6))
    assert constants.enclose_spectrum(x, X).rank == "full"


def test_a_minimiser_at_the_start_has_no_rates():
    zero = Instance("flat", np.eye(2), np.zeros((1, 2)), 1, 2, 0.5)
    c = constants.enclose_constants(zero)
    assert c.rates is not None  # ŷ_1 = y_1 is still to be learnt
    known = Instance("known", np.eye(2), np.zeros((1, 2)), 1, 1, 0.5, w_given=np.array([[1.0, 0.0]]))
    c = constants.enclose_constants(known)
    assert c.Delta0 == 0
    assert c.no_rates == "Delta0 is not certified positive: theta^(0) may be a minimiser"


@pytest.mark.parametrize("law", LAWS)
def test_initial_weights_and_task_law_enter_the_loss(law):
    w = np.random.default_rng(1).standard_normal((12, 6))
    x = instance(w_given=w, tasks=law)
    c = constants.enclose_constants(x)
    scores = x.scores0
    s = np.exp(scores - scores.max(axis=1, keepdims=True))
    A_hat = np.einsum("hk,hnk->nk", w, s / s.sum(axis=1, keepdims=True))
    R = np.vstack([A_hat, np.zeros((3, 6))]) - np.eye(6)
    assert near(c.loss0, np.trace(R.T @ label_covariance(x) @ R) / 12)
    assert near(c.infimum, least_squares(label_covariance(x), x.N).infimum)
    assert c.Delta0.overlaps(c.loss0 - c.infimum)


def test_iterates_by_coordinates_and_by_offset_agree():
    x, rng = instance(), np.random.default_rng(2)
    X, w = rng.standard_normal((12, 3, 6)), rng.standard_normal((12, 6))
    offset = x.V @ X @ x.tokens.T
    one = constants.enclose_gap(x, w, X=X)
    other = constants.enclose_gap(ExactInstance(x), w, Q_offset=offset)
    assert near(one.gap, float(other.gap), 1e-12)
    assert near(one.distance, float(other.distance), 1e-12)
    assert one.gap.overlaps(one.loss - constants.enclose_constants(x).infimum)
    assert not near(one.gap, float(constants.enclose_gap(x, w).gap), 1e-3)
    smallest = constants.enclose_spectrum(x, X).smallest
    again = constants.enclose_spectrum(x, Q_offset=offset).smallest
    assert all(near(a, float(b), 1e-9) for a, b in zip(smallest, again, strict=True))


def test_steps_and_T():
    assert constants.steps_for_bound(-1.0, 1.0) == 0
    assert constants.steps_for_bound(-0.5, float(np.exp(-3))) in (6, 7)
    with pytest.raises(balls.Undecided):
        constants.steps_for_bound(0.0, 0.5)
    c = constants.enclose_constants(instance())
    T, steps = constants.T_theorem2(c, 4.0, 0.01, 0.05)
    tail, N = np.log(20), 3
    y = float(c.norm_Z) + np.sqrt(0.1) * np.sqrt(2 * np.sqrt(N * tail) + 2 * tail + N)
    assert near(T, np.log(16 * float(c.Delta0) * y**2 / (0.4 * 0.01)) / -float(c.log_rate))
    assert arb(steps) >= T > arb(steps) - 2
    assert constants.T_theorem2(c, 4.0, 0.01, 0.05, log_rate=-1.0)[1] < 20
    assert constants.T_theorem2(c, 1e-9, 0.01, 0.05)[1] == 0


def test_tasks_that_are_always_zero_define_no_loss():
    with pytest.raises(InputError, match="set std above 0"):
        constants.enclose_constants(instance(tasks=TaskLaw("gaussian", 0.0, 0.0)))


@pytest.mark.parametrize("d", [2, 5], ids=["many tokens", "few tokens"])
def test_products_with_all_tokens_are_those_of_the_whole_matrices(d):
    """Whether V̂ᵀV̂ is formed or passed by, scores and ‖Q_h − Q_h^(0)‖_F are those of Q_h^(0) + V X_h V̂ᵀ."""
    x = instance(K=8, d=d, H=4)
    exact, X = ExactInstance(x), np.random.default_rng(1).standard_normal((4, 3, 8))
    assert (exact._gram(exact.V_hat) is None) == (d == 2)
    moved = x.V @ X @ x.tokens.T
    whole = x.V.T @ (np.stack(list(x.heads())) + moved) @ x.tokens
    for tokens in (None, [1, 6]):
        wanted = whole if tokens is None else whole[:, :, tokens]
        found = [[float(s.mid()) for s in head.entries()] for head in exact.scores(X, tokens=tokens)]
        np.testing.assert_allclose(found, wanted.reshape(4, -1), rtol=1e-12, atol=1e-12)
    squares = [float(s.mid()) for s in exact.squares_of_Q(map(balls.exact, X))]
    np.testing.assert_allclose(squares, np.sum(moved**2, axis=(1, 2)), rtol=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_of_the_label_covariance_only_the_prompt_rows_and_the_trace_are_enclosed(law):
    """At K = 2000 a K×K matrix of balls would take minutes."""
    x = instance(K=30, tasks=law)
    rows, trace = ExactInstance(x).label_covariance
    covariance = label_covariance(x)
    assert (rows.nrows(), rows.ncols()) == (x.N, x.K)
    np.testing.assert_allclose(
        [float(c.mid()) for c in rows.entries()], covariance[: x.N].ravel(), rtol=1e-12
    )
    assert near(trace, np.trace(covariance), 1e-13)
