"""Proofs that were found once, in the file of a theory's proofs: read by what is stated, and judged like those that are found anew."""

from __future__ import annotations

import json
from functools import cached_property, partial
from importlib.resources.abc import Traversable
from typing import Any, overload

from symbolic.bound import Fact, NotFound
from symbolic.check import check
from symbolic.decoded import DecodeError, Decoder
from symbolic.double import followed, stated
from symbolic.find import inequality as find
from symbolic.indexed import KernelError
from symbolic.proof import Proof
from verify.points.evaluation import pose
from verify.prove.identity import found, may_take
from verify.search.looks import looks
from verify.sides import read
from verify.statement import Identity, Inequality


class CommittedProofs:
    """The proofs of a file such as `proofs.json` by what they prove; a file that is not there has none."""

    def __init__(self, file: Traversable) -> None:
        self._file = file

    @overload
    def proof(self, statement: Identity, name: str = ...) -> Proof: ...
    @overload
    def proof(self, statement: Inequality, name: str = ...) -> Fact: ...
    def proof(self, statement: Identity | Inequality, name: str = "") -> Proof | Fact:
        """The proof in the file where the kernel accepts it, else the one that is found. Raises NotFound for an inequality without one.

        name   of what an inequality's proof shows
        """
        why = self._stored(statement, name)
        return sought(statement, name) if why is None or not _shows(statement, why) else why

    def _stored(self, statement: Identity | Inequality, name: str) -> Proof | Fact | None:
        sides, setting = read(statement), statement.setting
        relation = "=" if isinstance(statement, Identity) else "<="
        row = self._rows.get(stated(relation, sides.lhs, sides.rhs))
        if row is None:
            return None
        try:
            return Decoder(self._data, setting.language.dimensions, setting.premises).proof(row, name)
        except DecodeError:
            return None

    @cached_property
    def _data(self) -> dict[str, Any]:
        found: dict[str, Any] = (
            json.loads(self._file.read_text(encoding="utf-8")) if self._file.is_file() else {}
        )
        return found

    @cached_property
    def _rows(self) -> dict[str, Any]:
        return {row.get("stated", ""): row for row in self._data.get("proofs", ())}


def sought(statement: Identity | Inequality, name: str) -> Proof | Fact:
    """The proof that is found; of an identity one that need not close."""
    if isinstance(statement, Identity):
        return found(statement)
    sides = read(statement)
    axioms, facts = may_take(statement)
    positive, look = frozenset(statement.setting.premises.positive), looks(partial(pose, statement))
    gap, budget = sides.rhs - sides.lhs, find.BUDGETS["fast"]
    fact = find.fact(name, gap, sides.axes, axioms, facts, positive, budget, (), look)
    if fact is None:
        raise NotFound(
            f"no proof is found, which says nothing against the statement: {find.TRIED}; {find.BUDGETS['fast']}"
        )
    return fact


def _shows(statement: Identity | Inequality, why: Proof | Fact) -> bool:
    """Whether the kernel accepts a proof of a statement; what the second checker says is asked where the statement is judged."""
    sides = read(statement)
    try:
        if isinstance(why, Fact):
            check(why, followed())
            return why.positive == sides.rhs - sides.lhs and why.indices == sides.axes
        return isinstance(statement, Identity) and not why.open_cases(sides.lhs, sides.rhs)
    except (ValueError, KernelError):
        return False
