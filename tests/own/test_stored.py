"""Stored proofs: replayed and never trusted. What is forged, stale or broken is refused, and a false statement stays unproved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from fractions import Fraction
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from stored_proofs import FALSE, NAME, TRUE, alone, key_of, proved, setting, with_data

from symbolic.bound import Fact
from symbolic.check import check as follows
from symbolic.decoded import DecodeError, Decoder
from symbolic.operations import Data
from verify import Setting
from verify.own.setting import Stated
from verify.own.sought import refused
from verify.own.stored import StoredProofs
from verify.own.theory import theory
from verify.theories.yang2024.setting import SETTING

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_stored_is_replayed_and_written_as_it_was(S: Setting, data: Data) -> None:
    found, kept = with_data(S, data)
    replayed = f"The proof is stored in {NAME} and was replayed; none was sought."
    assert {name: found[name] for name in TRUE} == dict.fromkeys(TRUE, (True, replayed))
    assert not any(found[name][0] for name in FALSE)
    assert json.loads(kept.text()) == data


def test_a_proof_is_kept_where_the_statement_has_another_name(S: Setting, data: Data) -> None:
    other = alone(S)
    old = S.statements["triangle"]
    other.statements["a new name"] = Stated("a new name", "<=", old.lhs, old.rhs)
    kept = StoredProofs(NAME, data)
    (claim,) = theory(other, kept).claims
    assert proved(claim) == (True, f"The proof is stored in {NAME} and was replayed; none was sought.")
    (statement,) = claim.inequalities()
    assert statement.proof is not None
    assert statement.proof().name == "a new name"
    assert "triangle" not in kept.text()


def test_the_search_is_not_run_where_a_proof_is_stored(
    S: Setting, data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*given: object) -> None:
        raise AssertionError("a search")

    monkeypatch.setattr("verify.own.sought.inequality.fact", never)
    assert proved(theory(alone(S, "triangle"), StoredProofs(NAME, data)).claims[0])[0]


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(S: Setting, data: Data, tmp_path: Path) -> None:
    setting(tmp_path)
    code = (
        "import sys; from verify.own import stored; from verify.own.files import settings; from verify.own.theory import theory\n"
        "from symbolic.bound import NotFound; from contextlib import suppress\n"
        "(S,) = settings('lemmas.py'); kept = stored.StoredProofs('lemmas.proofs.json', {})\n"
        "for claim in theory(S, kept).claims:\n"
        "    for one in claim.inequalities():\n"
        "        with suppress(NotFound): one.proof()\n"
        "sys.stdout.write(kept.text())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert json.loads(done.stdout) == data
    assert done.stdout == with_data(S, data)[1].text()


# Forged files


def swapped(S: Setting, data: Data) -> None:
    names = [row["name"] for row in data["proofs"]]
    for row, name in zip(data["proofs"], names[1:] + names[:1], strict=True):
        row["name"] = name


def edited(place: str, change: Callable[[Any], Any]) -> Callable[[Setting, Data], None]:
    """Changes a part of every weight, or of every use."""

    def edit(S: Setting, data: Data) -> None:
        certificates = [fact for fact in data["facts"] if fact["by"] == "certificate"]
        uses = [use for fact in certificates for use in fact["uses"]]
        uses += [use for row in data["proofs"] for use in row.get("uses", ())]
        weights = [weight for fact in certificates for weight in fact["weights"]]
        for part in uses if place in ("cofactor", "axiom") else weights:
            part[place] = change(part[place])

    return edit


def times(factor: str) -> Callable[[Any], Any]:
    def change(terms: Any) -> Any:
        return [[str(Fraction(number) * Fraction(factor)), *rest] for number, *rest in terms]

    return change


FORGED = {
    "another statement's proof": swapped,
    "a changed weight": edited("multiplier", times("2")),
    "a weight that was rounded": edited("multiplier", times("999/1000")),
    "a negative weight": edited("multiplier", times("-1")),
    "a changed root": edited("root", times("3")),
    "a changed cofactor": edited("cofactor", times("2")),
    "another axiom": edited("axiom", lambda name: "G is an inverse" if name != "G is an inverse" else "definition of nu, squared"),
    "an axiom of nobody": edited("axiom", lambda name: "everything"),
    "a letter of nobody": edited("root", lambda terms: [["1", {}, [["Y", []]], []]]),
    "an index of another dimension": edited("bind", lambda refs: [ref.replace(":p", ":q") for ref in refs]),
    "indices that nobody has": edited("bind", lambda refs: ["x9:r"]),
    "a number that is none": edited("multiplier", lambda terms: [["1e999999999", {}, [], []]]),
    "a number of another kind": edited("multiplier", lambda terms: [[0.5, {}, [], []]]),
    "too many factors": edited("root", lambda terms: [["1", {}, [["u", ["i:p"]]] * 1000, []]]),
    "too many terms": edited("root", lambda terms: [["1", {"tau": str(n)}, [], []] for n in range(10_000)]),
    "too many products": edited("root", lambda terms: [["1", {"tau": str(n)}, [], []] for n in range(200)]),
    "what is no list": edited("multiplier", lambda terms: 7),
}  # fmt: skip


@pytest.mark.sampled(8)
@pytest.mark.parametrize("name", FORGED)
def test_a_forged_proof_is_refused_and_sought_anew(name: str, S: Setting, data: Data) -> None:
    forged = deepcopy(data)
    FORGED[name](S, forged)
    found, kept = with_data(S, forged)
    assert [one for one, (holds, _) in found.items() if holds] == TRUE
    assert any(
        "is refused (" in said and said.endswith("so that one was sought anew.") for _, said in found.values()
    )
    assert json.loads(kept.text()) == data


def test_no_false_statement_is_proved_by_the_proof_of_another_one(
    S: Setting, data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.own.sought.inequality.fact", lambda *given: None)
    for row in data["proofs"]:
        forged = data | {"proofs": [row | {"name": key_of(S, name)} for name in FALSE]}
        found, _ = with_data(alone(S, *FALSE), forged)
        assert not any(found[name][0] for name in FALSE)
        assert all("is refused (" in found[name][1] for name in ("means up to 9", "wrong sign"))


ONE = [["1", {}, [], []]]


def claimed(fact: Data) -> Callable[[Setting, Data], None]:
    """The statement itself as a fact that follows from this."""

    def forge(S: Setting, data: Data) -> None:
        positive = [
            ["9", {}, [["u", [0]], ["u", [0]]], ["p"]],
            ["-1", {}, [["u", [0]], ["u", [1]]], ["p", "p"]],
        ]
        data["facts"] = [{"name": "forged", "indices": [], "positive": positive} | fact]
        data["proofs"] = [{"name": key_of(S, "means up to 9"), "relation": "<=", "fact": 0}]

    return forge


@pytest.mark.parametrize(
    "fact",
    [
        {"by": "hypothesis", "any": [], "when": "always"},
        {"by": "certificate", "weights": [], "uses": []},
        {"by": "certificate", "uses": [], "weights": [{"multiplier": ONE, "root": ONE, "fact": 0, "at": [], "bind": []}]},
        {"by": "magic"},
        {"by": "root", "a": [], "b": [], "premise": -1},
        {},
    ],
)  # fmt: skip
def test_a_false_statement_is_not_proved_by_saying_so(fact: Data, S: Setting, data: Data) -> None:
    forged = deepcopy(data)
    claimed(fact)(S, forged)
    holds, said = with_data(alone(S, "means up to 9"), forged)[0]["means up to 9"]
    assert not holds
    assert "is refused (" in said


def test_a_condition_of_another_statement_is_refused(S: Setting, data: Data) -> None:
    """The proof of "small" takes a ≤ 1, which another statement does not suppose."""
    other = alone(S, "small")
    small = S.statements["small"]
    other.statements["bare"] = Stated("bare", "<=", small.lhs, small.rhs)
    forged = deepcopy(data)
    (row,) = [row for row in forged["proofs"] if row["name"] == key_of(S, "small")]
    forged["proofs"] = [row | {"name": key_of(other, "bare")}]
    holds, said = with_data(other, forged)[0]["bare"]
    assert (holds, "is refused (" in said) == (False, False)  # an exact point breaks it first
    statement = next(one for one in theory(other).claims if one.id == "bare").inequalities()[0]
    why = Decoder(forged, statement.setting.language.dimensions, statement.setting.premises).proof(
        row, "bare"
    )
    assert "takes for granted what is not so everywhere: a <= 1" in refused(statement, why)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all parts of data."""
    yield path
    for name, part in (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    ):
        yield from places(part, (*path, name))


