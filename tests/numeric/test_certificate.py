"""The certificate for every step: exact descent and float64 descent lie inside, sabotage is caught, and what does not close is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from flint import arb, arb_mat

from numeric import balls
from verify.theories.yang2024.numeric import certificate as module
from verify.theories.yang2024.numeric import closing, still
from verify.theories.yang2024.numeric import inside as module_inside
from verify.theories.yang2024.numeric.certificate import Certificate, certify
from verify.theories.yang2024.numeric.certified_rates import largest_rates
from verify.theories.yang2024.numeric.closing import Refusal
from verify.theories.yang2024.numeric.constants import Constants, Rates, enclose_constants, steps_for_bound
from verify.theories.yang2024.numeric.dictionaries import digits, synthetic
from verify.theories.yang2024.numeric.enclosed_descent import EnclosedIterate, descend
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.inside import inside
from verify.theories.yang2024.numeric.instance import Instance, TaskLaw
from verify.theories.yang2024.numeric.still import Still, StillToken, hold_still
from verify.theories.yang2024.numeric.train import Trajectory, train

STEPS = 12


@dataclass(frozen=True)
class Place:
    """An instance with attention still, and its constants."""

    exact: ExactInstance
    constants: Constants
    still: Still

    @property
    def rates(self) -> Rates:
        assert self.constants.rates is not None
        return self.constants.rates

    def certified(self, rates: Rates) -> Certificate:
        made = certify(self.still, self.constants, rates)
        assert isinstance(made, Certificate), str(made)
        return made

    def barely(self) -> Certificate:
        """At the largest η_Q, within a factor of 1.01, at which the printed η_w closes."""
        low = high = 1.0
        while isinstance(self._faster(high), Certificate):
            low, high = high, 4 * high
        while isinstance(self._faster(low), Refusal):
            low /= 4
        while high > 1.01 * low:
            middle = (low * high) ** 0.5
            low, high = (middle, high) if isinstance(self._faster(middle), Certificate) else (low, middle)
        return self.certified(replace(self.rates, eta_Q=low * self.rates.eta_Q))

    def _faster(self, factor: float) -> Certificate | Refusal:
        return certify(self.still, self.constants, replace(self.rates, eta_Q=factor * self.rates.eta_Q))


def place(instance: Instance) -> Place:
    exact = ExactInstance(instance)
    constants = enclose_constants(exact)
    return Place(exact, constants, hold_still(exact, constants))


def small(seed: int, **changes: object) -> Instance:
    N = 1 + seed % 3
    made = synthetic(N=N, K=N + 2, d=3, m=2, H=4 * N, tau=0.3, beta=3.0, seed=seed)
    return replace(made, **changes)  # type: ignore[arg-type]


def outside(made: Certificate, seen: list[EnclosedIterate]) -> set[str]:
    """Which bounds exact descent leaves for certain, looked at from its iterates alone."""
    found = set()
    exact, rates, K = made.still.exact, made.rates, made.still.exact.K
    P = exact.prompt_covariance
    F = balls.cholesky(P).transpose()
    gram, right = exact.V.transpose() * exact.V, exact.V_hat.transpose() * exact.V_hat
    gamma = (arb(rates.eta_w) / rates.eta_Q).sqrt()
    travelled, sums = arb(0), [arb(0)] * K
    for number, one in enumerate(seen):
        at = made.at(one.t)
        r = F * one.offset
        lengths = [length([r[j, k] for j in range(exact.N)]) for k in range(K)]
        sums = [total + x for total, x in zip(sums, lengths, strict=True)]
        w = [[one.w[h, k] for h in range(exact.H)] for k in range(K)]
        moved = length(_movements(one.X, gram, right))
        values = {
            "gap": (balls.inner(r, r) / (2 * K), at.gap), "distance": (balls.spectral_norm(one.offset), at.distance),
            "alpha": (max((length(row) for row in one.w.tolist()), key=lambda x: x.mid()) / gamma, at.alpha),
        }  # fmt: skip
        found |= {name for name, (value, ball) in values.items() if not value.overlaps(ball)}
        found |= {"movement"} if moved > at.movement else set()
        for k, (token, own) in enumerate(zip(made.still.tokens, made.bounds, strict=True)):
            c = rates.eta_w * token.least / K
            found |= {"B"} if balls.frobenius(F * one.C[k] - token.B) > own.D else set()
            found |= {"w"} if length(w[k]) > own.W else set()
            found |= {"sum of r"} if c * sums[k] > own.sum else set()
        if number + 1 < len(seen):
            after = seen[number + 1]
            step = length(_movements([x - y for x, y in zip(after.X, one.X, strict=True)], gram, right))
            travelled += step
            speeds = [token.speed for token in made.still.tokens]
            allowed = sum((u * length(a) * b for u, a, b in zip(speeds, w, lengths, strict=True)), arb(0)) / K
            found |= {"gradient"} if step > rates.eta_Q * allowed else set()
            for k, speed in enumerate(speeds):
                found |= (
                    {"one step of B"}
                    if balls.frobenius(F * (after.C[k] - one.C[k])) > speed * step
                    else set()
                )
            later = F * after.offset
            if balls.frobenius(later) > (1 - made.contraction) * balls.frobenius(r):
                found.add("contraction")
    found |= {"path"} if travelled > made.path else set()
    return found


def length(entries: list[arb]) -> arb:
    return sum((x * x for x in entries), arb(0)).sqrt() if any(not x.is_zero() for x in entries) else arb(0)


def _movements(X: list[arb_mat], gram: arb_mat, right: arb_mat) -> list[arb]:
    squares = [balls.inner(one, gram * one * right) for one in X]
    return [x.sqrt() if not x.is_zero() else x for x in squares]


def exact_descent(where: Place, rates: Rates, steps: int = STEPS) -> list[EnclosedIterate]:
    return list(descend(where.exact, rates, steps))


@pytest.fixture(autouse=True)
def bits() -> Iterator[None]:
    with balls.precision(192):
        yield


PLACES = {
    "one token": small(0), "two": small(1), "three": small(2), "three, other numbers": small(5),
    "A1 fails": small(4, tasks=TaskLaw("uniform", 0.5, 1.5)),
    "w(0) given": small(1, w_given=np.linspace(-1, 1, 8 * 4).reshape(8, 4)),
    "equal features": small(1, features=np.ones((2, 4))),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_exact_descent_lies_inside(name: str) -> None:
    where = place(PLACES[name])
    made = where.certified(where.rates)
    assert outside(made, exact_descent(where, where.rates)) == set()
    assert made.bound_holds().holds
    if name == "one token":
        assert made.path.is_zero()  # one prompt token: attention cannot move
        return
    barely = where.barely()
    assert barely.rates.eta_Q > 10 * where.rates.eta_Q
    assert outside(barely, exact_descent(where, barely.rates)) == set()
    refused = certify(where.still, where.constants, replace(barely.rates, eta_Q=10 * barely.rates.eta_Q))
    assert isinstance(refused, Refusal)
    assert refused.factor > 1


def two_prompt_tokens() -> Instance:
    """Tokens ±1 and three heads: one at equal attention, where B moves as fast as the constant allows, and two saturated."""
    Q = np.array([0.0, 9.0, -9.0]).reshape(3, 1, 1)
    return Instance("two", np.array([[1.0, -1.0]]), np.array([[2.0, -1.0]]), 2, 3, 0.3, Q_given=Q)


def large_weights() -> Instance:
    """w(0) large along the kernel of C(0), so that Â starts at 0 all the same: what moves r is the movement of attention."""
    plain = small(1)
    s = np.exp(plain.scores0)
    s /= s.sum(axis=1, keepdims=True)
    w = [30 * np.linalg.svd(s[:, :, k].T)[2][-1] for k in range(plain.K)]
    return replace(plain, w_given=np.array(w).T)


def without_second_term(token: StillToken, path: arb) -> closing.TokenBounds | None:
    """Step 2 where p_k lacks (B_k(t+1) − B_k(t)) w_k(t)."""
    whole = closing.token_bounds(token, path)
    if whole is None:
        return None
    rest, root = 1 - whole.share, token.least.sqrt()
    fed = ((1 + token.missed).sqrt() * whole.share + whole.D / root) / rest
    W = token.w + fed * token.sum / root
    return closing.TokenBounds(whole.D, W.upper(), whole.share, (token.sum / rest).upper())


def frozen(token: StillToken, path: arb) -> closing.TokenBounds | None:
    """Step 2 where attention is taken not to move."""
    whole = closing.token_bounds(token, path * 0)
    return whole and replace(whole, D=arb(0))


def test_a_certificate_without_the_second_term_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    where = place(large_weights())
    made = where.barely()
    seen = exact_descent(where, made.rates, 40)
    assert outside(made, seen) == set()
    monkeypatch.setattr(module, "token_bounds", without_second_term)
    monkeypatch.setattr(Certificate, "pulls", [arb(0)] * where.exact.K)
    broken = certify(where.still, where.constants, made.rates)
    assert isinstance(broken, Certificate)
    assert {"gap", "distance"} & outside(broken, seen)


def test_a_certificate_with_half_the_lipschitz_constant_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    where = place(two_prompt_tokens())
    rates = where.rates
    seen = exact_descent(where, rates)
    assert outside(where.certified(rates), seen) == set()
    whole = still.half_width
    monkeypatch.setattr(still, "half_width", lambda gram: whole(gram) / arb(2).sqrt())
    halved = place(two_prompt_tokens()).certified(rates)
    assert outside(halved, seen) >= {"one step of B"}


def test_a_certificate_with_attention_frozen_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    where = place(small(1))
    monkeypatch.setattr(module, "token_bounds", frozen)
    assert "B" in outside(where.certified(where.rates), exact_descent(where, where.rates))


def test_a_certificate_with_the_greatest_eigenvalue_for_the_least_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where = place(small(1))
    monkeypatch.setattr(StillToken, "least", StillToken.greatest)
    broken = place(small(1)).certified(where.rates)
    assert outside(broken, exact_descent(where, where.rates)) >= {"sum of r"}


@pytest.mark.parametrize("digits", [0, 6, 84])
def test_any_number_of_steps_is_enclosed(digits: int) -> None:
    """Rates so many digits smaller, and as many more steps: close to where the flow that descent follows is."""
    where = place(small(1))
    eta_w, eta_Q = (rate * 10.0**-digits for rate in (where.rates.eta_w, where.rates.eta_Q))
    made = where.certified(Rates(where.rates.gamma, eta_Q, eta_w))
    t = 100 * 10**digits
    now, later = made.at(t), made.at(2 * t)
    bound = where.constants.Delta0 * (where.constants.log_factor(arb(eta_w)) * t).exp()
    assert 0 < later.gap < now.gap < bound
    assert 0 < later.distance < now.distance
    assert where.still.least * now.distance**2 <= 2 * where.exact.K * now.gap
    assert now.gap.rad() < 0.1 * now.gap.mid()
    flow = sum(
        (part**2 * (-2 * eta_w * value * t / where.exact.K).exp()
         for token in where.still.tokens for part, value in zip(token.parts, token.near.values, strict=True)),
        arb(0),
    ) / (2 * where.exact.K)  # fmt: skip
    assert abs(now.gap / flow - 1) < (0.01 if digits else 1)


def test_long_after_nothing_is_left_an_enclosure_is_left() -> None:
    where = place(small(1))
    found = where.certified(where.rates).at(46 * 10**84)
    assert found.gap.contains(0)
    assert found.gap < 1e-300
    assert found.distance < 1e-300


def test_the_first_step_below_a_gap_is_between_its_ends() -> None:
    where = place(small(1))
    made = where.certified(where.rates)
    epsilon = where.constants.Delta0 * 1e-6
    least, most = made.first(epsilon)
    assert made.gap(most) <= epsilon
    assert made.gap(least - 1) > epsilon
    assert 0 < least <= most <= steps_for_bound(where.rates.log_rate or 0.0, 1e-6)
    assert (most - least) < 0.01 * most
    assert made.first(2 * where.constants.Delta0) == (0, 0)


def test_the_smallest_margin_is_at_the_first_step() -> None:
    where = place(small(2))
    made = where.certified(where.rates)
    found = made.bound_holds()
    assert (found.holds, found.at) == (True, 1)
    log_rate = arb(where.rates.log_rate)
    for t in (2, 10, 1000):
        left, right = made.gap(t), where.still.gap0 * (log_rate * t).exp()
        assert (right - left) / (right + left) > found.margin
    assert made.induction_holds().alpha_holds
    assert made.induction_holds().root_holds


def test_a_faster_rate_than_the_certified_one_is_not_shown() -> None:
    where = place(small(2))
    made = where.certified(where.rates)
    faster = replace(made, constants=replace(where.constants, spectrum=replace(
        where.constants.spectrum, smallest=tuple(5 * x for x in where.constants.spectrum.smallest)
    )))  # fmt: skip
    assert not faster.bound_holds().holds


def test_a_rate_of_w_beyond_stability_is_refused() -> None:
    where = place(small(1))
    found = certify(where.still, where.constants, replace(where.rates, eta_w=1e3 * where.exact.K))
    assert isinstance(found, Refusal)
    assert "λ_max" in str(found)


def test_the_largest_rates_close_and_ten_times_more_do_not() -> None:
    where = place(digits())
    made = largest_rates(where.still, where.constants)
    assert made.bound_holds().holds
    assert made.rates.eta_w > where.rates.eta_w
    assert made.rates.eta_Q > 1e3 * where.rates.eta_Q
    assert made.first(where.constants.Delta0 * 1e-3)[1] < 100
    beyond = certify(where.still, where.constants, replace(made.rates, eta_Q=10 * made.rates.eta_Q))
    assert isinstance(beyond, Refusal)


def test_repeated_eigenvalues_do_no_harm() -> None:
    """Attention that is the identity and features without correlation: every eigenvalue of B_kB_kᵀ is the same."""
    with balls.precision(128):
        for S in (balls.identity(4, 3), arb_mat([[2, 0, 1], [0, 3, 0], [1, 0, 2]])):
            near = balls.near_spectrum(S)
            n = S.nrows()
            rebuilt = near.basis * balls.diagonal(near.values) * near.basis.transpose()
            assert balls.frobenius_bound(S - rebuilt) < arb(2) ** -100
            assert near.off < arb(2) ** -100
            assert near.tilt < arb(2) ** -100
            assert near.values == sorted(near.values, key=lambda x: x.mid())
            assert len(near.values) == n


def test_a_bound_of_what_is_missed_grows_with_what_is_missed() -> None:
    """At few bits the approximate spectrum misses more, and says so."""
    rng = np.random.default_rng(0)
    with balls.precision(300):
        B = balls.exact(rng.standard_normal((5, 8)))
        S = B * B.transpose()
        exactly = balls.near_spectrum(S)
    with balls.precision(40):
        rough = balls.near_spectrum(S)
    with balls.precision(300):
        for one, other in zip(exactly.values, rough.values, strict=True):
            assert abs(one - other) <= exactly.off + rough.off
        assert rough.off > arb(2) ** 60 * exactly.off


def trained(made: Certificate, steps: int, **changes: float) -> Trajectory:
    return train(made.still.exact.instance, replace(made.rates, **changes), max_steps=steps)


@pytest.mark.parametrize("name", ["digits", *PLACES])
def test_float64_descent_lies_inside_at_every_step(name: str) -> None:
    where = place(digits() if name == "digits" else PLACES[name])
    made = where.certified(where.rates)
    found = inside(made, trained(made, 400), "float64")
    assert (found.steps, found.outside) == (400, [])
    assert found.sharp > (
        100 if name == "digits" else 5
    )  # a small one soon comes to where rounding is all that is left
    if name == "one token":
        return
    barely = where.barely()
    assert inside(barely, trained(barely, 400), "float64").outside == []


def test_descent_at_another_rate_is_outside() -> None:
    """The enclosure is narrow enough to tell that η_w is off by 1e-4."""
    where = place(digits())
    made = where.certified(where.rates)
    assert len(inside(made, trained(made, 50, eta_w=1.0001 * made.rates.eta_w), "float64").outside) > 25
    assert inside(made, trained(made, 50), "float64").outside == []
    faster = where.certified(replace(where.rates, eta_Q=30 * where.rates.eta_Q))
    assert inside(faster, trained(faster, 50), "float64").outside == []


@pytest.mark.parametrize("name", ["two", "three", "A1 fails"])
def test_both_evaluations_of_a_certificate_agree(name: str) -> None:
    where = place(PLACES[name])
    made = where.barely()
    steps = np.array([0, 1, 2, 10, 300])
    low, high = module_inside._gaps(made, steps, 0.0)
    for t, one, other in zip(steps.tolist(), low, high, strict=True):
        ball = made.gap(t)
        # a radius of a ball has 30 bits
        assert other == pytest.approx(float(ball.upper()), rel=1e-7)
        assert one == pytest.approx(max(0.0, float(ball.lower())), rel=1e-7, abs=1e-7 * other)
