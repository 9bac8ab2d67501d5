"""The learning rates in use against (15) and (16), in balls: the printed formulas in SymPy, evaluated on enclosed norms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import sympy as sp
from flint import arb, fmpq

from numeric import balls
from numeric.draws import draws
from numeric.graded import smallest_eigenvalue
from verify.known import known
from verify.record import Evidence, Need, Witness
from verify.statement import Claim
from verify.theories.yang2024.checks.constants import SYMBOL
from verify.theories.yang2024.checks.train import small_instance
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import Constants, Rates, enclose_constants, other_rates
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.vocabulary import Found

SAMPLES = {"fast": 40, "full": 400}
BITS = 256
ROUNDED = 2.0**-50  # two float64 products in γ²η_Q, each off by 2⁻⁵³ at most


SHARP = 80  # bits of the norms and eigenvalues, where those of the run do not tell


def sharpened(exact: ExactInstance, constants: Constants) -> Constants:
    """The same constants with norms and ζ_0 enclosed to SHARP bits: rates at equality are further from it than that."""
    with balls.precision(2 * BITS):
        root = balls.cholesky(exact.M)
        lowest = min((ball.upper() for ball in constants.spectrum.smallest), key=lambda x: x)
        smallest, C = list(constants.spectrum.smallest), exact.C()
        for k, ball in enumerate(smallest):
            if not ball > lowest:
                smallest[k] = smallest_eigenvalue(C[k], root, SHARP)
        return replace(
            constants,
            spectrum=replace(constants.spectrum, smallest=tuple(smallest)),
            norm_Zbar=balls.spectral_radius(exact.M, SHARP).sqrt(),
            norm_ZtZhat=balls.spectral_norm(exact.Z.transpose() * exact.Z_hat, SHARP),
        )


def value(formula: sp.Expr, letters: Mapping[sp.Symbol, arb]) -> arb:
    """A formula of sums, products and rational powers of positive letters, in balls at the precision in force.

    Raises TypeError on anything else.
    """
    match formula:
        case sp.Rational():
            return arb(fmpq(int(formula.p), int(formula.q)))
        case sp.Symbol():
            return letters[formula]
        case sp.Add():
            return sum((value(part, letters) for part in formula.args), arb(0))
        case sp.Mul():
            total = arb(1)
            for part in formula.args:
                total *= value(part, letters)
            return total
        case sp.Pow() if formula.exp.is_Rational:
            base, power = value(formula.base, letters), formula.exp
            whole = base if power.q == 1 else base.root(int(power.q))
            return whole ** int(power.p)
    raise TypeError(f"no sum, product or rational power: {formula}")


@dataclass(frozen=True)
class Slack:
    """By how much rates meet the three conditions, each as (right − left)/(right + left); negative where one is broken.

    scale   γ = √(η_w/η_Q) (39) against the least value (15)
    step    η_Q against 1/L at that γ
    ratio   γ²η_Q with the γ in use against η_w, within two roundings
    """

    scale: arb
    step: arb
    ratio: arb

    @property
    def margin(self) -> arb:
        """The smaller margin of the two inequalities."""
        return self.scale.min(self.step)

    @property
    def verdict(self) -> Found:
        parts = (self.scale, self.step, self.ratio)
        return (
            "fails" if any(x < 0 for x in parts) else "holds" if all(x >= 0 for x in parts) else "undecided"
        )


@dataclass(frozen=True)
class RatesMeet:
    """Rates meet γ ≥ `gamma` and η_Q ≤ 1/`L` at γ = √(η_w/η_Q), and η_w is γ²η_Q to the last two roundings."""

    gamma: sp.Expr
    L: sp.Expr

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        yield self._sampled(laboratory)
        yield self._here(laboratory)

    def slack(self, exact: ExactInstance, constants: Constants, rates: Rates) -> Slack:
        """In balls, with the formulas typed in SymPy: from the constants of the run, and where these do not tell, from
        sharper ones."""
        found = self._slack(constants, rates)
        return found if found.verdict != "undecided" else self._slack(sharpened(exact, constants), rates)

    def _slack(self, constants: Constants, rates: Rates) -> Slack:
        N, K, m, H = constants.sizes
        with balls.precision(BITS):
            eta_Q, eta_w = arb(rates.eta_Q), arb(rates.eta_w)
            gamma = (eta_w / eta_Q).sqrt()
            found: dict[str, arb] = {
                "zeta0": constants.zeta0, "normZbar": constants.norm_Zbar, "f_max": constants.f_max, "normZ": constants.norm_Z,
                "normZtZ": constants.norm_ZtZhat, "Delta0": constants.Delta0, "N": arb(N), "K": arb(K), "m": arb(m), "H": arb(H),
                "tau": constants.tau, "gamma": gamma,
            }  # fmt: skip
            letters = {SYMBOL[name]: ball for name, ball in found.items()}
            least, step = value(self.gamma, letters), eta_Q * value(self.L, letters)
            off = abs(arb(rates.gamma) ** 2 * eta_Q / eta_w - 1)
            return Slack(
                (gamma - least) / (gamma + least), (1 - step) / (1 + step), (ROUNDED - off) / (ROUNDED + off)
            )

    def _here(self, laboratory: Laboratory) -> Evidence:
        constants = laboratory.constants
        if constants.rates is None:
            return Evidence(
                check="enclose", scope="here", verdict="undecided", strength=None, statement=f"No rates: {constants.no_rates}.",
            )  # fmt: skip
        slack = self.slack(laboratory.exact, constants, constants.rates)
        told = slack.verdict != "undecided"
        return Evidence(
            check="enclose", **known("here", slack.verdict, "certified"),
            margin=float(slack.margin) if told else None,
            statement=f"η_Q = {constants.rates.eta_Q:.4g}, η_w = {constants.rates.eta_w:.4g}: γ = √(η_w/η_Q) exceeds its least value "
            f"by {float(slack.scale):.2g} of it, η_Q L is below 1 by {float(2 * slack.step):.2g}; taken at equality up to rounding.",
            figures={"γ above (15)": float(slack.scale), "η_Q L below 1": float(2 * slack.step)},
            budget=f"the rates of the run, {BITS} bits",
        )  # fmt: skip

    def _sampled(self, laboratory: Laboratory) -> Evidence:
        """Small random instances: the rates at equality, and every second time a larger γ and a smaller η_Q."""
        rng, tried, without = laboratory.instance.rng("rates"), 0, 0
        worst, broken, open_at = arb(1), "", ""
        for number in range(SAMPLES[laboratory.options.tier]):
            instance = small_instance(rng)
            constants = enclose_constants(instance)
            rates = constants.rates
            if number % 2:
                rates = other_rates(constants, rng.decades(0, 1), float(rng.uniform(0.3, 1)))
            if rates is None:
                without += 1
                continue
            slack, tried = self.slack(ExactInstance(instance), constants, rates), tried + 1
            worst = worst.min(slack.margin)
            name = f"{instance.name}, seed {instance.seed}, N = {instance.N}, K = {instance.K}, m = {instance.m}, H = {instance.H}"
            if slack.verdict == "fails":
                broken = broken or name
            elif slack.verdict == "undecided":
                open_at = open_at or name
        verdict: Found = "fails" if broken else "undecided" if open_at or not tried else "holds"
        return Evidence(
            check="enclose", **known("general", verdict, "certified"),
            margin=None if verdict == "undecided" else float(worst),
            witness=Witness(summary=broken, method=f"ball arithmetic, {BITS} bits") if broken else None,
            statement=f"Broken on {broken}." if broken else f"Open on {open_at}." if open_at
            else f"{tried} random small instances, every second one away from equality: γ ≥ (15), η_Q L ≤ 1 and η_w = γ²η_Q, each "
            "enclosed.",
            figures={"instances": tried, "without certified rates": without}, budget=f"instances as for Theorem 1; {BITS} bits",
        )  # fmt: skip


def without_rank(laboratory: Laboratory) -> Iterator[Need]:
    """A2 for (16): with fewer heads than labelled tokens ζ_0 = 0, by which (15) divides."""
    rng = draws(0)
    instance = small_instance(rng)
    while instance.N < 2:
        instance = small_instance(rng)
    constants = enclose_constants(replace(instance, H=1))
    if constants.rates is not None or not constants.zeta0.is_zero():
        return
    yield Need(
        assumption="A2", verdict="needed", strength="certified",
        statement="With fewer heads than labelled tokens ζ_0 = 0, by which (15) and (17) divide: there is no γ, no L and no rate.",
        witness=Witness(
            summary=f"N = {instance.N}, H = 1: ζ_0 = 0", sizes={"N": instance.N, "H": 1}, lhs="ζ_0 = 0", rhs="ζ_0 > 0",
            method="structure of the instance, no arithmetic", exact=True,
        ),
    )  # fmt: skip
