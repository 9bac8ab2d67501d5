"""Tests of what a setting speaks of but no statement says: a function over its letters, called at drawn points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, signature
from typing import Any

from hypothesis import given

from numeric.errors import InputError
from verify.own.setting import Setting
from verify.own.terms import shown
from verify.strategies.drawn import As, points

Test = Callable[..., None]


def property_test(
    setting: Setting,
    *,
    meeting: str = "",
    values: As | tuple[As, ...] = "float64",
    sizes: Mapping[str, int] | None = None,
) -> Callable[[Test], Test]:
    """Makes a test of a function whose arguments are letters, scalars or dimensions of a setting: it is called at points that are drawn.

        @property_test(S)
        def test_bound(V, Q, tau): ...

    Other arguments are fixtures of pytest. `values` may name several kinds of numbers, as ("exact", "float64"): the function is then
    called with each at every point. The other options are those of `points`. Raises InputError as `points` does, and for a
    function without a letter.
    """
    if not isinstance(setting, Setting):
        raise InputError("property_test", shown(setting), "a Setting", "as in @property_test(S)")
    kinds = values if isinstance(values, tuple) else (values,)
    if not kinds:
        raise InputError("values", "()", "a kind of numbers", 'leave it out for "float64"')

    def decorate(test: Test) -> Test:
        given_ones = signature(test)
        known = (*setting.kinds, *setting.language.dimensions)
        names = tuple(name for name in given_ones.parameters if name in known)
        letters = tuple(name for name in names if name in setting.kinds)
        if not letters:
            needed = f"an argument that is a letter of {setting.name}"
            raise InputError("property_test", test.__name__, needed, f"known: {', '.join(setting.kinds)}")
        drawn = [points(setting, *letters, meeting=meeting, values=kind, sizes=sizes) for kind in kinds]

        @wraps(test)
        def run(*fixtures: Any, point: Any, **more: Any) -> None:
            __tracebackhide__ = True
            for kind in kinds:
                at = point.as_values(kind)
                test(*fixtures, **more, **{name: at[name] for name in names})

        others = [one for one in given_ones.parameters.values() if one.name not in names]
        own = Parameter("point", Parameter.KEYWORD_ONLY)
        run.__signature__ = given_ones.replace(parameters=[*others, own])  # type: ignore[attr-defined]
        made: Test = given(point=drawn[0])(run)
        return made

    return decorate
