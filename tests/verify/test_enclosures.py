"""Figures of a run beside their enclosures: a sound run has none outside, and a wrong figure is always found."""

from dataclasses import replace

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.strategies import instances
from verify.theories.yang2024.job import Job
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.allowances import Allowances, U
from verify.theories.yang2024.numeric.dictionaries import digits
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.strategies import VIOLATIONS
from verify.theories.yang2024.studies import enclosures
from verify.theories.yang2024.studies.enclosures import Figure

STEPS = 40


# Of any shape and scale: unit norm or not, saturated or nearly uniform, w^(0) zero or not, all of rank N or not.
any_instance = st.sampled_from(("", *VIOLATIONS)).flatmap(lambda name: instances(violating=name))


def laboratory(instance=None, **options):
    """Trained for a few steps at the printed rates."""
    return Laboratory(instance or digits(N=3, K=6, H=24), Options(max_steps=STEPS, **options))


def outcomes(lab):
    return {figure.name: figure.outcome for figure in enclosures.figures(lab)}


@pytest.fixture(scope="module")
def sound():
    lab = laboratory()
    _ = lab.trajectory, lab.final_enclosure, lab.final_A_hat
    return lab, list(enclosures.figures(lab))


def test_a_sound_run_has_every_figure_and_none_outside(sound):
    lab, figures = sound
    assert {figure.outcome for figure in figures} == {"agrees"}
    assert all(0 <= figure.share < 1 for figure in figures)
    names = " | ".join(figure.name for figure in figures)
    for wanted in (
        "score v_", "λ_min(B_k B_kᵀ) at θ^(0)", "ζ_0", "f̄_max", "‖Z‖_2", "‖Z̄‖_2", "‖ZᵀẐ‖_2", "𝓛(θ^(0)) − min_Â 𝓛", "𝓛(θ^(0))", "‖A‖_2",
        "min_Â 𝓛",
        "A, entry", "(Z^Q)ᵀλ̂", "γ", "η_Q", "η_w", "log(1 − η_w ζ_0/(2K))", "𝓛(θ^(0)) − min_Â 𝓛 in training",
        f"𝓛(θ^({STEPS})) − min_Â 𝓛 in training", f"𝓛(θ^({STEPS}))", "‖Â − A‖_2", "Â at", "‖Q_h − Q_h^(0)‖_F",
        f"λ_min(B_k B_kᵀ) at θ^({STEPS})",
    ):  # fmt: skip
        assert wanted in names
    found = enclosures.study(lab)
    assert found.contradiction is None
    assert len(found.tables[0].rows) == len(figures)
    assert "Double precision would have decided it for all 6 tokens." in found.finding


@pytest.mark.parametrize("seed", range(1, 8))
def test_enclosures_are_as_sharp_as_the_figures_held_against_them(seed):
    """At least 2^-48 of the number itself, and of the largest entry where entries are compared: none is too wide to tell."""
    lab = laboratory(digits(N=3, K=6, H=24, seed=seed))
    for figure in enclosures.figures(lab):
        scale = abs(figure.ball) if figure.scale is None else figure.scale
        assert figure.ball.rad() <= scale * arb(2) ** -48, figure.name
        assert figure.outcome == "agrees", figure.name


@pytest.mark.parametrize("side", [-1, 1])
def test_a_figure_off_by_more_than_its_allowance_is_found_and_by_less_is_not(sound, side):
    for figure in sound[1]:
        middle, radius = float(figure.ball.mid()), float(figure.ball.rad())
        spacing = np.spacing(abs(middle))
        if figure.allowance < 8 * spacing + radius:
            continue
        moved = replace(figure, value=middle + side * (radius + figure.allowance + 2 * spacing))
        assert moved.outcome == "OUTSIDE"
        assert figure.name in moved.fault
        kept = replace(figure, value=middle + side * (figure.allowance - radius - 2 * spacing))
        assert kept.outcome == "agrees"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_outside(sound, value):
    for figure in sound[1]:
        assert replace(figure, value=value).outcome == "OUTSIDE"
        assert replace(figure, value=value).row()[-1] == "OUTSIDE"


def test_bounds_are_not_vacuous(sound):
    """A relative error of 1e-9 in any figure is found; entries and eigenvalues against the largest."""
    for figure in sound[1]:
        scale = abs(figure.ball) if figure.scale is None else figure.scale
        assert figure.allowance < 1e-9 * float(scale.mid())


