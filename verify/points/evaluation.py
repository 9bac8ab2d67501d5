"""The letters of an inequality at one point: which parameters it has, and every letter from them, in any arithmetic.

A letter is a parameter, or it is computed by a rule of `PRIMITIVES`, or by its definition in `symbolic.definitions`. A new
letter is a line there. Scalars without a rule are free.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from numeric.errors import InputError
from symbolic import letters as let
from symbolic.definitions import defined, largest, squared
from symbolic.derive import derive, score, weight
from symbolic.evaluate import Point, evaluate
from symbolic.indexed import Expr, Index, Tensor, delta, scalar
from symbolic.letters import index
from symbolic.reading import reader
from verify.points.arithmetic import Arithmetic
from verify.statement import Domain, Inequality

SIZES = ("N", "K", "m", "d", "H")
HEAD, PROMPT, OTHER, TOKEN = index("h", "H"), index("j", "N"), index("n", "N"), index("k", "K")
FEATURE, FEATURE2 = index("a", "m"), index("b", "m")

# Letters that are drawn, not computed. V lies on the unit sphere; Q′ and α′ may come as close to Q and α as they like.
ARRAYS = ("V", "Z", "Q", "Q2", "alpha", "alpha2", "xs", "xi", "xik", "y", "lam", "eps", "QD")
POSITIVE = ("tau", "gamma")
SECOND = {"Q2": "Q", "alpha2": "alpha"}
SLACK = "slack:"  # before the name of a scalar: by which factor, at most 1, it misses its bound


class Values:
    """Letters at one point, or at a batch of them: each computed when it is first asked for."""

    def __init__(
        self,
        arithmetic: Arithmetic,
        sizes: Mapping[str, int],
        parameter: Callable[[str], Any],
        rules: Rules | None = None,
        base: Values | None = None,
    ) -> None:
        """`parameter` gives parameters by name; letters that `rules` leaves as they are come from `base`."""
        self.arithmetic, self.sizes = arithmetic, sizes
        self.rules = rules or Rules()
        self._parameter, self._base = parameter, base
        self._kept: dict[str, Any] = {}
        self._powers: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The array or scalar. Raises Undecided, ZeroDivisionError, Irrational as the arithmetic does."""
        if name not in self._kept:
            rule = self.rules.find(name)
            if self._base is not None and not self.rules.touches(name):
                self._kept[name] = self._base[name]
            elif rule is None:
                self._kept[name] = self._parameter(name)
            else:
                self._kept[name] = rule.value(self)
        return self._kept[name]

    def of(self, expr: Expr, axes: tuple[Index, ...] = ()) -> Any:
        """The value of an expression, one axis for each index."""
        arrays, scalars = expr.names
        values = dict(self.sizes) | {name: self[name] for name in scalars if name not in SIZES}
        taken = {name: self[name] for name in arrays}
        return evaluate(expr, Point(self.arithmetic.ring, taken, values, self._powers), axes)

    def scalar(self, expr: Expr) -> Any:
        return self.arithmetic.single(self.of(expr))


@dataclass(frozen=True)
class Rule:
    """How a letter is computed, and from which letters and sizes."""

    needs: frozenset[str]
    value: Callable[[Values], Any]


def mentioned(expr: Expr) -> frozenset[str]:
    """Everything an expression depends on: letters, scalars, and the sizes of its sums."""
    dims = {dim for m in expr.terms for dim in m.dims} | {index.dim for index in expr.free()}
    sizes = {size for dim in dims for size, _ in dim.pieces}
    return frozenset().union(*expr.names, sizes)


def _by(expr: Expr, *axes: Index) -> Rule:
    return Rule(mentioned(expr), lambda at: at.of(expr, axes))


def _root(square: Expr, axes: tuple[Index, ...], array: bool) -> Rule:
    def value(at: Values) -> Any:
        roots = at.arithmetic.roots(at.of(square, axes))
        return roots if array else at.arithmetic.single(roots)

    return Rule(mentioned(square), value)