JUNK = (
    None,
    True,
    -1,
    0,
    10**30,
    0.5,
    "",
    "0",
    "1/0",
    "u",
    "i:p",
    ":",
    "#1:p",
    [],
    [[]],
    {},
    {"by": "root"},
    "\ud800",
    "×",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["triangle", "inverse"])
def test_junk_anywhere_in_the_file_is_refused(name: str, S: Setting, data: Data) -> None:
    """No part of the file leads to another exception, or to a proof that the checkers do not accept."""
    (claim,), key = theory(alone(S, name)).claims, key_of(S, name)
    (statement,) = claim.statements
    random, accepted = Random(name), 0
    every = [path for path in places(data) if path and path[0] in ("proofs", "facts")]
    for _ in range(200):
        junk = deepcopy(data)
        *inner, last = random.choice(every)
        holder = junk
        for part in inner:
            holder = holder[part]
        holder[last] = deepcopy(random.choice(JUNK))
        why, said = StoredProofs(NAME, junk).replayed(
            key, name, statement.setting, partial(refused, statement)
        )
        assert said
        if why is not None:
            assert not refused(statement, why)
            accepted += 1
    assert 0 < accepted < 200


# Keys


# Files


# The decoder


def test_the_proofs_of_the_paper_are_read_as_they_were_written() -> None:
    """Those without steps of analysis, which are not stored; the kernel accepts what is read."""
    text = (ROOT / "verify" / "theories" / "yang2024" / "proofs.json").read_text(encoding="utf-8")
    document = json.loads(text)
    decoder = Decoder(document, SETTING.language.dimensions, SETTING.premises)
    read, refused_ones = 0, list[str]()
    for row in document["proofs"]:
        try:
            why = decoder.proof(row, "")
        except DecodeError as error:
            refused_ones.append(str(error))
            continue
        read += 1
        if isinstance(why, Fact):
            follows(why)
    assert read >= 138
    assert all("which is not among the rules that are read" in said for said in refused_ones)