def again(lab):
    """The same run in a laboratory of its own, to be tampered with."""
    other = Laboratory(replace(lab.instance), lab.options)
    trajectory = replace(lab.trajectory, gap=lab.trajectory.gap.copy())
    other.__dict__.update(
        constants=lab.constants, exact=lab.exact, quadratic=lab.quadratic, trajectory=trajectory
    )
    return other


def moved_gap(lab):
    lab.trajectory.gap[-1] *= 1 + 1e-8


def moved_first_gap(lab):
    lab.trajectory.gap[0] *= 1 - 1e-8


def moved_snapshot(lab):
    lab.trajectory.gap[lab.trajectory.snapshots[2].t] *= 1 + 1e-8


def lost_gap(lab):
    lab.trajectory.gap[-1] = np.nan


def moved_iterate(lab):
    last = lab.trajectory.last
    lab.trajectory.last = replace(last, w=last.w * (1 + 1e-8))


def moved_infimum(lab):
    lab.__dict__["quadratic"] = replace(lab.quadratic, infimum=lab.quadratic.infimum * (1 + 1e-9))


def moved_A(lab):
    A = lab.quadratic.A.copy()
    A[1, 4] += 1e-9
    lab.__dict__["quadratic"] = replace(lab.quadratic, A=A)


def moved_A_hat(lab):
    _ = lab.final_A_hat
    lab.final_A_hat[2, 3] += 1e-9


def moved_score(lab):
    scores = lab.instance.scores0.copy()
    scores[5, 1, 2] += 1e-8
    lab.instance.__dict__["scores0"] = scores


def moved_rate(name):
    def move(lab):
        rates = lab.constants.rates
        changed = replace(rates, **{name: getattr(rates, name) * (1 + 1e-10)})
        lab.__dict__["constants"] = replace(lab.constants, rates=changed)

    return move


def moved_ball(name):
    def move(lab):
        ball = getattr(lab.constants, name) * (1 + arb(2) ** -26)
        lab.__dict__["constants"] = replace(lab.constants, **{name: ball})

    return move


def moved_eigenvalue(lab):
    spectrum = lab.constants.spectrum
    smallest = list(spectrum.smallest)
    smallest[4] *= 1 + arb(2) ** -26
    lab.__dict__["constants"] = replace(lab.constants, spectrum=replace(spectrum, smallest=tuple(smallest)))


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (moved_gap, f"𝓛(θ^({STEPS})) − min_Â 𝓛 in training"),
        (moved_first_gap, "𝓛(θ^(0)) − min_Â 𝓛 in training"),
        (moved_snapshot, "𝓛(θ^(3)) − min_Â 𝓛 in training"),
        (lost_gap, f"𝓛(θ^({STEPS})) − min_Â 𝓛 in training: float64 says nan"),
        (moved_iterate, f"𝓛(θ^({STEPS})) − min_Â 𝓛 in training"),
        (moved_infimum, "min_Â 𝓛"),
        (moved_A, "A, entry 2, 5"),
        (moved_A_hat, f"Â at θ^({STEPS}), entry 3, 4"),
        (moved_score, "score v_2ᵀQ_6^(0)v_3"),
        (moved_rate("gamma"), "γ"),
        (moved_rate("eta_Q"), "η_Q"),
        (moved_rate("eta_w"), "η_w"),
        (moved_rate("log_rate"), "log(1 − η_w ζ_0/(2K))"),
        (moved_ball("f_max"), "f̄_max"),
        (moved_ball("norm_Z"), "‖Z‖_2"),
        (moved_ball("norm_Zbar"), "‖Z̄‖_2"),
        (moved_ball("norm_ZtZhat"), "‖ZᵀẐ‖_2"),
        (moved_ball("norm_A"), "‖A‖_2"),
        (moved_ball("loss0"), "𝓛(θ^(0))"),
        (moved_ball("infimum"), "min_Â 𝓛"),
        (moved_ball("Delta0"), "𝓛(θ^(0)) − min_Â 𝓛"),
        (moved_eigenvalue, "λ_min(B_k B_kᵀ) at θ^(0), k = 5"),
    ],
)
def test_a_run_that_was_tampered_with_says_which_figure(sound, tamper, named):
    lab = again(sound[0])
    tamper(lab)
    found = enclosures.study(lab)
    assert found.contradiction is not None
    assert named in found.contradiction
    assert "certified" in found.contradiction
    assert "rounding allows" in found.contradiction


