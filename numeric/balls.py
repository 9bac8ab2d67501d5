"""Ball-arithmetic linear algebra: the one place. Every result encloses the exact value (python-flint's arb).

Functions work at the current precision and return whatever accuracy it gave; `refine` raises the
precision until the answer is sharp enough. A comparison of balls is True only where it is certain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from flint import acb_mat, arb, arb_mat, ctx
from numpy.typing import NDArray

from numeric.errors import InputError

Array = NDArray[np.float64]
T = TypeVar("T")
M = TypeVar("M", arb_mat, acb_mat)

ACCURACY = 60  # bits: narrower than the rounding of double precision, which is held against it
START_BITS = 128
LIMIT_BITS = 4096


class Undecided(ArithmeticError):
    """The balls are too wide to tell, at the current precision or, from `refine`, at every allowed one."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with `bits` bits of mantissa inside; the precision from before comes back on the way out."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def exact(array: Array) -> arb_mat:
    """The matrix of these very float64 entries, radius 0. Raises InputError unless 2-d and finite."""
    entries = np.asarray(array, dtype=np.float64)
    if entries.ndim != 2:
        raise InputError("matrix shape", entries.shape, "two axes", "convert one matrix at a time")
    if not np.isfinite(entries).all():
        raise InputError(
            "matrix", "nan or inf", "finite entries", "look where the iterate left the finite numbers"
        )
    rows, columns = entries.shape
    return arb_mat(rows, columns, entries.ravel().tolist())


def identity(n: int, scale: arb | int = 1) -> arb_mat:
    """scale · I_n."""
    return diagonal([arb(scale)] * n)


def diagonal(entries: list[arb]) -> arb_mat:
    """Diag(entries)."""
    n = len(entries)
    return arb_mat([[entries[i] if i == j else arb(0) for j in range(n)] for i in range(n)])


def block(S: arb_mat, rows: range, columns: range) -> arb_mat:
    """The submatrix S[rows, columns]."""
    return arb_mat([[S[i, j] for j in columns] for i in rows])


def inner(X: arb_mat, Y: arb_mat) -> arb:
    """⟨X, Y⟩ = tr(XᵀY)."""
    return sum((x * y for x, y in zip(X.entries(), Y.entries(), strict=True)), arb(0))


def frobenius(X: arb_mat) -> arb:
    """‖X‖_F."""
    return inner(X, X).sqrt()


def frobenius_bound(X: arb_mat) -> arb:
    """A number at or above ‖X‖_F, for entries that may vanish too."""
    return sum((abs(x).upper() ** 2 for x in X.entries()), arb(0)).sqrt().upper()


def softmax_columns(scores: arb_mat) -> arb_mat:
    """softmax of each column (28); same shape. No score is too large: arb exponents are unbounded."""
    return arb_mat(softmax_of_columns(scores)).transpose()


def softmax_of_columns(scores: arb_mat) -> list[list[arb]]:
    """The softmax of each column of the scores, one list for each column."""
    columns = []
    for column in scores.transpose().tolist():
        top = max([x.mid() for x in column])
        weights = [(x - top).exp() for x in column]
        share = 1 / sum(weights, arb(0))
        columns.append([weight * share for weight in weights])
    return columns


def _ldl(S: arb_mat) -> tuple[list[list[arb]], list[arb], bool | None]:
    """Unit lower L and pivots of S = L Diag(pivots) Lᵀ; True once every pivot is certainly positive.

    Stops at the first pivot that is not: False if it is certainly ≤ 0, None if its sign is open.
    """
    rows, n = S.tolist(), S.nrows()
    pivots: list[arb] = []
    for j in range(n):
        pivot = rows[j][j]
        if not pivot > 0:
            return rows, pivots, False if pivot <= 0 else None
        pivots.append(pivot)
        column = [rows[i][j] for i in range(j + 1, n)]
        for i in range(j + 1, n):
            factor = rows[i][j] / pivot
            for k in range(j + 1, i + 1):
                rows[i][k] -= factor * column[k - j - 1]
            rows[i][j] = factor
    return rows, pivots, True


