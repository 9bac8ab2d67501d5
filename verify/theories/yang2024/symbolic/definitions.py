"""What the defined letters of the inequalities stand for: A, δ, Z̄δ, b, the gradients, and norms as roots.

`defined()` gives an entry as an expression in earlier letters, `squared()` the square of a nonnegative letter or scalar. Both
serve as axioms of proofs and as the way to evaluate the letters at a point. Letters of the second point ξ′ are primed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from symbolic.indexed import Expr, Index, Tensor, entry, number, scalar
from symbolic.proof import Axiom, Use
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.derivation import derive, system_axiom
from verify.theories.yang2024.symbolic.letters import index

h, g = index("h", "H"), index("g", "H")
i, j, n = index("i", "N"), index("j", "N"), index("n", "N")
k = index("k", "K")
unlabelled = index("k", "U")
p, q = index("p", "d"), index("q", "d")


def primed(expr: Expr) -> Expr:
    """The same expression at ξ′."""
    total = number(0)
    for head, factors, names in expr.opened():
        for tensor, refs in factors:
            head = head * entry(let.PRIMED.get(tensor, tensor), refs)
        total = total + head.sum(*names)
    return total


@cache
def defined() -> Mapping[Tensor, tuple[tuple[Index, ...], Expr]]:
    """letter -> (indices, its entry there), in an order in which each needs only the ones before it."""
    gamma, per = scalar("gamma"), scalar("K", -1)
    rows: dict[Tensor, tuple[tuple[Index, ...], Expr]] = {
        let.A: ((j, k), derive().fixed_point),
        let.DEL: ((j, k), gamma * (let.ALPHA[h, k] * let.S[h, j, k]).sum(h) - let.A[j, k]),
        let.ZD: ((j, k), (let.ZBAR[j, i] * let.DEL[i, k]).sum(i)),
        let.B: ((h, j, k), (let.ZBAR[j, i] * let.S[h, i, k]).sum(i)),
        let.CZ: ((j, k), (let.ZBAR[j, i] * let.ZD[i, k]).sum(i)),
        let.VB: ((h, p, k), (let.S[h, i, k] * let.V[p, i]).sum(i)),
        let.GA: ((h, k), gamma * per * (let.B[h, j, k] * let.ZD[j, k]).sum(j)),
        let.PT: (
            (h, p, k),
            let.ALPHA[h, k] * (let.CZ[j, k] * let.S[h, j, k] * (let.V[p, j] - let.VB[h, p, k])).sum(j),
        ),
        let.GQ: ((h, p, q), gamma * per * (let.PT[h, p, k] * let.V[q, k]).sum(k)),
    }  # fmt: skip
    for tensor, (at, value) in list(rows.items()):
        if tensor in let.PRIMED:
            rows[let.PRIMED[tensor]] = at, primed(value)
    return rows | between()


def between() -> dict[Tensor, tuple[tuple[Index, ...], Expr]]:
    """The three parts of g_k^h − g′_k^h: δ moves, α moves, attention moves."""
    new = let.S[h, j, k] * (let.V[p, j] - let.VB[h, p, k])
    old = primed(new)
    return {
        let.PD: ((h, p, k), let.ALPHA[h, k] * ((let.CZ[j, k] - let.CZ2[j, k]) * new).sum(j)),
        let.PA: ((h, p, k), (let.ALPHA[h, k] - let.ALPHA2[h, k]) * (let.CZ2[j, k] * new).sum(j)),
        let.PS: ((h, p, k), let.ALPHA2[h, k] * (let.CZ2[j, k] * (new - old)).sum(j)),
    }


@cache
def squared() -> Mapping[Tensor | str, tuple[tuple[Index, ...], Expr]]:
    """nonnegative letter, or name of a scalar -> (indices, its square there)."""
    return {
        let.DQ: ((h,), ((let.Q[h, p, q] - let.Q2[h, p, q]) ** 2).sum(p, q)),
        let.DAK: ((k,), ((let.ALPHA[h, k] - let.ALPHA2[h, k]) ** 2).sum(h)),
        let.DAH: ((h,), ((let.ALPHA[h, k] - let.ALPHA2[h, k]) ** 2).sum(k)),
        let.DS: ((h, j, k), (let.S[h, j, k] - let.S2[h, j, k]) ** 2),
        let.JX: ((h, j, k), (let.XI[j] - (let.S[h, i, k] * let.XI[i]).sum(i)) ** 2),
        "nDQ": ((), (let.DQ[h] ** 2).sum(h)),
        "nDA": ((), ((let.ALPHA[h, k] - let.ALPHA2[h, k]) ** 2).sum(h, k)),
        let.NAH: ((h,), (let.ALPHA[h, k] ** 2).sum(k)),
        let.NAH2: ((h,), (let.ALPHA2[h, k] ** 2).sum(k)),
        "nxi": ((), (let.XIK[k] ** 2).sum(k)),
        "nxP": ((), (let.XIK[i] ** 2).sum(i)),
        "nxU": ((), (let.XIK[unlabelled] ** 2).sum(unlabelled)),
        "root2": ((), number(2)),
    }


@cache
def largest() -> Mapping[Tensor | str, tuple[tuple[Index, ...], tuple[Index, ...], tuple[Expr, ...]]]:
    """nonnegative letter, or name of a scalar -> (indices, over, squares): it is the root of the largest of the squares,
    for all values of the indices `over`."""
    step = (let.V[p, j] * (let.Q[h, p, q] - let.Q2[h, p, q]) * let.V[q, k]).sum(p, q)
    return {
        let.DX: ((h, k), (j,), (step**2,)),
        "mDQ": ((), (h,), (let.DQ[h] ** 2,)),
        "fmax": ((), (j,), ((let.ZBAR[i, j] ** 2).sum(i),)),
        "mx": ((), (), (number(1), (4 * scalar("K") * scalar("abar", 2)) ** 2)),
    }


def axiom(letter: Tensor | str) -> Axiom:
    """letter = its definition, or letter² = its square."""
    if isinstance(letter, Tensor) and letter in defined():
        at, value = defined()[letter]
        return Axiom(f"definition of {letter.name}", letter[at], value, at)
    at, value = squared()[letter]
    root = letter[at] if isinstance(letter, Tensor) else scalar(letter)
    name = letter.name if isinstance(letter, Tensor) else letter
    return Axiom(f"definition of {name}, squared", root**2, value, at)


def use(
    letter: Tensor | str, cofactor: Expr, at: tuple[Index, ...] = (), bind: tuple[Index, ...] = ()
) -> Use:
    """cofactor · (letter − definition) at these indices, summed."""
    return Use(axiom(letter), cofactor, at, bind)


@cache
def root_axiom() -> Axiom:
    """Σ_i Z̄_{ji} Z̄_{in} = M_{jn} (12)."""
    return Axiom("Z̄Z̄ = ZᵀZ + mτI", (let.ZBAR[j, i] * let.ZBAR[i, n]).sum(i), derive().system, (j, n))


@cache
def unit_token() -> Axiom:
    """‖v_k‖² = 1 (A0)."""
    return Axiom("A0: ‖v_k‖ = 1", (let.V[p, k] ** 2).sum(p), number(1), (k,))


__all__ = [
    "axiom",
    "defined",
    "largest",
    "primed",
    "root_axiom",
    "squared",
    "system_axiom",
    "unit_token",
    "use",
]
