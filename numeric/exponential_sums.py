"""The real zeros of g(q) = Σ_i c_i e^{a_i q}, isolated in balls at the precision in force."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from flint import arb

from numeric import balls

PIECES = 4_000  # intervals looked at before the question is given up


def derivative(c: Sequence[arb], a: Sequence[arb], q: arb, order: int = 0) -> arb:
    """The derivative of g of this order at q, by default g itself."""
    for _ in range(order):
        c = [c_i * a_i for c_i, a_i in zip(c, a, strict=True)]
    return sum((c_i * (a_i * q).exp() for c_i, a_i in zip(c, a, strict=True)), arb(0))


def reach(c: Sequence[arb], a: Sequence[arb]) -> arb:
    """R such that g has no zero outside (−R, R): there the term of the largest or the smallest exponent outweighs the rest.

    Raises Undecided unless the exponents are certainly distinct and the outermost coefficients are not 0.
    """
    terms = sorted(zip(c, a, strict=True), key=lambda term: term[1].mid())
    if not all(later[1] > earlier[1] for earlier, later in pairwise(terms)):
        raise balls.Undecided("exponents that may be equal")
    R = arb(1)
    for side in (terms[::-1], terms):
        (top, most), *rest = side
        if not abs(top) > 0:
            raise balls.Undecided("an outermost coefficient that may vanish")
        while not abs(top) > sum((abs(c_i) * (-abs(a_i - most) * R).exp() for c_i, a_i in rest), arb(0)):
            R *= 2
    return R


def zeros(c: Sequence[arb], a: Sequence[arb], *, width: arb | None = None) -> list[arb]:
    """Disjoint balls in order, each with exactly one zero, and no zero elsewhere; narrower than `width` if that is given.

    Raises Undecided: exponents that may be equal, a zero that may be double, too many intervals.
    """
    R = reach(c, a)
    # Dyadic ends that make no midpoint of a midpoint 0, where zeros like to be.
    intervals, found, looked = [(-R * arb(21) / 16, R * arb(19) / 16)], [], 0
    while intervals:
        low, high = intervals.pop()
        looked += 1
        if looked > PIECES:
            raise balls.Undecided(f"zeros not isolated within {PIECES} intervals")
        piece, middle = low.union(high), ((low + high) / 2).mid()
        off, bend = piece - middle, derivative(c, a, piece, 2)
        at, tilt = derivative(c, a, middle), derivative(c, a, middle, 1)
        if not (at + off * (tilt + off * bend / 2)).contains(0):
            continue
        if not (tilt + off * bend).contains(0):
            ends = derivative(c, a, low), derivative(c, a, high)
            if not any(end.contains(0) for end in ends):
                if (ends[0] > 0) != (ends[1] > 0):
                    found.append(_narrow(c, a, piece, width))
                continue
        intervals += [(middle, high), (low, middle)]
    return found


def _narrow(c: Sequence[arb], a: Sequence[arb], piece: arb, width: arb | None) -> arb:
    """The one zero on a piece where g is monotone and changes its sign, by interval Newton steps."""
    while width is not None and not 2 * piece.rad() < width:
        middle = piece.mid()
        tilt = derivative(c, a, middle, 1) + (piece - middle) * derivative(c, a, piece, 2)
        closer = piece.intersection(middle - derivative(c, a, middle) / tilt)
        if not closer.rad() < piece.rad() * 3 / 4:
            raise balls.Undecided("a zero that this precision makes no narrower")
        piece = closer
    return piece
