"""The sets of true statements, by name: what the first paper proves, and classical lemmas over letters of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import sympy as sp

from benchmarks.finding import classical
from benchmarks.finding.sought import Sought, others, value
from symbolic.bound import Certificate, Fact, facts, hypotheses
from symbolic.double import Row
from symbolic.find import library
from symbolic.find.pool import lemmas as lemmas_for
from symbolic.indexed import Expr, Index, number
from symbolic.proof import Axiom, Proof
from symbolic.registry import LETTER, rests
from symbolic.rules import RULES
from symbolic.written import written
from verify import Setting
from verify.own.terms import free_indices
from verify.prove.archive import proofs
from verify.theories.shipped import theory
from verify.theories.yang2024.setting import SETTING

ALONE, STEPS = "without a rule of analysis", "with a rule of analysis"


@cache
def rows() -> tuple[Row, ...]:
    """Every proof of the paper that both checkers accept."""
    return tuple(proofs(theory()))


def premises(why: Proof | Fact, gap: Expr, axes: tuple[Index, ...]) -> tuple[Axiom | Fact, ...]:
    """What the letters of the paper are at any point, and the premises of a proof that are more than that: its hypotheses."""
    taken = {one.content for one in rests(why)}
    letters, more = list[Axiom | Fact](), list[Axiom | Fact]()
    for entry in SETTING.premises.entries:
        what = entry.what
        if isinstance(what, Axiom | Fact) and entry.because == LETTER and what.when in ("", "always"):
            letters.append(what)
        elif isinstance(what, Axiom | Fact) and what.content in taken:
            more.append(what)
    return *letters, *others(more, gap, axes)


def identities() -> Iterator[Sought]:
    """The identities of the paper that do not close by the normal form."""
    for name, lhs, rhs, why, _ in rows():
        if isinstance(why, Proof) and Proof().open_cases(value(lhs), value(rhs)):
            gap = value(rhs) - value(lhs)
            axes = tuple(sorted(gap.free()))
            taken = premises(why, gap, axes)
            yield Sought(name, "=", lhs, rhs, axes, SETTING, taken)


def inequalities() -> Iterator[Sought]:
    """The inequalities that the paper proves."""
    return (sought for sought, _ in _proved())


def pooled() -> Iterator[Sought]:
    """The same, where a search may also take the inequalities that the paper proves before, under hypotheses of the statement itself."""
    before: list[Fact] = []
    for sought, why in _proved():
        mine = {what.content for what in sought.premises}
        usable = [fact for fact in before if all(found.content in mine for found in hypotheses(fact))]
        axioms = [what for what in sought.premises if isinstance(what, Axiom)]
        more = others(lemmas_for(usable, sought.gap, axioms), sought.gap, sought.axes)
        yield replace(sought, pool=tuple(fact for fact in more if isinstance(fact, Fact)))
        before.append(why)


def _proved() -> Iterator[tuple[Sought, Fact]]:
    for name, lhs, rhs, why, axes in rows():
        if isinstance(why, Fact):
            gap = value(rhs) - value(lhs)
            steps = any(isinstance(fact.why, RULES) for fact in facts(why))
            known = others(library.classical(SETTING.premises), gap, axes)
            taken = (*premises(why, gap, axes), *known)
            yield Sought(name, "<=", lhs, rhs, axes, SETTING, taken, STEPS if steps else ALONE), why


def certificates() -> Iterator[Sought]:
    """The different certificates in the proofs of the paper; the facts that a certificate uses are given."""
    seen = set[object]()
    names = dict[str, int]()
    for row in rows():
        for fact in facts(row[3]) if isinstance(row[3], Fact) else ():
            if not isinstance(fact.why, Certificate) or (fact.positive, fact.indices) in seen:
                continue
            seen.add((fact.positive, fact.indices))
            given = {id(w.fact): w.fact for w in fact.why.weights if w.fact is not None}
            axioms = (w for w in premises(fact, fact.positive, fact.indices) if isinstance(w, Axiom))
            taken = (*axioms, *others(given.values(), fact.positive, fact.indices))
            name = f"{row[0]}: {fact.name}"
            names[name] = names.get(name, 0) + 1
            name += f", {names[name]}" if names[name] > 1 else ""
            yield Sought(name, "<=", number(0), fact.positive, fact.indices, SETTING, taken)


def lemmas() -> Iterator[Sought]:
    """Classical lemmas over letters of one's own."""
    for name, (lhs, rhs) in classical.TRUE.items():
        yield lemma(name, "<=", lhs, rhs, classical.letters)
    for name, (relation, lhs, rhs) in classical.MATRICES.items():
        yield lemma(name, relation, lhs, rhs, classical.matrices)


def lemma(
    name: str, relation: str, lhs: str, rhs: str, letters: Callable[[], tuple[Setting, dict[str, Any]]]
) -> Sought:
    """A statement about letters of one's own; its sides are written in Python."""
    S, names = letters()
    sides = [sp.sympify(eval(side, {**names, "Rational": sp.Rational})) for side in (lhs, rhs)]
    dims = {index.name: index.dim.name for index in sorted(set().union(*map(free_indices, sides)), key=str)}
    engine = S.built.setting(())
    source = engine.reader(dims)
    left, right = (written(source, side, source.read(side)) for side in sides)
    axes = engine.axes(dims)
    said = (entry.what for entry in engine.premises.entries if isinstance(entry.what, Axiom | Fact))
    taken = (*said, *library.classical(engine.premises))
    return Sought(name, relation, left, right, axes, engine, taken)


SETS: Mapping[str, Callable[[], Iterator[Sought]]] = {
    "identities": identities,
    "inequalities": inequalities,
    "certificates": certificates,
    "classical": lemmas,
}
