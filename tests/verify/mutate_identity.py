"""Wrong variants of a SymPy statement, one systematic change each: what a careless reader or printer would get wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from symbolic import letters as let
from verify.claim import Identity

SCALARS = (let.N, let.K, let.m, let.d, let.H, let.tau, let.gamma)
# Where a size, level or scale is put in the place of another one.
SWAPS = {let.N: (let.K, let.m), let.K: (let.N, let.H), let.m: (let.N, sp.Integer(1)), let.tau: (let.tau**2,),
         let.gamma: (let.gamma**2, sp.Integer(1))}  # fmt: skip
NOT_ZERO = (sp.Integer(1), 1 / let.K, let.tau, -let.tau / let.K, let.m * let.tau)
SCALES = (sp.Integer(2), sp.Integer(-1), let.tau, 1 / let.K, let.N)
OPAQUE = (sp.Indexed, sp.Derivative)


def places(
    expr: sp.Expr, bound: tuple[sp.Symbol, ...] = ()
) -> Iterator[tuple[tuple[int, ...], sp.Expr, tuple]]:
    """Every subterm with the path to it and the indices bound there; derivatives are left whole."""
    yield (), expr, bound
    if isinstance(expr, OPAQUE) or expr.is_Atom or isinstance(expr, sp.KroneckerDelta):
        return
    if isinstance(expr, sp.Sum):
        inner = (*bound, *(limit[0] for limit in expr.limits))
        for path, part, names in places(expr.function, inner):
            yield (0, *path), part, names
        return
    for position, arg in enumerate(expr.args):
        for path, part, names in places(arg, bound):
            yield (position, *path), part, names


def put(expr: sp.Expr, path: tuple[int, ...], part: sp.Expr) -> sp.Expr:
    if not path:
        return part
    args = list(expr.args)
    args[path[0]] = put(args[path[0]], path[1:], part)
    return expr.func(*args)


def variants(part: sp.Expr, names: tuple[sp.Symbol, ...]) -> Iterator[tuple[str, sp.Expr]]:
    """Changes of one subterm, with the kind of each."""
    if isinstance(part, sp.Add):
        for term in part.args:
            yield "dropped term", part - term
            yield "sign", part - 2 * term
    if isinstance(part, sp.Mul):
        for factor in part.args:
            if (
                factor.is_Number
                or factor in SCALARS
                or factor.is_Pow
                or isinstance(factor, sp.KroneckerDelta)
            ):
                yield (
                    "dropped factor",
                    part / factor
                    if not isinstance(factor, sp.KroneckerDelta)
                    else sp.Mul(*(other for other in part.args if other != factor)),
                )
        yield "factor", 2 * part
    if isinstance(part, sp.Pow):
        yield "exponent", part.base ** (part.exp + 1 if part.exp > 0 else part.exp - 1)
    if part in SWAPS:
        for other in SWAPS[part]:
            yield "swapped scalar", other
    if isinstance(part, sp.Sum):
        yield "factor", -part
        for place, (symbol, low, high) in enumerate(part.limits):
            other = {let.N: let.K, let.K: let.N}.get(high)
            if other is not None and low == 1:
                limits = list(part.limits)
                limits[place] = (symbol, low, other)
                yield "range", sp.Sum(part.function, *limits)
            if low != 1:
                limits = list(part.limits)
                limits[place] = (symbol, sp.Integer(1), high)
                yield "range", sp.Sum(part.function, *limits)
    if isinstance(part, sp.Indexed | sp.KroneckerDelta):
        indices = part.indices if isinstance(part, sp.Indexed) else part.args[:2]
        for place, index in enumerate(indices):
            for other in names:
                if other != index:
                    changed = list(indices)
                    changed[place] = other
                    yield (
                        "index",
                        part.base[tuple(changed)]
                        if isinstance(part, sp.Indexed)
                        else sp.KroneckerDelta(*changed),
                    )
        if len(indices) >= 2:
            turned = [*indices[:-2], indices[-1], indices[-2]]
            if isinstance(part, sp.Indexed):
                yield "transposed", part.base[tuple(turned)]


def mutants(identity: Identity) -> list[tuple[str, Identity]]:
    """Every wrong variant of either side, in a fixed order."""
    found: list[tuple[str, Identity]] = []
    free = tuple(sp.Symbol(name, integer=True) for name in identity.dims)
    for side in ("lhs", "rhs"):
        whole = getattr(identity, side)
        if whole == 0:
            found += [(f"not zero but {other}", replace(identity, **{side: other})) for other in NOT_ZERO]
            continue
        # Of what the left side derives nothing is typed in: there is only the whole to change, unless it is to vanish.
        if 0 not in (identity.lhs, identity.rhs):
            found += [("whole", replace(identity, **{side: change * whole})) for change in SCALES]
        seen = {whole}
        for path, part, names in places(whole, free):
            for kind, other in variants(part, names):
                changed = put(whole, path, other)
                if changed not in seen:
                    seen.add(changed)
                    found.append((kind, replace(identity, **{side: changed})))
    return found