def _largest(
    axes: tuple[Index, ...], over: tuple[Index, ...], squares: tuple[Expr, ...], array: bool
) -> Rule:
    def value(at: Values) -> Any:
        parts = [at.of(square, (*axes, *over)) for square in squares]
        roots = at.arithmetic.roots(at.arithmetic.largest(parts, len(axes)))
        return roots if array else at.arithmetic.single(roots)

    return Rule(frozenset().union(*(mentioned(square) for square in squares)), value)


def _of(name: str, *needs: str, by: Callable[[Any, Any], Any]) -> Rule:
    """A rule that does something to one other letter."""
    return Rule(frozenset((name, *needs)), lambda at: by(at.arithmetic, at[name]))


def _norm(expr: Expr, *axes: Index) -> Rule:
    return Rule(mentioned(expr), lambda at: at.arithmetic.norm(at.of(expr, axes)))


def _bounding(*letters: str) -> Rule:
    """α: the largest |α_{h,k}|, over its slack."""

    def value(at: Values) -> Any:
        parts = [at.arithmetic.magnitudes(at[name]) for name in letters]
        return at.arithmetic.single(at.arithmetic.largest(parts, 0)) / at[f"{SLACK}abar"]

    return Rule(frozenset((*letters, f"{SLACK}abar")), value)


def _zeta(at: Values) -> Any:
    """ζ_0 = 2 min_k λ_min(B_k B_kᵀ) times its slack: (43b) as an equality where there is none."""
    return -2 * at.arithmetic.single(at.arithmetic.largest([-at["lmin"]], 0)) * at[f"{SLACK}zeta"]


def _gram(columns: Tensor) -> Expr:
    """Σ_h of products of the columns at one token."""
    return (columns[HEAD, PROMPT, TOKEN] * columns[HEAD, OTHER, TOKEN]).sum(HEAD)


def _smallest(columns: Tensor) -> Rule:
    expr = _gram(columns)
    return Rule(mentioned(expr), lambda at: at.arithmetic.smallest(at.of(expr, (TOKEN, PROMPT, OTHER))))


def _inverse(expr: Expr, *axes: Index) -> Rule:
    return Rule(mentioned(expr), lambda at: at.arithmetic.inverse(at.of(expr, axes)))


@cache
def primitives() -> Mapping[str, Rule]:
    """Letters that no expression defines."""
    D, scores = derive(), score(HEAD, PROMPT, TOKEN)
    scores2 = scores.replace(let.Q, lambda *at: let.Q2[at])
    features, ridge = let.Z[FEATURE, PROMPT], D.ridge_system
    noise = scalar("tau") * delta(FEATURE, FEATURE2)
    return {
        "x": _by(scores, HEAD, PROMPT, TOKEN),
        "s": Rule(mentioned(scores), lambda at: at.arithmetic.softmax(at.of(scores, (HEAD, PROMPT, TOKEN)))),
        "s2": Rule(mentioned(scores2), lambda at: at.arithmetic.softmax(at.of(scores2, (HEAD, PROMPT, TOKEN)))),
        "e": _of("x", by=lambda arithmetic, x: arithmetic.exponentials(x)),
        "r": Rule(
            frozenset(("e", "N")),
            lambda at: at.arithmetic.reciprocals(at.of(let.E[HEAD, PROMPT, TOKEN].sum(PROMPT), (HEAD, TOKEN))),
        ),
        "w": _by(scalar("gamma") * let.ALPHA[HEAD, TOKEN], HEAD, TOKEN),
        "Ahat": _by(weight(PROMPT, TOKEN), PROMPT, TOKEN),
        "G": _by(D.residual, PROMPT, TOKEN),
        "Zbar": Rule(mentioned(D.system), lambda at: at.arithmetic.matrix_root(at.of(D.system, (PROMPT, OTHER)))),
        "Minv": _inverse(D.system, PROMPT, OTHER),
        "Ginv": _inverse(D.ridge_system, FEATURE, FEATURE2),
        "Gtau": _inverse(ridge - scalar("m") * noise + scalar("N") * noise, FEATURE, FEATURE2),
        "cinv": _inverse(_gram(let.S), TOKEN, PROMPT, OTHER),
        "nZbar": _of("Zbar", by=lambda arithmetic, matrix: arithmetic.norm(matrix)),
        "nA": _of("A", by=lambda arithmetic, matrix: arithmetic.norm(matrix)),
        "nZ": _norm(features, FEATURE, PROMPT),
        "nZZ": _norm((features * let.Z[FEATURE, TOKEN]).sum(FEATURE), PROMPT, TOKEN),
        "nD": _norm(let.AHAT[PROMPT, TOKEN] - let.A[PROMPT, TOKEN], PROMPT, TOKEN),
        "nZD": _norm(
            (let.ZBAR[PROMPT, OTHER] * (let.AHAT[OTHER, TOKEN] - let.A[OTHER, TOKEN])).sum(OTHER), PROMPT, TOKEN
        ),
        "ny": _root((let.Y[PROMPT] ** 2).sum(PROMPT), (), array=False),
        "abar": _bounding("alpha", "alpha2"),
        "lmin": _smallest(let.B),
        "lmin2": _smallest(let.B2),
        "zeta": Rule(frozenset(("lmin", f"{SLACK}zeta")), _zeta),
        "sigma": Rule(
            frozenset(("zeta", "gamma", "K")),
            lambda at: at.scalar(scalar("zeta") * scalar("gamma", 2) * scalar("K", -1)),
        ),
    }  # fmt: skip


