"""The certificates for every step of one instance, each made once; where there is none, why, in words."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from numeric.balls import Undecided
from verify.theories.yang2024.numeric.certificate import Certificate, certify
from verify.theories.yang2024.numeric.certified_rates import largest_rates
from verify.theories.yang2024.numeric.closing import Refusal
from verify.theories.yang2024.numeric.constants import Rates, rates_with
from verify.theories.yang2024.numeric.inside import Inside, inside
from verify.theories.yang2024.numeric.still import Still, hold_still

if TYPE_CHECKING:
    from verify.theories.yang2024.laboratory import Laboratory


class Certificates:
    """Of the instance of a laboratory, at several rates."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory, self.constants = laboratory, laboratory.constants

    @cached_property
    def still(self) -> Still:
        """Gradient descent with attention at its start, solved for every step. Raises Undecided."""
        with self.laboratory.stage("certificate for every step"):
            return hold_still(self.laboratory.exact, self.constants)

    def at(self, rates: Rates | None) -> Certificate | str:
        """At these rates."""
        if rates is None:
            return f"there are no rates: {self.constants.no_rates or 'none in the range of float64'}"
        try:
            made = certify(self.still, self.constants, rates)
        except Undecided as error:
            return str(error)
        return str(made) if isinstance(made, Refusal) else made

    @cached_property
    def printed(self) -> Certificate | str:
        """At the printed rates."""
        return self.at(self.constants.rates)

    @cached_property
    def repaired(self) -> Certificate | str:
        """At the repaired rates."""
        return self.at(self.repaired_rates)

    @cached_property
    def repaired_rates(self) -> Rates | None:
        """Those of L of the repaired (61)."""
        return rates_with(self.constants, self.constants.L_repaired)

    @cached_property
    def largest(self) -> Certificate | str:
        """At the largest rates at which it closes."""
        try:
            return largest_rates(self.still, self.constants)
        except Undecided as error:
            return str(error)

    @cached_property
    def inside(self) -> Inside | None:
        """The recorded gaps of the run at the printed rates; None where there is no run, or no certificate."""
        made, trajectory = self.printed, self.laboratory.trajectory
        if isinstance(made, str) or trajectory is None:
            return None
        return inside(made, trajectory, self.laboratory.options.dtype)