def is_positive_definite(S: arb_mat) -> bool | None:
    """Whether the symmetric S ≻ 0, by ball LDLᵀ: True or False for every matrix in the ball, None if open."""
    return _ldl(S)[2]


def cholesky(S: arb_mat) -> arb_mat:
    """Lower triangular R with S = R Rᵀ, for symmetric S. Raises Undecided where S ≻ 0 is not certain."""
    rows, pivots, positive = _ldl(S)
    if not positive:
        raise Undecided("positive definiteness is not certain")
    n, roots = len(pivots), [pivot.sqrt() for pivot in pivots]
    below = [[rows[i][j] * roots[j] if j < i else arb(0) for j in range(n)] for i in range(n)]
    return arb_mat(below) + diagonal(roots)


def inverted(S: M) -> M:
    """The inverse. Raises Undecided where S may be singular at this precision, as a positive definite S of wide spread may be."""
    try:
        return S.inv()
    except ZeroDivisionError as error:
        raise Undecided("the matrix may be singular") from error


def symmetric_root(S: arb_mat) -> arb_mat:
    """The symmetric positive definite root of a symmetric S ≻ 0, from enclosed eigenpairs P Λ P⁻¹.

    Raises Undecided where eigenvalues are too close to be told apart at this precision.
    """
    if S.nrows() == 1:
        return arb_mat([[S[0, 0].sqrt()]])
    if all(S[i, j].is_zero() for i in range(S.nrows()) for j in range(S.ncols()) if i != j):
        return diagonal([S[i, i].sqrt() for i in range(S.nrows())])
    try:
        values, vectors = acb_mat(S).eig(right=True)
    except ValueError as error:
        raise Undecided(f"eigenvalues of the matrix: {error}") from error
    roots = acb_mat([[x.sqrt() if i == j else 0 for j in range(len(values))] for i, x in enumerate(values)])
    root = vectors * roots * inverted(vectors)
    return arb_mat([[root[i, j].real for j in range(root.ncols())] for i in range(root.nrows())])


