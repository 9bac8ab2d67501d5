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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, get_args

import sympy as sp

from numeric.errors import InputError
from symbolic.dimension import Dimension
from verify.own.declarations import title
from verify.own.laws import Laws
from verify.own.terms import IndexSymbol, expression, free_indices, shown
from verify.vocabulary import VERDICTS, Failure, Form, Verdict

if TYPE_CHECKING:
    from verify.own.constant import Constant

WORDS = {"expected": (*VERDICTS, None), "form": get_args(Form), "failure": (*get_args(Failure), None)}
TEXTS = ("title", "reason", "source", "consequence")


class Remarks(TypedDict, total=False):
    """The keywords of a statement beside its sides and conditions; none of them enters a proof.

    title        what it says, in a line
    source       where it stands in the text
    form         of a statement of somebody else: printed, or repaired, which has the name of the printed one; or ours
    reason       why the verdict is as expected
    failure      of a statement that fails: false, silent about the case that breaks it, or misread
    consequence  what a failure, or its repair, changes in what rests on it
    witness      a counterexample that is kept: sizes by the names of dimensions, and the entries of each letter in a text, as "1 0 0 1/2"
    """

    title: str
    source: str
    form: Form
    reason: str
    failure: Failure | None
    consequence: str
    witness: Mapping[str, int | str]


@dataclass(frozen=True)
class Stated:
    """One statement as it was written, before it is read.

    steps    of an identity, expressions on the way from the left side to the right one
    section  the part of the text that it stands in
    place    the file and the line in which it is made
    """

    name: str
    relation: Literal["=", "<="]
    lhs: sp.Expr
    rhs: sp.Expr
    when: tuple[tuple[sp.Expr, sp.Expr, bool], ...] = ()
    proof: sp.Expr | None = None
    steps: tuple[sp.Expr, ...] = ()
    expected: Verdict | None = None
    title: str = ""
    source: str = ""
    form: Form = "stated"
    reason: str = ""
    failure: Failure | None = None
    consequence: str = ""
    witness: Mapping[str, int | str] | None = None
    section: str = ""
    place: tuple[str, int] = ("", 0)

    @property
    def indices(self) -> dict[str, Dimension]:
        """The free indices, which stand for every value."""
        sides = (
            self.lhs,
            self.rhs,
            *self.steps,
            *(side for low, high, _ in self.when for side in (low, high)),
        )
        found = set[IndexSymbol]().union(*map(free_indices, sides))
        return {index.name: index.dim for index in sorted(found, key=lambda index: index.name)}

    @property
    def key(self) -> str:
        """The name by which a setting has the statement: a repaired one shares its name with the printed one."""
        return called(self.name, self.form)


def called(name: str, form: Form) -> str:
    """The name of a statement, with its form where it shares the name with another."""
    return f"{name} (repaired)" if form == "repaired" else name


class Setting(Laws):
    """What statements are stated in: declarations, definitions and statements."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.statements: dict[str, Stated] = {}
        self._section = ""

    def section(self, name: str) -> None:
        """Begins a part of the text: the statements that follow stand in it."""
        self._section = title("section", name, 'as in S.section("Section 5")')

    def identity(
        self,
        name: str,
        lhs: Any,
        rhs: Any,
        *,
        when: Any = (),
        steps: Sequence[Any] = (),
        expected: Verdict | None = "holds",
        **remarks: Unpack[Remarks],
    ) -> None:
        """lhs = rhs for every value of the free indices; `Remarks` lists the other keywords.

        when   conditions, as those of an inequality
        steps  expressions on the way from the left side to the right one: each is shown to equal the next
        """
        read = tuple(expression(name, step) for step in steps)
        self._state(name, "=", lhs, rhs, when, remarks, expected, steps=read)

    def inequality(
        self,
        name: str,
        lhs: Any,
        rhs: Any,
        *,
        when: Any = (),
        proof: Any = None,
        expected: Verdict | None = None,
        **remarks: Unpack[Remarks],
    ) -> None:
        """lhs ≤ rhs for every value of the free indices; `Remarks` lists the other keywords.

        when   conditions a ≤ b, a < b or sympy.Eq(a, b) (SymPy relations, or a sequence of them) under which it is stated
        proof  rhs − lhs as a nonnegative combination of squares
        """
        given = None if proof is None else expression(name, proof)
        self._state(name, "<=", lhs, rhs, when, remarks, expected, proof=given)

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
        self, name: str, relation: Literal["=", "<="], lhs: Any, rhs: Any, when: Any, remarks: Remarks, expected: Verdict | None, **how: Any
    ) -> None:  # fmt: skip
        title("statement", name, 'as in S.inequality("Cauchy", lhs, rhs)')
        for option, words in WORDS.items():
            value = expected if option == "expected" else remarks.get(option, words[-1])
            if value not in words:
                listed = ", ".join(word for word in words if word)
                raise InputError(option, shown(value), f"one of {listed}", f'as in {option}="{words[1]}"')
        for option in TEXTS:
            text = remarks.get(option, "")
            if not isinstance(text, str) or not " ".join(text.split()).isprintable():
                raise InputError(
                    option, shown(text), "a text that can be printed", "put it in quotation marks"
                )
        left, right = expression(name, lhs), expression(name, rhs)
        given = when if isinstance(when, list | tuple) else (when,)
        conditions = tuple(condition for one in given for condition in _conditions(name, one))
        caller = sys._getframe(2)  # whoever calls identity or inequality
        place = (caller.f_code.co_filename, caller.f_lineno)
        stated = Stated(
            name,
            relation,
            left,
            right,
            conditions,
            expected=expected,
            section=self._section,
            place=place,
            **remarks,
            **how,
        )
        if stated.key in self.statements:
            raise InputError(
                "statement", stated.key, "a name that no other statement has", "choose another name"
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
        for side in (
            left,
            right,
            *stated.steps,
            *(side for low, high, _ in conditions for side in (low, high)),
        ):
            self.read(name, side, stated.indices)
        self.statements[stated.key] = stated


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
