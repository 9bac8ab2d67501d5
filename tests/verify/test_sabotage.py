"""Checks can fail: each mistake planted in a statement, in the model, in the trainer or in a second opinion makes the
run exit 1 with the right claim at fault, and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sympy as sp
from planted_mistakes import PLANTED, Patch, gap_flattered
from small_runs import checked, claim, small, stated, swapped

import verify.theories.yang2024.checks.compare
import verify.theories.yang2024.checks.inference
import verify.theories.yang2024.checks.rank
import verify.theories.yang2024.checks.train
import verify.theories.yang2024.job
import verify.theories.yang2024.laboratory
import verify.theories.yang2024.numeric.loss
import verify.theories.yang2024.numeric.predict
import verify.theories.yang2024.numeric.train
from verify.statement import Identity, Theory
from verify.theories.yang2024.claims import fixed_point, gradients, inference, loss
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.shorthand import tau
from verify.vocabulary import ACCEPTED

pytestmark = [pytest.mark.filterwarnings("error"), pytest.mark.usefixtures("brief")]

# One mistake in what is stated. The claim is refuted for all instances, with an exact witness.


def changed(id: str, formal: Callable[[], tuple[Identity, ...]], form: str = "printed"):
    return id, form, formal


def rhs(formal: Callable[[], tuple[Identity, ...]], change: Callable[[sp.Expr], sp.Expr], at: int = 0):
    def mistaken() -> tuple[Identity, ...]:
        identities = list(formal())
        identities[at] = replace(identities[at], rhs=change(identities[at].rhs))
        return tuple(identities)

    return mistaken


def one_term(expr: sp.Expr) -> sp.Expr:
    """(29) without the −s_i v_i: s_j v_j v_kᵀ alone."""
    h, j, k, p, q = sp.symbols("h j k p q", integer=True)
    V, s = let.TABLE["V"].base, let.TABLE["s"].base
    return s[h, j, k] * V[p, j] * V[q, k]


STATED = {
    "τ for mτ in the ridge form": changed("eq-20", lambda: fixed_point.ridge_form(noise=tau)),
    "1/N for 1/K in the gradient in w": changed("eq-45", rhs(gradients.gradient_w, lambda e: e * let.K / let.N)),
    "1/N for 1/K in the gradient in Q": changed("eq-82", rhs(gradients.gradient_Q, lambda e: e * let.K / let.N)),
    "a softmax term dropped in Lemma 1": changed("lemma-1", rhs(gradients.softmax_derivative, one_term)),
    "sign of Lemma 1": changed("lemma-1", rhs(gradients.softmax_derivative, lambda e: -e)),
    "mτ forgotten in the repair of Lemma 5": changed("lemma-5", lambda: loss.closed_form(repaired=False), "repaired"),
    "2τ for τ in the repair of (56)": changed(
        "eq-56", rhs(gradients.gradient_Q, lambda e: e.subs(let.tau, 2 * let.tau)), "repaired"
    ),
    "τ/m for τ in the repair of (33)": changed(
        "eq-33", rhs(fixed_point.slope, lambda e: e.subs(let.tau, let.tau / let.m), at=1), "repaired"
    ),
    "2τ in Lemma 4": changed("lemma-4", rhs(inference.fresh_noise, lambda e: e.subs(let.tau, 2 * let.tau))),
    "τ for mτ in the second moments": changed("eq-9", rhs(loss.second_moment_form, lambda e: e.subs(let.tau, let.tau / let.m))),
    "a Hessian without mτ": changed("eq-34", rhs(fixed_point.minimiser, lambda e: e.subs(let.tau, let.tau / let.m), at=1)),
}  # fmt: skip


def restate(monkeypatch: Patch, theory: Theory) -> None:
    monkeypatch.setattr(verify.theories.yang2024.job, "theory", lambda: theory)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", STATED)
def test_a_mistake_in_a_statement_is_refuted(name: str, monkeypatch: Patch) -> None:
    id, form, formal = STATED[name]
    restate(monkeypatch, swapped(id, form, formal=formal))
    beside = "lemma-4" if id != "lemma-4" else "eq-34"
    record = checked(id, beside)
    found = claim(record, id, form)
    assert record.exit_code == 1
    assert (found.verdict, found.refutation) == ("fails", "exact witness")
    assert found.expected in ("holds", "definition")
    assert found.contradiction == f"the verdict is fails, expected was {found.expected}"
    assert found.witness is not None
    assert found.witness.lhs != found.witness.rhs
    assert max(found.witness.sizes.values()) <= 3
    assert "exact rational arithmetic" in found.witness.method
    assert found.command.endswith(f'only=("{id}",)))')  # replay knows only the misprints
    at_fault = [(c.id, c.form) for c in record.claims if c.contradiction]
    assert at_fault == [(id, form)]
    assert f"Against expectation: {id} ({form})" in record.headline


# A mistake in the numbers. The statement is proved all the same, so it is this instance that contradicts it.


@pytest.mark.sampled(10)
@pytest.mark.parametrize("name", PLANTED)
def test_a_mistake_in_the_numbers_is_seen(name: str, monkeypatch: Patch) -> None:
    planted = PLANTED[name]
    planted.plant(monkeypatch)
    record = checked(*planted.run)
    fault = {(c.id, c.form): (c.verdict, c.here) for c in record.claims if c.contradiction}
    assert record.exit_code == 1
    assert fault == planted.fault
    for c in record.claims:
        if not c.contradiction:
            assert c.verdict == c.expected
            assert c.here != "fails" or c.verdict == "fails"
        elif c.verdict == c.expected:
            assert c.contradiction == f"the verdict is {c.verdict}, and at this instance it fails"
            assert any(e.scope == "here" and e.verdict == "fails" for e in c.evidence)
        else:
            assert c.contradiction == f"the verdict is {c.verdict}, expected was {c.expected}"
            assert c.witness is not None
            assert c.refutation is not None


@pytest.mark.slow
def test_a_trainer_that_flatters_is_not_believed(monkeypatch: Patch) -> None:
    """Gaps that are smaller than what the stored iterates have: nothing is concluded from them, and they leave the certificate."""
    gap_flattered(verify.theories.yang2024.laboratory)(monkeypatch)
    found = claim(checked("theorem-1"), "theorem-1")
    verdicts = {one.check: one.verdict for one in found.evidence if one.scope == "here"}
    assert (found.verdict, found.here) == ("not refuted", "fails")
    assert verdicts == {"train": "not applicable", "certificate": "holds", "compare": "fails"}
    gap_flattered(verify.theories.yang2024.checks.train)(monkeypatch)
    found = claim(checked("theorem-1"), "theorem-1")
    assert (found.verdict, found.strength) == ("not refuted", "certified")  # by exact descent alone
    (sampled,) = [one for one in found.evidence if one.check == "sample"]
    assert (sampled.verdict, sampled.strength) == ("undecided", None)


def test_without_a_mistake_nothing_is_at_fault() -> None:
    names = sorted({name for planted in PLANTED.values() for name in planted.run})
    record = checked(*names)
    assert record.exit_code == 0
    assert {c.id for c in record.claims} == set(names)
    assert all(c.verdict == c.expected in ACCEPTED and c.here == "holds" for c in record.claims)


def test_a_mistake_that_the_instance_forgives_is_still_refuted(monkeypatch: Patch) -> None:
    """At m = 1 the ridge forms with τ and mτ agree: here it holds, in general it fails."""
    restate(monkeypatch, swapped("eq-20", "printed", formal=lambda: fixed_point.ridge_form(noise=tau)))
    record = checked("eq-20", instance=small(m=1))
    (found,) = record.claims
    assert (found.verdict, found.here, record.exit_code) == ("fails", "holds", 1)
    assert found.witness is not None
    assert found.witness.sizes["m"] > 1


def test_a_claim_nobody_understands_yet_is_no_contradiction(monkeypatch: Patch) -> None:
    claim_ = stated("lemma-1")
    restate(monkeypatch, swapped("lemma-1", "printed", expected=None))
    record = checked("lemma-1")
    assert claim_.expected == "holds"
    assert (record.claims[0].expected, record.exit_code) == (None, 0)
