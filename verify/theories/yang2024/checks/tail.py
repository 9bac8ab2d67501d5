"""Upper tails of χ² laws: a bound in e^{−s} or δ, argued for every N, and enclosed in balls over many orders of magnitude."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq

from numeric import balls
from numeric.chi_square import noncentral_tail, tail
from symbolic.argument import Argument
from symbolic.bound import Fact, facts, hypotheses
from symbolic.indexed import number
from verify.known import by, known
from verify.prove.identity import as_written
from verify.prove.premises import checked_twice
from verify.record import Evidence, Witness
from verify.sides import read
from verify.statement import Claim, Identity
from verify.theories.yang2024.checks.zeros import argue
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import SETTING
from verify.vocabulary import Found

BITS = 256
NUMBERS = {
    "fast": (1, 2, 3, 5, 10, 30, 100, 1000, 10_000, 1_000_000),
    "full": (*range(1, 41), 50, 100, 300, 1000, 10_000, 100_000, 1_000_000),
}
EXPONENTS = tuple(
    lead * Fraction(10) ** power for power in range(-6, 4) for lead in (1, 3) if lead * 10.0**power <= 1000
)
LEVELS = tuple(
    1 - Fraction(1, 10**k) for k in (6, 3, 1)
) + tuple(Fraction(lead, 10**k) for k in (1, 2, 3, 6, 12, 30, 100, 300) for lead in (5, 1))  # fmt: skip
COVERED = {"fast": (1, 2, 10, 100, 1000), "full": (1, 2, 3, 5, 10, 30, 100, 1000, 10_000)}
REACH = 1000


def ball(value: Fraction | int) -> arb:
    value = Fraction(value)
    return arb(fmpq(value.numerator, value.denominator))


@dataclass(frozen=True)
class Excess:
    """x − N = root·√(Ns) + linear·s."""

    root: Fraction | int = 2
    linear: Fraction | int = 2

    def point(self, N: int, s: arb) -> arb:
        """x = N + root·√(Ns) + linear·s."""
        return N + ball(self.root) * (N * s).sqrt() + ball(self.linear) * s

    def probability(self, N: int, s: arb) -> arb:
        """P(χ²_N ≥ x)."""
        return tail(N, self.point(N, s))


@dataclass(frozen=True)
class ChiSquareTail:
    """P(χ²_N − N ≥ root·√(Ns) + linear·s) ≤ e^{−s}, times τ‖λ‖² on both sides of the event.

    law         identities that give the law of the labels, decided by the kernel; none: not asked for
    argument    why it holds for every N and s
    in_delta    stated with s = log(1/δ), so that the right side is δ
    zero_task   whether λ = 0 is allowed, where the event is 0 ≥ 0
    """

    law: Callable[[], tuple[Identity, ...]] | None = None
    argument: Callable[[], Argument] | None = None
    excess: Excess = Excess()
    in_delta: bool = False
    zero_task: bool = False

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        if self.zero_task and (witness := self.no_noise()):
            yield Evidence(
                check="refute", **known("general", "fails", by(witness)), witness=witness,
                statement=f"Counterexample: {witness.summary}.", budget="one instance, exact",
            )  # fmt: skip
        else:
            if self.argument is not None:
                yield self._argued(self.argument())
            yield self._grid(laboratory)
            if not self.in_delta:
                yield self._covered(laboratory)
        yield self._here(laboratory)

    def no_noise(self) -> Witness | None:
        """N = m = 1, λ = 0: y − Zᵀλ = 0 and every term of the event carries ‖λ‖² = 0, so it is 0 ≥ 0."""
        N, lam, tau, s, delta = 1, Fraction(0), Fraction(1), Fraction(1), Fraction(1, 2)
        left = lam**2 * tau - N * tau * lam**2  # whatever ε is: (y − Zᵀλ)² = (λε)² = 0
        with balls.precision(BITS):
            at = ball(s) if not self.in_delta else (1 / ball(delta)).log()
            right = (self.excess.point(N, at) - N) * ball(tau * lam**2)
            limit = ball(delta) if self.in_delta else (-ball(s)).exp()
            if not (right.is_zero() and left == 0 and limit < 1):
                return None
            value = "1/2" if self.in_delta else limit.str(10, radius=False)
        return Witness(
            summary=f"λ = 0, N = m = 1, {'δ = 1/2' if self.in_delta else 's = 1'}: the event is 0 ≥ 0 and has probability 1, "
            f"more than {value}",
            sizes={"N": 1, "m": 1}, values={"lam": "(0)", "tau": "1"} | ({"delta": "1/2"} if self.in_delta else {"s": "1"}),
            lhs="1", rhs=value, exact=self.in_delta,
            method="exact rational arithmetic" if self.in_delta else "exact rational arithmetic; e⁻¹ in a ball",
        )  # fmt: skip

    def _argued(self, argument: Argument) -> Evidence:
        """The argument, with the law of the labels in front."""
        found, lines, shown = argue(argument), [], True
        for identity in (self.law or tuple)():
            sides = read(identity)
            proved = checked_twice(
                SETTING, *as_written(identity, sides.lhs, sides.rhs), identity.proof()
            ).proved
            shown = shown and proved
            lines.append(
                f"{identity.relation}: {'the same for all sizes, to two checkers' if proved else 'open'}"
            )
        if lines:
            lines.append(
                "so (y_i − λᵀz_i)/√(τ‖λ‖²) are independent N(0, 1), and ‖y − Zᵀλ‖²/(τ‖λ‖²) is χ²_N (Gaussian vectors)"
            )
        if self.in_delta:
            lines.append("s = log(1/δ), so that e^{−s} = δ")
        found = found.model_copy(update={"steps": [*lines, *found.steps]})
        return found if shown else found.model_copy(update={"verdict": "undecided", "strength": None})

    def limit(self, s: arb) -> arb:
        return (-s).exp()

    def _points(self, N: int) -> Iterator[tuple[str, arb]]:
        if self.in_delta:
            yield from ((f"N = {N}, δ = {delta}", (1 / ball(delta)).log()) for delta in LEVELS)
        else:
            yield from ((f"N = {N}, s = {s}", ball(s)) for s in EXPONENTS)

    def ratio(self, N: int, s: arb) -> arb:
        """The probability over what bounds it."""
        return self.excess.probability(N, s) / self.limit(s)

    def _grid(self, laboratory: Laboratory) -> Evidence:
        numbers = NUMBERS[laboratory.options.tier]
        tried, open_at, worst, where = 0, "", arb(0), ""
        witness: Witness | None = None
        with balls.precision(BITS):
            for N in numbers:
                for name, s in self._points(N):
                    ratio, tried = self.ratio(N, s), tried + 1
                    if ratio > 1 and witness is None:
                        witness = self._witness(name, N, s)
                    elif not ratio <= 1 and not open_at:
                        open_at = name
                    if ratio > worst:
                        worst, where = ratio, name
        verdict: Found = "fails" if witness else "undecided" if open_at else "holds"
        closest = float(worst)
        return Evidence(
            check="refute" if witness else "enclose", **known("general", verdict, "certified"), witness=witness,
            margin=(1 - closest) / (1 + closest),
            statement=f"Counterexample: {witness.summary}." if witness
            else f"Open at {open_at}: the enclosures overlap." if open_at
            else f"{tried} pairs, the regularised incomplete Γ enclosed: the probability is at most {closest:.4g} of its bound, "
            f"at {where}.",
            figures={"points": tried, "closest ratio": closest},
            budget=f"N from {numbers[0]} to {numbers[-1]}, "
            + (f"δ from {float(min(LEVELS)):g} to 1 − 1e-6" if self.in_delta else f"s from 1e-6 to {REACH}")
            + f"; {BITS} bits",
        )  # fmt: skip

    def _witness(self, name: str, N: int, s: arb) -> Witness:
        probability, limit = self.excess.probability(N, s), self.limit(s)
        return Witness(
            summary=f"{name}: the probability is {probability.str(8)}, its bound {limit.str(8)}", sizes={"N": N},
            values={"root": str(self.excess.root), "linear": str(self.excess.linear), "s": s.str(20)},
            lhs=probability.str(20), rhs=limit.str(20), method=f"regularised incomplete Γ in ball arithmetic, {BITS} bits",
        )  # fmt: skip

    def _covered(self, laboratory: Laboratory) -> Evidence:
        """Every real s up to REACH: the probability falls in s, so one value bounds it up to where e^{−s} has come down to it."""
        numbers, steps, stuck = COVERED[laboratory.options.tier], 0, ""
        with balls.precision(BITS):
            for N in numbers:
                s = arb(0)
                while s < REACH and not stuck:
                    further = -self.excess.probability(N, s).log()
                    further, steps = further.lower().mid(), steps + 1
                    if not further > s:
                        stuck = f"N = {N}, s = {float(s):.6g}"
                    s = further
        return Evidence(
            check="enclose", **known("general", "undecided" if stuck else "holds", "certified"),
            statement=f"Not covered from {stuck} on." if stuck
            else f"Every real s from 0 to {REACH} at N = {', '.join(map(str, numbers))}: {steps} intervals, on each the largest "
            "probability is below the least e^{−s}.",
            figures={"intervals": steps}, budget=f"{BITS} bits",
        )  # fmt: skip

    def _here(self, laboratory: Laboratory) -> Evidence:
        i, worst, where, open_at = laboratory.instance, arb(0), "", False
        delta = i.inference.delta
        with balls.precision(BITS):
            points = [(f"δ = {delta:g}", -arb(delta).log())] if self.in_delta else list(self._points(i.N))
            for name, s in points:
                ratio = self.ratio(i.N, s)
                open_at = open_at or not (ratio <= 1 or ratio > 1)
                if not worst >= ratio:
                    worst, where = ratio, name
        verdict: Found = "fails" if worst > 1 else "undecided" if open_at else "holds"
        return Evidence(
            check="enclose", **known("here", verdict, "certified"),
            margin=float((1 - worst) / (1 + worst)),
            statement=f"N = {i.N} labels and λ ≠ 0: the probability is {float(worst):.4g} of its bound at {where}"
            + ("." if self.in_delta else f", the closest of {len(points)} values of s."),
            figures={"ratio": float(worst)}, budget=f"{BITS} bits",
        )  # fmt: skip


RATIOS = (Fraction(0), Fraction(1, 10), Fraction(1), Fraction(10))
SHORT = {"fast": (1, 2, 3, 10, 30, 100), "full": (1, 2, 3, 5, 10, 20, 30, 60, 100, 300)}
LARGEST_CENTRE = 20_000
SHARP = 120  # bits of ‖Z‖₂: the series of the noncentral law cancels


@dataclass(frozen=True)
class LabelNorm:
    """‖y‖ ≤ B(mean·‖Z‖ + √τ(N + root·√(N log(1/δ)) + linear·log(1/δ))^{1/2}) with probability at least 1 − δ.

    fact   the inequality on the complement of the event of the tail bound, down to its hypotheses; None: not asked for

    The worst λ has ‖λ‖ = B and ‖Zᵀλ‖ = B‖Z‖; then ‖y‖²/(τB²) is noncentral χ²_N with centre (‖Z‖/√τ)².
    """

    fact: Callable[[], Fact] | None = None
    excess: Excess = Excess()
    mean: Fraction | int = 1

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        if self.fact is not None:
            yield self._proved(self.fact)
        yield self._grid(laboratory)
        yield self._here(laboratory)

    def prove(self) -> None:
        if self.fact is not None:
            fact = self.fact()
            checked_twice(SETTING, number(0), fact.positive, fact)

    def _proved(self, make: Callable[[], Fact]) -> Evidence:
        fact = make()
        doubled = checked_twice(SETTING, number(0), fact.positive, fact)
        wrong = doubled.contradiction or doubled.kernel or doubled.replayer
        names = [found.name for found in hypotheses(fact)]
        return Evidence(
            check="prove", **known("general", "undecided" if wrong else "holds", "proved given"), given=["(68), repaired"],
            statement=f"The certificate does not close: {wrong}." if wrong
            else "On the complement of the event of (68) the inequality is a nonnegative combination of its hypotheses, replayed "
            "for all sizes by two checkers that share no code; that event has probability at most δ. Where λ = 0, y = 0.",
            steps=[*(f"given: {name}" for name in names), f"hence: {fact.name}"],
            budget=f"{len(list(facts(fact)))} facts",
        )  # fmt: skip

    def probability(self, N: int, level: arb, ratio: arb) -> arb:
        """P(‖y‖ > bound) at the worst λ, for ratio = ‖Z‖/√τ."""
        c = self.excess.point(N, -level.log())
        edge = ball(self.mean) * ratio + c.sqrt()
        return noncentral_tail(N, ratio * ratio, edge * edge) if ratio > 0 else tail(N, c)

    def _grid(self, laboratory: Laboratory) -> Evidence:
        worst, where, tried, open_at = arb(0), "", 0, ""
        witness: Witness | None = None
        numbers = SHORT[laboratory.options.tier]
        levels = [delta for delta in LEVELS if Fraction(1, 10**12) <= delta <= Fraction(9, 10)]
        with balls.precision(BITS):
            for N in numbers:
                for delta in levels:
                    for a in RATIOS:
                        probability, tried = self.probability(N, ball(delta), ball(a)), tried + 1
                        share = probability / ball(delta)
                        name = f"N = {N}, δ = {delta}, ‖Z‖/√τ = {a}"
                        if share > 1 and witness is None:
                            witness = Witness(
                                summary=f"{name}: the bound is broken with probability {probability.str(8)}", sizes={"N": N},
                                values={"delta": str(delta), "‖Z‖/√τ": str(a), "‖λ‖/B": "1"}, lhs=probability.str(20),
                                rhs=str(delta), method=f"noncentral χ² in ball arithmetic, {BITS} bits",
                            )  # fmt: skip
                        elif not share <= 1 and not open_at:
                            open_at = name
                        if share > worst:
                            worst, where = share, name
        verdict: Found = "fails" if witness else "undecided" if open_at else "holds"
        closest = float(worst)
        return Evidence(
            check="refute" if witness else "enclose", **known("general", verdict, "certified"), witness=witness,
            margin=(1 - closest) / (1 + closest),
            statement=f"Counterexample: {witness.summary}." if witness else f"Open at {open_at}: the enclosures overlap." if open_at
            else f"{tried} instances at their worst λ: the bound is broken with probability at most {closest:.4g} δ, at {where}.",
            figures={"points": tried, "closest ratio": closest},
            budget=f"N from {numbers[0]} to {numbers[-1]}, δ from 1e-12 to 0.9, ‖Z‖/√τ from 0 to 10; {BITS} bits",
        )  # fmt: skip

    def _here(self, laboratory: Laboratory) -> Evidence:
        i = laboratory.instance
        with balls.precision(BITS):
            level = arb(i.inference.delta)
            ratio = balls.spectral_norm(balls.exact(i.Z), SHARP) / arb(i.tau).sqrt()
            exactly = bool(ratio * ratio < LARGEST_CENTRE) and self.mean == 1
            # ‖y‖ above the bound needs noise above its share of it, whatever Z is.
            found = self.probability(i.N, level, ratio if exactly else arb(0))
            share = found / level
        verdict: Found = "holds" if share <= 1 else "fails" if exactly and share > 1 else "undecided"
        return Evidence(
            check="enclose", **known("here", verdict, "certified"),
            margin=None if verdict == "undecided" else float((1 - share) / (1 + share)),
            statement=f"At {'the worst λ' if exactly else 'any λ'} of norm at most B the bound is broken with probability "
            f"{'' if exactly else 'at most '}{float(found.mid()):.3g}; δ = {i.inference.delta:g}.",
            figures={"probability": float(found.upper()), "δ": i.inference.delta},
            budget=f"{'noncentral' if exactly else 'central'} χ² with N = {i.N}; {BITS} bits",
        )  # fmt: skip
