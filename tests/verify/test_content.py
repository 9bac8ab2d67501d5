"""What is evaluated once in a process: statements of one content are the same, and others never share an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

import verify.points.sizes_alone
import verify.prove.premises
from symbolic.bound import Fact
from symbolic.indexed import scalar
from verify.points.evaluation import Posed, pose, posed
from verify.points.exact_points import Instances
from verify.points.sizes_alone import tried
from verify.prove.premises import _fact
from verify.statement import Domain, Inequality
from verify.theories.yang2024.setting import SETTING, inequality
from verify.theories.yang2024.symbolic import letters as let

COORDINATE, K = let.index("a", "d"), let.index("k", "K")
ABAR, ETA, SIGMA = (let.scalar_symbol(name) for name in ("abar", "eta", "sigma"))
GAMMA, TAU = let.gamma, let.tau
PLAIN = inequality(GAMMA**2, GAMMA**2 + TAU)


def content(statement: Inequality) -> object:
    return pose(statement).content


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAIN, lhs=GAMMA**3),
        replace(PLAIN, rhs=GAMMA**2 + 2 * TAU),
        replace(PLAIN, squared=True),
        replace(PLAIN, dims={"k": "K"}),
        replace(PLAIN, domain=Domain(least={"N": 2})),
        replace(PLAIN, domain=Domain(given={"gamma": ("<=", TAU)})),
        replace(PLAIN, domain=Domain(given={"gamma": ("<=", 2 * TAU)})),
        replace(PLAIN, domain=Domain(given={"gamma": (">=", TAU)})),
        replace(PLAIN, domain=Domain(when=((GAMMA, TAU),))),
    ],
    ids=[
        "left",
        "right",
        "squared",
        "free index",
        "least sizes",
        "bound",
        "another bound",
        "the other way",
        "a condition",
    ],
)
def test_statements_that_differ_have_different_contents(other: Inequality) -> None:
    assert content(other) != content(PLAIN)
    assert content(replace(other)) == content(other)


def test_a_bound_is_known_by_what_it_says() -> None:
    bounds = ({"gamma": ("<=", bound)} for bound in (TAU, 2 * TAU, TAU + TAU))
    one, other, same = (content(replace(PLAIN, domain=Domain(given=given))) for given in bounds)
    assert one != other == same


def test_what_a_domain_says_of_other_letters_does_not_matter() -> None:
    assert content(replace(PLAIN, domain=Domain(free=("abar", "sigma"), relaxed=("A0",)))) == content(PLAIN)
    heads = inequality(ABAR, ABAR + GAMMA)
    assert content(replace(heads, domain=Domain(free=("abar",)))) != content(heads)


def test_a_relaxed_hypothesis_matters_where_there_are_tokens() -> None:
    norms = (let.V[COORDINATE, K] ** 2).sum(COORDINATE)
    one, other = (
        posed(SETTING, norms, scalar("gamma"), (K,), Domain(relaxed=names)) for names in ((), ("A0",))
    )
    assert one.content != other.content


def test_letters_are_shared_between_domains_that_agree_on_them() -> None:
    point = Instances(3).at(0, pose(PLAIN))
    bounded = Domain(given={"eta": ("<=", TAU)})
    first, second = (
        point.values(pose(inequality(ETA, GAMMA, domain=domain)), 0)
        for domain in (bounded, replace(bounded, free=("abar",)))
    )
    assert first is not second
    assert first["eta"] is second["eta"]
    other = replace(bounded, given={"eta": ("<=", 2 * TAU)})
    assert point.values(pose(inequality(ETA, GAMMA, domain=other)), 0)["eta"] == 2 * first["eta"]


def test_a_premise_is_evaluated_once_for_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Posed] = []
    truth = verify.prove.premises._seen

    def seen(premise: Posed) -> bool:
        asked.append(premise)
        return truth(premise)

    monkeypatch.setattr(verify.prove.premises, "_seen", seen)
    monkeypatch.setitem(SETTING.kept, "premises at points", {})
    below, above = (Fact("σ", scalar("sigma") * sign, ()) for sign in (1, -1))
    assert _fact(SETTING, below, Domain())
    assert _fact(SETTING, Fact("another name", scalar("sigma"), ()), Domain(free=("abar",)))
    assert len(asked) == 1
    assert not _fact(SETTING, above, Domain())
    assert len(asked) == 2


def test_sizes_and_scalars_are_gone_through_once_for_what_a_statement_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module, asked = verify.points.sizes_alone, list[Posed]()
    truth = module._gone_through
    monkeypatch.setitem(SETTING.kept, "sizes alone", {})
    monkeypatch.setattr(module, "_gone_through", lambda one: asked.append(one) or truth(one))
    one, again, other = (
        tried(pose(statement))
        for statement in (
            PLAIN, replace(PLAIN, domain=Domain(free=("abar",))), replace(PLAIN, rhs=GAMMA**2 - TAU),
        )
    )  # fmt: skip
    assert one is again
    assert len(asked) == 2
    assert one.above is None
    assert other.above is not None
