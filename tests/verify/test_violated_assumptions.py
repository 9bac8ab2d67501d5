"""A violated assumption is a finding: it names its offenders, its dependents are not applicable, and the run goes on to a
report with exit code 0 and one warning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

import numpy as np
import pytest
from small_runs import checked, shared_searches, short_searches, small, small_digits

import reports
import verify
import verify.theories.yang2024.checks.rank
import verify.theories.yang2024.checks.train
import verify.theories.yang2024.laboratory
from verify.theories.shipped import theory
from verify.theories.yang2024.numeric.dictionaries import gaussian_features, gaussian_tokens
from verify.theories.yang2024.numeric.instance import Inference, Instance, TaskLaw


@pytest.fixture
def one_sample_each(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is sampled in general has nothing to do with the instance."""
    monkeypatch.setitem(verify.theories.yang2024.checks.train.SAMPLES, "fast", 1)
    monkeypatch.setitem(verify.theories.yang2024.checks.rank.SAMPLES, "fast", 1)
    monkeypatch.setattr(verify.theories.yang2024.laboratory, "RANDOM_THETAS", 4)
    with short_searches(), shared_searches():
        yield


def repeated(where: tuple[int, int]) -> Instance:
    tokens = small().tokens.copy()
    tokens[:, where[1]] = tokens[:, where[0]]
    return small(tokens=tokens)


def no_row_tells_apart() -> Instance:
    """Three distinct unit tokens in the plane; each row repeats an entry."""
    tokens = np.array([[0.6, 0.6, -0.6, 1.0], [0.8, -0.8, 0.8, 0.0]])
    return Instance("flat", tokens, gaussian_features(3, 4, 0), N=3, H=48, tau=0.5, beta=3.0)


def equal_heads() -> Instance:
    return small(Q_given=np.ones((24, 3, 3)))


def w_not_zero() -> Instance:
    w = np.zeros((24, 4))
    w[[3, 7], 1] = 0.25
    return small(w_given=w)


@dataclass(frozen=True)
class Violation:
    make: Callable[[], Instance]
    fails: dict[str, tuple[str, ...]]  # assumption: offenders, in full or at their start


ONLY = ("prop-1", "eq-10", "theorem-1", "theorem-2", "lemma-4", "eq-45")  # between them, of every assumption
WHOLE = "the paper's own tokens"  # the instance at which all claims are judged
LAW = ("E[λ_i] = 0.5 for every component", "E[λ_i²] = 4.25 for every component")
VIOLATIONS = {
    "repeated prompt token": Violation(
        lambda: repeated((0, 1)),
        {
            "A0": ("tokens 1 and 2 are equal",),
            "A2": ("prompt tokens 1 and 2 are equal, so are their rows of every C_k",),
            "A3": ("row 1: tokens 1 and 2 agree", "row 2: tokens 1 and 2 agree", "row 3: tokens 1 and 2 agree"),
        },
    ),
    "repeated unlabelled token": Violation(lambda: repeated((2, 3)), {"A0": ("tokens 3 and 4 are equal",)}),
    "a token of another norm": Violation(
        lambda: small(tokens=small().tokens * np.array([1, 1, 1.5, 1])), {"A0": ("token 3: ‖v‖² − 1 = 1.25",)}
    ),
    "the paper's own tokens": Violation(
        lambda: small(tokens=gaussian_tokens(3, 4, 1, unit_norm=False)),
        {"A0": tuple(f"token {k}: ‖v‖² − 1 = " for k in (1, 2, 3, 4))},
    ),
    "fewer heads than tokens": Violation(
        lambda: small(H=1),
        {"A2": ("H = 1 heads are fewer than N = 2",), "heads": ("H = 1 heads for N = 2 prompt tokens",)},
    ),
    "equal Q_h": Violation(
        equal_heads,
        {
            "A2": ("only 1 of the H = 24 matrices Q_h are distinct, fewer than N = 2",),
            "gaussian": ("initialisation.Q",),
        },
    ),
    "w not zero": Violation(
        w_not_zero, {"w-zero": ("head 4: largest |w| = 0.25", "head 8: largest |w| = 0.25")}
    ),
    "another law of λ": Violation(lambda: small(tasks=TaskLaw("laplace", 0.5, 2.0)), {"A1": LAW}),
    "λ too long": Violation(
        lambda: small(inference=Inference(TaskLaw("gaussian", 0.0, 1.0), B=1.0, prompts=4)), {"A4": ("task ",)}
    ),
    "no row that tells tokens apart": Violation(
        no_row_tells_apart, {"A3": ("row 1: tokens 1 and 2 agree", "row 2: tokens 1 and 3 agree")}
    ),
}  # fmt: skip