@cache
def rules() -> Mapping[str, Rule]:
    """Every letter that is computed."""
    found = dict(primitives())
    for tensor, (axes, value) in defined().items():
        found[tensor.name] = _by(value, *axes)
    for letter, (axes, square) in squared().items():
        found[_name(letter)] = _root(square, axes, isinstance(letter, Tensor))
    for letter, (axes, over, squares) in largest().items():
        found[_name(letter)] = _largest(axes, over, squares, isinstance(letter, Tensor))
    return found


def _name(letter: Tensor | str) -> str:
    return letter.name if isinstance(letter, Tensor) else letter


class Rules:
    """The rules with some of them replaced; None makes a parameter of a letter."""

    def __init__(self, changed: Mapping[str, Rule | None] | None = None, key: str = "") -> None:
        self.changed, self.key = dict(changed or {}), key
        self._touched: dict[str, bool] = {}
        self.written: dict[int, Any] = {}  # what `verify.points.batched` makes of expressions

    def find(self, name: str) -> Rule | None:
        """The rule of a letter; None where it is a parameter. Raises InputError where nobody knows."""
        if name in self.changed:
            return self.changed[name]
        if name in rules():
            return rules()[name]
        if name in ARRAYS or name in POSITIVE or name in let.SCALARS or name.startswith(SLACK):
            return None
        raise InputError("letter", name, "a value at a point", "give it a rule in verify.points.evaluation")

    def touches(self, name: str) -> bool:
        """Whether a letter is computed differently than without the changes."""
        if name not in self._touched:
            rule = self.find(name)
            self._touched[name] = name in self.changed or (
                rule is not None and any(self.touches(need) for need in rule.needs if need not in SIZES)
            )
        return self._touched[name]

    def needs(self, *wanted: str) -> frozenset[str]:
        """All letters, parameters and sizes that these depend on, they themselves too."""
        seen: set[str] = set()
        open_ones = list(wanted)
        while open_ones:
            name = open_ones.pop()
            if name not in seen:
                seen.add(name)
                rule = None if name in SIZES else self.find(name)
                open_ones += rule.needs if rule is not None else _slots(name)
        return frozenset(seen)


def _slots(name: str) -> tuple[str, ...]:
    return tuple(slot.name for slot in let.TABLE[name].tensor.slots) if name in let.TABLE else ()


def _order(name: str) -> tuple[int, str]:
    known = (*ARRAYS, *POSITIVE)
    return (known.index(name) if name in known else len(known), name)


