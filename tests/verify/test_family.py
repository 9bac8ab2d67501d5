"""A family of instances: what varies, and that an instance does not depend on the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_sweeps import TINY

from numeric.errors import InputError
from verify.theories.yang2024.family.draw import MOST, Varied, family, parse
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import load_config
from verify.theories.yang2024.swept import BOUND, swept


def drawn(path: Path, count: int, vary: str, seed: int | None = None) -> list[Instance]:
    """The instances of a family, as its cells build them."""
    subject, base = swept(), swept().base(path.name, path.parent)
    found = []
    for point in family(path, count, parse(vary), seed)[2]:
        asked = {"job": BOUND, "seed": point.pop("seed"), "tier": "fast", "only": [], "rates": "printed"}
        found.append(subject.built(subject.inputs(base, asked, point), path.parent)[0])
    return found


def test_seeds_follow_one_another_and_draw_everything_anew(tiny: Path) -> None:
    found = drawn(tiny, 3, "seed", 7)
    assert [one.seed for one in found] == [7, 8, 9]
    assert [one.digest for one in found] == [load_config(tiny, seed)[0].digest for seed in (7, 8, 9)]
    assert len({one.tokens.tobytes() for one in found}) == len({one.features.tobytes() for one in found}) == 3
    first, options, _ = family(tiny, 3, parse("seed"), 7)
    assert first.digest == found[0].digest
    assert options.max_steps == load_config(tiny)[1].max_steps


def test_each_point_of_a_grid_sees_the_same_seeds(tiny: Path) -> None:
    found = drawn(tiny, 9, "seed,tau=0.1/0.2,H=16/32", 1)
    points = [(0.1, 16), (0.1, 32), (0.2, 16), (0.2, 32)]
    assert [(one.seed, one.tau, one.H) for one in found[:8]] == [
        (s, *point) for s in (1, 2) for point in points
    ]
    assert (found[8].seed, found[8].tau, found[8].H) == (3, 0.1, 16)
    assert np.array_equal(found[0].Q0(3), found[1].Q0(3))  # a head is the same whatever their number
    one_seed = drawn(tiny, 2, "beta=1/2")
    assert [(one.seed, one.beta) for one in one_seed] == [(0, 1.0), (0, 2.0)]


@given(count=st.integers(1, 6), more=st.integers(0, 4), seed=st.integers(0, 2**40), seeds=st.booleans())
@settings(max_examples=25, deadline=None)
def test_an_instance_does_not_depend_on_how_many_there_are(
    tmp_path_factory: pytest.TempPathFactory, count: int, more: int, seed: int, seeds: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "tiny.toml"
    path.write_text(TINY)
    varied = ("seed," if seeds else "") + "tau=0.05..0.5,H,beta=2/3"
    few, many = (drawn(path, n, varied, seed) for n in (count, count + more))
    assert [one.digest for one in few] == [one.digest for one in many[:count]]
    assert all(0.05 <= one.tau <= 0.5 and 12 <= one.H <= 48 for one in many)
    if count > 2:  # beyond the two points of the grid: the next seed, or the next draw
        assert few[0].tau == few[1].tau != few[2].tau


def test_what_varies_is_written_as_it_is_read() -> None:
    text = "seed,tau=0.05..0.5,H=48/96,beta"
    assert ",".join(one.text() for one in parse(text)) == text
    instance = synthetic(N=2, K=4, d=3, m=3, H=1, tau=0.5, beta=3.0)
    words = [one.words(instance) for one in (*parse(text)[1:], Varied("H"))]
    assert words == [
        "tau log-uniform between 0.05 and 0.5", "H in turn 48, 96", "beta log-uniform between 1.5 and 6",
        "H log-uniform between 1 and 2",
    ]  # fmt: skip


BAD = {
    "": ("--vary", "some of seed, tau, H, beta", "write --vary seed,tau=0.05..0.5"),
    "seeds": ("--vary = seeds", "some of seed, tau, H, beta", "did you mean seed?"),
    "N=2/3": ("--vary = N", "some of seed, tau, H, beta", "write --vary seed"),
    "tau,tau=1": ("--vary = tau,tau=1", "tau once", "remove one"),
    "seed=1/2": ("--vary = seed=1/2", "seed alone", "--seed"),
    "tau=": ('--vary tau = ""', "positive numbers", "write tau=0.1/0.2"),
    "tau=a/b": ("--vary tau = a/b", "positive numbers", "write tau=0.1/0.2"),
    "tau=0/1": ("--vary tau = 0/1", "positive numbers", "write tau=0.1/0.2"),
    "tau=nan": ("--vary tau = nan", "positive numbers", "write tau=0.1/0.2"),
    "tau=1..inf": ("--vary tau = 1..inf", "positive numbers", "write tau"),
    "tau=2..1": ("--vary tau = 2..1", "the lower end", "write tau"),
    "tau=1..2..3": ("--vary tau = 1..2..3", "the lower end", "write tau"),
    "H=1.5": ("--vary H = 1.5", "whole numbers of at least 1", "write H=48/96"),
    "H=0.5..2": ("--vary H = 0.5..2", "whole numbers of at least 1", "write H=48/96"),
}


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_vary_is_said_in_one_line(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    for part in BAD[text]:
        assert part in str(caught.value)


@pytest.mark.parametrize("count", [0, -1, MOST + 1, True, 2.0])
def test_a_number_of_instances_is_a_whole_number(tiny: Path, count: int) -> None:
    with pytest.raises(InputError, match=r"--instances = .*a whole number from 1 to 100000"):
        family(tiny, count, parse("seed"))


def test_families_that_would_repeat_an_instance_are_refused(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--instances = 3: needs at most 2.*--vary seed as well"):
        family(tiny, 3, parse("tau=0.1/0.2"))
    with pytest.raises(InputError, match=r"--seed = 9223372036854775807: needs room for the seeds"):
        family(tiny, 2, parse("seed"), 2**63 - 1)
    given, _ = load_config(tiny)
    saved = Instance(
        "given", given.tokens, given.features, N=2, H=24, tau=0.5, Q_given=np.stack(list(given.heads()))
    )
    path = tmp_path / "given.npz"
    saved.save(path)
    with pytest.raises(InputError, match="something that a seed draws"):
        family(path, 2, parse("seed"))
    with pytest.raises(InputError, match=r"--vary H = given: needs an instance whose Q\^\(0\)"):
        family(path, 2, parse("H"))
    assert len({one.digest for one in drawn(path, 2, "seed,tau")}) == 2
    assert len(drawn(path, 1, "seed")) == 1
