"""The letters at one size, every value symbolic: entries are polynomials over the rationals.

Nothing is divided: an inverse is a generator D with one relation, D·p = 1. It is replaced on the way, and in the end an
expression vanishes iff it does once the relations are multiplied through, since no p is 0. What stands for what:

    z_k          for k > N, where there is an inverse: (ZZᵀ + mτI) u_k with u_k free, a bijection; then A_k = Zᵀu_k
    softmax      s_N = 1 − Σ_{j<N} s_j; or e·r with r Σ_j e_j = 1
    (ZᵀZ + mτI)⁻¹, (ZZᵀ + mτI)⁻¹   adjugate times D, with D·det = 1
    Z̄           for N ≤ 2: symmetric with Z̄² = ZᵀZ + mτI, from Z and a free trace t: Z̄_12 = z_1·z_2/t,
                 Z̄_11 − Z̄_22 = (‖z_1‖² − ‖z_2‖²)/t, and mτ = (Z̄²)_11 − ‖z_1‖²
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any, TypeAlias

from flint import Ordering, fmpq, fmpq_mpoly_ctx

Polynomial: TypeAlias = Any  # flint's fmpq_mpoly
Entries: TypeAlias = Callable[..., Polynomial]

# Letters whose entries are free, and the dimensions of their slots; n: all prompt positions but the last.
FREE = {
    "V": "dK", "lam": "m", "eps": "mK", "y": "K", "w": "HK", "alpha": "HK", "Q": "Hdd", "Ahat": "NK", "xi": "N", "xs": "Nd",
    "xik": "K", "QD": "dH",
}  # fmt: skip
SLOTS = FREE | {
    "Z": "mK", "Zsq": "NK", "s": "HNK", "s2": "HNK", "e": "HNK", "r": "HK", "Zbar": "NN", "Minv": "NN", "Ginv": "mm", "Gtau": "mm",
    "A": "NK", "Slam": "mm",
}  # fmt: skip
SIZES = ("N", "K", "m", "d", "H")
SCALARS = ("gamma", "beta")


class Unsupported(ValueError):
    """The statement uses a letter or an operator that this route does not know."""


# What a statement that names one of these uses beside it.
BESIDE = {
    "E": ("lam", "eps"), "E_eps": ("eps",), "E_sq": ("eps",), "Loss": ("lam", "eps", "Ahat"), "Ridge": ("lam", "y"),
    "ell": ("lam", "eps", "alpha", "s"), "at_alpha": ("alpha", "s"), "at_A": ("Minv",), "A": ("Minv",), "at_ridge": ("y", "Ginv"),
    "Q differentiated": ("V",), "w differentiated": ("w", "s"),
}  # fmt: skip
INVERSES = {"Minv": "1/M", "Ginv": "1/G", "Gtau": "1/Gtau"}
POINT = (
    2,
    3,
    -5,
    7,
    -11,
    13,
    17,
    -19,
    23,
    29,
    -31,
    37,
    41,
)  # a place to look first whether something is not zero


class Generic:
    """The letters that are named at one size. Indices run from 0; token n is prompt position n.

    sizes  of N, K, m, d, H
    named  letters, scalars and operators of the statements; "Q differentiated" for a derivative in Q

    Raises Unsupported for Z̄ of more than two prompt tokens.
    """

    def __init__(self, sizes: Mapping[str, int], named: Iterable[str]) -> None:
        found = set(named)
        for name in [name for name in BESIDE if name in found]:
            found.update(BESIDE[name])
        self.sizes = {**sizes, "n": sizes["N"] - 1}
        self.weighted = {"w", "s", "Ahat"} <= found  # Â is then Â(θ)
        self.rooted = "Zbar" in found
        self.exponentials = bool({"s differentiated", "e", "r"} & found)
        if self.rooted and sizes["N"] > 2:
            raise Unsupported("Z̄ of more than two prompt tokens")
        if "Zsq" in found and sizes["m"] != sizes["N"]:
            raise Unsupported("Ẑ read as N×K where m ≠ N")
        shapes = {name: slots for name, slots in FREE.items() if name in found} | {"Z": "mK"}
        shapes |= {name: "HnK" for name in ("s", "s2") if name in found}
        if self.exponentials:
            shapes["e"] = "HNK"
            shapes.pop("s", None)
        inverses = ["1/gamma", "1/tau", *(INVERSES[name] for name in INVERSES if name in found)]
        if self.rooted:
            inverses.insert(0, "1/t")  # the others may contain it
        if self.exponentials:
            inverses += self._entries("r", "HK")
        self.substituted = bool({"1/M", "1/G"} & set(inverses)) and "1/Gtau" not in inverses
        if self.substituted and "lam" in shapes:
            shapes["z"] = "mK"  # z_k while labels are multiplied out
        self.free = [name for letter, slots in shapes.items() for name in self._entries(letter, slots)]
        self.free += [*SCALARS, "t" if self.rooted else "tau"]
        self.names = [*self.free, *inverses]
        self.ring = fmpq_mpoly_ctx.get(tuple(self.names), Ordering.degrevlex)
        self.generator = dict(zip(self.names, self.ring.gens(), strict=True))
        self.one, self.zero = self.ring.constant(1), self.ring.constant(0)
        self._kept: dict[Any, Any] = {}
        self.relations = [(name, self._inverted(name)) for name in inverses]
        self._units = [(self.names.index(name), self.generator[name] * p - 1) for name, p in self.relations]

    def _entries(self, letter: str, slots: str) -> list[str]:
        return [entry(letter, at) for at in product(*(range(self.sizes[slot]) for slot in slots))]

    def z(self, a: int, k: int) -> Polynomial:
        if k < self.sizes["N"] or not self.substituted:
            return self.generator[entry("Z", (a, k))]
        if (a, k) not in self._kept:
            row = self._system("1/G")[a]
            self._kept[a, k] = self.sum(x * self.generator[entry("Z", (b, k))] for b, x in enumerate(row))
        return self._kept[a, k]

    def gram(self, i: int, k: int) -> Polynomial:
        """(ZᵀẐ)_{ik}."""
        return self.sum(self.z(a, i) * self.z(a, k) for a in range(self.sizes["m"]))

    def sum(self, parts: Iterable[Polynomial]) -> Polynomial:
        total = self.zero
        for part in parts:
            total += part
        return total

    @cached_property
    def tau(self) -> Polynomial:
        if not self.rooted:
            return self.generator["tau"]
        square = self.sum(self.Zbar[0][j] * self.Zbar[j][0] for j in range(self.sizes["N"]))
        return (square - self.gram(0, 0)) / self.ring.constant(self.sizes["m"])

    @cached_property
    def Zbar(self) -> list[list[Polynomial]]:
        t = self.generator["t"]
        if self.sizes["N"] == 1:
            return [[t]]
        over_t = self.generator["1/t"]
        across = self.gram(0, 1) * over_t
        spread = (self.gram(0, 0) - self.gram(1, 1)) * over_t
        half = self.ring.constant(1) / 2
        return [[half * (t + spread), across], [across, half * (t - spread)]]

    def _system(self, name: str) -> list[list[Polynomial]]:
        """ZᵀZ + mτI, ZZᵀ + mτI or ZZᵀ + NτI."""
        N, m = self.sizes["N"], self.sizes["m"]
        if name == "1/M":
            rows, shift = [[self.gram(i, j) for j in range(N)] for i in range(N)], m
        else:
            rows = [
                [self.sum(self.z(a, i) * self.z(b, i) for i in range(N)) for b in range(m)] for a in range(m)
            ]
            shift = m if name == "1/G" else N
        for i, row in enumerate(rows):
            row[i] = row[i] + shift * self.tau
        return rows

    def _inverted(self, name: str) -> Polynomial:
        """What the generator is the inverse of."""
        if name == "1/M" and self.rooted:
            return self.determinant(self.Zbar)
        if name in ("1/M", "1/G", "1/Gtau"):
            return self.determinant(self._system(name))
        if name == "1/tau":
            return self.tau
        if name in ("1/t", "1/gamma"):
            return self.generator[name[2:]]
        h, k = (int(part) for part in name[2:-1].split(","))
        return self.sum(self.generator[entry("e", (h, j, k))] for j in range(self.sizes["N"]))

    def determinant(self, rows: Sequence[Sequence[Polynomial]]) -> Polynomial:
        if not rows:
            return self.one
        minors = [[[x for j, x in enumerate(row) if j != c] for row in rows[1:]] for c in range(len(rows))]
        return self.sum(
            (1 if c % 2 == 0 else -1) * rows[0][c] * self.determinant(minors[c]) for c in range(len(rows))
        )

    def inverse(self, name: str) -> list[list[Polynomial]]:
        """Adjugate times the generator that inverts the determinant; with Z̄ at hand, the square of its own inverse."""
        if name not in self._kept:
            size = self.sizes["N" if name == "1/M" else "m"]
            if name == "1/M" and self.rooted:
                half = self._adjugate(self.Zbar, name)
                rows = [
                    [self.sum(half[i][n] * half[n][j] for n in range(size)) for j in range(size)]
                    for i in range(size)
                ]
            else:
                rows = self._adjugate(self._system(name), name)
            self._kept[name] = [[self.reduced(x) for x in row] for row in rows]
        found: list[list[Polynomial]] = self._kept[name]
        return found

    def _adjugate(self, rows: Sequence[Sequence[Polynomial]], scale: str) -> list[list[Polynomial]]:
        """Of a symmetric matrix, times a generator."""

        def minor(i: int, j: int) -> Polynomial:
            kept = [[x for c, x in enumerate(row) if c != i] for r, row in enumerate(rows) if r != j]
            return (1 if (i + j) % 2 == 0 else -1) * self.determinant(kept) * self.generator[scale]

        return [[minor(i, j) for j in range(len(rows))] for i in range(len(rows))]

    def softmax(self, letter: str, h: int, j: int, k: int) -> Polynomial:
        if self.exponentials and letter == "s":
            return self.generator[entry("e", (h, j, k))] * self.generator[entry("r", (h, k))]
        if j < self.sizes["N"] - 1:
            return self.generator[entry(letter, (h, j, k))]
        return self.one - self.sum(self.generator[entry(letter, (h, i, k))] for i in range(j))

    def A(self, i: int, k: int) -> Polynomial:
        """(34)."""
        inverse, N = self.inverse("1/M"), self.sizes["N"]
        return self.sum(inverse[i][n] * self._target(n, k) for n in range(N))

    def _target(self, n: int, k: int) -> Polynomial:
        """(Zᵀz_k + mτ e_k)_n."""
        return self.gram(n, k) + (self.sizes["m"] * self.tau if n == k else 0)

    def label(self, k: int) -> Polynomial:
        """(1); where z_k is long its entries are letters, until `expected` puts them in."""
        opaque = self.substituted and k >= self.sizes["N"]

        def z(a: int) -> Polynomial:
            return self.generator[entry("z", (a, k))] if opaque else self.z(a, k)

        return self.sum(
            self.generator[entry("lam", (a,))] * (z(a) + self.generator[entry("eps", (a, k))])
            for a in range(self.sizes["m"])
        )

    def ridge(self, a: int) -> Polynomial:
        """λ̂ = (ZZᵀ + mτI)⁻¹ Zy."""
        inverse, N, m = self.inverse("1/G"), self.sizes["N"], self.sizes["m"]
        return self.sum(
            inverse[a][b] * self.z(b, n) * self.generator[entry("y", (n,))]
            for b in range(m)
            for n in range(N)
        )

    def weight(self, j: int, k: int) -> Polynomial:
        """Â(θ) of (35)."""
        return self.sum(self.own("w", (h, k)) * self.softmax("s", h, j, k) for h in range(self.sizes["H"]))

    def scaled_weight(self, j: int, k: int) -> Polynomial:
        """Â in α of (39)."""
        return self.generator["gamma"] * self.sum(
            self.generator[entry("alpha", (h, k))] * self.softmax("s", h, j, k)
            for h in range(self.sizes["H"])
        )

    def own(self, name: str, at: tuple[int, ...]) -> Polynomial:
        """An entry of a letter. Raises Unsupported for a letter that is not known here."""
        match name:
            case "Z" | "Zsq":
                return self.z(*at)
            case "s" | "s2":
                return self.softmax(name, *at)
            case "Zbar":
                return self.Zbar[at[0]][at[1]]
            case "Minv" | "Ginv" | "Gtau":
                return self.inverse(INVERSES[name])[at[0]][at[1]]
            case "A":
                return self.A(*at)
        if entry(name, at) not in self.generator:
            raise Unsupported(f"letter {name}")
        return self.generator[entry(name, at)]

    def reduced(self, poly: Polynomial) -> Polynomial:
        """The same with D·p replaced by 1, as often as the leading term of p allows."""
        degrees = poly.degrees()
        for place, unit in self._units:
            if degrees[place]:
                poly = divmod(poly, unit)[1]
        return poly

    def replaced(self, poly: Polynomial, instead: Mapping[str, Entries]) -> Polynomial:
        """The polynomial with other values in the place of the entries of some letters."""
        values = {}
        for place, (name, degree) in enumerate(zip(self.names, poly.degrees(), strict=True)):
            letter, _, at = name.partition("(")
            if degree and letter in instead:
                values[place] = instead[letter](*(int(part) for part in at[:-1].split(",")))
        if not values:
            return poly
        parts: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
        for powers, coefficient in poly.to_dict().items():
            rest = tuple(0 if place in values else power for place, power in enumerate(powers))
            parts.setdefault(tuple(powers[place] for place in values), {})[rest] = coefficient
        total = self.zero
        for powers, terms in parts.items():
            part = self.ring.from_dict(terms)
            for value, power in zip(values.values(), powers, strict=True):
                part = part * value**power
            total += part
        return total

    def vanishes(self, poly: Polynomial) -> bool:
        """Whether it is zero wherever D·p = 1 for every relation."""
        poly = self.reduced(poly)
        if poly == 0:
            return True
        if self._somewhere is not None and poly(*self._somewhere) != 0:
            return False
        for name, inverted in reversed(self.relations):
            poly = self._cleared(poly, self.names.index(name), inverted)
            if poly == 0:
                return True
        return False

    @cached_property
    def _somewhere(self) -> list[Any] | None:
        """A rational point at which every relation holds; None where the place chosen has an inverse of 0."""
        values = {name: fmpq(POINT[n % len(POINT)] + n // len(POINT)) for n, name in enumerate(self.free)}
        for name, inverted in self.relations:
            value = inverted(*(values.get(other, fmpq(0)) for other in self.names))
            if value == 0:
                return None
            values[name] = 1 / value
        return [values[name] for name in self.names]

    def _cleared(self, poly: Polynomial, place: int, inverted: Polynomial) -> Polynomial:
        """Σ_n P_n p^{d−n} for P = Σ_n P_n D^n of degree d: it vanishes with P, since p ≠ 0 and D = 1/p."""
        if poly.degrees()[place] == 0:
            return poly
        parts: dict[int, dict[tuple[int, ...], Any]] = {}
        for powers, coefficient in poly.to_dict().items():
            rest = (*powers[:place], 0, *powers[place + 1 :])
            parts.setdefault(powers[place], {})[rest] = coefficient
        degree = max(parts)
        return self.sum(self.ring.from_dict(terms) * inverted ** (degree - n) for n, terms in parts.items())


def entry(name: str, at: tuple[int, ...]) -> str:
    """The name of the generator of one entry."""
    return f"{name}({','.join(map(str, at))})"
