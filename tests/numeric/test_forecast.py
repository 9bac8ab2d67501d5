"""Estimates before training, against enclosures; scalings that are exact; settings that no number helps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.theories.yang2024.numeric import forecast as rooms
from verify.theories.yang2024.numeric.constants import Constants, Rates, enclose_constants, steps_for_bound
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.dictionaries import digits, synthetic
from verify.theories.yang2024.numeric.forecast import (
    Forecast,
    deviations,
    forecast,
    head_counts,
    search,
    step_cost,
)
from verify.theories.yang2024.numeric.instance import Instance

NAMES = ("f_max", "norm_Z", "norm_Zbar", "norm_ZtZhat", "norm_A", "loss0", "infimum", "Delta0")
ROUNDING = 1e-10  # relative, of everything but ζ_0; ζ_0 has an error estimate of its own


def agree(found: Forecast, certified: Constants) -> None:
    """Every constant within its stated error, and steps within what ζ_0's error makes of them."""
    for name in NAMES:
        assert float(getattr(found.constants, name)) == pytest.approx(
            float(getattr(certified, name).mid()), rel=ROUNDING
        ), name
    off = abs(found.constants.zeta0 / certified.zeta0 - 1)
    assert off <= found.error + ROUNDING
    assert certified.log_rate is not None
    expected, seen = steps_for_bound(certified.log_rate, 1e-3), found.steps(1e-3)
    assert seen is not None
    assert abs(seen - expected) <= 1 + expected * 10 * (found.error + ROUNDING)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    N=st.integers(1, 4), more=st.integers(0, 3), m=st.integers(1, 5), heads=st.integers(1, 4), seed=st.integers(0, 99),
    beta=st.sampled_from([0.3, 1.0, 3.0, 10.0]), scale=st.sampled_from([1e-3, 1.0, 1e3]), tau=st.sampled_from([1e-3, 0.1, 10.0]),
)  # fmt: skip
def test_estimates_agree_with_enclosures(
    N: int, more: int, m: int, heads: int, seed: int, beta: float, scale: float, tau: float
) -> None:
    drawn = synthetic(N=N, K=N + more, d=4, m=m, H=N * heads, tau=tau * scale**2, beta=beta, seed=seed)
    instance = replace(drawn, features=scale * drawn.features)
    found = forecast(instance)
    assert found.resolved
    agree(found, enclose_constants(instance))


@pytest.mark.parametrize(("H", "beta"), [(6, 20.0), (6, 30.0), (12, 20.0), (8, 0.01)])
def test_the_stated_error_holds_where_little_is_left_of_double_precision(H: int, beta: float) -> None:
    instance = digits(H=H, beta=beta)
    found = forecast(instance)
    assert 1e-11 < found.error < 0.5
    agree(found, enclose_constants(instance))


def test_below_double_precision_it_is_an_upper_estimate_and_says_so() -> None:
    instance = digits(H=6, beta=100.0)
    found, certified = forecast(instance), enclose_constants(instance)
    assert not found.resolved
    assert found.constants.zeta0 > certified.zeta0 > 0
    assert certified.log_rate is not None
    steps = found.steps(1e-3)
    assert steps is not None
    assert 10**20 < steps < steps_for_bound(certified.log_rate, 1e-3)


def test_given_starts_count_in_the_gap() -> None:
    rng = np.random.default_rng(0)
    instance = replace(digits(N=2, K=4, m=3, H=5), w_given=rng.standard_normal((5, 4)))
    agree(forecast(instance), enclose_constants(instance))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(s=st.floats(1e-6, 1e6), seed=st.integers(0, 9))
def test_other_units_are_another_instance(s: float, seed: int) -> None:
    instance = digits(N=3, K=5, m=4, H=9, seed=seed)
    moved = replace(instance, features=s * instance.features, tau=s * s * instance.tau)
    scaled, built = forecast(instance).in_units(s), forecast(moved)
    for name in ("zeta0", "gamma", "L", "log_rate", *NAMES, "tau"):
        assert float(getattr(scaled.constants, name) / getattr(built.constants, name)) == pytest.approx(
            1, rel=1e-9
        ), name
    assert float(scaled.constants.gamma / forecast(instance).constants.gamma) == pytest.approx(1, rel=1e-12)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(s=st.floats(1e-4, 1e4), stretch=st.floats(1, 1e6), seed=st.integers(0, 9))
def test_no_units_and_no_gamma_go_below_the_fewest(s: float, stretch: float, seed: int) -> None:
    found = forecast(digits(N=3, K=5, m=4, H=9, seed=seed))
    fewest, steps = found.fewest(1e-3), found.in_units(s).steps(1e-3, stretch)
    assert fewest is not None
    assert steps is not None
    assert steps >= fewest
    far = found.steps(1e-3, 1e9)
    assert far is not None
    assert far <= fewest + 1