@dataclass(frozen=True)
class Posed:
    """An inequality ready to be evaluated.

    letters     everything it depends on
    parameters  what of that is drawn, in order: arrays first
    sizes       the sizes that matter
    """

    lhs: Expr
    rhs: Expr
    axes: tuple[Index, ...]
    squared: bool
    domain: Domain
    rules: Rules
    letters: frozenset[str]
    parameters: tuple[str, ...]
    sizes: tuple[str, ...]

    @property
    def unit_tokens(self) -> bool:
        """A0: distinct tokens of norm 1."""
        return "V" in self.parameters and "A0" not in self.domain.relaxed

    @property
    def ranked(self) -> bool:
        """A2: every B_k has full row rank, which it cannot have unless H ≥ N."""
        return not self.letters.isdisjoint((f"{SLACK}zeta", "cinv")) and "A2" not in self.domain.relaxed

    def sides(self, at: Values) -> tuple[Any, Any]:
        """Both sides, one axis for each free index."""
        return at.of(self.lhs, self.axes), at.of(self.rhs, self.axes)

    def allows(self, sizes: Mapping[str, int]) -> bool:
        """Whether there are points of these sizes: N ≤ K, the least sizes of the domain, distinct tokens on the sphere."""
        crowded = self.unit_tokens and sizes["d"] == 1 and sizes["K"] > 2
        low = self.ranked and sizes["H"] < sizes["N"]
        least = all(sizes[name] >= size for name, size in self.domain.least.items())
        return sizes["N"] <= sizes["K"] and least and not (crowded or low)


def pose(inequality: Inequality) -> Posed:
    """Reads both sides and the domain. Raises InputError for a letter without a value, KernelError for what cannot be read."""
    source = reader(inequality.dims)
    axes = let.axes(inequality.dims)
    lhs, rhs = source.read(inequality.lhs), source.read(inequality.rhs)
    return posed(lhs, rhs, axes, inequality.domain, squared=inequality.squared)


def posed(lhs: Expr, rhs: Expr, axes: tuple[Index, ...], domain: Domain, *, squared: bool = False) -> Posed:
    """The same from kernel expressions."""
    for name in (*domain.free, *domain.given):
        if name not in let.SCALARS and name not in POSITIVE:
            raise InputError(
                "domain", name, "a scalar", f"name one of {', '.join((*POSITIVE, *let.SCALARS))}"
            )
    changed: dict[str, Rule | None] = dict.fromkeys(domain.free)
    for name, (relation, bound) in domain.given.items():
        changed[name] = _given(name, relation, reader({}).read(bound))
    wanted = mentioned(lhs) | mentioned(rhs) | {size for index in axes for size, _ in index.dim.pieces}
    if "abar" not in changed and "alpha2" not in Rules({"abar": None, **changed}).needs(*wanted):
        changed["abar"] = _bounding("alpha")
    marks = [f"{name}:{relation}{bound}" for name, (relation, bound) in domain.given.items()]
    rules_here = Rules(
        changed, " ".join(sorted((*domain.free, *marks, *(changed.keys() - domain.given.keys()))))
    )
    seen = rules_here.needs(*wanted)
    parameters = sorted((name for name in seen - set(SIZES) if rules_here.find(name) is None), key=_order)
    sizes = tuple(size for size in SIZES if size in seen)
    return Posed(lhs, rhs, axes, squared, domain, rules_here, seen, tuple(parameters), sizes)


def _given(name: str, relation: str, bound: Expr) -> Rule:
    if relation == "=":
        return Rule(mentioned(bound), lambda at: at.scalar(bound))
    slack = f"{SLACK}{name}"

    def value(at: Values) -> Any:
        found = at.scalar(bound)
        return found * at[slack] if relation == "<=" else found / at[slack]

    return Rule(mentioned(bound) | {slack}, value)


__all__ = ["SIZES", "SLACK", "Posed", "Rule", "Rules", "Values", "pose", "posed", "primitives", "rules"]
