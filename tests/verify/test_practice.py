"""The table of what the theorem means in practice, with and without training, and its contradiction."""

from dataclasses import replace

import numpy as np
import pytest
from small_runs import small

from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.floor import frozen_floor
from verify.theories.yang2024.numeric.spectrum import attention
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.studies import practice


def made(instance, **options):
    laboratory = Laboratory(instance, Options(device="cpu", **options))
    return laboratory, practice.study(laboratory)


def table(study, caption):
    (found,) = [one for one in study.tables if one.caption == caption]
    return {row[0]: dict(zip(found.columns[1:], row[1:], strict=True)) for row in found.rows}


def test_a_trained_instance_is_told_what_was_guaranteed_and_what_was_seen():
    laboratory, study = made(small())
    gap = laboratory.trajectory.gap
    rows = table(study, "Guaranteed and observed")
    target = rows["steps until the gap is 0.001 of its start"]
    assert target["observed"] == np.flatnonzero(gap <= 1e-3 * gap[0])[0]
    assert target["guaranteed"] == laboratory.plan.bound_steps
    assert target["ratio"] == pytest.approx(laboratory.plan.bound_steps / target["observed"])
    per_step = rows["−log of the factor of a step"]
    assert per_step["guaranteed"] < per_step["observed"]
    for name in ("steps until (22) for 0.95 of the prompts", "steps until (22) for all prompts"):
        assert rows[name]["observed"] <= laboratory.plan.theorem2
    assert study.contradiction is None
    assert "w is trained and the attention is not" in study.finding
    assert "w alone can reach the minimum at every token" in study.finding


def test_what_was_trained_is_measured_on_both_attentions():
    laboratory, study = made(small())
    i, last = laboratory.instance, laboratory.trajectory.last
    rows = {name: row["value"] for name, row in table(study, "What was trained").items()}
    change = attention(i, 1e3 * last.X) - attention(i)  # far above rounding, and still in the linear range
    assert rows["largest change of a softmax weight"] == pytest.approx(1e-3 * np.abs(change).max(), rel=1e-2)
    assert rows["the same, most moved head"] == laboratory.trajectory.relative_movement().max()
    assert rows["part of the decrease that w alone explains"] == pytest.approx(1)
    assert rows["least gap within reach of w, Q as at the end"] == 0


def test_what_Q_does_at_large_rates_is_no_longer_put_down_to_w(monkeypatch):
    laboratory = Laboratory(small(H=2, K=4, N=2), Options(device="cpu", max_steps=400))
    rates = laboratory.constants.rates
    lively = replace(rates, eta_Q=5.0, eta_w=0.5)
    monkeypatch.setattr(laboratory.constants.__class__, "gamma", rates.gamma, raising=False)
    laboratory.__dict__["constants"] = replace(laboratory.constants, rates=lively)
    study = practice.study(laboratory)
    moved = table(study, "What was trained")
    assert moved["the same, most moved head"]["value"] > 1e-2
    assert moved["part left to Q"]["value"] == pytest.approx(
        1 - moved["part of the decrease that w alone explains"]["value"]
    )


def test_a_short_run_tells_how_long_w_alone_would_take():
    laboratory, study = made(small(), max_steps=20)
    assert not laboratory.plan.complete
    row = table(study, "Guaranteed and observed")["steps until the gap is 0.001 of its start"]
    whole = table(made(small())[1], "Guaranteed and observed")["steps until the gap is 0.001 of its start"]
    assert row["observed"] == f"not in 20 steps; {whole['observed']} with Q held fixed"
    assert row["ratio"] == whole["ratio"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"N": 3, "H": 2}, "because 2 heads span at most 2 of 3 directions."),
        ({"N": 3, "H": 4, "beta": 1e4}, "heads are saturated, on token"),
    ],
)
def test_an_instance_that_cannot_be_trained_is_told_what_is_out_of_reach(changes, why):
    laboratory, study = made(small(K=5, **changes))
    assert laboratory.trajectory is None
    assert study.finding.startswith("Nothing was trained: ")
    assert why in study.finding
    rows = table(study, "What w alone could do")
    floor = frozen_floor(laboratory.instance, attention(laboratory.instance))
    assert rows["least gap within reach of w, Q as at the start"]["value"] == floor.gap > 0
    tokens = table(study, "Which A_{:,k} the weights can reach, Q as at the start")
    assert {name for name, row in tokens.items() if row["out of reach of w"] > 0} == {
        str(k + 1) for k in floor.unreached
    }


def test_equal_prompt_tokens_are_named_as_the_cause():
    i = small(N=3, K=5, H=9)
    tokens = i.tokens.copy()
    tokens[:, 1] = tokens[:, 0]
    _, study = made(replace(i, tokens=tokens))
    assert "because equal prompt tokens 1 = 2 always get equal attention." in study.finding


def test_a_saturated_start_of_certified_rank_is_a_limit_of_double_precision():
    _, study = made(small(N=3, K=5, H=4, beta=1e4))
    assert "least squares in double precision gets the gap no lower than" in study.finding
    assert "In exact arithmetic token " in study.finding
    assert study.finding.endswith(": the rank is certified to be N.")


def test_a_gap_below_the_floor_is_a_contradiction():
    laboratory = Laboratory(small(), Options(device="cpu"))
    seen = practice.Seen(laboratory, laboratory.trajectory, attention(laboratory.instance))
    assert seen.contradiction() is None
    seen.floor = replace(seen.floor, gaps=np.full(4, 0.1))
    assert seen.contradiction().endswith("is below the least that any w reaches there, 0.4")
