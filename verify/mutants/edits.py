"""False variants of a statement in SymPy, one change each: what a careless reader or printer would get wrong.

An operator changes one place of one side. Which variants are read at all, differ from the statement, and (of an inequality)
say more than it does, is decided in `verify.mutants.examine`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from symbolic.indexed import KernelError
from symbolic.kinds import Extremum, LargestRoot
from symbolic.printing import to_sympy
from symbolic.setting import Setting
from verify.mutants.swaps import NORMS, swaps_of
from verify.statement import Domain, Identity, Inequality, Statement

OPERATORS = (
    "sign", "factor", "index", "transpose", "exponent", "constant", "norm", "missing term", "swapped size", "swapped letter",
    "swapped case", "hypothesis",
)  # fmt: skip

Names = tuple[sp.Symbol, ...]
Path = tuple[int, ...]
Variant = tuple[str, sp.Expr]
OPAQUE = (sp.Indexed, sp.Derivative, sp.KroneckerDelta)

ONE = sp.Integer(1)
# For inequalities: factors that turn no printed constant into the best one, of which no search can tell that it holds.
SMALLER = tuple(sp.Rational(*part) for part in ((1, 100), (1, 10), (3, 10), (3, 5), (4, 5), (19, 20)))
# For identities any number will do.
SCALED = (sp.Rational(1, 2), sp.Integer(2))


@dataclass(frozen=True)
class Edit:
    """One variant: the operator, the side that it changed, what stood there and stands there now, and the statement."""

    operator: str
    side: str
    change: str
    statement: Statement


def places(expr: sp.Expr, bound: Names = ()) -> Iterator[tuple[Path, sp.Expr, Names]]:
    """Every subterm with the path to it and the indices bound there; derivatives and exponents are left whole."""
    yield (), expr, bound
    if isinstance(expr, OPAQUE) or expr.is_Atom:
        return
    if isinstance(expr, sp.Sum):
        inner = (*bound, *(limit[0] for limit in expr.limits))
        for path, part, names in places(expr.function, inner):
            yield (0, *path), part, names
        return
    for position, arg in enumerate(expr.args[:1] if expr.is_Pow else expr.args):
        for path, part, names in places(arg, bound):
            yield (position, *path), part, names


def put(expr: sp.Expr, path: Path, part: sp.Expr) -> sp.Expr:
    """The expression with another subterm at that place."""
    if not path:
        return part
    args = list(expr.args)
    args[path[0]] = put(args[path[0]], path[1:], part)
    return expr.func(*args)


def _of_product(part: sp.Mul, exact: bool) -> Iterator[Variant]:
    for factor in part.args:
        rest = sp.Mul(*(other for other in part.args if other != factor))
        if factor.is_Number:
            if exact:
                yield "constant", rest
        elif factor.is_Symbol or factor.is_Pow or isinstance(factor, sp.KroneckerDelta):
            yield "factor", rest
    yield from (("factor", scale * part) for scale in (SCALED if exact else SMALLER))


def _of_power(part: sp.Pow) -> Iterator[Variant]:
    base, power = part.args
    if power.is_Rational:
        step = ONE if power.is_Integer else sp.Rational(1, 2)
        yield "exponent", base ** (power + step)
        if power != step:
            yield "exponent", base ** (power - step)
        yield "exponent", base ** (-power)
    if power == 2 and isinstance(base, sp.Sum):  # ‖·‖² for a square of a sum
        yield "norm", sp.Sum(base.function**2, *base.limits)


class Operators:
    """Changes of one subterm of a statement of a setting."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.language, self.swaps = setting, setting.language, swaps_of(setting)
        size = self.language.size
        self.sizes = {size(name): tuple(map(size, others)) for name, others in self.swaps.sizes.items()}

    def variants(self, part: sp.Expr, names: Names, *, exact: bool = True) -> Iterator[Variant]:
        """Changes of one subterm, with the operator of each; `exact` says that it is one of an identity or a formula."""
        match part:
            case sp.Add():
                for term in part.args:
                    yield "missing term", part - term
                    yield "sign", part - 2 * term
            case sp.Mul():
                yield from _of_product(part, exact)
            case sp.Pow():
                yield from _of_power(part)
            case sp.Sum():
                yield from self._of_sum(part)
            case sp.Rational() if part not in (0, 1, -1):
                shifted = (part + 1, part - 1, part / 2) if exact else ()
                yield from (("constant", other) for other in (*shifted, *(part * scale for scale in SMALLER)))
            case sp.Symbol():
                yield from self._of_scalar(part)
            case sp.Indexed() | sp.KroneckerDelta():
                yield from self._of_entry(part, names)

    def _of_sum(self, part: sp.Sum) -> Iterator[Variant]:
        yield "sign", -part
        inner = part.function
        if inner.is_Pow and inner.exp == 2:
            yield "norm", sp.Sum(inner.base, *part.limits) ** 2
            yield "norm", sp.Sum(inner.base, *part.limits)
        elif not inner.is_Number:
            yield "norm", sp.Sum(inner**2, *part.limits)
        for place, (symbol, low, high) in enumerate(part.limits):
            for operator, limit in self._ranges(low, high):
                limits = list(part.limits)
                limits[place] = (symbol, *limit)
                yield operator, sp.Sum(inner, *limits)

    def _ranges(self, low: sp.Expr, high: sp.Expr) -> Iterator[tuple[str, tuple[sp.Expr, sp.Expr]]]:
        """A sum over a part taken over another part or over the whole, and the other way round."""
        try:
            dim = self.language.dimension(low, high)
        except KernelError:
            return
        if dim.whole is not None:
            others = (part for part in dim.whole.parts if part is not dim)
            yield from (("swapped case", self.language.limits(part)) for part in others)
            yield "swapped size", self.language.limits(dim.whole)
        for part in reversed(dim.parts):
            yield (
                "swapped case" if part.may_be_empty else "swapped size",
                self.language.limits(part),
            )

    def _of_scalar(self, part: sp.Symbol) -> Iterator[Variant]:
        for other in self.sizes.get(part, ()):
            yield "swapped size", other
        if part.name in self.language.scalars:
            yield "exponent", part**2
        for name in self.swaps.scalars.get(part.name, ()):
            operator = "norm" if isinstance(self.setting.kind(name), NORMS) else "swapped letter"
            yield operator, self.language.scalars[name].symbol
        yield from (("norm", one) for one in self._one_of(part.name))

    def _one_of(self, name: str) -> Iterator[sp.Expr]:
        """Each of the expressions of which a scalar is the largest or the least."""
        match self.setting.kind(name):
            case LargestRoot((), (), squares) if len(squares) > 1:
                yield from (sp.sqrt(to_sympy(square, self.language)) for square in squares)
            case Extremum((), (), values) if len(values) > 1:
                yield from (to_sympy(value, self.language) for value in values)

    def _of_entry(self, part: sp.Indexed | sp.KroneckerDelta, names: Names) -> Iterator[Variant]:
        entry = isinstance(part, sp.Indexed)
        indices = part.indices if entry else part.args[:2]

        def at(changed: list[sp.Symbol]) -> sp.Expr:
            return part.base[tuple(changed)] if entry else sp.KroneckerDelta(*changed)

        for place, index in enumerate(indices):
            for other in names:
                if other != index:
                    changed = list(indices)
                    changed[place] = other
                    yield "index", at(changed)
        if not entry:
            return
        if len(indices) >= 2:
            yield "transpose", at([*indices[:-2], indices[-1], indices[-2]])
        for name in self.swaps.letters.get(str(part.base), ()):
            yield "swapped letter", self.language.letters[name].base[tuple(indices)]

    def edits(self, statement: Statement) -> list[Edit]:
        """Every variant of either side, of the case, and of what is supposed, in a fixed order."""
        found: list[Edit] = []
        exact = isinstance(statement, Identity)
        free = _free(statement)
        for side in ("lhs", "rhs"):
            whole = getattr(statement, side)
            changes = [(operator, whole, other, other) for operator, other in self._whole(statement, whole)]
            # (a + b)² → a² + b² is for identities alone: of (51) it makes a sharper bound that nothing breaks and nobody has proved.
            # Of what the left side derives nothing is typed in: there is only the whole to change, unless it is to vanish.
            for path, part, names in places(whole, free) if whole != 0 else ():
                changes += [
                    (operator, part, other, put(whole, path, other))
                    for operator, other in self.variants(part, names, exact=exact)
                ]
                if exact and part.is_Pow and part.exp == 2 and part.base.is_Add:
                    apart = sp.Add(*(term**2 for term in part.base.args))
                    changes.append(("norm", part, apart, put(whole, path, apart)))
            if not exact:
                changes += [("exponent", *rooted) for rooted in self._under_roots(whole)]
            seen = {whole}
            for operator, old, new, changed in changes:
                if changed not in seen:
                    seen.add(changed)
                    found.append(
                        Edit(operator, side, f"{old} → {new}", replace(statement, **{side: changed}))
                    )
        for name, old_dim, dims in self._cases(statement.dims):
            change = f"{name} in {old_dim} → {dims[name]}"
            found.append(Edit("swapped case", "dims", change, replace(statement, dims=dims)))
        if isinstance(statement, Inequality):
            for side, change, domain in (*self._weaker(statement.domain), *self._wider(statement.domain)):
                found.append(Edit("hypothesis", side, change, replace(statement, domain=domain)))
        return found

    def _under_roots(self, whole: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr, sp.Expr]]:
        """A size that is under no root, its root in its place, and the expression that comes of it."""
        sizes = {self.language.size(name) for name in self.language.sizes}
        for path, part, _ in places(whole):
            if part in sizes:
                changed = put(whole, path, sp.sqrt(part))
                if all(power.exp.q <= 2 for power in changed.atoms(sp.Pow) if power.exp.is_Rational):
                    yield part, sp.sqrt(part), changed

    def _whole(self, statement: Statement, whole: sp.Expr) -> Iterator[Variant]:
        if whole == 0:
            yield from (("constant", other) for other in self.swaps.not_zero)
        elif isinstance(statement, Inequality):
            yield "sign", -whole
            yield from (("factor", whole * scale) for scale in SMALLER)
            yield from (("factor", whole / scale) for scale in SMALLER)
        elif 0 not in (statement.lhs, statement.rhs):
            yield "sign", -whole
            yield from (("factor", scale * whole) for scale in self.swaps.scales)

    def _cases(self, dims: Mapping[str, str]) -> Iterator[tuple[str, str, dict[str, str]]]:
        """A free index over a part taken over another part of the same whole."""
        for name, dim in dims.items():
            whole = self.language.dimensions[dim].whole
            for part in whole.parts if whole is not None else ():
                if part.name != dim:
                    yield name, dim, {**dims, name: part.name}

    def _weaker(self, domain: Domain) -> Iterator[tuple[str, str, Domain]]:
        """Bounds that are supposed, changed as the sides are."""
        for name, (relation, bound) in domain.given.items():
            if relation == "=":
                continue
            seen = {bound}
            for path, part, names in places(bound):
                for _, other in self.variants(part, names, exact=False):
                    changed = put(bound, path, other)
                    if changed not in seen:
                        seen.add(changed)
                        given = {**domain.given, name: (relation, changed)}
                        yield name, f"{part} → {other}", replace(domain, given=given)

    def _wider(self, domain: Domain) -> Iterator[tuple[str, str, Domain]]:
        """Conditions a ≤ b, each left out, and with the sides changed as those of a statement are."""
        for place, (low, high) in enumerate(domain.when):
            rest = (domain.when[:place], domain.when[place + 1 :])
            side = f"condition {place + 1}"
            yield side, f"{low} <= {high} → no condition", replace(domain, when=rest[0] + rest[1])
            others = [(low * scale, high) for scale in SMALLER]
            others += [
                (low, put(high, path, other))
                for path, part, names in places(high)
                for _, other in self.variants(part, names, exact=False)
            ]
            for one, other in dict.fromkeys(others):
                when = (*rest[0], (one, other), *rest[1])
                yield side, f"{low} <= {high} → {one} <= {other}", replace(domain, when=when)


