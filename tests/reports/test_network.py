"""The map of what rests on what: layers, shapes, addresses, and the way of a failure to a main statement."""

from __future__ import annotations

import itertools
import re

import pytest
import sample
from test_page import parse

import reports
from reports import network, page
from reports.layers import acyclic, laid, ranked
from verify.record import ClaimRecord, Record, Rest


def test_every_edge_leads_down_but_one_of_each_circle() -> None:
    nodes, edges = ["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("c", "a"), ("b", "d")]
    assert acyclic(nodes, edges) == [("a", "b"), ("b", "c"), ("b", "d")]
    found = laid(nodes, edges)
    assert [found.places[node][1] for node in nodes] == [0, 1, 2, 2]
    assert found.lines["c", "a"][0] == found.places["c"]


def test_premises_stand_right_above_what_rests_on_them() -> None:
    assert ranked(["far", "a", "b", "c"], [("a", "b"), ("b", "c"), ("far", "c")]) == {
        "far": 1,
        "a": 0,
        "b": 1,
        "c": 2,
    }


def test_nodes_of_a_layer_stand_apart_and_lines_pass_between() -> None:
    nodes = [f"n{i}" for i in range(9)]
    found = laid([*nodes, "end", "top"], [*((node, "end") for node in nodes), ("top", "n0"), ("top", "end")])
    columns = sorted(x for node, (x, level) in found.places.items() if level == 1)
    assert min(b - a for a, b in itertools.pairwise(columns)) > 0.99
    assert len(found.lines["top", "end"]) == 3


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("eq-48-rank", "(48) rank"),
        ("lemma-7-sum", "Lemma 7 sum"),
        ("a1", "A1"),
        ("cauchy", "Cauchy"),
        ("eq-c-6", "Eq c 6"),
    ],
)
def test_names_of_statements(id: str, name: str) -> None:
    assert network.short(id) == name


@pytest.fixture(scope="module")
def record() -> Record:
    """The sample, in which Theorem 1 rests on Lemma 5, which fails and is repaired, and on (33), by a proof."""
    found = sample.record()
    rests = {
        "theorem-1": [Rest(id="lemma-5", by="declared")],
        "lemma-5": [Rest(id="eq-33", form="printed", by="proof")],
    }
    claims = [
        claim.model_copy(update={"rests": rests.get(claim.id, []), "main": claim.id == "theorem-1"})
        for claim in found.claims
    ]
    return found.model_copy(update={"claims": claims, "training": None, "panels": [], "studies": []})


def drawn(claims: list[ClaimRecord]) -> network.Map:
    found = network.chart(claims, {claim.id: f"{claim.id}-{claim.form}" for claim in reversed(claims)})
    assert found is not None
    return found


def test_the_map_shows_edges_verdicts_and_the_way_of_a_failure(record: Record) -> None:
    found = drawn(record.claims)
    assert (found.checked, found.declared, len(found.nodes)) == (1, 1, 3)
    assert 'class="edge checked broken" data-below="eq-33" data-above="lemma-5"' in found.svg
    failing = 'href="#lemma-5-printed" class="node v-fails" data-id="lemma-5"><title>Lemma 5:[^<]*the repaired form holds'
    assert re.search(failing, found.svg)
    text = reports.html(record)
    parse(text)
    assert 'id="map"' in text
    assert "1 edges read off" not in text


def test_what_does_not_reach_a_main_statement_is_no_broken_way(record: Record) -> None:
    claims = [claim.model_copy(update={"main": False}) for claim in record.claims]
    assert drawn(claims).broken == []


def test_without_edges_there_is_no_map() -> None:
    assert network.chart(sample.record().claims, {}) is None
    assert 'id="map"' not in reports.html(sample.minimal())


def test_errata_that_reach_a_main_statement_come_first(record: Record) -> None:
    anchors = page.Anchors()
    shown = page.findings(page.statements(page.claims(record, anchors), anchors))
    assert [bool(one.reach) for one in shown] == sorted((bool(one.reach) for one in shown), reverse=True)
    assert {one.printed.claim.id for one in shown if one.reach} >= {"lemma-5", "eq-33"}


def test_statements_have_addresses_without_their_form(record: Record) -> None:
    parsed = parse(reports.html(record))
    for claim in record.claims:
        assert {claim.id, *claim.aliases} <= set(parsed.ids)
    assert {one.id for one in record.assumptions} <= set(parsed.ids)


@pytest.mark.parametrize(
    "alias", ["run", "map", "fig-loss", 'a" onload="x', "<script>", "#", "lemma-5-printed"]
)
def test_an_alias_that_is_no_address_or_one_already_is_left_out(record: Record, alias: str) -> None:
    claims = [claim.model_copy(update={"aliases": [alias]}) for claim in record.claims]
    text = reports.html(record.model_copy(update={"claims": claims}))
    parse(text)
    assert f'<span id="{alias}">' not in text


def test_hostile_names_stay_text_on_the_map(record: Record) -> None:
    bad = '"><img src=x onerror=alert(1)>'
    claims = [
        claim.model_copy(update={"id": bad, "title": bad}) if claim.id == "eq-33" else claim
        for claim in record.claims
    ]
    claims = [
        claim.model_copy(update={"rests": [Rest(id=bad, by="declared")]}) if claim.id == "lemma-5" else claim
        for claim in claims
    ]
    text = reports.html(record.model_copy(update={"claims": claims}))
    parse(text)
    assert "<img" not in text