@pytest.mark.sampled(16)
@pytest.mark.usefixtures("one_sample_each")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.whole] * (name == WHOLE)) for name in VIOLATIONS]
)
def test_a_violation_is_named_and_its_dependents_are_not_applicable(name: str) -> None:
    violation = VIOLATIONS[name]
    record = checked(*(() if name == WHOLE else ONLY), instance=violation.make())
    failed = {a.id: a for a in record.assumptions if a.verdict == "fails"}
    assert set(failed) == set(violation.fails)
    for id, offenders in violation.fails.items():
        assert len(failed[id].offenders) >= len(offenders)
        for seen, said in zip(failed[id].offenders, offenders, strict=False):
            assert seen.startswith(said)
        assert failed[id].margin is None or failed[id].margin <= 0
    for a in record.assumptions:
        if a.verdict == "holds":
            assert a.offenders == []
            assert a.margin is None or a.margin >= 0
    assert record.exit_code == 0
    for claim in record.claims:
        if claim.verdict == "assumption":  # it is judged here, and is no hypothesis of its own
            assert claim.here == ("fails" if set(claim.assumptions) & set(failed) else "holds")
        elif set(claim.assumptions) & set(failed):
            assert (claim.here, claim.margin) == ("not applicable", None)
        else:
            assert claim.here != "not applicable"
        assert claim.verdict == claim.expected, "the verdict is about instances that meet the assumptions"
    assert any(claim.here == "not applicable" for claim in record.claims)
    (warning,) = record.warnings
    assert warning.startswith("assumptions that fail here: ")
    assert warning.endswith("what depends on them is not applicable here")
    assert "\n" not in warning
    assert all(f"{id} (" in warning for id in failed)
    page = unescape(re.sub("<[^>]+>", "", reports.html(record)))
    for a in failed.values():
        assert a.offenders[0].replace("_", "")[:14] in page


@pytest.mark.usefixtures("one_sample_each")
def test_the_assumptions_alone() -> None:
    """The Python call gives what the record holds."""
    found = {a.id: a for a in verify.check_assumptions(repeated((0, 1)))}
    assert list(found) == [assumption.id for assumption in theory().assumptions]
    assert found["A0"].verdict == found["A2"].verdict == found["A3"].verdict == "fails"
    assert [a.model_dump() for a in verify.check_assumptions(small())] == [
        a.model_dump() for a in checked(*ONLY).assumptions
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("one_sample_each")
def test_every_assumption_holds_with_its_margin_on_good_instances() -> None:
    for instance in (small(), small_digits()):
        for a in checked(*ONLY, instance=instance).assumptions:
            assert a.verdict == "holds"
            assert a.finding
            assert a.statement
            if a.id in ("A0", "A2", "A3", "A4", "heads"):
                assert a.margin is not None
                assert a.margin > 0
            assert a.strength == ("tested" if a.id == "A4" else "certified")


@pytest.mark.slow
@pytest.mark.sampled(3)
@pytest.mark.usefixtures("one_sample_each")
@pytest.mark.parametrize("beta", [1e3, 1e6, 1e150])
def test_a_saturated_softmax_is_decided_with_more_bits_or_left_open(beta: float) -> None:
    record = checked("prop-1", "eq-10", "theorem-1", "theorem-2", "eq-82", instance=small(beta=beta))
    (A2,) = [a for a in record.assumptions if a.id == "A2"]
    assert record.exit_code == 0
    if A2.verdict == "holds":
        assert isinstance(A2.figures["bits of precision"], int)
    else:
        assert A2.verdict == "undecided"
        assert A2.margin is None
        assert A2.offenders[0].startswith("rank of B_k not decided with 4096 bits for k = ")
        assert {c.id: c.here for c in record.claims}["theorem-1"] == "undecided"
    reports.html(record)


def test_one_instance_of_nearly_equal_heads_needs_more_than_the_first_precision() -> None:
    tokens = np.array([[1.0, 0.6, 0.8], [0.0, 0.8, 0.6]])
    Q = np.stack([h * 2.0**-200 * np.array([[0.0, 4.0], [3.0, 0.0]]) for h in range(2)])
    instance = Instance("nearly equal", tokens, gaussian_features(2, 3, 0), N=2, H=2, tau=0.5, Q_given=Q)
    (A2,) = [a for a in verify.check_assumptions(instance) if a.id == "A2"]
    assert A2.verdict == "holds"
    bits = A2.figures["bits of precision"]
    assert isinstance(bits, int)
    assert bits > 128
