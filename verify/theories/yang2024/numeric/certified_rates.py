"""The largest learning rates at which a certificate closes on this very instance: what the theorem's rates could have been."""

from __future__ import annotations

import numpy as np
from flint import arb

from numeric import balls
from verify.theories.yang2024.numeric.certificate import Certificate, certify
from verify.theories.yang2024.numeric.closing import cheapest_path, demand
from verify.theories.yang2024.numeric.constants import SMALLEST_NORMAL, Constants, Rates
from verify.theories.yang2024.numeric.still import Still

HALVINGS = 12  # of the logarithm of η_Q between rates that close and rates that do not


def largest_rates(still: Still, constants: Constants) -> Certificate:
    """The certificate at the largest η_w ≤ K/max_k λ_max(B_kB_kᵀ), and about the largest η_Q at which it closes there and has (18).

    Closing depends on η_w/η_Q alone. Raises Undecided where a rate is outside the range of float64.
    """
    with balls.precision(still.bits):
        eta_w = balls.float_down(still.exact.K / still.greatest)
        path = cheapest_path(still)
        least = demand(still, path)
        assert least is not None
        low = (least / path).log() / arb.const_log2()  # of γ², does not close below
        rates = _rates(constants, eta_w, low)
        high, found = low + 1, _closed(still, constants, rates)
        step = arb(1)
        while found is None:
            low, high, step = high, high + step, 2 * step
            found = _closed(still, constants, _rates(constants, eta_w, high))
        for _ in range(HALVINGS):
            middle = ((low + high) / 2).mid()
            closed = _closed(still, constants, _rates(constants, eta_w, middle))
            low, high, found = (low, middle, closed) if closed is not None else (middle, high, found)
        return found


def _rates(constants: Constants, eta_w: float, exponent: arb) -> Rates:
    """With γ² = η_w/η_Q = 2^exponent or a little more."""
    eta_Q = balls.float_down(eta_w / arb(2) ** exponent)
    if not (eta_Q >= SMALLEST_NORMAL and SMALLEST_NORMAL <= eta_w < np.inf):
        raise balls.Undecided("the rates at which it closes are outside the range of float64")
    gamma = float((arb(eta_w) / eta_Q).sqrt().mid())
    return Rates(gamma, eta_Q, eta_w, balls.float_up(constants.log_factor(arb(eta_w))))


def _closed(still: Still, constants: Constants, rates: Rates) -> Certificate | None:
    made = certify(still, constants, rates)
    return made if isinstance(made, Certificate) and made.bound_holds().holds else None