def _free(statement: Statement) -> Names:
    """The free indices of a statement, each as the sides have it."""
    known = {
        symbol.name: symbol
        for side in (statement.lhs, statement.rhs)
        for symbol in sorted(side.free_symbols, key=str)
        if isinstance(symbol, sp.Symbol) and symbol.is_integer and not symbol.is_positive
    }
    return tuple(known.get(name, sp.Symbol(name, integer=True)) for name in statement.dims)


def edits(statement: Statement) -> list[Edit]:
    """Every variant of a statement, in a fixed order."""
    return Operators(statement.setting).edits(statement)


def formulas(
    setting: Setting, formula: sp.Expr, swaps: Mapping[sp.Symbol, Sequence[sp.Symbol]]
) -> list[Variant]:
    """Every variant of a formula in scalars, such as a printed constant, in a fixed order. `swaps`: taken for one another."""
    found: list[Variant] = []
    seen = {formula}
    operators = Operators(setting)
    changes = [("factor", scale * formula) for scale in SCALED]
    for path, part, names in places(formula):
        changes += [("swapped letter", put(formula, path, other)) for other in swaps.get(part, ())]
        changes += [
            (operator, put(formula, path, other)) for operator, other in operators.variants(part, names)
        ]
        if part.is_Symbol:
            changes += [("exponent", put(formula, path, part**power)) for power in (2, sp.Rational(1, 2))]
    for operator, changed in changes:
        if changed not in seen:
            seen.add(changed)
            found.append((operator, changed))
    return found
