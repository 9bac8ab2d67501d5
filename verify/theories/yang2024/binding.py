"""Letters to arrays: the values of the letters of the symbolic side, from the arrays of an instance.

Floats enter exact arithmetic here, once, by exact conversion. Small exact points serve refutation: rational numbers
with ‖v_k‖ = 1, softmax columns that are positive and sum to one, and, where Z̄ is asked for, ZᵀZ + mτI a square.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import isqrt
from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray

from numeric.balls import exact, shifted_gram_root
from symbolic.evaluate import FLOAT64, Point, Ring, evaluate
from symbolic.kinds import Inverse, Is, Kind, Reciprocal, parts
from verify.points.small import SmallPoint
from verify.theories.yang2024.laboratory import Theta
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.setting import SETTING
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import score, weight
from verify.theories.yang2024.symbolic.derivation import derive
from verify.theories.yang2024.symbolic.letters import index

RATIONALS = Ring("exact rational", lambda f: flint.fmpq(f.numerator, f.denominator), object, exact=True)
BALLS = Ring("ball", lambda f: flint.arb(flint.fmpq(f.numerator, f.denominator)), object, exact=True)

Objects = NDArray[Any]
HEAD, PROMPT, TOKEN = index("h", "H"), index("j", "N"), index("k", "K")
LARGER = (
    (4, 7, 5, 4, 6),
    (6, 8, 7, 5, 7),
)  # general points, after the small ones: for what is true up to sizes of 3
SIZES = (
    (1, 1, 1, 1, 1), (1, 2, 1, 1, 1), (2, 2, 1, 1, 1), (1, 2, 2, 1, 1), (2, 2, 2, 2, 1), (2, 3, 2, 2, 1),
    (1, 3, 1, 2, 2), (2, 3, 1, 2, 2), (2, 3, 2, 2, 2), (2, 3, 3, 2, 2), (3, 3, 2, 2, 2), (3, 3, 3, 3, 3),
)  # fmt: skip


def rational(value: int | Fraction) -> Any:
    value = Fraction(value)
    return flint.fmpq(value.numerator, value.denominator)


def objects(rows: Any) -> Objects:
    """Nested sequences of whole numbers and fractions as an object array of exact rationals."""
    array = np.array(rows, dtype=object)
    return np.array([rational(x) for x in array.flat], dtype=object).reshape(array.shape)


UNIT_TOKENS: dict[int, list[list[Any]]] = {
    1: [[1], [-1]],
    2: [[1, 0], [0, 1], [Fraction(3, 5), Fraction(4, 5)]],
    3: [[1, 0, 0], [0, 1, 0], [Fraction(3, 5), 0, Fraction(4, 5)]],
}
ROOTED = (Fraction(3, 4), Fraction(4, 3), Fraction(5, 12))  # c² + 1 is the square of a rational number


def _cycle(values: list[Fraction], shape: tuple[int, ...], start: int) -> Objects:
    count = int(np.prod(shape))
    return objects([values[(start + step) % len(values)] for step in range(count)]).reshape(shape)


def small_points() -> Iterator[SmallPoint]:
    """Exact points in order of size: with orthogonal prompt features, so that Z̄ is rational and short; with general
    ones, where Z̄ is not needed; over the same sizes again, with Z̄ full and no number special; and two general ones of larger sizes."""
    for kind, shapes in ((("orthogonal", "general"), SIZES), (("rotated",), SIZES), (("general",), LARGER)):
        for N, K, m, d, H in shapes:
            for prompt in kind:
                yield SmallPoint({"N": N, "K": K, "m": m, "d": d, "H": H}, _small(N, K, m, d, H, prompt))


def _tokens(d: int, K: int) -> list[list[Any]]:
    """Different rational points of the unit sphere; where the short ones run out, by stereographic projection of (k, 1, …, 1)."""
    if d in UNIT_TOKENS:
        return list(UNIT_TOKENS[d][:K]) + [[0] * d] * max(0, K - len(UNIT_TOKENS[d]))
    found = []
    for k in range(K):
        u = [k, *[1] * (d - 2)]
        square = sum(x * x for x in u)
        found.append([*(Fraction(2 * x, square + 1) for x in u), Fraction(square - 1, square + 1)])
    return found


def rotation(size: int, start: int) -> Objects:
    """A rational orthogonal matrix with no zero entry: Cayley's (I − S)(I + S)⁻¹ of a skew S."""
    eye = objects(np.eye(size, dtype=int).tolist())
    skew = objects(np.zeros((size, size), dtype=int).tolist())
    for step, (i, j) in enumerate(combinations(range(size), 2)):
        skew[i, j] = rational(Fraction(-1, start + step))
        skew[j, i] = -skew[i, j]
    return np.asarray((eye - skew) @ inverse(eye + skew))


