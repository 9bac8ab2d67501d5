"""The rules of algebra with one of them broken: each accepts the proof of something false that the true ones refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from forged import MINUS, ONE, TRUE_RULES, Forged, Rules, below, broken_rules, load, one

from symbolic import bound
from symbolic.indexed import Expr, Index, Tensor, delta, number, scalar
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.letters import index, tensor

i, j, k, h = index("i", "N"), index("j", "N"), index("k", "K"), index("h", "H")
XI, Y, ALPHA, NORM = let.XI, let.Y, scalar("abar"), scalar("nA")
SUM = tensor("sum", "N", unit_sum=0)
SIGNED = tensor("signed", "N", nonneg=True)


def squares(letter: Tensor) -> Expr:
    return (letter[j] ** 2).sum(j)


def by_weight(b: Rules, multiplier: Expr, indices: tuple[Index, ...] = (), root: Expr = ONE) -> Any:
    return b.Fact("false", multiplier * root**2, indices, b.Certificate((b.Weight(multiplier, root),)))


def ball(b: Rules, letter: Tensor = XI, level: Expr = ALPHA, **more: Any) -> Any:
    """Hypothesis: Σξ² ≤ α²."""
    return b.Fact("long", level**2 - squares(letter), (), **more)


def doubled(b: Rules, fact: Any, granted: tuple[str, ...] = ()) -> Forged:
    """The fact about ξ with 2ξ in its place; at ξ = (1, 0) with both bounds equal to 1."""
    moved = b.Substitute(fact, XI, 2 * XI[j], (j,))
    try:
        positive = moved.conclusion()
    except b.BoundError:
        positive = fact.positive.replace(XI, lambda ref: 2 * XI[ref])
    forged = b.Fact("false", positive, fact.indices, moved)
    return Forged(forged, {"xi": [1, 0], "y": [0, 0, 0]}, {"abar": 1, "nA": 1}, granted=granted)


def defined(b: Rules, *, turned: bool = False) -> Any:
    sides = (squares(XI), NORM**2) if turned else (NORM**2, squares(XI))
    axiom = b.Axiom("norm", *sides, ())
    use = b.Use(axiom, -ONE if turned else ONE, ())
    return b.Fact("norm", NORM**2 - squares(XI), (), b.Certificate((), (use,)))


def cauchy(b: Rules, **changes: Any) -> Any:
    """αν ≥ Σ ξ_j x_j from Σξ² ≤ α² and Σx² ≤ ν², changed."""
    x = tensor("x0", "N")
    parts: dict[str, Any] = {
        "a": ALPHA, "b": NORM, "x": XI[j], "y": x[j], "over": (j,), "of_a": ball(b), "of_b": ball(b, x, NORM),
    }  # fmt: skip
    parts |= changes
    positive = parts.pop("positive", parts["a"] * parts["b"] - (parts["x"] * parts["y"]).sum(j))
    return b.Fact("false", positive, (), b.CauchySchwarz(**parts))


def root(b: Rules, a: Expr, c: Expr, premise: Expr, positive: Expr | None = None, why: Any = None) -> Any:
    return b.Fact(
        "false",
        c - a if positive is None else positive,
        (),
        b.Root(a, c, b.Fact("premise", premise, (), why)),
    )


class Wish:
    """What claims to be a rule."""

    premises = ()

    def conclusion(self) -> Expr:
        return MINUS

    def rests(self) -> frozenset[Any]:
        return frozenset()


UNSQUARED = {"xi": [1, -1], "x0": [1, -1]}
BROKEN: dict[str, tuple[str, str, Callable[[Rules], Forged]]] = {
    # signs
    "sign: of a weight": ("if not nonnegative(weight.multiplier):", "if False:", lambda b: Forged(by_weight(b, MINUS))),
    "sign: small negative coefficients": ("if coefficient < 0:", "if coefficient < -1:", lambda b: Forged(by_weight(b, MINUS))),
    "sign: third powers": (".count(factor) % 2", ".count(factor) % 3",
        lambda b: Forged(by_weight(b, XI[j] ** 3, (j,)), {"xi": [-1, 0]})),
    "sign: a tensor twice at different indices": ("open_ones = [f for f", "open_ones = [f[0] for f",
        lambda b: Forged(by_weight(b, XI[i] * XI[j], (i, j)), {"xi": [1, -1]})),
    "sign: one even power is enough": ("if any(open_ones.count", "if open_ones and all(open_ones.count",
        lambda b: Forged(by_weight(b, XI[i] ** 2 * XI[j], (i, j)), {"xi": [1, -1]})),
    "sign: the first term is enough": (
        "in expr.terms.items():\n        if coefficient", "in [*expr.terms.items()][:1]:\n        if coefficient",
        lambda b: Forged(by_weight(b, ONE - 2 * XI[j] ** 2, (j,)), {"xi": [1, 1]})),
    "sign: symmetric tensors": ("(f[0].nonneg or", "(f[0].nonneg or f[0].symmetric or",
        lambda b: Forged(by_weight(b, let.ZBAR[i, j], (i, j)), {"Zbar": [[1, -1], [-1, 2]]})),
    "sign: what sums to one": ("(f[0].nonneg or", "(f[0].nonneg or f[0].unit_sum is not None or",
        lambda b: Forged(by_weight(b, SUM[j], (j,)), {"sum": [2, -1]})),
    # certificates
    "certificate: the root is not squared": ("self.multiplier * self.root**2", "self.multiplier * self.root",
        lambda b: Forged(b.Fact("false", MINUS, (), b.Certificate((b.Weight(root=MINUS),))))),
    "certificate: a fact is subtracted": ("inner.times(renamed, *self.bind)", "(inner - renamed).sum(*self.bind)",
        lambda b: Forged(b.Fact("false", MINUS, (), b.Certificate((b.Weight(fact=b.Fact("2", number(2), (),
            b.Certificate((b.Weight(number(2)),)))),))))),
    "certificate: weights are added": ("rest = rest - weight.value()", "rest = rest + weight.value()",
        lambda b: Forged(b.Fact("false", MINUS, (), b.Certificate((b.Weight(),))))),
    "certificate: what is left does not matter": ("            if left:\n", "            if False:\n", lambda b: Forged(below(b))),
    "certificate: only prompt tokens": ("[case for case in cases(rest) if case]", "[case for case in list(cases(rest))[:1] if case]",
        lambda b: Forged(b.Fact("false", delta(j, k).sum(j) - 1, (k,), b.Certificate()))),
    "certificate: only unlabelled tokens": ("[case for case in cases(rest) if case]", "[case for case in list(cases(rest))[-1:] if case]",
        lambda b: Forged(b.Fact("false", -delta(j, k).sum(j), (k,), b.Certificate()))),
    "certificate: facts below are not checked": ("                    visit(weight.fact)", "                    pass",
        lambda b: Forged(b.Fact("false", MINUS, (), b.Certificate((b.Weight(fact=below(b)),))))),
    "certificate: facts of one name are checked once": (
        "        if passed.get(id(fact)) is fact:\n            return",
        "        if hash(fact.name) in passed:\n            return\n        passed[hash(fact.name)] = fact",
        lambda b: Forged(b.Fact("false", MINUS, (), b.Certificate((
            b.Weight(fact=one(b)), b.Weight(number(2), fact=below(b))))))),
    "certificate: hypotheses of weights are not listed": ("return union(below) | {Taken.of(use.axiom)", "return {Taken.of(use.axiom)",
        lambda b: Forged(b.Fact("false", MINUS, (), b.Certificate((b.Weight(fact=b.Fact("-1", MINUS)),))))),
    "certificate: axioms are not listed": ("return union(below) | {Taken.of(use.axiom) for use in uses}", "return union(below)",
        lambda b: Forged(b.Fact("false", MINUS, (), b.Certificate((), (b.Use(b.Axiom("0 is 1", number(0), ONE, ()), ONE, ()),))))),
    "certificate: hypotheses are not listed": ("return frozenset((Taken.of(self),))", "return frozenset()",
        lambda b: Forged(b.Fact("-1", MINUS))),
    # rules of any kind
    "rule: the conclusion is not compared": ("if fact.why.conclusion() != fact.positive:", "if False:",
        lambda b: Forged(b.Fact("false", MINUS, (), b.Root(ONE, ONE, b.Fact("0", number(0), (), b.Certificate()))))),
    "rule: premises are not checked": ("            for premise in fact.why.premises:\n                visit(premise)", "            pass",
        lambda b: Forged(root(b, ONE, number(0), MINUS, why=b.Certificate()))),
    "rule: hypotheses of premises are not listed": ("                return rule.rests()", "                return frozenset()",
        lambda b: Forged(root(b, ONE, number(0), MINUS))),
    "rule: any class is a rule": ("            if not admitted(fact):", "            if False:",
        lambda b: Forged(b.Fact("false", MINUS, (), Wish()))),
    # substitute
    "substitute: a letter that is tied down": ("if tied := ties(self.fact, self.tensor):", "if tied := '':", lambda b: doubled(b, ball(b))),
    "substitute: hypotheses do not tie": (
        "if tensor in taken.what.letters", "if hasattr(taken.what, 'lhs') and tensor in taken.what.letters",
        lambda b: doubled(b, ball(b))),
    "substitute: axioms do not tie": ("if tensor in taken.what.letters", "if hasattr(taken.what, 'any') and tensor in taken.what.letters",
        lambda b: doubled(b, defined(b))),
    "substitute: right sides of axioms do not tie": ("(self.lhs.tensors() | self.rhs.tensors())", "self.lhs.tensors()",
        lambda b: doubled(b, defined(b))),
    "substitute: left sides of axioms do not tie": ("(self.lhs.tensors() | self.rhs.tensors())", "self.rhs.tensors()",
        lambda b: doubled(b, defined(b, turned=True))),
    "substitute: free in one letter, free in all": ("return letters(self.positive) - set(self.any)",
        "return frozenset() if self.any else letters(self.positive)",
        lambda b: doubled(b, ball(b, any=(Y,)))),
    "substitute: nothing below the fact ties": ("in ordered(fact.rests) if tensor", "in ordered(fact.rests) if fact.why is None and tensor",
        lambda b: doubled(b, b.Fact("long", ALPHA**2 - squares(XI), (), b.Certificate((b.Weight(fact=ball(b)),))))),
    "substitute: the sign of the letter is lost": ("if self.tensor.nonneg and not nonnegative(self.definition):", "if False:",
        lambda b: Forged(b.Fact("false", MINUS, (), b.Substitute(by_weight(b, SIGNED[j], (j,)), SIGNED, MINUS, (j,))))),
    "substitute: the fact itself is not checked": ("        return (self.fact,)", "        return ()",
        lambda b: Forged(b.Fact("false", MINUS, (), b.Substitute(below(b), XI, XI[j], (j,))))),
    # Cauchy–Schwarz
    "Cauchy–Schwarz: sign of a bound": ("            if not nonnegative(side):", "            if False:",
        lambda b: Forged(cauchy(b, a=-ALPHA), {"xi": [0, 0], "x0": [0, 0]}, {"abar": 1, "nA": 1})),
    "Cauchy–Schwarz: any fact is the premise": ("if fact.positive != side**2 - (vector**2).sum(*self.over):", "if False:",
        lambda b: Forged(cauchy(b, of_a=one(b)), {"xi": [1, 0], "x0": [1, 0]}, {"abar": 0, "nA": 1})),
    "Cauchy–Schwarz: premise of a alone": ("(self.a, self.x, self.of_a), (self.b, self.y, self.of_b))", "(self.a, self.x, self.of_a),)",
        lambda b: Forged(cauchy(b, of_b=one(b)), {"xi": [1, 0], "x0": [1, 0]}, {"abar": 1, "nA": 0})),
    "Cauchy–Schwarz: premise of b alone": ("((self.a, self.x, self.of_a), (self.b", "((self.b, self.y, self.of_b), (self.b",
        lambda b: Forged(cauchy(b, of_a=one(b)), {"xi": [1, 0], "x0": [1, 0]}, {"abar": 0, "nA": 1})),
    "Cauchy–Schwarz: sums in the place of sums of squares": ("side**2 - (vector**2).sum", "side**2 - vector.sum",
        lambda b: Forged(cauchy(b, of_a=b.Fact("a", ALPHA**2 - XI[j].sum(j)), of_b=b.Fact("b", NORM**2 - tensor("x0", "N")[j].sum(j))),
                         UNSQUARED, {"abar": 0, "nA": 0})),
    "Cauchy–Schwarz: bounds not squared": ("if fact.positive != side**2 -", "if fact.positive != side -",
        lambda b: Forged(cauchy(b, of_a=b.Fact("a", ALPHA - squares(XI)), of_b=b.Fact("b", NORM - squares(tensor("x0", "N")))),
                         {"xi": ["1/2", 0], "x0": ["1/2", 0]}, {"abar": "1/4", "nA": "1/4"})),
    "Cauchy–Schwarz: the smaller bound twice": ("return self.a * self.b -", "return self.a * self.a -",
        lambda b: Forged(cauchy(b, positive=ALPHA**2 - (XI[j] * tensor("x0", "N")[j]).sum(j)),
                         {"xi": [1, 0], "x0": [2, 0]}, {"abar": 1, "nA": 2})),
    "Cauchy–Schwarz: premises are not checked": ("return self.of_a, self.of_b", "return ()",
        lambda b: Forged(cauchy(b, of_a=b.Fact("long", ALPHA**2 - squares(XI), (), b.Certificate())),
                         {"xi": [1, 0], "x0": [1, 0]}, {"abar": 0, "nA": 1})),
    # root
    "root: sign of the larger side": ("(nonnegative(self.a) and nonnegative(self.b))", "nonnegative(self.a)",
        lambda b: Forged(root(b, ALPHA, -ALPHA, number(0)), scalars={"abar": 1})),
    "root: any fact is the premise": ("if self.premise.positive != self.b**2 - self.a**2:", "if False:",
        lambda b: Forged(root(b, ONE, number(0), ONE))),
    "root: the larger side not squared": ("self.b**2 - self.a**2", "self.b - self.a**2",
        lambda b: Forged(root(b, ALPHA, NORM, NORM - ALPHA**2), scalars={"abar": "1/2", "nA": "1/4"})),
    "root: the smaller side not squared": ("self.b**2 - self.a**2", "self.b**2 - self.a",
        lambda b: Forged(root(b, ALPHA, NORM, NORM**2 - ALPHA), scalars={"abar": 4, "nA": 2})),
    "root: the other way": ("return self.b - self.a", "return self.a - self.b",
        lambda b: Forged(root(b, number(0), ONE, ONE, MINUS))),
    "root: the premise is not checked": ("Root :: return (self.premise,)", "return ()",
        lambda b: Forged(root(b, ONE, number(0), MINUS, why=b.Certificate()))),
    # premises
    "premises: a name is enough": ('return "hypothesis", self.positive, self.indices,', 'return "hypothesis", self.name, self.indices,',
        lambda b: Forged(b.Fact("false", MINUS, (), b.Certificate((
            b.Weight(fact=b.Fact("-1", ONE)), b.Weight(number(2), fact=b.Fact("-1", MINUS))))))),
}  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_accepts_what_is_false(name: str) -> None:
    old, new, forge = BROKEN[name]
    broken = broken_rules(old, new)
    assert forge(broken).accepted(broken), "the broken rule is not what lets this proof through"
    true = forge(TRUE_RULES)
    assert not true.accepted(TRUE_RULES)
    assert true.least(true.fact.positive) < 0, "what it claims is not false at its point"


def test_every_rule_at_the_head_is_broken_in_some_way() -> None:
    rules = re.findall(r"^  ([\w–]+)  +\S", bound.__doc__ or "", re.MULTILINE)
    assert set(rules) == {"substitute", "Cauchy–Schwarz", "root"}
    assert {name.partition(": ")[0] for name in BROKEN} == {*rules, "sign", "certificate", "rule", "premises"}


def test_rules_with_none_changed_accept_nothing_false() -> None:
    loaded = load()
    assert [name for name, (_, _, forge) in BROKEN.items() if forge(loaded).accepted(loaded)] == []
