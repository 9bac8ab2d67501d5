"""The rates that are tight for a run: by runs at them, and beyond them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tightness_profiles import alone, made, profile

from verify.theories.yang2024.tightness import study
from verify.theories.yang2024.tightness.rates import as_seen, measured, run


def test_tight_rates_are_checked_by_runs():
    found = made().left()
    (sure, seen) = found.tables
    printed, at_15, at_48 = (
        {"rates": row[0], **dict(zip(sure.columns[1:], row[1:], strict=True))} for row in sure.rows
    )
    assert printed["T of (21)"] == made().laboratory.plan.theorem2
    seen_L, _ = made().losses.largest(printed["γ"])
    assert 1 / at_15["η_Q"] == pytest.approx(abs(seen_L.value), rel=1e-7)
    assert at_15["per step (18)"] / printed["per step (18)"] == pytest.approx(at_15["η_Q"] / printed["η_Q"])
    assert at_48["γ"] < at_15["γ"] == printed["γ"]
    assert at_15["times fewer"] > 2
    assert all(row[3].startswith("holds") for row in seen.rows)


def test_a_rate_beyond_every_bound_is_seen_to_break():
    of = made()
    losses, laboratory = of.losses, of.laboratory
    tight = as_seen(laboratory, losses, "tight", losses.known.trajectory.rates.gamma, lambda *at: None)
    wild = replace(
        tight, rates=replace(tight.rates, eta_Q=30 * tight.rates.eta_Q, eta_w=30 * tight.rates.eta_w)
    )
    seen = run(laboratory, losses, wild, lambda *at: None)
    assert seen.margin < 0 or seen.broke
    assert "keeps (18)" not in study.words.kept(seen)


def test_gamma_is_raised_where_its_run_drifts_too_far(monkeypatch):
    of = made()
    losses, least = of.losses, of.losses.least_gamma()
    monkeypatch.setattr(losses, "least_gamma", lambda: least / 8)
    names, seen = zip(
        *((one.name, found) for one, found in measured(of.laboratory, losses, lambda *at: None)), strict=True
    )
    assert names[2:4] == ("L as seen, γ as (48) needs it", "the same, γ corrected 1×")
    assert seen[2].drift > 1
    assert seen[-1].drift <= 1 or len(names) == 5


def test_where_no_attention_moves_there_is_no_gamma_to_lose():
    of = profile(alone())
    assert [one.name for one in of.losses.chains()] == ["rate", "L", "α"]
    assert "No attention moved" in of.left().finding
    assert of.product().contradiction is None