@cache
def _small(N: int, K: int, m: int, d: int, H: int, prompt: str) -> Point:
    # √(mτ): where Z has fewer than N non-zero singular values c, it is one of the eigenvalues √(c² + mτ) of Z̄.
    unit = Fraction(3, 5) if prompt == "rotated" else Fraction(1)
    tau = Fraction(1, 3) if prompt == "general" else unit**2 / m
    pool = [Fraction(1), Fraction(-2), Fraction(1, 2), Fraction(3), Fraction(-1, 3), Fraction(2)]
    Z = np.array(
        [pool[(3 * a + 2 * k + a * k) % 6] for a in range(m) for k in range(K)], dtype=object
    ).reshape(m, K)
    if prompt != "general":
        Z[:, :N] = 0
        for n in range(min(N, m)):
            Z[n, n] = unit * ROOTED[n]
    features, turn = objects(Z), rotation(N, 2)
    if prompt == "rotated":
        features[:, :N] = rotation(m, 3) @ features[:, :N] @ turn.T
    e = _cycle([Fraction(1), Fraction(2), Fraction(1, 3), Fraction(3), Fraction(5)], (H, N, K), 0)
    s = e / e.sum(axis=1, keepdims=True)
    alpha = _cycle([Fraction(1), Fraction(-2), Fraction(3, 2), Fraction(1, 5)], (H, K), 1)
    arrays: dict[str, Objects] = {
        "V": objects(_tokens(d, K)).T,
        "Z": features, "lam": _cycle([Fraction(2), Fraction(-1), Fraction(1, 2)], (m,), 0),
        "y": _cycle([Fraction(1), Fraction(3), Fraction(-2)], (K,), 0),
        "Slam": objects([[2 if a == b == 0 else int(a == b) for b in range(m)] for a in range(m)]),
        "xi": _cycle([Fraction(1), Fraction(-1), Fraction(2)], (N,), 0),
        "e": e, "s": s, "alpha": alpha, "alpha2": alpha + 1, "s2": s[:, ::-1, :],
        "xik": _cycle([Fraction(3), Fraction(-2), Fraction(2, 3)], (K,), 1),
    }  # fmt: skip
    if m <= N:  # Z has rank m at these points
        arrays["Zdag"] = features[:, :N].T @ inverse(features[:, :N] @ features[:, :N].T)
    if prompt != "general":
        root = objects(np.zeros((N, N), dtype=int).tolist())
        for n in range(N):
            square = ROOTED[n] ** 2 + 1 if n < m else Fraction(1)
            root[n, n] = rational(unit * Fraction(_root(square.numerator), _root(square.denominator)))
        arrays["Zbar"] = turn @ root @ turn.T if prompt == "rotated" else root
    if m == N:
        arrays["Zsq"] = features
    scalars = {
        "N": N,
        "K": K,
        "m": m,
        "d": d,
        "H": H,
        "tau": rational(tau),
        "gamma": rational(Fraction(7, 3) if prompt == "rotated" else 2),
        "beta": rational(3),
        "zeta": rational(5),
        "eta": rational(Fraction(1, 7)),
    }
    return with_defined(Point(RATIONALS, arrays, scalars))


def with_defined(point: Point) -> Point:
    """The point with every letter that those at hand define by rational operations, as the setting says what it is."""
    arrays = dict(point.arrays)
    left = {name: kind for name, kind in SETTING.kinds.items() if name in let.TABLE and name not in arrays}
    while ready := [name for name, kind in left.items() if _known(kind, arrays)]:
        for name in ready:
            value = _value(left.pop(name), Point(point.ring, arrays, point.scalars))
            if value is not None:
                arrays[name] = value
    return Point(point.ring, arrays, point.scalars)


