"""The studies of every run."""

from __future__ import annotations

from collections.abc import Callable

from verify.record import Study
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.studies import (
    beyond,
    certificate,
    enclosures,
    own_theorem,
    plan,
    practice,
    watched,
)

ALWAYS: dict[str, Callable[[Laboratory], Study]] = {
    "plan": plan.study,
    "certificate": certificate.study,
    "own-theorem": own_theorem.study,
    "practice": practice.study,
    "beyond": beyond.study,
    "watched": watched.study,
    "enclosures": enclosures.study,
}
"""By id, in the order of the page."""