def test_more_gamma_is_fewer_steps() -> None:
    found = forecast(digits())
    counts = [found.steps(1e-3, stretch) or 0 for stretch in (1, 2, 4, 8, 16)]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == 5


def test_a_search_is_of_the_instances_that_it_names() -> None:
    instance = digits(N=3, K=6, m=4, H=7)
    heads, betas = head_counts(instance), [0.5, 20.0]
    assert heads == [3, 6, 7, 12, 24, 48, 96]
    found = search(instance, heads, betas)
    assert [(one.beta, one.H) for one in found] == [(beta, H) for beta in betas for H in heads]
    for one in found[::3]:
        agree(one, enclose_constants(replace(instance, H=one.H, beta=one.beta)))


def test_a_search_is_the_same_twice_and_counts() -> None:
    seen: list[tuple[int, int]] = []
    instance = digits(N=3, K=6, m=4, H=7)
    first, second = (
        search(instance, [3, 6], [1.0, 2.0], lambda n, total: seen.append((n, total))) for _ in range(2)
    )
    assert [one.steps(1e-3) for one in first] == [one.steps(1e-3) for one in second]
    assert seen == [(n, 4) for n in (1, 2, 3, 4)] * 2


def test_too_much_work_leaves_tokens_out_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = digits(N=3, K=12, m=4, H=6)
    (whole,) = search(instance, [6], [20.0])
    monkeypatch.setattr(rooms, "WORK", 2 * 6 * 9 * 4)
    (part,) = search(instance, [6], [20.0])
    assert (whole.tokens, part.tokens) == (12, 4)
    assert whole.resolved
    assert not part.resolved
    assert part.constants.zeta0 >= whole.constants.zeta0


def test_too_many_draws_leave_head_counts_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "DRAWS", 64**2 * 20)
    assert head_counts(digits(N=3, K=6, m=4, H=7)) == [3, 6, 7, 12]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"H": 2}, "H = 2 heads are fewer than N = 3"),
        ({"twins": True}, "prompt tokens 1 and 2 are equal, so are their rows of every C_k"),
        ({"Q": True}, "only 1 of the H = 4 matrices Q_h are distinct, fewer than N = 3"),
    ],
)
def test_what_no_number_helps_is_said(change: dict[str, object], reason: str) -> None:
    instance = digits(N=3, K=5, m=4, H=int(change.get("H", 4)))  # type: ignore[call-overload]
    if "twins" in change:
        tokens = instance.tokens.copy()
        tokens[:, 1] = tokens[:, 0]
        instance = replace(instance, tokens=tokens)
    if "Q" in change:
        instance = replace(instance, Q_given=np.broadcast_to(instance.Q0(0), (4, 64, 64)))
    found = forecast(instance)
    assert found.obstacle == reason
    assert not found.resolved
    assert (found.steps(1e-3), found.T(1, 0.1, 0.1), found.fewest(1e-3)) == (None, None, None)
    assert enclose_constants(instance).spectrum.reason == reason


def test_given_matrices_are_scaled_and_never_added_to() -> None:
    base = digits(N=2, K=4, m=3, H=4)
    instance = replace(base, Q_given=np.stack(list(base.heads())))
    assert head_counts(instance) == [4]
    assert head_counts(replace(instance, H=1, Q_given=instance.Q_given[:1])) == []  # type: ignore[index]
    assert 1.0 in deviations(instance)
    (one,) = search(instance, [4], [0.5])
    agree(one, enclose_constants(replace(base, beta=0.5 * base.beta)))


def test_deviations_span_even_to_saturated_attention() -> None:
    assert deviations(digits()) == [0.3, 1.0, 3.0, 10.0, 20.0, 30.0, 100.0]
    long = synthetic(N=3, K=6, d=100, m=2, H=4, unit_norm=False)
    assert deviations(long)[0] == pytest.approx(0.003, rel=0.5)


def test_numbers_beyond_floats_are_numbers() -> None:
    tiny = digits(H=6, beta=100.0)
    far = forecast(replace(tiny, features=1e-60 * tiny.features, tau=1e-120))
    steps = far.steps(1e-300)
    assert steps is not None
    assert steps > 10**20
    assert far.constants.L is not None
    assert far.constants.L > 0


@pytest.mark.parametrize("instance", [digits(), synthetic(N=4, K=9, d=5, m=3, H=6)])
def test_memory_is_what_training_holds(instance: Instance) -> None:
    import torch

    descent = Descent([instance], [Rates(1.0, 1e-3, 1e-3)], torch.float64, "cpu")
    parts = [value for holder in (descent, *descent.blocks) for value in vars(holder).values()]
    storages = [part.untyped_storage() for part in parts if isinstance(part, torch.Tensor)]
    held = sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())
    assert step_cost(instance.N, instance.K, instance.H).memory == pytest.approx(held, rel=0.1)
