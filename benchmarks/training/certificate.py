"""The certificate for every step against stepping to the same t, and how its time grows with each size."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from benchmarks.shared import spread
from benchmarks.training import cases
from benchmarks.training.process import Bench, Failed
from benchmarks.training.scaling import exponent
from verify.theories.yang2024.numeric.certificate import Certificate, certify
from verify.theories.yang2024.numeric.constants import Rates, enclose_constants, steps_for_bound
from verify.theories.yang2024.numeric.dictionaries import Sizes
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.still import hold_still
from verify.theories.yang2024.numeric.train import train

TARGET = 1e-3  # of the bound (18), where stepping would end
STEPS = {"default": 1000, "paper": 30}  # that are timed
ROUNDS = 3
WANTED = {"default": None, "paper": 1e4}
BASE = Sizes(N=8, K=32, d=32, m=8, H=64, tau=0.1, beta=3.0)
LADDERS = {"N": (4, 8, 16), "K": (16, 32, 64, 128), "H": (32, 64, 128, 256), "d": (16, 32, 64, 128)}


def certified(instance: Instance) -> dict[str, float]:
    """Seconds of processor time: of the constants, and of the certificate with (18) for every t and the gap at the last.

    Raises Failed where it does not close.
    """
    exact = ExactInstance(instance)
    began = time.process_time()
    constants = enclose_constants(exact)
    known = time.process_time()
    if constants.rates is None or constants.rates.log_rate is None:
        raise Failed(f"there are no printed rates: {constants.no_rates}")
    made = certify(hold_still(exact, constants), constants, constants.rates)
    if not (isinstance(made, Certificate) and made.bound_holds().holds):
        raise Failed("there is no certificate")
    steps = steps_for_bound(constants.rates.log_rate, TARGET)
    made.gap(steps)
    return {
        "constants": known - began,
        "certificate": time.process_time() - known,
        "bits": made.bits,
        "steps": steps,
    }


def against_steps(case: str) -> dict[str, Any]:
    """One case: the certificate a few times, and the processor time of a step at the printed rates."""
    (instance,) = cases.instances(case)
    seen = [certified(instance) for _ in range(ROUNDS)]
    rates = enclose_constants(instance).rates
    assert rates is not None
    steps = [_step(instance, rates, STEPS[case]) for _ in range(ROUNDS)]
    told = {name: spread([one[name] for one in seen]) for name in ("constants", "certificate")}
    return {"steps": seen[0]["steps"], "bits": seen[0]["bits"], "step": spread(steps), **told}


def _step(instance: Instance, rates: Rates, steps: int) -> float:
    """Median seconds of processor time of a step."""
    times: list[float] = []
    train(
        instance, rates, max_steps=steps, watch=lambda descent, t: times.append(time.process_time()),
        watch_at=lambda t: True,
    )  # fmt: skip
    return float(np.median(np.diff(times)))


def of_sizes(sizes: dict[str, Any]) -> dict[str, float]:
    return certified(cases.of_sizes(Sizes(**sizes)))


def measure(bench: Bench) -> dict[str, Any]:
    rows = []
    for case, wanted in WANTED.items():
        found = bench.fresh("certificate:against_steps", 1, case=case)
        ratio = found["steps"] * found["step"]["median"] / found["certificate"]["median"]
        rows.append(
            {
                "case": case,
                "sizes": cases.shown(case),
                "rounds": ROUNDS,
                "wanted": wanted,
                "ratio": ratio,
                **found,
            }
        )
    ladders = {}
    for letter, rungs in LADDERS.items():
        samples = [
            bench.fresh("certificate:of_sizes", 1, sizes=asdict(replace(BASE, **{letter: rung})))
            for rung in rungs
        ]
        fit = exponent(rungs, [one["certificate"] for one in samples])
        ladders[letter] = {"rungs": list(rungs), "samples": samples, "fit": fit}
    return {"target": TARGET, "rows": rows, "base": asdict(BASE), "ladders": ladders}