def positive_root(S: arb_mat) -> arb_mat:
    """The symmetric root of a symmetric S ≻ 0, from any approximation Y ≻ 0 of it: no eigenvector, no spectral gap.

    X = S^(1/2) solves Y(Y − X) + (Y − X)X = Y² − S, hence ‖Y − X‖_F ≤ ‖Y² − S‖_F / λ_min(Y). Raises Undecided where Y ≻ 0
    is not certain, ZeroDivisionError where S may be singular.
    """
    n, prec = S.nrows(), ctx.prec
    if all(S[i, j].is_zero() for i in range(n) for j in range(n) if i != j):
        return diagonal([S[i, i].sqrt() for i in range(n)])
    with precision(2 * prec):
        Y, inverse = S.mid(), identity(n)
        for _ in range(prec):  # Denman and Beavers, each step scaled to determinants of product 1
            scale = 1 / abs(Y.det() * inverse.det()).root(2 * n).mid()
            Y, inverse = (Y * scale).mid(), (inverse * scale).mid()
            following = ((Y + inverse.inv()) * arb("0.5")).mid()
            Y, inverse, moved = (
                following,
                ((inverse + Y.inv()) * arb("0.5")).mid(),
                frobenius_bound(following - Y),
            )
            if moved < frobenius_bound(Y) * arb(2) ** -(3 * prec // 2):
                break
        Y = ((Y + Y.transpose()) * arb("0.5")).mid()
    if not is_positive_definite(Y):
        raise Undecided("the approximate root may not be positive definite")
    error = frobenius_bound(Y * Y - S) * frobenius_bound(Y.inv())
    return arb_mat([[Y[i, j] + arb(0, error.upper()) for j in range(n)] for i in range(n)])


def shifted_gram_root(Z: arb_mat, shift: arb) -> arb_mat:
    """(ZᵀZ + shift I)^{1/2} for shift > 0, from the smaller of the two Gram matrices.

    With c = √shift it is cI + Zᵀ((ZZᵀ + c²I)^{1/2} + cI)⁻¹Z, where the eigenvalue c² of ZᵀZ + c²I on the kernel of Z,
    which no enclosure of eigenvalues could split, does not occur. Raises Undecided as `symmetric_root` does.
    """
    rows, columns = Z.nrows(), Z.ncols()
    if rows >= columns:
        return symmetric_root(Z.transpose() * Z + identity(columns, shift))
    c = shift.sqrt()
    inner_root = symmetric_root(Z * Z.transpose() + identity(rows, shift)) + identity(rows, c)
    return identity(columns, c) + Z.transpose() * inverted(inner_root) * Z


def spectral_radius(S: arb_mat, accuracy: int = ACCURACY) -> arb:
    """max_i |λ_i| of the symmetric S, to `accuracy` bits where the precision has them, from traces of its powers; needs no
    eigenvector and no spectral gap.

    With t_p = tr S^p and p even: (t_2p / t_p)^(1/p) ≤ ρ ≤ t_2p^(1/2p), both within n^(1/p) of ρ. The p-th
    root gives back the bits that p squarings lose. Raises Undecided where not even t_2 > 0 is certain.
    """
    if all(entry.is_zero() for entry in S.entries()):
        return arb(0)
    enclosure: arb | None = None
    power, X = 2, S * S
    trace = X.trace()
    while trace > 0 and power < 2 ** (accuracy + 16):
        X = X * X
        doubled = X.trace()
        if not doubled > 0:
            break
        lower, upper = ((doubled / trace).log() / power).exp(), (doubled.log() / (2 * power)).exp()
        tighter = lower.union(upper)
        if enclosure is None or tighter.rad() < enclosure.rad():
            enclosure = tighter
        if enclosure.rel_accuracy_bits() >= accuracy:
            break
        power, trace = 2 * power, doubled
    if enclosure is None:
        raise Undecided("the matrix may be zero")
    return enclosure


def spectral_norm(X: arb_mat, accuracy: int = ACCURACY) -> arb:
    """‖X‖₂ of any matrix, from its smaller Gram matrix."""
    transposed = X.transpose()
    gram = X * transposed if X.nrows() <= X.ncols() else transposed * X
    return spectral_radius(gram, accuracy).sqrt()


def lambda_min_positive(S: arb_mat, accuracy: int = ACCURACY) -> arb:
    """λ_min of a symmetric S ≻ 0 as 1/ρ(S⁻¹), sharp relative to itself. Raises Undecided unless S ≻ 0."""
    if not is_positive_definite(S):
        raise Undecided("positive definiteness is not certain")
    return 1 / spectral_radius(inverted(S), accuracy)


def lambda_min_enclosure(S: arb_mat, accuracy: int = ACCURACY) -> arb:
    """λ_min of any symmetric S; sharp relative to itself if S ≻ 0 is certain, else relative to ‖S‖_∞."""
    if is_positive_definite(S):
        return lambda_min_positive(S, accuracy)
    rows = (sum((abs(x).upper() for x in row), arb(0)) for row in S.tolist())
    shift = max((row.upper() for row in rows), key=lambda x: x)
    # shift I − S is positive semidefinite, so its spectral radius is shift − λ_min(S).
    return shift - spectral_radius(identity(S.nrows(), shift) - S, accuracy)


def lambda_max_enclosure(S: arb_mat) -> arb:
    """λ_max of any symmetric S, sharp relative to ‖S‖_∞."""
    return -lambda_min_enclosure(-S)


@dataclass(frozen=True)
class NearSpectrum:
    """A symmetric matrix S' = Y Λ Yᵀ with known eigenpairs, close to a given S: no gap between eigenvalues is needed.

    values  the diagonal of Λ, ascending
    basis   X, close to the orthogonal Y
    tilt    ‖X − Y‖₂ is at most this
    off     ‖S − S'‖₂ is at most this
    """

    values: list[arb]
    basis: arb_mat
    tilt: arb
    off: arb


def near_spectrum(S: arb_mat) -> NearSpectrum:
    """Approximate eigenpairs of a symmetric S, with bounds of what they miss.

    X is any approximation, made orthogonal by a Cholesky factor. With φ ≥ ‖XᵀX − I‖₂, its polar factor Y has ‖X − Y‖₂ ≤ φ, and
    ‖X Λ Xᵀ − Y Λ Yᵀ‖₂ ≤ φ(2 + φ) max|Λ|. Raises Undecided where the precision gives no such X.
    """
    n = S.nrows()
    try:
        vectors = acb_mat(S.mid()).eig(right=True, algorithm="approx")[1].tolist()
        leading = [max((row[j] for row in vectors), key=lambda x: abs(x).mid()) for j in range(n)]
        raw = arb_mat([[(row[j] / leading[j]).real.mid() for j in range(n)] for row in vectors])
        X = (raw * inverted(cholesky((raw.transpose() * raw).mid()).transpose())).mid()
    except (ValueError, ZeroDivisionError) as error:
        raise Undecided(f"eigenvalues of the matrix: {error}") from error
    transposed = X.transpose()
    approximate = (transposed * S * X).tolist()
    order = sorted(range(n), key=lambda i: approximate[i][i].mid())
    values = [approximate[i][i].mid() for i in order]
    X = arb_mat([[row[i] for i in order] for row in X.tolist()])
    transposed = X.transpose()
    tilt = frobenius_bound(transposed * X - identity(n))
    if not tilt < 1:
        raise Undecided("the basis is not certainly close to an orthogonal one")
    largest = max((abs(x) for x in (values[0], values[-1])), key=lambda x: x)
    off = frobenius_bound(S - X * diagonal(values) * transposed) + tilt * (2 + tilt) * largest
    return NearSpectrum(values, X, tilt, off.upper())


def gram_exceeds(C: arb_mat, M: arb_mat, zeta: arb) -> bool | None:
    """Whether λ_min(M^(1/2) C Cᵀ M^(1/2)) > zeta, for M ≻ 0, without the root: C Cᵀ − zeta M⁻¹ ≻ 0."""
    return is_positive_definite(C * C.transpose() - zeta * inverted(M))


def refine(
    compute: Callable[[], T],
    balls: Callable[[T], Iterable[arb]],
    *,
    start: int = START_BITS,
    limit: int = LIMIT_BITS,
    best_effort: bool = False,
) -> tuple[T, int]:
    """Run `compute` at start, 2·start, … bits until `balls(result)` are all sharp to 2^-56: (result, bits).

    If nothing up to `limit` bits does it, raises Undecided; with `best_effort` only if none gave a result.
    """
    bits, last = start, None
    while bits <= limit:
        with precision(bits):
            try:
                result = compute()
            except (Undecided, ZeroDivisionError):  # flint's word for "this matrix may be singular"
                pass
            else:
                last = result, bits
                if all(ball.rel_accuracy_bits() >= ACCURACY - 4 for ball in balls(result)):
                    return last
        bits *= 2
    if best_effort and last is not None:
        return last
    raise Undecided(f"not decided with {limit} bits")


def nearest(x: arb) -> float:
    """The float64 nearest to every number of the ball. Raises Undecided where there is more than one."""
    value = float(x.lower())
    if value != float(x.upper()):
        raise Undecided("two float64 numbers are nearest")
    return value


def float_up(x: arb) -> float:
    """A float64 at or above the whole ball, the next one or two up; inf past the largest and for nan."""
    value = math.inf if x.is_nan() else float(x.upper())
    while not arb(value) >= x and value < math.inf:
        value = math.nextafter(value, math.inf)
    return value


def float_down(x: arb) -> float:
    """A float64 at or below the whole ball; -inf past the smallest and for nan."""
    return -float_up(-x)


LARGEST_CEILING = 2**26  # bits


def ceiling(x: arb) -> int:
    """The ceiling of the ball's upper end, up to `LARGEST_CEILING` bits. Raises Undecided if there is none, or a larger one."""
    if not x.is_finite():
        raise Undecided("the ceiling of an unbounded ball")
    mantissa, exponent = (int(part) for part in x.upper().man_exp())
    if exponent > LARGEST_CEILING:
        raise Undecided(f"a whole number near 10^({exponent * math.log10(2):.4g}), too large to write out")
    return mantissa << exponent if exponent >= 0 else -(-mantissa >> -exponent)
