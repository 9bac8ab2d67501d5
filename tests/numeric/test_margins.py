"""Both sides of every watched inequality against plain formulas; true runs, false constants and false steps; what rounding explains."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import scipy.linalg
import scipy.special
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numeric.errors import InputError
from verify.strategies import instances
from verify.theories.yang2024.numeric.constants import Rates, enclose_constants
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares, population_loss
from verify.theories.yang2024.numeric.margins import Along, Levels, along
from verify.theories.yang2024.numeric.model import Transformer
from verify.theories.yang2024.numeric.train import train
from verify.theories.yang2024.numeric.watch import Watch

STEPS = 12
WATCHED = {
    "eq-43a", "eq-43b", "eq-43c", "eq-47", "eq-48-frobenius", "eq-48-drift", "eq-48-whole", "eq-49-identity", "eq-49", "lemma-7",
    "eq-62", "step-4", "step-4-contraction", "step-4-whole",
}  # fmt: skip


@cache
def constants():
    return enclose_constants(x())


@cache
def x():
    return synthetic(N=2, K=4, d=3, m=3, H=24, tau=0.5, beta=3.0, seed=1, unit_norm=True)


def watched(instance, rates, steps=STEPS, dtype=torch.float64, snapshots=()):
    watch = Watch([instance], range(steps + 1))
    trajectory = train(
        instance, rates, max_steps=steps, dtype=dtype, snapshots=snapshots, watch=watch, watch_at=watch.wants
    )
    return trajectory, watch.observed()


@cache
def true_run():
    return watched(x(), constants().rates, snapshots=range(STEPS + 1))


@cache
def levels():
    return Levels.of(constants(), constants().rates)


def plain(i, iterate, c, rates):
    """Left and right of each inequality at one iterate, from the definitions: Q_h, Z̄ as a root, autograd."""
    Q0, offset = np.stack(list(i.heads())), i.V @ iterate.X @ i.tokens.T
    model = Transformer(*(torch.tensor(a) for a in (i.tokens, Q0 + offset, iterate.w)), i.N)
    A_hat, covariance = model.A_hat(), label_covariance(i)
    population_loss(A_hat, torch.tensor(covariance)).backward()
    gap = least_squares(covariance, i.N).gap(A_hat.detach().numpy())
    Zbar = scipy.linalg.sqrtm(i.Z.T @ i.Z + i.m * i.tau * np.eye(i.N)).real

    def B(Q):
        s = scipy.special.softmax(np.einsum("di,hde,ek->hik", i.V, Q, i.tokens), axis=1)
        return np.einsum("ij,hjk->kih", Zbar, s)

    g, zeta0, Delta0 = np.sqrt(rates.eta_w / rates.eta_Q), float(c.zeta0.mid()), float(c.Delta0.mid())
    norm, f_max = np.linalg.norm(Zbar, 2), np.linalg.norm(Zbar, axis=0).max()
    sigma = zeta0 * g**2 / i.K
    alpha = np.sqrt(2 * i.K) * 4 * norm / (g * zeta0) * np.sqrt(Delta0)
    moved, now = np.linalg.norm(offset, axis=(1, 2)), B(Q0 + offset)
    shift = np.linalg.norm(now - B(Q0), axis=(1, 2))
    dalpha, dQ = g * model.w.grad.numpy(), model.Q_offset.grad.numpy()
    slope2 = np.sum(dalpha**2) + np.sum(dQ**2)
    first = 2 * norm * np.sqrt(np.sum(moved**2))
    reach = g * alpha * f_max / sigma * np.sqrt(Delta0)
    return {
        "eq-43a": (np.linalg.norm(iterate.w / g, axis=1), alpha),
        "eq-43b": (zeta0 / 2, np.linalg.eigvalsh(now @ now.transpose(0, 2, 1))[:, 0]),
        "eq-47": (moved, 8 * np.sqrt(2) * reach),
        "eq-48-frobenius": (shift, first),
        "eq-48-drift": (first, norm * np.sqrt(i.H) * 16 * np.sqrt(2) * reach),
        "eq-48-whole": (shift, (1 - 1 / np.sqrt(2)) * np.sqrt(zeta0)),
        "eq-49": (sigma * gap, np.sum(dalpha**2)),
        "lemma-7": (
            np.linalg.norm(dQ, axis=(1, 2)), 2 * np.sqrt(2) * g * np.abs(iterate.w / g).max() * f_max * np.sqrt(gap)
        ),
        "eq-62": (np.linalg.norm(dalpha, axis=1), norm * g * np.sqrt(2 / i.K * gap)),
        "step-4-contraction": (gap - rates.eta_Q / 2 * slope2, (1 - rates.eta_Q * sigma / 2) * gap),
    }  # fmt: skip


def test_both_sides_are_those_of_the_definitions():
    trajectory, seen = true_run()
    found, rates = along(trajectory, seen, levels()), constants().rates
    assert set(found) == WATCHED
    kept = {iterate.t: iterate for iterate in trajectory.snapshots}
    gaps = {}
    for t in (0, 1, 2, 5, STEPS):
        wanted = plain(x(), kept[t], constants(), rates)
        gaps[t] = wanted["eq-49"][0] / levels().sigma
        for id, (left, right) in wanted.items():
            at = int(np.searchsorted(found[id].t, t))
            for side, value in ((found[id].left[at], left), (found[id].right[at], right)):
                np.testing.assert_allclose(
                    side, np.broadcast_to(value, side.shape), rtol=1e-7, atol=1e-13 * float(np.max(right)), err_msg=f"{id} at {t}"
                )  # fmt: skip
    slope = (gaps[1] - plain(x(), kept[1], constants(), rates)["step-4-contraction"][0]) / (rates.eta_Q / 2)
    fall = found["step-4"]
    assert float(fall.left[1, 0]) == pytest.approx(gaps[2], rel=1e-9)
    assert float(fall.right[1, 0]) == pytest.approx(gaps[1] - rates.eta_Q / 2 * slope, rel=1e-9)
    assert len(fall.t) == STEPS
    whole, power = found["step-4-whole"], found["eq-43c"]
    assert float(whole.right[1, 0]) == pytest.approx(gaps[1] * np.exp(rates.log_rate), rel=1e-9)
    assert float(power.right[4, 0]) == pytest.approx(gaps[0] * np.exp(5 * rates.log_rate), rel=1e-9)


def test_the_bound_18_is_the_one_of_the_trajectory():
    trajectory, seen = true_run()
    found = along(trajectory, seen, levels())["eq-43c"]
    margin, at = trajectory.worst_margin(constants().rates.log_rate, since=1)
    assert found.worst == (pytest.approx(margin, rel=1e-9), at)


def test_a_true_run_holds_everywhere():
    for id, one in along(*true_run(), levels()).items():
        assert one.verdict == "holds", id
        assert one.worst[0] > 0, id
        assert one.until >= STEPS - 1, id


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(instances(), st.booleans())
def test_no_instance_that_meets_the_assumptions_breaks_one(i, single):
    """Equalities among them: N = K = 1 is one of (62)."""
    c = enclose_constants(i, limit=256)
    rates = c.rates
    if rates is None or (single and not 1e-30 < rates.eta_Q < rates.eta_w < 1e30):
        return
    trajectory, seen = watched(i, rates, 60, torch.float32 if single else torch.float64)
    for id, one in along(trajectory, seen, Levels.of(c, rates), "float32" if single else "float64").items():
        assert one.verdict != "fails", (id, one.worst)


FALSE = {
    "eq-43a": {"alpha": 0.05}, "eq-43b": {"zeta0": 2.5}, "eq-43c": {"log_rate": 20.0}, "step-4-whole": {"log_rate": 20.0},
    "eq-47": {"sigma": 3e4}, "eq-48-frobenius": {"norm_Zbar": 0.05}, "eq-48-drift": {"sigma": 3e4}, "eq-48-whole": {"zeta0": 1e-12},
    "eq-49": {"sigma": 8.0}, "lemma-7": {"f_max": 0.02}, "eq-62": {"norm_Zbar": 0.1}, "step-4": {"eta_Q": 4.0},
    "step-4-contraction": {"sigma": 20.0},
}  # fmt: skip


@pytest.mark.parametrize("id", sorted(FALSE))
def test_a_false_constant_is_told_at_the_first_step_that_breaks_it(id):
    false = replace(levels(), **{name: getattr(levels(), name) * f for name, f in FALSE[id].items()})
    found = along(*true_run(), false)[id]
    breaks = np.flatnonzero((found.left > found.right * (1 + 1e-9)).any(axis=1))
    assert found.verdict == "fails"
    margin, at = found.worst
    assert margin < 0
    assert at == found.t[breaks[0]]


def test_alpha_halved_until_it_is_reached():
    """‖α_h‖ grows: the alarm comes where it passes the bound, not before."""
    trajectory, seen = true_run()
    kept = {iterate.t: iterate for iterate in trajectory.snapshots}
    size = [np.linalg.norm(kept[t].w, axis=1).max() / levels().gamma for t in range(STEPS + 1)]
    limit = (size[6] + size[7]) / 2
    assert along(trajectory, seen, replace(levels(), alpha=limit))["eq-43a"].worst[1] == 7


def test_a_wrong_gradient_is_told():
    trajectory, seen = true_run()
    assert along(trajectory, replace(seen, dw=seen.dw * (1 + 1e-6)), levels())["eq-49-identity"].worst[1] == 0


@pytest.mark.parametrize(
    ("factor", "broken"),
    [(1e4, {"eq-43c", "step-4", "step-4-whole"}), (300.0, {"step-4"})],
)
def test_rates_that_are_too_large_are_told_at_the_step_that_climbs(factor, broken):
    rates = constants().rates
    fast = Rates(rates.gamma, factor * rates.eta_Q, factor * rates.eta_w, rates.log_rate)
    trajectory, seen = watched(x(), fast)
    found = along(trajectory, seen, Levels.of(constants(), rates))
    climbs = along(trajectory, seen, Levels.of(constants(), fast))
    assert {id for id in broken if climbs[id].verdict == "fails" or found[id].verdict == "fails"} == broken
    first = int(np.flatnonzero(np.diff(trajectory.gap) > 0)[0]) if factor > 1e3 else None
    if first is not None:
        assert found["step-4"].worst[1] == first
        assert found["step-4-whole"].worst[1] == first + 1


@pytest.mark.parametrize("of", ["w", "Q"])
def test_a_sign_error_in_the_update_is_told_at_once(of, monkeypatch):
    if of == "w":

        def wrong(self):
            for block in self.blocks:
                block.w.addcmul_(block.dw, block.eta_w, value=1)

        monkeypatch.setattr(Descent, "update_w", wrong)
        trajectory, seen = watched(x(), constants().rates)
    else:

        def wrong(self):
            for block in self.blocks:
                block.X.addcmul_(self.direction(block), block.v * self.eta_Q, value=1)

        def still(self):
            pass

        monkeypatch.setattr(Descent, "update_Q", wrong)
        monkeypatch.setattr(Descent, "update_w", still)
        start = np.random.default_rng(0).standard_normal((x().H, x().K))
        trajectory, seen = watched(replace(x(), w_given=start), constants().rates)
    found = along(trajectory, seen, levels())
    assert found["step-4"].worst == (pytest.approx(found["step-4"].margins[0]), 0)
    assert found["step-4"].verdict == found["step-4-whole"].verdict == "fails"


# What rounding explains


def one(left, right, rounding, t=None):
    columns = [
        np.array(side, dtype=float).reshape(len(left), np.size(left) // max(1, len(left)))
        for side in (left, right, rounding)
    ]
    return Along("id", "text", np.arange(len(left)) if t is None else np.array(t), *columns)


def test_a_violation_within_rounding_is_none_and_no_confirmation():
    assert one([1.0], [2.0], [0.5]).verdict == "holds"
    assert one([2.0], [1.0], [0.5]).verdict == "fails"
    assert one([2.0], [1.0], [1.5]).verdict == "undecided"
    assert one([1.0], [2.0], [1.5]).verdict == "undecided"
    assert (
        one([1.0, 1.0, 9.0], [2.0, 2.0, 8.0], [0.0, 0.0, 2.0]).verdict == "holds"
    )  # rounding rules at the end
    assert one([1.0, 1.0, 9.0], [2.0, 2.0, 8.0], [0.0, 0.0, 2.0]).until == 1
    assert one([1.0, 9.0, 1.0], [2.0, 8.0, 2.0], [0.0, 2.0, 0.0]).verdict == "undecided"
    assert one([np.nan], [1.0], [0.0]).verdict == "undecided"
    assert one([[1.0, 1.0]], [[2.0, 0.5]], [[0.0, 0.0]]).verdict == "fails"


def test_nothing_on_both_sides_says_nothing():
    assert one([0.0], [0.0], [0.0]).verdict == "undecided"
    assert one([0.0, 1.0], [0.0, 3.0], [0.0, 0.0]).worst == (0.5, 1)


def test_the_worst_is_the_first_that_breaks_and_the_smallest_of_those_told():
    assert one([1.0, 3.0, 9.0], [2.0, 2.0, 2.0], [0.0] * 3, [0, 5, 9]).worst == (pytest.approx(-0.2), 5)
    assert one([1.0, 1.0, 8.0], [2.0, 1.5, 9.0], [0.0, 0.0, 2.0]).worst == (pytest.approx(0.2), 1)
    empty = one([], [], []).worst
    assert np.isnan(empty[0])
    assert empty[1] == -1


def test_where_eigenvalues_cannot_tell_the_certified_start_and_the_shift_can():
    """λ_min of a Gram matrix is lost below 1e-16 of the largest; ζ_0 of 1e-20 is certified, and B hardly moves."""
    trajectory, seen = true_run()
    noise = np.full_like(seen.least, 1e-15)
    low = replace(levels(), zeta0=1e-20)
    still = replace(seen, least=-noise, shift=np.full_like(seen.shift, 1e-13))
    assert along(trajectory, still, low)["eq-43b"].verdict == "holds"
    gone = replace(seen, least=-noise, shift=np.full_like(seen.shift, 1e-10))
    assert along(trajectory, gone, low)["eq-43b"].verdict == "undecided"


def test_49_is_asked_only_where_43b_holds():
    trajectory, seen = true_run()
    lost = np.where(np.arange(len(seen.t)) >= 3, 0.3, 1.0)[:, None]
    weak = replace(seen, least=seen.least * lost, dw=seen.dw * 0.03)
    found = along(trajectory, weak, levels())
    assert found["eq-43b"].worst[1] == 3
    assert found["eq-49"].status[:3].tolist() == [-1, -1, -1]
    assert found["eq-49"].status[3:].tolist() == [0] * (len(seen.t) - 3)


def test_without_rank_there_are_no_levels():
    flat = replace(x(), H=1)
    with pytest.raises(InputError, match="zeta0 is not certified positive: H = 1 heads are fewer than N = 2"):
        Levels.of(enclose_constants(flat), Rates(1.0, 1e-3, 1e-3))


def test_a_run_that_starts_later_is_no_run_from_the_start():
    trajectory, seen = true_run()
    later = train(x(), constants().rates, max_steps=2, resume=trajectory.last)
    with pytest.raises(InputError, match="one that starts at step 0"):
        along(later, seen, levels())
    with pytest.raises(InputError, match="watched at one step at least"):
        along(trajectory, Watch([x()], ()).observed(), levels())