def _known(kind: Kind, arrays: Mapping[str, Objects]) -> bool:
    needed = {tensor.name for expr in parts(kind) for tensor in expr.tensors()}
    return isinstance(kind, Is | Inverse | Reciprocal) and needed <= {*arrays, "delta"}


def _value(kind: Kind, point: Point) -> Objects | None:
    """The entries of a letter; None where they are those of an inverse of what is singular."""
    match kind:
        case Is(axes, value):
            return evaluate(value, point, axes)
        case Reciprocal(axes, value):
            return np.asarray(rational(1) / evaluate(value, point, axes))
        case Inverse(axes, matrix):
            found = evaluate(matrix, point, axes)
            stack = found.reshape(-1, *found.shape[-2:])
            try:
                return np.stack([inverse(one) for one in stack]).reshape(found.shape)
            except ZeroDivisionError:
                return None
    raise AssertionError(kind)


def _root(square: int) -> int:
    root = isqrt(square)
    if root * root != square:
        raise ArithmeticError(f"{square} is no square")
    return root


def inverse(matrix: Objects) -> Objects:
    """Exact inverse of a matrix of rationals, or enclosure of the inverse of one of balls."""
    size = len(matrix)
    kind = flint.fmpq_mat if isinstance(matrix[0, 0], flint.fmpq) else flint.arb_mat
    found = kind(size, size, list(matrix.flat)).inv()
    return np.array([found[i, j] for i in range(size) for j in range(size)], dtype=object).reshape(size, size)


def balls(array: NDArray[np.float64]) -> Objects:
    """float64 entries as balls of radius zero: the exact conversion."""
    return np.array([flint.arb(float(x)) for x in array.flat], dtype=object).reshape(array.shape)


def ball_point(
    instance: Instance, drawn: Mapping[str, NDArray[np.float64]], *, rooted: bool = False
) -> Point:
    """The instance's exact features and noise, and the letters drawn, as balls at the precision in force.

    With `rooted`, Z̄ is enclosed too.
    """
    Z, tau = balls(instance.features), flint.arb(instance.tau)
    m, N = instance.m, instance.N
    M = Z[:, :N].T @ Z[:, :N] + np.diag(np.array([m * tau] * N, dtype=object))
    G = Z[:, :N] @ Z[:, :N].T + np.diag(np.array([m * tau] * m, dtype=object))
    G_best = G + np.diag(np.array([(N - m) * tau] * m, dtype=object))
    arrays = {"Z": Z, "Minv": inverse(M), "Ginv": inverse(G), "Gtau": inverse(G_best)} | {
        name: balls(value) for name, value in drawn.items()
    }
    if m == N:
        arrays["Zsq"] = Z
    if rooted:
        arrays["Zbar"] = np.array(
            shifted_gram_root(exact(instance.Z), m * tau).entries(), dtype=object
        ).reshape(N, N)
    return Point(BALLS, arrays, _sizes(instance) | {"tau": tau})


def theta_point(instance: Instance, theta: Theta) -> Point:
    """The instance in float64 with parameters θ: scores by their definition, softmax s = e·r, Â and G as derived."""
    D = derive()
    point = float_point(instance, Q=theta.Q, w=theta.w)
    x = evaluate(score(HEAD, PROMPT, TOKEN), point, (HEAD, PROMPT, TOKEN))
    e = np.exp(x - x.max(axis=1, keepdims=True))  # softmax does not change when a column is shifted
    s = e / e.sum(axis=1, keepdims=True)
    point = float_point(instance, Q=theta.Q, w=theta.w, s=s)
    A_hat = evaluate(weight(PROMPT, TOKEN), point, (PROMPT, TOKEN))
    point = float_point(instance, Q=theta.Q, w=theta.w, s=s, Ahat=A_hat)
    G = evaluate(D.residual, point, (PROMPT, TOKEN))
    return float_point(instance, Q=theta.Q, w=theta.w, s=s, Ahat=A_hat, G=G)


def float_point(instance: Instance, **arrays: NDArray[np.float64]) -> Point:
    """The instance in float64, with the letters given."""
    values = {"V": instance.tokens, "Z": instance.features, **arrays}
    return Point(FLOAT64, values, _sizes(instance) | {"tau": instance.tau})


def _sizes(instance: Instance) -> dict[str, Any]:
    return {"N": instance.N, "K": instance.K, "m": instance.m, "d": instance.d, "H": instance.H}
