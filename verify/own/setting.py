"""Setting: dimensions, letters, laws and statements of one text, declared one after the other in Python.

    S = Setting("my note, Lemma 3")
    p, q = S.dims("p q")
    i, j = p.index("i"), q.index("j")
    u = S.letters(u=p)
    S.inequality("Cauchy", total(u[i], i) ** 2, p.size * total(u[i] ** 2, i))

`verify.check(S)` judges every statement.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import sympy as sp

from numeric.errors import InputError
from symbolic.dimension import Dimension
from verify.own.declarations import title
from verify.own.laws import Laws
from verify.own.terms import IndexSymbol, expression, free_indices, shown
from verify.vocabulary import VERDICTS, Verdict

if TYPE_CHECKING:
    from verify.own.constant import Constant


class Stated:
    """One statement as it was written, before it is read."""

    def __init__(
        self,
        name: str,
        relation: Literal["=", "<="],
        lhs: sp.Expr,
        rhs: sp.Expr,
        when: tuple[tuple[sp.Expr, sp.Expr, bool], ...],
        proof: sp.Expr | None,
        expected: Verdict | None,
        reason: str,
        source: str,
        place: tuple[str, int] = ("", 0),
    ) -> None:
        self.name, self.relation, self.lhs, self.rhs, self.when = name, relation, lhs, rhs, when
        self.proof, self.expected, self.reason, self.source = proof, expected, reason, source
        self.place = place  # file and line

    @property
    def indices(self) -> dict[str, Dimension]:
        """The free indices, which stand for every value."""
        sides = (self.lhs, self.rhs, *(side for low, high, _ in self.when for side in (low, high)))
        found = set[IndexSymbol]().union(*map(free_indices, sides))
        return {index.name: index.dim for index in sorted(found, key=lambda index: index.name)}


class Setting(Laws):
    """What statements are stated in: declarations, definitions and statements."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.statements: dict[str, Stated] = {}

    def identity(
        self,
        name: str,
        lhs: Any,
        rhs: Any,
        *,
        when: Any = (),
        expected: Verdict | None = "holds",
        reason: str = "",
        source: str = "",
    ) -> None:
        """lhs = rhs for every value of the free indices."""
        self._state(name, "=", lhs, rhs, when, None, expected, reason, source)

    def inequality(
        self,
        name: str,
        lhs: Any,
        rhs: Any,
        *,
        when: Any = (),
        proof: Any = None,
        expected: Verdict | None = None,
        reason: str = "",
        source: str = "",
    ) -> None:
        """lhs ≤ rhs for every value of the free indices.

        when   conditions a ≤ b, a < b or sympy.Eq(a, b) (SymPy relations, or a sequence of them) under which it is stated
        proof  rhs − lhs as a nonnegative combination of squares
        """
        self._state(name, "<=", lhs, rhs, when, proof, expected, reason, source)

    def find_constant(
        self,
        name: str,
        lhs: Any,
        rhs: Any,
        *,
        when: Any = (),
        tier: Literal["fast", "full"] = "fast",
        seed: int = 0,
    ) -> Constant:
        """An interval of the least number c ≥ 0 with lhs ≤ c·rhs for all sizes, under the conditions.

        With its lower end the inequality fails at an exact point, with its upper end it is proved by both checkers. Nothing is added to the
        statements of the setting. Raises InputError for what cannot be read, and for another tier or seed than `verify.check` takes.
        """
        from verify.own.constant import find_constant

        return find_constant(self, name, lhs, rhs, when, tier, seed)

    def _state(
        self, name: str, relation: Literal["=", "<="], lhs: Any, rhs: Any, when: Any, proof: Any, expected: Verdict | None, reason: str,
        source: str,
    ) -> None:  # fmt: skip
        if title("statement", name, 'as in S.inequality("Cauchy", lhs, rhs)') in self.statements:
            raise InputError("statement", name, "a name that no other statement has", "choose another name")
        if expected is not None and expected not in VERDICTS:
            raise InputError(
                "expected", shown(expected), f"one of {', '.join(VERDICTS)}", 'as in expected="fails"'
            )
        for option, text in (("reason", reason), ("source", source)):
            if not isinstance(text, str) or not " ".join(text.split()).isprintable():
                raise InputError(
                    option, shown(text), "a text that can be printed", "put it in quotation marks"
                )
        left, right = expression(name, lhs), expression(name, rhs)
        given = when if isinstance(when, list | tuple) else (when,)
        conditions = tuple(condition for one in given for condition in _conditions(name, one))
        caller = sys._getframe(2)  # whoever calls identity or inequality
        stated = Stated(
            name,
            relation,
            left,
            right,
            conditions,
            None if proof is None else expression(name, proof),
            expected,
            reason,
            source,
            (caller.f_code.co_filename, caller.f_lineno),
        )
        free = [{index.name for index in free_indices(side)} for side in (left, right)]
        if relation == "=" and free[0] != free[1] and left != 0 and right != 0:
            lone = min(free[0] ^ free[1])
            raise InputError(
                name,
                f"index {lone}",
                "on both sides, or summed over",
                f"sum over {lone}, or use it on the other side too",
            )
        for side in (left, right, *(side for low, high, _ in conditions for side in (low, high))):
            self.read(name, side, stated.indices)
        self.statements[name] = stated
        self._built = None


def _conditions(name: str, given: Any) -> Iterator[tuple[sp.Expr, sp.Expr, bool]]:
    """The smaller side, the larger one, and whether they may not be equal; two conditions for an equation."""
    strict = isinstance(given, sp.StrictLessThan | sp.StrictGreaterThan)
    match given:
        case sp.LessThan() | sp.StrictLessThan() | sp.Equality():
            low, high = given.args
        case sp.GreaterThan() | sp.StrictGreaterThan():
            high, low = given.args
        case _:
            remedy = "as in when=[1 <= c, c <= 2]; an equation is sympy.Eq(a, b), not a == b; leave out what the declarations say"
            raise InputError(name, shown(given), "conditions a <= b, a < b or sympy.Eq(a, b)", remedy)
    low, high = expression(name, low), expression(name, high)
    yield low, high, strict
    if isinstance(given, sp.Equality):
        yield high, low, False
