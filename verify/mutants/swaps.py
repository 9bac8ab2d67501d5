"""What is taken for another in the false variants of a setting that does not say so: whatever has the same slots."""

from __future__ import annotations

import sympy as sp

from symbolic.setting import Setting, Swaps


def swaps_of(setting: Setting) -> Swaps:
    """The swaps of a setting: those that it brings, or all sizes, scalars and letters of the same slots for one another."""
    return setting.swaps or usual(setting)


def usual(setting: Setting) -> Swaps:
    """Sizes for sizes, scalars for scalars, letters for letters of the same slots; factors by positive scalars and by sizes."""
    language = setting.language
    letters = {name: letter.tensor.slots for name, letter in language.letters.items()}
    sizes = tuple(language.size(name) for name in setting.sizes)
    positive = tuple(scalar.symbol for scalar in language.scalars.values() if scalar.positive)
    return Swaps(
        {name: _others(name, setting.sizes) for name in setting.sizes},
        {
            name: _others(name, [one for one in letters if letters[one] == slots])
            for name, slots in letters.items()
        },
        {name: _others(name, list(language.scalars)) for name in language.scalars},
        (sp.Integer(2), sp.Rational(1, 2), *positive, *sizes, *(1 / size for size in sizes)),
        (sp.Integer(1), *positive, *(1 / size for size in sizes)),
    )


def _others(name: str, all_of_them: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(other for other in all_of_them if other != name)
