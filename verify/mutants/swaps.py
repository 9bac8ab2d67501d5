"""What is taken for another in the false variants of a setting that does not say so: whatever has the same slots."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from symbolic.kinds import Free, LargestRoot, Root, SpectralNorm
from symbolic.setting import Setting, Swaps

NORMS = Root | LargestRoot | SpectralNorm


def swaps_of(setting: Setting) -> Swaps:
    """The swaps of a setting: those that it brings, or all sizes, scalars and letters of the same slots for one another."""
    return setting.swaps or usual(setting)


def usual(setting: Setting) -> Swaps:
    """Sizes for sizes, scalars for scalars, letters for letters of the same slots; factors by positive scalars and by sizes."""
    language = setting.language
    letters = {name: letter.tensor.slots for name, letter in language.letters.items()}
    sizes = tuple(language.size(name) for name in setting.sizes)
    positive = tuple(scalar.symbol for scalar in language.scalars.values() if scalar.positive)

    def others(name: str, among: Iterable[str]) -> tuple[str, ...]:
        """What may be taken for a letter or a scalar: a free one; a norm for a norm. Others may be the same by their definitions."""
        norm = isinstance(setting.kind(name), NORMS)
        return tuple(
            other
            for other in among
            if other != name
            and (isinstance(setting.kind(other), Free) or (norm and isinstance(setting.kind(other), NORMS)))
        )

    return Swaps(
        {name: tuple(other for other in setting.sizes if other != name) for name in setting.sizes},
        {
            name: others(name, (one for one in letters if letters[one] == slots))
            for name, slots in letters.items()
        },
        {name: others(name, language.scalars) for name in language.scalars},
        (sp.Integer(2), sp.Rational(1, 2), *positive, *sizes, *(1 / size for size in sizes)),
        (sp.Integer(1), *positive, *(1 / size for size in sizes)),
    )
