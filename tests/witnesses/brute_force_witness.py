"""The model, its loss and its constants at one point, by nested loops over lists of numbers: fractions, or mpmath to 60 digits.

Written from the text of the theory: no module of the program is imported, and no closed form of a loss, of a gradient or
of a fixed point is used. The loss comes from (9) by expanding the square in λ and ε; gradients from the entries of the
Jacobian of softmax; the least loss from the normal equations of (9).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from itertools import product as cartesian

from matrices_witness import (
    REAL,
    Matrix,
    Number,
    Polynomial,
    Shape,
    Variable,
    Vector,
    added,
    beside,
    column,
    eigenvalues,
    exact,
    identity,
    mean,
    multiplied,
    plus,
    real,
    root,
    shape,
    solved,
    sqrt,
    squared_norm,
    times,
    transposed,
    zeros,
)

# The setting: (1), (8), (9), with A1 and the law of ε


@dataclass(frozen=True)
class Setting:
    """Features Ẑ (m, K), of which the first N columns are Z, and the noise level.

    Raises Shape where N > K or the features are none.
    """

    features: Matrix
    N: int
    tau: Number

    def __post_init__(self) -> None:
        if not 1 <= self.N <= self.K:
            raise Shape(f"N = {self.N}, K = {self.K}")

    @property
    def m(self) -> int:
        return shape(self.features)[0]

    @property
    def K(self) -> int:
        return shape(self.features)[1]

    @property
    def Z(self) -> Matrix:
        return [row[: self.N] for row in self.features]

    @property
    def ZQ(self) -> Matrix:
        return [row[self.N :] for row in self.features]

    @property
    def noise(self) -> Number:
        """mτ."""
        return self.m * self.tau

    @cached_property
    def gram(self) -> Matrix:
        """ZᵀZ + mτI_N."""
        return plus(times(transposed(self.Z), self.Z), identity(self.N, self.noise))

    @cached_property
    def Zbar(self) -> Matrix:
        """(12)."""
        return root(self.gram)

    @property
    def f_max(self) -> Number:
        """(12): the longest column of Z̄."""
        return sqrt(max((squared_norm(column(self.Zbar, i)) for i in range(self.N)), key=exact))

    def variance(self, variable: Variable) -> Number:
        """A1: E λ_a² = 1; the law of the noise: E ε_{ak}² = τ."""
        return {"lambda": Fraction(1), "epsilon": self.tau}[variable[0]]

    def label(self, k: int) -> Polynomial:
        """(1): y_k = Σ_a λ_a (z_{ak} + ε_{ak})."""
        found: Polynomial = {}
        for a in range(self.m):
            found[(("lambda", a),)] = self.features[a][k]
            found[tuple(sorted((("lambda", a), ("epsilon", a, k))))] = Fraction(1)
        return found

    def moment(self, j: int, k: int) -> Number:
        """E y_j y_k."""
        return mean(multiplied(self.label(j), self.label(k)), self.variance)

    @cached_property
    def moments(self) -> Matrix:
        """E yyᵀ, (K, K)."""
        return [[self.moment(j, k) for k in range(self.K)] for j in range(self.K)]

    def loss_at(self, weights: Matrix, k: int) -> Number:
        """½ E(ŷ_k − y_k)² with ŷ_k = Σ_j y_j weights_{jk} (8): the square multiplied out, its mean taken monomial by monomial."""
        if shape(weights) != (self.N, self.K):
            raise Shape(f"weights {shape(weights)}, not {(self.N, self.K)}")
        error: Polynomial = {}
        for j in range(self.N):
            error = added(error, self.label(j), weights[j][k])
        error = added(error, self.label(k), -1)
        return mean(multiplied(error, error), self.variance) / 2

    def loss(self, weights: Matrix) -> Number:
        """(9)."""
        return sum((self.loss_at(weights, k) for k in range(self.K)), Fraction(0)) / self.K

    def slope(self, weights: Matrix, j: int, k: int) -> Number:
        """∂𝓛/∂Â_{jk} = E[(ŷ_k − y_k) y_j]/K."""
        pulled = sum((weights[n][k] * self.moments[n][j] for n in range(self.N)), Fraction(0))
        return (pulled - self.moments[k][j]) / self.K

    @cached_property
    def best(self) -> Matrix:
        """The weights at which every slope vanishes."""
        prompt = [row[: self.N] for row in self.moments[: self.N]]
        return solved(prompt, self.moments[: self.N])

    def target(self, k: int) -> Matrix:
        """Zᵀz_k + mτe_k for k < N (from 0), Zᵀz_k for the others."""
        found = times(transposed(self.Z), column(self.features, k))
        return [[x[0] + (self.noise if j == k else 0)] for j, x in enumerate(found)]

    @cached_property
    def A(self) -> Matrix:
        """(34)."""
        noisy = beside(identity(self.N, self.noise), zeros(self.N, self.K - self.N))
        return solved(self.gram, plus(times(transposed(self.Z), self.features), noisy))

    def delta(self, weights: Matrix, k: int) -> Matrix:
        """(33) with Zᵀ before z_k, as the steps of Lemma 5 have it: a column."""
        return plus(column(weights, k), solved(self.gram, self.target(k)), -1)


# The parameters: (7), (8), (28), (39)


@dataclass(frozen=True)
class Parameters:
    """Q (H, d, d), α (H, K), γ and tokens V̂ (d, K), on top of a setting."""

    setting: Setting
    tokens: Matrix
    Q: list[Matrix]
    alpha: Matrix
    gamma: Number

    @property
    def H(self) -> int:
        return len(self.Q)

    def scores(self, h: int, k: int) -> Vector:
        """Vᵀ Q_h v_k."""
        image = times(self.Q[h], column(self.tokens, k))
        prompt = [row[: self.setting.N] for row in self.tokens]
        return [row[0] for row in times(transposed(prompt), image)]

    @cached_property
    def s(self) -> list[Matrix]:
        """(28), [h][j][k]."""
        sizes = range(self.H), range(self.setting.K)
        columns = {(h, k): softmax(self.scores(h, k)) for h, k in cartesian(*sizes)}
        return [
            [[columns[h, k][j] for k in range(self.setting.K)] for j in range(self.setting.N)]
            for h in range(self.H)
        ]

    @cached_property
    def weights(self) -> Matrix:
        """(35) with w = γα."""
        return weights(self.s, self.alpha, self.gamma)

    def gradient_alpha(self) -> Matrix:
        """∂ℓ/∂α_{h,k}, (H, K): each slope in Â times what α_{h,k} does to Â."""
        here = self.setting
        return [
            [
                sum(
                    (here.slope(self.weights, j, k) * self.gamma * self.s[h][j][k] for j in range(here.N)),
                    Fraction(0),
                )
                for k in range(here.K)
            ]
            for h in range(self.H)
        ]

    def gradient_Q(self) -> list[Matrix]:
        return gradient_Q(self.setting, self.tokens, self.s, self.alpha, self.gamma)

    def B(self, k: int) -> Matrix:
        """(13): Z̄ C_k, (N, H)."""
        return times(
            self.setting.Zbar, [[self.s[h][j][k] for h in range(self.H)] for j in range(self.setting.N)]
        )

    @cached_property
    def zeta(self) -> Number:
        """(14) at these parameters."""
        least = [eigenvalues(times(self.B(k), transposed(self.B(k))))[0] for k in range(self.setting.K)]
        return min(least, key=exact)


def softmax(scores: Vector) -> Vector:
    """Fractions where all scores are equal."""
    if all(x == scores[0] for x in scores):
        return [Fraction(1, len(scores))] * len(scores)
    exponentials = [REAL.exp(real(x)) for x in scores]
    total = sum(exponentials)
    return [e / total for e in exponentials]


def weights(s: list[Matrix], alpha: Matrix, gamma: Number) -> Matrix:
    """Σ_h γ α_{h,k} s_{jk}^h, (N, K)."""
    N, K = shape(s[0])
    return [
        [sum((gamma * alpha[h][k] * s[h][j][k] for h in range(len(s))), Fraction(0)) for k in range(K)]
        for j in range(N)
    ]


def gradient_Q(
    setting: Setting, tokens: Matrix, s: list[Matrix], alpha: Matrix, gamma: Number
) -> list[Matrix]:
    """∂ℓ/∂(Q_h)_{pq}, (H, d, d): ∂s_j/∂x_i = s_j(1{i = j} − s_i) for the scores x_i = Σ_{pq} v_{ip}(Q_h)_{pq}v_{kq}."""
    d, N, K = len(tokens), setting.N, setting.K
    slopes = [[setting.slope(weights(s, alpha, gamma), j, k) for k in range(K)] for j in range(N)]
    found = [zeros(d, d) for _ in s]
    for h, p, q, k, j, i in cartesian(range(len(s)), range(d), range(d), range(K), range(N), range(N)):
        jacobian = s[h][j][k] * (int(i == j) - s[h][i][k])
        found[h][p][q] += slopes[j][k] * gamma * alpha[h][k] * jacobian * tokens[p][i] * tokens[q][k]
    return found


# Tokens


def norms_that_are_not_one(tokens: Matrix) -> Iterator[int]:
    """The numbers (from 1) of tokens without norm 1."""
    for k in range(shape(tokens)[1]):
        if squared_norm(column(tokens, k)) != 1:
            yield k + 1


def equal_columns(tokens: Matrix) -> tuple[int, int] | None:
    """The numbers (from 1) of the first two equal tokens."""
    columns = transposed(tokens)
    return next(
        ((i + 1, j + 1) for i, j in combinations(range(len(columns)), 2) if columns[i] == columns[j]), None
    )
