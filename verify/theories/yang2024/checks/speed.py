"""How a printed rate moves with a size: exactly, in the exponents of its formula; and enclosed, at pairs of instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np
import sympy as sp
from flint import arb
from numpy.typing import NDArray

from numeric import balls
from verify.known import known
from verify.record import Evidence, Witness
from verify.statement import Claim
from verify.theories.yang2024.checks.clauses import Finding, opened, refuted
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import Constants
from verify.theories.yang2024.numeric.instance import Instance
from verify.vocabulary import Here

Array = NDArray[np.float64]
Letter = Literal["K", "H"]
Direction = Literal["slower", "faster", "open"]
Exponents = Mapping[sp.Symbol, Fraction]


class NoPosynomial(ValueError):
    """An expression that is no sum of positive coefficients times rational powers of positive symbols."""


def posynomial(expr: sp.Expr) -> tuple[Exponents, ...]:
    """The exponents of each term of a sum of monomials with positive coefficients. Raises NoPosynomial."""
    terms = []
    for part in sp.Add.make_args(sp.expand(expr)):
        coefficient, rest = part.as_independent(*part.free_symbols, as_Add=False)
        powers = rest.as_powers_dict() if rest != 1 else {}
        if not coefficient.is_positive or not all(
            base.is_Symbol and base.is_positive and power.is_Rational for base, power in powers.items()
        ):
            raise NoPosynomial(f"{part} is no positive monomial")
        terms.append({base: Fraction(int(power.p), int(power.q)) for base, power in powers.items()})
    return tuple(terms)


def elasticity(expr: sp.Expr, letter: sp.Symbol) -> Fraction:
    """d log expr / d log letter of one monomial. Raises NoPosynomial where it is none in this letter."""
    found = sp.simplify(letter * sp.diff(expr, letter) / expr)
    if not found.is_Rational:
        raise NoPosynomial(f"{expr} is no monomial in {letter}")
    return Fraction(int(found.p), int(found.q))


def rising_from(
    terms: Sequence[Exponents], letter: sp.Symbol, moving: Exponents, mixed: sp.Symbol, own: Fraction
) -> Fraction | None:
    """The least ratio u/b from which on Σ terms rises strictly with `letter`; None where there is no such ratio.

    mixed   stands for u + b, where u goes as letter^own and b is constant: its elasticity is own · u/(u + b)
    moving  elasticities of other symbols that depend on the letter
    A term rises iff its elasticity is positive; u/b grows with the letter, so what holds once holds further on.
    """
    parts = [
        (term.get(letter, Fraction(0)) + sum((term.get(s, Fraction(0)) * e for s, e in moving.items()), Fraction(0)),
         term.get(mixed, Fraction(0)) * own)
        for term in terms
    ]  # fmt: skip
    if any(slope < 0 or (slope == 0 and fixed < 0) or fixed + slope < 0 for fixed, slope in parts):
        return None
    share = max((-fixed / slope for fixed, slope in parts if fixed < 0), default=Fraction(0))
    rises = any(
        fixed + slope * share > 0 or (share == 0 and slope > 0) for fixed, slope in parts
    )  # u is above 0
    if share >= 1 or not rises:
        return None
    return share / (1 - share)


def change(before: Constants, after: Constants) -> Direction:
    """Whether the factor 1 − η_wζ_0/(2K) that (18) guarantees a step is certainly larger (slower) or smaller afterwards."""
    one, other = before.log_rate, after.log_rate
    if one is None or other is None:
        return "open"
    return "slower" if bool(other > one) else "faster" if bool(other < one) else "open"


def resized(constants: Constants, *, K: int = 0, H: int = 0) -> Constants:
    """The same constants with K or H raised in the formulas (15)–(18) alone, everything else held fixed."""
    N, K0, m, H0 = constants.sizes
    return replace(constants, sizes=(N, K0 + K, m, H0 + H))


def factor(constants: Constants) -> arb:
    """1 − η_wζ_0/(2K)."""
    rate = constants.rate
    if rate is None:
        raise balls.Undecided(constants.no_rates)
    return rate


def faster(before: Constants, after: Constants, what: str, values: Mapping[str, str]) -> Finding:
    """Refutes "it gets slower" by one pair of constants, both enclosed."""
    N, K, m, H = before.sizes
    if change(before, after) == "open":
        return opened("enclose", f"the two rates cannot be told apart: {what}")
    lhs, rhs = (factor(c).str(8, radius=False) for c in (before, after))
    summary = f"{what}: the guaranteed factor a step goes from {lhs} to {rhs}"
    witness = Witness(
        summary=summary, sizes={"N": N, "K": K, "m": m, "H": H}, values=dict(values), lhs=f"factor after = {rhs}",
        rhs=f"factor before = {lhs}", method="ball arithmetic on exact entries; the enclosures are disjoint",
    )  # fmt: skip
    return refuted(change(before, after) == "faster", f"{summary}, which is faster.", witness)


def exact_instance(
    tokens: Sequence[Sequence[float]],
    features: Sequence[Sequence[float]],
    N: int,
    tau: float,
    Q: Sequence[Sequence[float]],
) -> Instance:
    """A small instance whose entries are dyadic rationals; Q lists diagonals."""
    return Instance(
        name="small", tokens=np.array(tokens, dtype=float), features=np.array(features, dtype=float), N=N, H=len(Q),
        tau=tau, Q_given=np.array([np.diag(np.array(q, dtype=float)) for q in Q]),
    )  # fmt: skip


def entries(instance: Instance) -> dict[str, str]:
    """Exact entries of a small instance with diagonal Q, to be printed."""

    def matrix(array: Array) -> str:
        rows = (", ".join(str(Fraction(float(x))) for x in row) for row in array)
        return "[" + "; ".join(f"({row})" for row in rows) + "]"

    return {
        "V̂": matrix(instance.tokens), "Ẑ": matrix(instance.features), "tau": str(Fraction(instance.tau)),
        "diagonals of Q_h": matrix(np.stack([np.diag(Q) for Q in instance.heads()])),
    }  # fmt: skip


def parts_of_bracket(constants: Constants) -> tuple[arb, arb]:
    """The two parts of the bracket of (17): 8√2 H√K (‖Z̄‖₂²/ζ_0) √Δ^(0) and 1 + ‖ZᵀẐ‖₂/(mτ)."""
    _, K, m, H = constants.sizes
    with balls.precision(constants.precision):
        u = (
            8
            * arb(2).sqrt()
            * H
            * arb(K).sqrt()
            * constants.norm_Zbar**2
            / constants.zeta0
            * constants.Delta0.sqrt()
        )
        return u, 1 + constants.norm_ZtZhat / (m * constants.tau)


@dataclass(frozen=True)
class SpeedHere:
    """(18) at this instance with K, and with H, raised by one in the formulas and everything else as it is.

    from_ratio  per letter, the u/b of the bracket of (17) from which on this is claimed; 0 claims it everywhere
    """

    from_ratio: Mapping[Letter, Fraction]

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        found = laboratory.constants
        if found.log_rate is None:
            return [
                Evidence(
                    check="enclose", scope="here", verdict="undecided", strength=None,
                    statement=f"No rates here: {found.no_rates}.",
                )
            ]  # fmt: skip
        u, b = parts_of_bracket(found)
        words, seen = [], set()
        for letter, least in self.from_ratio.items():
            direction = change(found, resized(found, K=letter == "K", H=letter == "H"))
            claimed = bool(u * least.denominator >= b * least.numerator)
            words.append(
                f"with {letter} + 1 for {letter} {direction}"
                + ("" if claimed else ", where nothing is claimed")
            )
            seen |= {direction} if claimed else set()
        verdict: Here = (
            "not applicable"
            if not seen
            else "fails"
            if "faster" in seen
            else "undecided"
            if "open" in seen
            else "holds"
        )
        ratio = float((u / b).mid())
        return [
            Evidence(
                check="enclose", **known("here", verdict, "certified"),
                statement=f"Everything else held fixed, the guarantee at this instance gets {', '.join(words)}; the two parts of the "
                f"bracket of (17) are in the ratio {ratio:.4g}.",
                figures={"ratio of the parts of the bracket": ratio}, budget=f"{found.precision} bits",
            )
        ]  # fmt: skip
