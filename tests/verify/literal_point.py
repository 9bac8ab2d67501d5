"""The letters of a point by another program: the formulas of the paper in mpmath, by loops over indices, gradients by differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import mpmath

REAL = mpmath.mp.clone()
REAL.dps = 60
STEP = REAL.mpf(10) ** -18
Number = Any
Nested = Any


def reals(value: Any) -> Nested:
    """Fractions, or arrays of them, as numbers of 60 digits."""
    if hasattr(value, "denominator"):
        return REAL.mpf(value.numerator) / value.denominator
    return [reals(row) for row in value]


def moved(array: Nested, by: Number, *place: int) -> Nested:
    """The array with one entry moved."""
    first, *rest = place
    return [(moved(x, by, *rest) if rest else x + by) if n == first else x for n, x in enumerate(array)]


class Literal:
    """Everything at ξ, or at ξ′ where `second` is set; parameters are those of the point, by name."""

    def __init__(self, sizes: Mapping[str, int], parameters: Mapping[str, Any], second: str = "") -> None:
        self.N, self.K, self.m, self.d, self.H = (sizes[name] for name in ("N", "K", "m", "d", "H"))
        self.parameters, self.second = parameters, second

    def __getattr__(self, name: str) -> Nested:
        """V, Z, Q, alpha, tau, gamma, xi, …; Q and alpha are those of ξ′ where `second` is set."""
        key = name + self.second if name in ("Q", "alpha") else name
        if key not in self.parameters:
            raise AttributeError(key)
        return reals(self.parameters[key])

    def attention(self, Q: Nested) -> Nested:
        """(28)."""
        V, s = self.V, [[[REAL.mpf(0)] * self.K for _ in range(self.N)] for _ in range(self.H)]
        for a in range(self.H):
            for t in range(self.K):
                e = []
                for n in range(self.N):
                    pairs = [(u, v) for u in range(self.d) for v in range(self.d)]
                    e.append(REAL.exp(sum(V[u][n] * Q[a][u][v] * V[v][t] for u, v in pairs)))
                for n in range(self.N):
                    s[a][n][t] = e[n] / sum(e)
        return s

    def loss(self, Q: Nested, alpha: Nested) -> Number:
        """(9) by expanding the square in λ and ε: E(λᵀu)² = ‖u‖²."""
        s, Z, total = self.attention(Q), self.Z, REAL.mpf(0)
        for t in range(self.K):
            row = [REAL.mpf(0)] * self.K
            for n in range(self.N):
                row[n] = self.gamma * sum(alpha[a][t] * s[a][n][t] for a in range(self.H))
            row[t] -= 1
            for a in range(self.m):
                total += sum(row[n] * Z[a][n] for n in range(self.K)) ** 2
            total += self.m * self.tau * sum(x * x for x in row)
        return total / (2 * self.K)

    def slope(self, change: Callable[[Number], tuple[Nested, Nested]]) -> Number:
        return (self.loss(*change(STEP)) - self.loss(*change(-STEP))) / (2 * STEP)

    @cached_property
    def s(self) -> Nested:
        return self.attention(self.Q)

    @cached_property
    def gQ(self) -> Nested:
        Q, alpha, d = self.Q, self.alpha, range(self.d)
        return [
            [[self.slope(lambda by, a=a, u=u, v=v: (moved(Q, by, a, u, v), alpha)) for v in d] for u in d]
            for a in range(self.H)
        ]

    @cached_property
    def ga(self) -> Nested:
        Q, alpha = self.Q, self.alpha
        return [
            [self.slope(lambda by, a=a, t=t: (Q, moved(alpha, by, a, t))) for t in range(self.K)]
            for a in range(self.H)
        ]

    @cached_property
    def system(self) -> Any:
        M = REAL.matrix(self.N)
        for n in range(self.N):
            for o in range(self.N):
                M[n, o] = sum(self.Z[a][n] * self.Z[a][o] for a in range(self.m)) + (
                    self.m * self.tau if n == o else 0
                )
        return M

    @cached_property
    def eigen(self) -> tuple[list[Number], Any]:
        values, vectors = REAL.eigsy(self.system)
        return list(values), vectors

    @cached_property
    def Zbar(self) -> Nested:
        values, vectors = self.eigen
        root = vectors * REAL.diag([REAL.sqrt(x) for x in values]) * vectors.T
        return [[root[n, o] for o in range(self.N)] for n in range(self.N)]

    @cached_property
    def A(self) -> Nested:
        """(34), column by column."""
        columns = []
        for t in range(self.K):
            right = [
                sum(self.Z[a][n] * self.Z[a][t] for a in range(self.m)) + (self.m * self.tau if n == t else 0)
                for n in range(self.N)
            ]
            columns.append(REAL.lu_solve(self.system, REAL.matrix(right)))
        return [[columns[t][n] for t in range(self.K)] for n in range(self.N)]

    @cached_property
    def delta(self) -> Nested:
        def entry(n: int, t: int) -> Number:
            return self.gamma * sum(self.alpha[a][t] * self.s[a][n][t] for a in range(self.H)) - self.A[n][t]

        return [[entry(n, t) for t in range(self.K)] for n in range(self.N)]

    @cached_property
    def b(self) -> Nested:
        def entry(a: int, n: int, t: int) -> Number:
            return sum(self.Zbar[n][o] * self.s[a][o][t] for o in range(self.N))

        return [[[entry(a, n, t) for t in range(self.K)] for n in range(self.N)] for a in range(self.H)]

    @cached_property
    def lmin(self) -> Nested:
        """λ_min(B_k B_kᵀ)."""
        found = []
        for t in range(self.K):
            gram = REAL.matrix(self.N)
            for n in range(self.N):
                for o in range(self.N):
                    gram[n, o] = sum(self.b[a][n][t] * self.b[a][o][t] for a in range(self.H))
            found.append(min(REAL.eigsy(gram, eigvals_only=True)))
        return found

    @cached_property
    def gap(self) -> Number:
        """(36): (1/2K) Σ_k ‖Z̄δ_k‖², from δᵀMδ."""
        total = REAL.mpf(0)
        for t in range(self.K):
            for n in range(self.N):
                total += self.delta[n][t] * sum(self.system[n, o] * self.delta[o][t] for o in range(self.N))
        return total / (2 * self.K)

    @property
    def nZbar(self) -> Number:
        return max(REAL.sqrt(x) for x in self.eigen[0])

    @property
    def nA(self) -> Number:
        return max(REAL.svd_r(REAL.matrix(self.A), compute_uv=False))

    @property
    def fmax(self) -> Number:
        return max(REAL.sqrt(self.system[n, n]) for n in range(self.N))
