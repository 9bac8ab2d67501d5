"""What a reader is told before the table: features that say nothing, margins that no float holds, why something is undecided here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.cli.conftest import make_record
from tests.verify.small_runs import small
from verify.commands import console
from verify.record import Evidence
from verify.theories.yang2024.assumptions import ASSUMPTIONS
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import Array
from verify.theories.yang2024.summary import of_features

RANK_ONE = np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 1e-3, 5.0])


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (np.zeros((3, 4)), "all features are zero"),
        (np.hstack([np.zeros((3, 2)), np.eye(3, 2)]), "the features of all prompt tokens are zero"),
        (RANK_ONE, "the features have rank one"),
        (1e300 * RANK_ONE / 3, "the features have rank one"),
        (RANK_ONE + 1e-9 * np.eye(3, 4), ""),
        (np.ones((1, 4)), ""),  # m = 1 asks for no more
    ],
)
def test_features_that_say_nothing_are_warned_of(features: Array, said: str) -> None:
    found = of_features(replace(small(), features=features))
    assert len(found) == bool(said)
    assert said in "".join(found)


def test_a_margin_that_no_float_holds_is_none_and_not_zero() -> None:
    """Saturated attention: ζ_0 is certified positive, and is no float64."""
    (A2,) = [one for one in ASSUMPTIONS if one.id == "A2"]
    found = A2.check(A2, Laboratory(small(H=2, beta=1e4, seed=0)))
    assert (found.verdict, found.margin) == ("holds", None)
    assert "positive, and below the range of double precision" in found.finding
    plain = A2.check(A2, Laboratory(small()))
    assert plain.margin is not None
    assert plain.margin > 0


def test_the_console_says_why_something_is_undecided_here(capsys: pytest.CaptureFixture[str]) -> None:
    claim = make_record().claims[0]
    evidence = Evidence(
        check="x", scope="here", verdict="undecided", strength=None, statement="Not run: no\nrates."
    )
    rows = [
        claim.model_copy(update={"here": "undecided", "evidence": [evidence]}),
        claim.model_copy(
            update={"id": "lemma-7", "form": "repaired", "here": "undecided", "evidence": [evidence]}
        ),
        claim.model_copy(update={"id": "lemma-9", "here": "undecided", "verdict": "fails"}),
        claim.model_copy(update={"id": "lemma-11", "here": "undecided"}),
    ]
    console.show(make_record(claims=rows))
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("undecided here")]
    assert lines == [
        "undecided here: lemma-5, lemma-7 (repaired): Not run: no rates.",
        "undecided here: lemma-9: its counterexample is another instance",
        "undecided here: lemma-11: not tried at this instance",
    ]
