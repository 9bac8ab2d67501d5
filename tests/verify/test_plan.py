"""What is told before training: certified where it was, feasible where it is, and the same every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.verify.small_runs import small
from verify.record import Study
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import enclose_constants, steps_for_bound
from verify.theories.yang2024.numeric.dictionaries import digits
from verify.theories.yang2024.numeric.forecast import deviations, head_counts, search
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.studies import plan as room
from verify.theories.yang2024.studies.always import ALWAYS
from verify.theories.yang2024.studies.plan import before, duration, recommended, study


def at(instance: Instance, **options: object) -> Laboratory:
    return Laboratory(instance, Options(device="cpu", **options))  # type: ignore[arg-type]


def cells(found: Study, table: int) -> dict[str, list[object]]:
    return {str(row[0]): list(row[1:]) for row in found.tables[table].rows}


def test_what_is_certified_is_what_the_run_goes_by() -> None:
    laboratory = at(small())
    found = study(laboratory)
    amounts = cells(found, 1)
    assert amounts["steps until the bound (18) is at 0.001 of its start"] == [
        str(laboratory.plan.bound_steps),
        "certified",
    ]
    assert amounts["T of (21) for ε = 0.01, δ = 0.05, B = 16"] == [str(laboratory.plan.theorem2), "certified"]
    assert amounts["steps that a run takes"] == [str(laboratory.plan.steps), "to both"]
    assert found.finding.startswith("Feasible as it stands: the bound (18) at 0.001 of its start takes ")
    assert found.contradiction is None
    assert all(str(row[-1]).startswith("certified") for row in found.tables[0].rows)


def test_a_run_makes_it_without_times_and_twice_the_same() -> None:
    assert ALWAYS["plan"] is study
    first, second = (study(at(small())).model_copy(update={"seconds": 0.0}) for _ in range(2))
    assert first == second
    assert not any("time" in row for row in cells(first, 1))


def test_times_are_shown_before_a_run() -> None:
    amounts = cells(before(at(small())), 1)
    assert {"time per step", "time until the bound is at its target", "time to certify the constants"} <= set(
        amounts
    )
    assert str(amounts["time per step"][1]) == "measured here, now, float64 on cpu"


def test_what_is_too_large_to_certify_first_is_estimated_and_called_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certified = before(at(small()))
    monkeypatch.setattr(room, "CHEAP", 0)
    laboratory = at(small())
    estimated = before(laboratory)
    assert "constants" not in laboratory.__dict__
    assert all(str(row[-1]).startswith("estimate") for row in estimated.tables[0].rows)
    assert [row[1] for row in estimated.tables[0].rows] == [row[1] for row in certified.tables[0].rows]
    key = "steps until the bound (18) is at 0.001 of its start"
    assert cells(estimated, 1)[key] == [cells(certified, 1)[key][0], "estimate"]
    assert cells(estimated, 1)["time to certify the constants"][1] == "predicted, within a factor of a few"


@pytest.mark.parametrize("H", [2, 6, 24])
def test_the_recommended_setting_needs_what_was_said(H: int) -> None:
    """Built and certified: the predicted steps to 1e-6 of themselves, and one."""
    instance = digits(H=H)
    best = recommended(search(instance, head_counts(instance), deviations(instance)), 1e-3, 200_000)
    assert best is not None
    assert (
        f"H = {best.H} with β = {best.beta:g} needs {best.steps(1e-3):,} steps" in study(at(instance)).finding
        or H == 24
    )
    built = enclose_constants(replace(instance, H=best.H, beta=best.beta))
    assert built.log_rate is not None
    assert best.steps(1e-3) == pytest.approx(steps_for_bound(built.log_rate, 1e-3), rel=1e-6, abs=1)


def test_the_recommended_setting_is_the_least_work_in_the_table() -> None:
    instance = digits(H=6)
    found = search(instance, head_counts(instance), deviations(instance))
    best = recommended(found, 1e-3, 200_000)
    assert best is not None
    work = [
        (one.steps(1e-3) or 0) * one.H for one in found if one.resolved and (one.steps(1e-3) or 0) <= 200_000
    ]
    assert (best.steps(1e-3) or 0) * best.H == min(work)
    over = recommended(found, 1e-3, 1)
    assert over is not None
    assert recommended([one for one in found if not one.resolved], 1e-3, 1) is None


def test_too_few_heads() -> None:
    found = study(at(digits(H=4)))
    assert found.finding.startswith(
        "Not reachable as it stands: H = 4 heads are fewer than N = 6, so ζ_0 = 0 and (15) gives no rates. H = "
    )
    assert cells(found, 1)["steps until the bound (18) is at 0.001 of its start"][0] == "none"


def test_equal_tokens() -> None:
    instance = small()
    tokens = instance.tokens.copy()
    tokens[:, 1] = tokens[:, 0]
    found = study(at(replace(instance, tokens=tokens)))
    assert found.finding.endswith(
        " so ζ_0 = 0 and (15) gives no rates. No H and no β changes that: label other tokens."
    )
    few = study(at(replace(instance, tokens=tokens, H=1)))
    assert few.finding.endswith(
        "No H and no β changes that, since prompt tokens 1 and 2 are equal, so are their rows of every C_k: label other tokens."
    )


def test_given_starts() -> None:
    base = small(H=3)
    given = np.stack(list(base.heads()))
    alone = study(at(replace(base, Q_given=given)))
    assert "Q^(0) × " in alone.tables[2].columns[1]
    few = study(at(replace(base, H=1, Q_given=given[:1])))
    assert few.finding.endswith("Q^(0) is given: give it for at least N = 2 heads.")
    same = study(at(replace(base, Q_given=np.stack([given[0]] * 3))))
    assert same.finding.endswith("No factor on Q^(0) changes that: give matrices Q_h that differ.")


def test_not_feasible() -> None:
    found = study(at(digits(H=6), max_steps=1000))
    assert found.finding.startswith("Not feasible as it stands: ")
    assert "and the budget is 1,000." in found.finding
    assert found.finding.endswith("the least work found, and still above the budget.")


def test_below_double_precision_only_what_is_certified_has_a_number() -> None:
    key = "steps until the bound (18) is at 0.001 of its start"
    at_most, certified = (study(at(digits(H=H, beta=100.0))) for H in (12, 6))
    bound, steps = cells(at_most, 2)["H = 6"][-1], cells(certified, 2)["H = 6"][-1]
    assert str(bound).startswith("≥ ")
    assert steps == cells(certified, 1)[key][0]
    assert float(str(steps)) > float(str(bound).lstrip("≥ "))


def test_no_choice_goes_below_the_fewest() -> None:
    rows = cells(study(at(digits())), 3)
    counts = {
        name: int(str(row[0]).replace(",", ""))
        for name, row in rows.items()
        if row[1] != "another problem: other noise"
    }
    fewest = counts["no γ ≥ (15) and no units go below"]
    assert min(counts.values()) == fewest


@pytest.mark.parametrize(
    ("count", "each", "said"),
    [
        (1, 2e-5, "20 µs"),
        (1, 0.25, "250 ms"),
        (10, 1.0, "10 s"),
        (10**7, 1.0, "116 days"),
        (10**300, 1.0, "1e300 times 1 s"),
    ],
)
def test_durations(count: int, each: float, said: str) -> None:
    assert duration(count, each) == said
