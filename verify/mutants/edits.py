"""False variants of a statement in SymPy, one change each: what a careless reader or printer would get wrong.

An operator changes one place of one side. Which variants are read at all, differ from the statement, and (of an inequality)
say more than it does, is decided in `verify.mutants.examine`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from verify.statement import Domain, Identity, Inequality, Statement
from verify.theories.yang2024.symbolic import letters as let

OPERATORS = (
    "sign", "factor", "index", "transpose", "exponent", "constant", "norm", "missing term", "swapped size", "swapped letter",
    "swapped case", "hypothesis",
)  # fmt: skip

Names = tuple[sp.Symbol, ...]
Path = tuple[int, ...]
Variant = tuple[str, sp.Expr]
OPAQUE = (sp.Indexed, sp.Derivative, sp.KroneckerDelta)

ONE = sp.Integer(1)
SIZES = (let.N, let.K, let.m, let.d, let.H)
SWAPPED_SIZES: Mapping[sp.Symbol, tuple[sp.Expr, ...]] = {
    let.N: (let.K, let.m), let.K: (let.N, let.H), let.m: (let.N, let.d), let.d: (let.m,), let.H: (let.K, let.N),
}  # fmt: skip
SCALES = (sp.Integer(2), sp.Rational(1, 2), let.tau, 1 / let.K, let.N)
# For inequalities: factors that turn no printed constant into the best one, of which no search can tell that it holds.
SMALLER = tuple(sp.Rational(*part) for part in ((1, 100), (1, 10), (3, 10), (3, 5), (4, 5), (19, 20)))
# For identities any number will do.
SCALED = (sp.Rational(1, 2), sp.Integer(2))
NOT_ZERO = (ONE, 1 / let.K, let.tau, -let.tau / let.K, let.m * let.tau)

# Letters that are taken for one another: one point for the other, a matrix for its root or its inverse, δ for one of its
# two parts, entries for their bound. Both directions are tried.
_PAIRS = (
    "Q Q2", "alpha alpha2", "alpha w", "s s2", "s e", "del del2", "zd zd2", "b b2", "ga ga2", "gQ gQ2", "cz cz2", "vb vb2",
    "pt pt2", "nah nah2", "lmin lmin2", "Zbar Minv", "Ginv Gtau", "del A", "del Ahat", "del zd", "A Ahat", "zd cz", "y xik",
    "b s", "b2 s2", "del2 zd2", "zd2 cz2", "V Z", "pd pa", "pa ps",
)  # fmt: skip
_SCALARS = (
    "nZbar fmax", "nZ nZZ", "nZbar nA", "nA nZ", "nZZ nA", "zeta sigma", "gap gapn", "nDQ nDA", "Lip sigma",
    "nD nA", "ny nZ",
)  # fmt: skip


def _both(pairs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one, other in (pair.split() for pair in pairs):
        found[one] = (*found.get(one, ()), other)
        found[other] = (*found.get(other, ()), one)
    return found


SWAPPED_LETTERS, SWAPPED_SCALARS = _both(_PAIRS), _both(_SCALARS)


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


def variants(part: sp.Expr, names: Names, *, exact: bool = True) -> Iterator[Variant]:
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
            yield from _of_sum(part)
        case sp.Rational() if part not in (0, 1, -1):
            shifted = (part + 1, part - 1, part / 2) if exact else ()
            yield from (("constant", other) for other in (*shifted, *(part * scale for scale in SMALLER)))
        case sp.Symbol():
            yield from _of_scalar(part)
        case sp.Indexed() | sp.KroneckerDelta():
            yield from _of_entry(part, names)


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


def _of_sum(part: sp.Sum) -> Iterator[Variant]:
    yield "sign", -part
    inner = part.function
    if inner.is_Pow and inner.exp == 2:
        yield "norm", sp.Sum(inner.base, *part.limits) ** 2
        yield "norm", sp.Sum(inner.base, *part.limits)
    elif not inner.is_Number:
        yield "norm", sp.Sum(inner**2, *part.limits)
    for place, (symbol, low, high) in enumerate(part.limits):
        for operator, limit in _ranges(symbol, low, high):
            limits = list(part.limits)
            limits[place] = limit
            yield operator, sp.Sum(inner, *limits)


def _ranges(symbol: sp.Symbol, low: sp.Expr, high: sp.Expr) -> Iterator[tuple[str, tuple[sp.Expr, ...]]]:
    if low != 1:
        yield "swapped case", (symbol, ONE, let.N)
        yield "swapped size", (symbol, ONE, high)
    elif high == let.N:
        yield "swapped case", (symbol, let.N + 1, let.K)
        yield "swapped size", (symbol, ONE, let.K)
    elif high == let.K:
        yield "swapped case", (symbol, let.N + 1, let.K)
        yield "swapped size", (symbol, ONE, let.N)


def _of_scalar(part: sp.Symbol) -> Iterator[Variant]:
    for other in SWAPPED_SIZES.get(part, ()):
        yield "swapped size", other
    if part in (let.tau, let.gamma) or part.name in let.SCALARS:
        yield "exponent", part**2
    for name in SWAPPED_SCALARS.get(part.name, ()):
        yield ("norm" if name.startswith("n") or name == "fmax" else "swapped letter"), _scalar(name)
    if part.name == "mx":
        yield "norm", ONE
        yield "norm", 4 * let.K * _scalar("abar") ** 2


def _scalar(name: str) -> sp.Symbol:
    return let.gamma if name == "gamma" else let.scalar_symbol(name)


def _of_entry(part: sp.Indexed | sp.KroneckerDelta, names: Names) -> Iterator[Variant]:
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
    for name in SWAPPED_LETTERS.get(str(part.base), ()):
        yield "swapped letter", let.TABLE[name].base[tuple(indices)]


def edits(statement: Statement) -> list[Edit]:
    """Every variant of either side, of the case, and of what is supposed, in a fixed order."""
    found: list[Edit] = []
    exact = isinstance(statement, Identity)
    free = tuple(sp.Symbol(name, integer=True) for name in statement.dims)
    for side in ("lhs", "rhs"):
        whole = getattr(statement, side)
        changes = [(operator, whole, other, other) for operator, other in _whole(statement, whole)]
        # (a + b)² → a² + b² is for identities alone: of (51) it makes a sharper bound that nothing breaks and nobody has proved.
        # Of what the left side derives nothing is typed in: there is only the whole to change, unless it is to vanish.
        for path, part, names in places(whole, free) if whole != 0 else ():
            changes += [
                (operator, part, other, put(whole, path, other))
                for operator, other in variants(part, names, exact=exact)
            ]
            if exact and part.is_Pow and part.exp == 2 and part.base.is_Add:
                apart = sp.Add(*(term**2 for term in part.base.args))
                changes.append(("norm", part, apart, put(whole, path, apart)))
        if not exact:
            changes += [("exponent", *rooted) for rooted in _under_roots(whole)]
        seen = {whole}
        for operator, old, new, changed in changes:
            if changed not in seen:
                seen.add(changed)
                found.append(Edit(operator, side, f"{old} → {new}", replace(statement, **{side: changed})))
    for name, old_dim, dims in _cases(statement.dims):
        change = f"{name} in {old_dim} → {dims[name]}"
        found.append(Edit("swapped case", "dims", change, replace(statement, dims=dims)))
    if isinstance(statement, Inequality):
        for name, change, domain in _weaker(statement.domain):
            found.append(Edit("hypothesis", name, change, replace(statement, domain=domain)))
    return found


def _under_roots(whole: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr, sp.Expr]]:
    """A size that is under no root, its root in its place, and the expression that comes of it."""
    for path, part, _ in places(whole):
        if part in SIZES:
            changed = put(whole, path, sp.sqrt(part))
            if all(power.exp.q <= 2 for power in changed.atoms(sp.Pow) if power.exp.is_Rational):
                yield part, sp.sqrt(part), changed


def _whole(statement: Statement, whole: sp.Expr) -> Iterator[Variant]:
    if whole == 0:
        yield from (("constant", other) for other in NOT_ZERO)
    elif isinstance(statement, Inequality):
        yield "sign", -whole
        yield from (("factor", whole * scale) for scale in SMALLER)
        yield from (("factor", whole / scale) for scale in SMALLER)
    elif 0 not in (statement.lhs, statement.rhs):
        yield "sign", -whole
        yield from (("factor", scale * whole) for scale in SCALES)


def _cases(dims: dict[str, str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """A free index over prompt tokens taken over unlabelled ones, and the other way round."""
    other = {"N": "U", "U": "N"}
    for name, dim in dims.items():
        if dim in other:
            yield name, dim, {**dims, name: other[dim]}


def _weaker(domain: Domain) -> Iterator[tuple[str, str, Domain]]:
    """Bounds that are supposed, changed as the sides are."""
    for name, (relation, bound) in domain.given.items():
        if relation == "=":
            continue
        seen = {bound}
        for path, part, names in places(bound):
            for _, other in variants(part, names, exact=False):
                changed = put(bound, path, other)
                if changed not in seen:
                    seen.add(changed)
                    given = {**domain.given, name: (relation, changed)}
                    yield name, f"{part} → {other}", replace(domain, given=given)


def formulas(formula: sp.Expr, swaps: Mapping[sp.Symbol, Sequence[sp.Symbol]]) -> list[Variant]:
    """Every variant of a formula in scalars, such as a printed constant, in a fixed order. `swaps`: taken for one another."""
    found: list[Variant] = []
    seen = {formula}
    changes = [("factor", scale * formula) for scale in (sp.Rational(1, 2), sp.Integer(2))]
    for path, part, names in places(formula):
        changes += [("swapped letter", put(formula, path, other)) for other in swaps.get(part, ())]
        changes += [(operator, put(formula, path, other)) for operator, other in variants(part, names)]
        if part.is_Symbol:
            changes += [("exponent", put(formula, path, part**power)) for power in (2, sp.Rational(1, 2))]
    for operator, changed in changes:
        if changed not in seen:
            seen.add(changed)
            found.append((operator, changed))
    return found