def test_a_run_with_a_wrong_figure_exits_1_and_says_so(sound, monkeypatch):
    lab = again(sound[0])
    monkeypatch.setattr("verify.theories.yang2024.job.ALWAYS", {"enclosures": enclosures.study})
    moved_gap(lab)
    job = Job(lab, "icl-verify run")
    job.chosen = []
    record = job.run()
    assert record.exit_code == 1
    assert f"study enclosures: 𝓛(θ^({STEPS})) − min_Â 𝓛 in training: float64 says" in record.headline


@settings(max_examples=24, deadline=None, derandomize=True)
@given(any_instance, st.sampled_from(("float64", "float64", "float64", "float32")))
def test_random_instances_have_nothing_outside(instance, dtype):
    """Whatever the scale: a figure that rounding spoils is one that float64 does not resolve."""
    assert "OUTSIDE" not in outcomes(laboratory(instance, dtype=dtype)).values()


def test_movement_below_the_root_of_the_smallest_number(sound):
    """Squares of 1e-200 are 0 in float64; the movement is not."""
    lab = again(sound[0])
    last = lab.trajectory.last
    lab.trajectory.last = replace(last, X=last.X * 1e-200)
    found = outcomes(lab)
    assert [found[name] for name in found if name.startswith("‖Q_h")] == ["agrees"]
    lab.trajectory.movement = lambda: 0 * sound[0].trajectory.movement()
    found = outcomes(lab)
    assert [found[name] for name in found if name.startswith("‖Q_h")] == ["OUTSIDE"]


def saturated(score):
    Q = np.array([[[0.0, 0.0], [score + h, score + h]] for h in range(3)])
    return Instance("saturated", np.eye(2), np.array([[1.0, 0.5]]), 2, 3, 0.1, Q_given=Q)


def test_where_double_precision_cannot_decide_the_report_says_what_it_took():
    lab = laboratory(saturated(200.0))
    assert outcomes(lab)["ζ_0"] == "float64 does not resolve it"
    said = enclosures.study(lab).finding
    assert "ζ_0" in said.split("Double precision does not resolve ")[1].split(".")[0]
    assert (
        "Full row rank of every B_k is certified with 128 bits (2 tokens). Double precision cannot decide it for 2 of the 2 tokens"
        in said
    )
    Q = np.array([[[0.0, 0.0], [h * 2.0**-300, float(h)]] for h in range(3)])
    lab = laboratory(replace(saturated(1.0), Q_given=Q))
    said, more = enclosures.study(lab).finding, lab.constants.spectrum.bits[0]
    assert more >= 512
    assert f"certified with 128 bits (1 token), {more} bits (1 token)" in said
    assert "cannot decide it for 1 of the 2 tokens" in said


def test_a_rank_that_is_deficient_is_said():
    said = enclosures.study(laboratory(replace(saturated(1.0), H=1, Q_given=np.ones((1, 2, 2))))).finding
    assert "Full row rank of every B_k is not certified: H = 1 heads are fewer than N = 2." in said


@settings(max_examples=12, deadline=None, derandomize=True)
@given(any_instance)
def test_known_errors_are_never_looser_than_worst_cases(instance):
    lab = laboratory(instance)
    worst, seen = enclosures.allowances(lab), enclosures.seen(lab)
    assert seen.A <= worst.A
    assert (seen.attention(None) <= worst.attention(None)).all()
    assert seen.gap(lab.instance.w0, None) <= worst.gap(lab.instance.w0, None)


def test_a_coarser_unit_allows_more():
    lab = laboratory()
    i = lab.instance
    fine, coarse = Allowances(i, lab.quadratic), Allowances(i, lab.quadratic, 2.0**29 * U)
    assert coarse.gap(i.w0 + 1, None) > 1e5 * fine.gap(i.w0 + 1, None)
    assert coarse.A == fine.A


def test_an_outcome_is_decided_only_where_it_is_certain():
    """A wide ball that reaches the figure is no contradiction."""
    assert Figure("x", "", 1.0, arb(2, 1.5), 1e-9).outcome == "the enclosure is too wide to tell"
    assert Figure("x", "", 1.0, arb(2, 0.5), 1e-9).outcome == "OUTSIDE"
    assert Figure("x", "", 1.0, arb(2, 0.5), np.inf).outcome == "float64 does not resolve it"
    assert Figure("x", "", 0.0, arb(0), 1e-9).outcome == "agrees"
